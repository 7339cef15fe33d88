"""Payments: where orders, attempts and batches stand, what came back, and the trail of one case's money.

Guarantees that no account number is in any answer. Making orders and sending batches is long, or calls the bank: that
is requested, not done, here.
"""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from policy_match.cases.defects import ReasonMissing
from policy_match.cases.working_days import china_day
from policy_match.ledger.balances import BudgetExceeded
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.returns import FollowUp, WayBack
from policy_match.policy.model import PayeeKind
from policy_match.services import payment_lists, returned_payments
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.payee_accounts import MAX_REFUSALS_SHOWN, StatedAccount, take_accounts
from policy_match.services.returned_payments import NotReturned
from policy_match.services.send_batches import lose_replies
from policy_match.values import PolicyId
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.recoveries import CaseRecoveryItem
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Input, Moment, Name, Number, Output, Page, PageQuery, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.PAYMENTS)
OPERATIONS = CHAPTER.operations

CSV = "text/csv"
MOST_ACCOUNTS = 1_000
"""How many accounts one request states."""

FEWEST_MINUTES, MOST_MINUTES = 1, 60 * 24 * 30


class AttemptTotalItem(Output):
    """How many attempts stand there, and their money."""

    status: AttemptStatus
    attempts: int
    amount_fen: Fen


class StatusAnswer(Output):
    """Where all attempts stand."""

    attempts: list[AttemptTotalItem]


class BatchItem(Output):
    """One batch as it was declared; `handed_over_at` is when the bank said that it has the file."""

    batch_id: int
    message_id: str
    channel: str
    execute_on: date
    count: int
    total_fen: Fen
    file_name: str
    file_digest: str
    made_at: Moment
    handed_over_at: Moment | None
    statuses: dict[AttemptStatus, int]


class OrdersQuery(PageQuery):
    """Which orders; `status` is that of the last attempt."""

    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    case: Number | None = None
    status: AttemptStatus | None = None


class PaymentOrderItem(Output):
    """One order with its last attempt, of `attempts`."""

    order_id: int
    case_id: int
    policy_id: str
    uscc: str
    list_id: int
    amount_fen: Fen
    at: Moment
    by: str
    attempt_id: str | None
    attempts: int | None
    status: AttemptStatus | None
    since: Moment | None
    batch_id: int | None


class GrantItem(Output):
    """What one sharing of the budget gave the case; `shares` are pairs of a line and its fen."""

    allocation: int
    year: int
    how: str
    place: int
    asked_fen: Fen
    granted_fen: Fen
    shares: list[tuple[str, Fen]]
    at: Moment
    by: str


class SignerItem(Output):
    """One person's approval of a list."""

    person: str
    stage: int
    role: str
    at: Moment


class TrailListItem(Output):
    """One approval list on which the case was, with what was signed."""

    list_id: int
    amount_fen: Fen
    digest: str
    at: Moment
    by: str
    outcome: str | None
    reason: str
    ended_at: Moment | None
    ended_by: str | None
    signatures: list[SignerItem]


class TrailOrderItem(Output):
    """One order, with the list that approved it and the recheck before it."""

    order_id: int
    list_id: int
    recheck: int
    amount_fen: Fen
    at: Moment
    by: str


class AttemptStepItem(Output):
    """One step of an attempt; `about` names the batch, or the line of the bank's file, that says so."""

    event: AttemptEvent
    after: AttemptStatus
    reason_code: str
    about: str
    at: Moment
    by: str


class AttemptItem(Output):
    """One attempt; `tail` are the last digits of the account."""

    attempt_id: str
    number: int
    amount_fen: Fen
    tail: str
    source: str
    status: AttemptStatus
    batch_id: int | None
    at: Moment
    by: str
    steps: list[AttemptStepItem]


class TrailAnswer(Output):
    """What became of the money of a case, each part in the order in which it came about."""

    grants: list[GrantItem]
    lists: list[TrailListItem]
    orders: list[TrailOrderItem]
    attempts: list[AttemptItem]
    recoveries: list[CaseRecoveryItem]


class ReturnedCaseItem(Output):
    """A payment that came back or was refused; `newer_accounts` says how the account was corrected since, if it was."""

    case_id: int
    policy_id: str
    uscc: str
    period: str
    instalment: int
    registered_name: str | None
    kind: PayeeKind
    order_id: int
    list_id: int
    attempt_id: str
    number: int
    amount_fen: Fen
    line: str
    reason_code: str
    booked_on: date
    newer_accounts: list[int]
    recheck_outcome: str | None
    excluded: bool


class ReturnedItem(Output):
    """Why a payment came back, who must act, and how it goes out again."""

    case: ReturnedCaseItem
    follow_up: FollowUp
    way: WayBack
    reason_zh: str
    reason_en: str


class AgeItem(Output):
    """Payments that wait for so many days; the oldest have no last day."""

    first_day: int
    last_day: int | None
    count: int
    total_fen: Fen


class AgesAnswer(Output):
    """How long returned payments have waited."""

    ages: list[AgeItem]


class PaidAgainAnswer(Output):
    """How many cases got a new attempt, went back for a new budget, and still wait."""

    attempts: int
    requeued: int
    waiting: int


class GivingUp(Input):
    """Why."""

    reason: Text


class Patience(Input):
    """For how long a batch has waited for the bank's word."""

    minutes: Annotated[int, Field(ge=FEWEST_MINUTES, le=MOST_MINUTES)]


class LostAnswer(Output):
    """How many attempts have an outcome that is unknown now."""

    lost: int


