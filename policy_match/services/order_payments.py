"""Makes payment orders for approved cases whose payment is due.

Guarantees that an order, its first attempt, the reservation on every budget line and the step of the case are one
transaction, and that nobody is paid without approval, budget, a fresh recheck and an account in the payee's name.
Sending is `send_batches`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policy_match.cases.working_days import china_day
from policy_match.errors import QuestionError
from policy_match.payments.accounts import AccountSource, PayeeAccount, check_account, choose_account
from policy_match.payments.attempt_id import attempt_id
from policy_match.payments.records import NewOrder, OrderableCase
from policy_match.payments.returns import may_pay_in_year
from policy_match.policy.model import PayeeKind
from policy_match.ports import Clock, Database, Progress, UnitOfWork
from policy_match.values import PolicyId, Uscc

PAGE = 20_000
MAX_CASES = 5_000_000
MAX_BLOCKED_SHOWN = 1_000

FRESH_DAYS: Mapping[AccountSource, int] = {AccountSource.TAX: 730, AccountSource.SOCIAL_INSURANCE: 730}
"""An account that is reused from another office is trusted for two years; one that was stated for us does not age."""


YEAR_OVER = "预算年度已过，须重新审核并使用新年度预算 / the budget year is over: new review, new budget"


class Blocked(StrEnum):
    """Why an approved case was not ordered."""

    NO_BUDGET = "no_budget"
    BUDGET_YEAR_OVER = "budget_year_over"
    NOT_RECHECKED = "not_rechecked"
    NOT_ELIGIBLE_NOW = "not_eligible_now"
    EXCLUDED = "excluded"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockedCase:
    """An approved case that waits, and for what; `detail` names what is wrong with the account."""

    case_id: int
    uscc: Uscc
    reason: Blocked
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdersMade:
    """What was ordered, and what was not: counts by reason and the first of them."""

    orders: int = 0
    total_fen: int = 0
    blocked: Mapping[Blocked, int] = field(default_factory=dict)
    waiting: Sequence[BlockedCase] = ()


class YearIsClosed(QuestionError):
    """The treasury's cut-off of the year has passed."""

    code = "payments.year-closed"
    english = "{day} is after the year's cut-off {cut_off}: no order is made; order again in the new budget year"
    chinese = "{day} 已过年度支付截止日 {cut_off}：不再生成支付令；请在新预算年度重新支付"


def order_payments(
    database: Database,
    clock: Clock,
    *,
    by: str,
    cut_off: date,
    policy_id: PolicyId | None = None,
    progress: Progress | None = None,
) -> OrdersMade:
    """Order every due case, page by page. `cut_off` is the last day of the budget year on which orders are made.

    What was granted from the budget of a year that is over goes back to before its review. Running it again, or twice
    at once, orders nothing twice. Raises `YearIsClosed`, and `BudgetExceeded` when a line
    does not hold what was granted.
    """
    day = china_day(clock.now())
    if not may_pay_in_year(day, cut_off):
        raise YearIsClosed(day=day, cut_off=cut_off)
    orders, total, after = 0, 0, 0
    blocked: Counter[Blocked] = Counter()
    waiting: list[BlockedCase] = []
    for _ in range(MAX_CASES // PAGE):
        with database.unit_of_work() as work:
            work.payments.lock()
            page = work.payments.orderable(policy_id, day, after, PAGE)
            if not page:
                break
            made, late = [], []
            for item in _decided(page, work, day):
                if isinstance(item, NewOrder):
                    made.append(item)
                    continue
                blocked[item.reason] += 1
                waiting.append(item)
                if item.reason is Blocked.BUDGET_YEAR_OVER:
                    late.append(item.case_id)
            if made:
                work.payments.add_orders(made, clock.now(), by)
            if late:
                work.payments.step_cases(late, "requeue", clock.now(), by, reason=YEAR_OVER)
            work.commit()
        orders += len(made)
        total += sum(each.amount_fen for each in made)
        after = page[-1].case_id
        del waiting[MAX_BLOCKED_SHOWN:]
        if progress is not None:
            progress(orders + blocked.total(), orders + blocked.total())
    return OrdersMade(orders=orders, total_fen=total, blocked=dict(blocked), waiting=waiting)


def _decided(page: Sequence[OrderableCase], work: UnitOfWork, day: date) -> Iterator[NewOrder | BlockedCase]:
    accounts = accounts_of(work, [(case.kind, case.uscc) for case in page])
    for case in page:
        account = choose_account(accounts.get((case.kind, case.uscc), ()))
        yield _blocked(case, account, day) or _order(case, account)


def accounts_of(
    work: UnitOfWork, payees: Collection[tuple[PayeeKind, Uscc]]
) -> Mapping[tuple[PayeeKind, Uscc], Sequence[PayeeAccount]]:
    """Return the accounts of many payees, one query for each kind of payee."""
    found: dict[tuple[PayeeKind, Uscc], Sequence[PayeeAccount]] = {}
    for kind in {kind for kind, _ in payees}:
        of_kind = work.payments.accounts({uscc for each, uscc in payees if each is kind}, kind)
        found.update({(kind, owner): accounts for owner, accounts in of_kind.items()})
    return found


def _blocked(case: OrderableCase, account: PayeeAccount | None, day: date) -> BlockedCase | None:
    if not case.allocated:
        return BlockedCase(case_id=case.case_id, uscc=case.uscc, reason=Blocked.NO_BUDGET)
    if case.budget_year != day.year:
        return BlockedCase(case_id=case.case_id, uscc=case.uscc, reason=Blocked.BUDGET_YEAR_OVER)
    if case.excluded:
        return BlockedCase(case_id=case.case_id, uscc=case.uscc, reason=Blocked.EXCLUDED)
    if case.recheck is None:
        return BlockedCase(case_id=case.case_id, uscc=case.uscc, reason=Blocked.NOT_RECHECKED)
    if case.recheck_outcome != "eligible":
        return BlockedCase(
            case_id=case.case_id,
            uscc=case.uscc,
            reason=Blocked.NOT_ELIGIBLE_NOW,
            detail=case.recheck_outcome or "",
        )
    wrong = account_defects(case.kind, case.uscc, case.registered_name, account, day)
    if wrong:
        return BlockedCase(case_id=case.case_id, uscc=case.uscc, reason=Blocked.ACCOUNT, detail=wrong)
    return None


def account_defects(
    kind: PayeeKind, owner: Uscc, registered_name: str | None, account: PayeeAccount | None, day: date
) -> str:
    """Return what stops a payment into an account, as codes; empty when nothing does.

    The account of a firm is in its registered name. That of a bank or utility is named by the department that
    supervises it, so its holder is that department's word.
    """
    name = registered_name
    if kind is not PayeeKind.FIRM and account is not None:
        name = account.holder
    checked = check_account(account, owner=owner, registered_name=name, day=day, fresh_days=FRESH_DAYS)
    return ", ".join(checked.refusals)


def _order(case: OrderableCase, account: PayeeAccount | None) -> NewOrder:
    assert account is not None, "no account blocks the case"
    number = case.attempts + 1
    return NewOrder(
        case_id=case.case_id,
        order_id=None,
        list_id=case.list_id,
        recheck=case.recheck,
        attempt_id=attempt_id(case.case_id, case.policy_id, case.uscc, case.period, case.instalment, number),
        number=number,
        account_id=account.account_id,
        amount_fen=case.approved_fen,
    )
