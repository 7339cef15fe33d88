"""The way of some cases from a kept sweep to approval and publicity, which may be begun again wherever it broke off.

Guarantees nothing of its own: every step is the service's, taken by people who may take it.
"""

from contextlib import suppress
from pathlib import Path

from policy_match.cases.defects import TwoStages
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.ledger.accounts import LineId
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.approval_lists import lists, make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.decide_lists import AlreadySigned, approve_list
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import World, answer, make_world, notify_world, open_world, publish_world, recheck_world
from tests.support.payment_flow import CLERK, rows

POLICIES = ("direct", "confirm")
SIGNERS = (("li.ming", "reviewer"), ("zhao.lei", "approver"))
FIRMS = 3


def case_world(database: Database, folder: Path) -> World:
    """Return the world of the errand; its sweep is kept once."""
    return make_world(database, folder, POLICIES, FIRMS)


def prepare(world: World) -> None:
    """Give the budget and the roles."""
    add_line(world.database, world.clock, fund="jobs", year=2025, label="jobs", by=CLERK)
    appropriate(world.database, world.clock, line=LineId("jobs-2025"), amount_fen=10**9, by=CLERK)
    for person, role in SIGNERS:
        grant_role(world.database, world.clock, person=person, role=role, by=CLERK)


def carry(database: Database, url: str, folder: Path) -> None:
    """Open, notify, hear the firms, recheck, share the budget, approve and publish; nothing is done twice."""
    world = case_world(database, folder)
    open_world(world)
    notify_world(world)
    for row in rows(url, "SELECT case_id FROM case_state WHERE status = 'notified' ORDER BY 1"):
        answer(world, row["case_id"])
    recheck_world(world)
    for policy in map(PolicyId, POLICIES):
        allocate_budget(database, world.clock, policy_id=policy, by=CLERK)
        make_lists(database, world.clock, policy_id=policy, by=CLERK)
        for kept in lists(database, policy_id=policy, only_open=True):
            for person, _ in SIGNERS:
                with suppress(AlreadySigned, TwoStages):
                    approve_list(database, world.clock, list_id=kept.list_id, by=person)
    publish_world(world)
    world.clock.move(10)
    recheck_world(world, RecheckPurpose.PAYMENT)
