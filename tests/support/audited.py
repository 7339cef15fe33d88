"""A small service that has paid: one case from its facts through two signatures to the bank's receipt, others before.

Guarantees that every step was taken by the services, so that everything can be decided, added up and signed again.
"""

from dataclasses import dataclass
from pathlib import Path

from policy_match.cases.history import CaseFilter
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.ledger.accounts import LineId
from policy_match.policy.model import PayeeKind
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.approval_lists import make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.decide_lists import approve_list
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import World, answer, firm, make_world, notify_world, open_world, recheck_world, uscc
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import BANK_CODE, SEALER

DIRECT, CONFIRM = PolicyId("direct"), PolicyId("confirm")
NAMES = ("=示例一有限公司", "示例二有限公司", "示例三有限公司")
"""The first would be a formula to a spreadsheet."""

CLERK, BUDGET_OFFICER, PAYER = "chen.jing", "zhao.min", "qian.duo"
SIGNERS = {"reviewer": "wang.fang", "approver": "li.ming"}
FUND, LINE = "jobs", "jobs-2025"
MONEY_FEN = 10_000_000
REF = "B2025070300001"


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The world, the case that was paid with its payment, and the list that both signed."""

    world: World
    paid: int
    paid_fen: int
    attempt_id: str
    list_id: int
    confirmed: int


def audited_world(database: Database, folder: Path) -> Audited:
    """Let three firms have a case of each policy; the direct ones are paid, of which the bank booked the first."""
    rows = [firm(number, ent_name=name) for number, name in enumerate(NAMES, 1)]
    world = make_world(database, folder, ("confirm", "direct"), rows)
    open_world(world, by=CLERK)
    notify_world(world)
    world.clock.move(0.1)
    confirmed = _cases(world, CONFIRM)[0]
    answer(world, confirmed)
    recheck_world(world)
    _approve(world)
    world.clock.move(1)
    recheck_world(world, RecheckPurpose.PAYMENT)
    _state_accounts(world)
    desk, bank = Desk(database=database, clock=world.clock, by=PAYER), Inbox()
    desk.pay(bank)
    world.clock.move(0.2)
    first = bank.payments[0]
    desk.take(desk.statement(desk.booking(first, ref=REF)), name="statement-2025-07-02.xml")
    case = _cases(world, DIRECT)[0]
    return Audited(
        world=world,
        paid=case,
        paid_fen=first.amount_fen,
        attempt_id=first.attempt_id,
        list_id=1,
        confirmed=confirmed,
    )


def _cases(world: World, policy: PolicyId) -> list[int]:
    with world.database.unit_of_work() as work:
        return [line.case_id for line in work.cases.history.lines(CaseFilter(policy_id=policy), after=0, most=100)]


def _approve(world: World) -> None:
    database, clock = world.database, world.clock
    add_line(database, clock, fund=FUND, year=2025, label="就业补助", by=BUDGET_OFFICER)
    appropriate(database, clock, line=LineId(LINE), amount_fen=MONEY_FEN, by=BUDGET_OFFICER, about="示例预算")
    allocate_budget(database, clock, policy_id=DIRECT, by=BUDGET_OFFICER)
    for role, person in SIGNERS.items():
        grant_role(database, clock, person=person, role=role, by="personnel")
    (made,) = make_lists(database, clock, policy_id=DIRECT, by=CLERK).made
    for person in SIGNERS.values():
        world.clock.move(0.01)
        approve_list(database, clock, list_id=made.kept.list_id, by=person, seen=made.kept.digest)


def _state_accounts(world: World) -> None:
    rows = [
        StatedAccount(
            row=number,
            uscc=uscc(number),
            holder=name,
            number=f"622848040256489{number:04d}",
            bank_code=BANK_CODE,
            source="firm",
            kind=PayeeKind.FIRM,
        )
        for number, name in enumerate(NAMES, 1)
    ]
    taken = take_accounts(rows, world.database, SEALER, world.clock, by=CLERK)
    assert taken.refused == 0, taken.refusals
