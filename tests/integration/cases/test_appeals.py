"""An appeal decides once more on the old facts and rules, then on corrected facts, and keeps both."""

import json
from pathlib import Path

import pytest

from policy_match.ports.cases import AppealReplay
from policy_match.services.appeals import (
    AppealIncomplete,
    NoSuchAppeal,
    NotDecided,
    list_appeals,
    lodge_appeal,
    replay_appeal,
    show_appeal,
)
from policy_match.services.replay_decision import Correction, FactNotRead, NoSuchRow
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.kept import RowKey
from policy_match.sweep.record import DecisionRecord
from policy_match.values import FactName, PolicyId
from tests.support.cases import World, firm, make_world, uscc

DIRECT = PolicyId("direct")
SMALL = {FactName("headcount"): Correction(value="12", source="社保缴费证明")}


def _json(record: DecisionRecord) -> object:
    fen = None if record.amount is None else record.amount.steps.paid.fen
    return {"outcome": record.outcome.value, "fen": fen}


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """The second firm has no staff by the facts, and the policy does not find it."""
    return make_world(database, data_dir, ["bank", "direct"], [firm(1), firm(2, headcount=0)])


def _lodge(
    world: World,
    policy: str = "direct",
    row: RowKey | None = None,
    *,
    by: str = "firm:91370000MA00000002",
    ground: str = "参保人数有误",
    corrections: dict[FactName, Correction] | None = None,
) -> int:
    return lodge_appeal(
        world.database,
        world.sweep,
        PolicyId(policy),
        row or RowKey(uscc=uscc(2)),
        by=by,
        ground=ground,
        corrections=SMALL if corrections is None else corrections,
        clock=world.clock,
    )


def _replay(world: World, number: int) -> AppealReplay:
    return replay_appeal(world.database, lambda _, __: world.snapshot, _json, number, by="li.ming", clock=world.clock)


def test_both_decisions_are_shown_and_kept(world: World) -> None:
    number = _lodge(world)
    replay = _replay(world, number)
    assert json.loads(replay.old) == {"outcome": "ineligible", "fen": None}
    assert replay.corrected is not None
    assert json.loads(replay.corrected) == {"outcome": "eligible", "fen": 100_050}
    assert replay.same_as_kept
    appeal, kept = show_appeal(world.database, number)
    assert kept == replay
    assert (appeal.ground, appeal.row.uscc, appeal.corrected) == (
        "参保人数有误",
        uscc(2),
        {"headcount": {"value": "12", "source": "社保缴费证明", "observed": None}},
    )


def test_an_appeal_may_correct_nothing(world: World) -> None:
    replay = _replay(world, _lodge(world, corrections={}))
    assert (replay.corrected, replay.same_as_kept) == (None, True)


def test_a_record_can_be_appealed(world: World) -> None:
    row = RowKey(uscc=uscc(1), record_id="L1")
    replay = _replay(world, _lodge(world, "bank", row, corrections={}))
    assert json.loads(replay.old) == {"outcome": "eligible", "fen": 20_000}
    assert replay.same_as_kept


def test_the_first_replay_stays(world: World) -> None:
    number = _lodge(world)
    first = _replay(world, number)
    world.clock.move(1)
    assert _replay(world, number) == first


def test_appeals_without_a_replay_are_listed(world: World) -> None:
    first, second = _lodge(world), _lodge(world)
    _replay(world, first)
    assert [each.appeal_id for each in list_appeals(world.database)] == [first, second]
    assert [each.appeal_id for each in list_appeals(world.database, unanswered=True)] == [second]


def test_an_appeal_names_its_author_its_ground_and_a_decision(world: World) -> None:
    with pytest.raises(AppealIncomplete):
        _lodge(world, by="")
    with pytest.raises(AppealIncomplete):
        _lodge(world, ground=" ")
    with pytest.raises(NotDecided):
        _lodge(world, "unknown")
    with pytest.raises(NoSuchAppeal):
        _replay(world, 99)
    with pytest.raises(NoSuchAppeal):
        show_appeal(world.database, 99)
    assert list_appeals(world.database) == []


def test_what_cannot_be_replayed_keeps_nothing(world: World) -> None:
    foreign = _lodge(world, corrections={FactName("loan_interest"): Correction(value="1", source="x")})
    with pytest.raises(FactNotRead):
        _replay(world, foreign)
    nowhere = _lodge(world, row=RowKey(uscc=uscc(2), record_id="L9"))
    with pytest.raises(NoSuchRow):
        _replay(world, nowhere)
    assert show_appeal(world.database, foreign)[1] is None