class NewPayeeAccount(Input):
    """One account; `kind` and `source` are words of the table that offices hand over."""

    uscc: CreditCode
    holder: Annotated[Text, Field(max_length=200)]
    number: Annotated[Text, Field(max_length=60)]
    bank_code: Annotated[Text, Field(max_length=20)]
    source: Annotated[Text, Field(max_length=40)]
    kind: PayeeKind = PayeeKind.FIRM


class NewPayeeAccounts(Input):
    """Accounts that payees are paid into."""

    accounts: Annotated[list[NewPayeeAccount], Field(min_length=1, max_length=MOST_ACCOUNTS)]


class RefusedAccountItem(Output):
    """An account that was not kept, by its place in the request; the number is not repeated."""

    row: int
    uscc: str
    reason_zh: str
    reason_en: str


class AccountsAnswer(Output):
    """How many accounts were kept, and those that were not."""

    kept: int
    refused: int
    refusals: Annotated[list[RefusedAccountItem], Field(max_length=MAX_REFUSALS_SHOWN)]


@CHAPTER.operation(Method.GET, "/payments/status")
def show_payment_status(call: Call) -> StatusAnswer:
    """Show where all attempts stand, with their money."""
    call.check_everywhere()
    found = payment_lists.attempt_totals(call.database)
    return StatusAnswer(
        attempts=[
            AttemptTotalItem(status=status, attempts=attempts, amount_fen=fen)
            for status, (attempts, fen) in found.items()
        ]
    )


@CHAPTER.operation(Method.GET, "/payments/batches")
def list_payment_batches(call: Call, query: PageQuery) -> Page[BatchItem]:
    """List batches, the latest first, with where their attempts stand."""
    call.check_everywhere()
    found = payment_lists.list_batches(call.database, before=call.cursors.number() or None, most=query.limit + 1)
    return call.page(Page[BatchItem], found, query.limit, "batch_id")


@CHAPTER.operation(Method.GET, "/payments/orders")
def list_payment_orders(call: Call, query: OrdersQuery) -> Page[PaymentOrderItem]:
    """List payment orders by number, with where the last attempt of each stands."""
    found = payment_lists.list_orders(
        call.database,
        policy_id=None if query.policy is None else PolicyId(query.policy),
        policies=call.policies,
        case_id=query.case,
        status=query.status,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[PaymentOrderItem], found, query.limit, "order_id")


@CHAPTER.operation(Method.GET, "/cases/{case_id}/payment-trail", raises=(NoSuchCase,))
def show_payment_trail(call: Call, path: CaseId) -> TrailAnswer:
    """Show what became of the money of a case: budget, lists, signatures, orders, attempts, recoveries."""
    call.check_cases([path.case_id])
    return TrailAnswer.model_validate(payment_lists.payment_trail(call.database, path.case_id))


@CHAPTER.operation(Method.GET, "/payments/returned")
def list_returned_payments(call: Call, query: PageQuery) -> Page[ReturnedItem]:
    """List payments that came back and have not gone out again, by case, with who must act."""
    found = returned_payments.returned_payments(
        call.database,
        call.clock,
        cut_off=_cut_off(call),
        policies=call.policies,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].case.case_id) if len(found) > query.limit else None
    return Page[ReturnedItem].model_validate({"items": kept, "next": more}, from_attributes=True)


@CHAPTER.operation(Method.GET, "/payments/returned/ages")
def show_returned_ages(call: Call) -> AgesAnswer:
    """Show how long returned payments have waited."""
    found = returned_payments.ageing(call.database, call.clock, policies=call.policies)
    return AgesAnswer.model_validate({"ages": found}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/payments/returned/retries", raises=(BudgetExceeded,))
def pay_returned_again(call: Call) -> PaidAgainAnswer:
    """Make new attempts for returned payments whose account was corrected.

    Of a budget year that is over, cases go back to wait for a new budget. Doing it again makes nothing twice.
    """
    call.check_everywhere()
    again = returned_payments.pay_again(call.database, call.clock, by=call.by, cut_off=_cut_off(call))
    return PaidAgainAnswer.model_validate(again)


@CHAPTER.operation(Method.POST, "/cases/{case_id}/giving-up", raises=(NoSuchCase, NotReturned, ReasonMissing))
def give_up_returned_payment(call: Call, path: CaseId, body: GivingUp) -> None:
    """Close a case unpaid whose payment came back and cannot go out again."""
    call.check_cases([path.case_id])
    returned_payments.give_up(call.database, call.clock, case_id=path.case_id, reason=body.reason, by=call.by)


@CHAPTER.operation(Method.POST, "/payments/lost-replies")
def lose_bank_replies(call: Call, body: Patience) -> LostAnswer:
    """Make attempts unknown whose batch has waited too long for the bank's word.

    They are settled by the bank's report or statement alone, and never sent again.
    """
    call.check_everywhere()
    patience = timedelta(minutes=body.minutes)
    return LostAnswer(lost=lose_replies(call.database, call.clock, by=call.by, patience=patience))


@CHAPTER.operation(Method.POST, "/payee-accounts")
def take_payee_accounts(call: Call, body: NewPayeeAccounts) -> AccountsAnswer:
    """Take accounts that payees are paid into; each that cannot be taken is named, the others are kept."""
    call.check_everywhere()
    rows = (
        StatedAccount(
            row=number,
            uscc=each.uscc,
            holder=each.holder,
            number=each.number,
            bank_code=each.bank_code,
            source=each.source,
            kind=each.kind,
        )
        for number, each in enumerate(body.accounts, 1)
    )
    taken = take_accounts(rows, call.database, call.desk.account_sealer, call.clock, by=call.by)
    return AccountsAnswer.model_validate(taken)


def _cut_off(call: Call) -> date:
    """Return the last day of this year on which orders are made."""
    return call.desk.payment_cut_off(china_day(call.now).year)
