"""Equity ends in a contract: with consent, approval, publicity and a recheck, and never in an order."""

from pathlib import Path

import pytest

from policy_match.cases.defects import ReasonMissing, TooEarly, WrongStep
from policy_match.cases.model import Status
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.case_history import show_case
from policy_match.services.contracts import NotAContract, RecheckMissing, close_contract, sign_contract
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    World,
    answer,
    approve_world,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    statuses,
)


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """One case on public display."""
    made = make_world(database, data_dir, ["equity", "reminder"], 1)
    open_world(made)
    notify_world(made)
    answer(made, 1)
    recheck_world(made)
    approve_world(made)
    publish_world(made)
    return made


def _sign(world: World, case_id: int = 1, reference: str = "合〔2025〕1号") -> None:
    sign_contract(world.database, case_id, reference=reference, by="li.ming", clock=world.clock)


def test_a_contract_is_signed_and_closed(world: World) -> None:
    world.clock.move(10)
    recheck_world(world, RecheckPurpose.PAYMENT)
    _sign(world)
    event = show_case(world.database, 1).events[-1]
    assert (event.event, event.reason, event.about) == ("contract", "合〔2025〕1号", "contract:合〔2025〕1号")
    close_contract(world.database, 1, by="li.ming", clock=world.clock)
    assert statuses(world, "equity") == [Status.CLOSED]


def test_a_contract_waits_for_the_publicity_and_a_recheck(world: World) -> None:
    with pytest.raises(TooEarly):
        _sign(world)
    world.clock.move(10)
    with pytest.raises(RecheckMissing):
        _sign(world)
    recheck_world(world, RecheckPurpose.PAYMENT)
    with pytest.raises(ReasonMissing):
        _sign(world, reference=" ")
    with pytest.raises(NoSuchCase):
        _sign(world, case_id=9)
    assert statuses(world, "equity") == [Status.PUBLISHED]


def test_only_a_signed_contract_is_closed(world: World) -> None:
    with pytest.raises(WrongStep):
        close_contract(world.database, 1, by="li.ming", clock=world.clock)
    with pytest.raises(NotAContract):
        close_contract(world.database, 2, by="li.ming", clock=world.clock)
