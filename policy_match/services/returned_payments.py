"""Payments that came back or were refused: the list with its ageing, and the ways to pay again.

Guarantees that money goes out again only to a firm that was rechecked since, into an account stated after the one that
failed (or, where the bank's own reason passes by itself, into the same), as a new attempt linked to the order, within
the same budget year. After that the case waits for a new budget and a new approval.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.defects import ReasonMissing
from policy_match.cases.model import Event
from policy_match.cases.rechecking import RecheckOutcome
from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.ledger.accounts import LineId
from policy_match.payments.accounts import PayeeAccount, choose_account
from policy_match.payments.attempt_id import attempt_id
from policy_match.payments.records import NewOrder, ReturnedCase
from policy_match.payments.returns import (
    AgeBucket,
    FollowUp,
    ReturnedPayment,
    WayBack,
    ages,
    reason_of,
    way_back,
)
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.order_payments import account_defects, accounts_of
from policy_match.values import PolicyId

PAGE = 20_000
ELIGIBLE = RecheckOutcome.ELIGIBLE.value
MAX_PAGES = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """A payment that waits to go out again, why it came back, and who must act."""

    case: ReturnedCase
    follow_up: FollowUp
    way: WayBack
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaidAgain:
    """How many cases got a new attempt, went back for a new budget, and still wait for an account."""

    attempts: int
    requeued: int
    waiting: int


class NotReturned(InputError):
    """The case has no payment that came back."""

    code = "payments.not-returned"
    http_status = 409
    english = "case {case_id} has no payment that came back; see `policy-match payments returned`"
    chinese = "事项 {case_id} 没有被退回的支付；请查看 policy-match payments returned"


def returned_payments(
    database: Database,
    clock: Clock,
    *,
    cut_off: date,
    policies: Collection[PolicyId] | None = None,
    after: int = 0,
    most: int,
) -> Sequence[Returned]:
    """Return a page of payments that came back and have not gone out again, in order of their cases.

    Of some policies, or of all.
    """
    day = china_day(clock.now())
    with database.unit_of_work() as work:
        page = work.payments.returned(day, after, most, policies=policies)
    return [_returned(case, day, cut_off) for case in page]


def ageing(database: Database, clock: Clock, *, policies: Collection[PolicyId] | None = None) -> Sequence[AgeBucket]:
    """Return how long returned payments have waited: those of some policies, or all."""
    day = china_day(clock.now())
    with database.unit_of_work() as work:
        return ages(
            (
                ReturnedPayment(
                    attempt_id=case.attempt_id,
                    line=LineId(case.line),
                    amount_fen=case.amount_fen,
                    booked_on=case.booked_on,
                )
                for case in _all(work, day, policies)
            ),
            day,
        )


def pay_again(database: Database, clock: Clock, *, by: str, cut_off: date) -> PaidAgain:
    """Make new attempts for returned cases whose account was corrected, and send the others' way back on.

    Running it again, or twice at once, makes nothing twice. Raises `BudgetExceeded` when a line no longer holds it.
    """
    day = china_day(clock.now())
    attempts, requeued, waiting, after = 0, 0, 0, 0
    for _ in range(MAX_PAGES):
        with database.unit_of_work() as work:
            work.payments.lock()
            page = work.payments.returned(day, after, PAGE)
            if not page:
                break
            again: list[NewOrder] = []
            late: list[int] = []
            accounts = accounts_of(work, [(case.kind, case.uscc) for case in page])
            for case in page:
                found = _returned(case, day, cut_off)
                if found.way is WayBack.REQUEUE:
                    late.append(case.case_id)
                else:
                    known = accounts.get((case.kind, case.uscc), ())
                    again.extend(_next_attempt(case, found.follow_up, known, day))
            if again:
                work.payments.add_attempts(again, clock.now(), by, "account corrected or bank's reason passed")
            if late:
                work.payments.step_cases(
                    late, "requeue", clock.now(), by, reason="the budget year of the returned payment is over"
                )
            work.commit()
        attempts, requeued = attempts + len(again), requeued + len(late)
        waiting += len(page) - len(again) - len(late)
        after = page[-1].case_id
    return PaidAgain(attempts=attempts, requeued=requeued, waiting=waiting)


def give_up(database: Database, clock: Clock, *, case_id: int, reason: str, by: str) -> None:
    """Close a returned case unpaid, for a stated reason. Raises `NotReturned` or `ReasonMissing`."""
    with database.unit_of_work() as work:
        work.payments.lock()
        page = work.payments.returned(china_day(clock.now()), case_id - 1, 1)
        if not page or page[0].case_id != case_id:
            raise NotReturned(case_id=case_id)
        if not reason.strip():
            raise ReasonMissing(case_id=case_id, event=Event.CLOSE)
        work.payments.step_cases([case_id], "close", clock.now(), by, reason=reason, amount_fen=0)
        work.commit()


def _all(work: UnitOfWork, day: date, policies: Collection[PolicyId] | None) -> Iterator[ReturnedCase]:
    after = 0
    for _ in range(MAX_PAGES):
        page = work.payments.returned(day, after, PAGE, policies=policies)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].case_id


def _returned(case: ReturnedCase, day: date, cut_off: date) -> Returned:
    reason = reason_of(case.reason_code)
    return Returned(
        case=case,
        follow_up=reason.follow_up,
        way=way_back(LineId(case.line), day, cut_off),
        reason_zh=reason.chinese,
        reason_en=reason.english,
    )


def _next_attempt(
    case: ReturnedCase, follow_up: FollowUp, accounts: Sequence[PayeeAccount], day: date
) -> Iterator[NewOrder]:
    """Yield the next attempt if the firm is still eligible and there is an account that it may go to."""
    if case.excluded or case.recheck_outcome != ELIGIBLE:
        return
    if follow_up is not FollowUp.BANK_RETRIES:
        accounts = [each for each in accounts if each.account_id in case.newer_accounts]
    account = choose_account(accounts)
    if account is None or account_defects(case.kind, case.uscc, case.registered_name, account, day):
        return
    number = case.number + 1
    yield NewOrder(
        case_id=case.case_id,
        order_id=case.order_id,
        list_id=case.list_id,
        recheck=None,
        attempt_id=attempt_id(case.case_id, case.policy_id, case.uscc, case.period, case.instalment, number),
        number=number,
        account_id=account.account_id,
        amount_fen=case.amount_fen,
    )
