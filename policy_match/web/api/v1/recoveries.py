"""Money that is asked back: decisions, and what came in."""

from typing import Annotated

from pydantic import Field

from policy_match.payments.recovery import RecoveryKind, SameHands, WrongRecovery
from policy_match.services import payment_lists, recover_payments
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.recover_payments import NoSuchRecovery, NotAReceipt, NotToBeAsked
from policy_match.values import MONEY_LIMIT_FEN
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.PAYMENTS)
OPERATIONS = CHAPTER.operations


class RecoveryId(Query):
    """Which decision to ask money back."""

    recovery_id: Number


class CaseRecoveryItem(Output):
    """A decision to ask money back, with what came in."""

    recovery_id: int
    case_id: int
    uscc: str
    policy_id: str
    status: Annotated[str, Field(description="where the case stands")]
    kind: RecoveryKind
    amount_fen: Fen
    received_fen: Fen
    ground: str
    at: Moment
    by: str


class NewRecovery(Input):
    """What would have been right, and why money is asked back. After fraud all of it is, and the firm is excluded."""

    kind: RecoveryKind
    right_fen: Annotated[int, Field(ge=0, lt=MONEY_LIMIT_FEN)]
    reason: Text


class NewReceipt(Input):
    """The bank's reference of the movement."""

    line_ref: Name


@CHAPTER.operation(Method.GET, "/recoveries")
def list_recoveries(call: Call, query: PageQuery) -> Page[CaseRecoveryItem]:
    """List decisions to ask money back, the latest first."""
    found = payment_lists.recoveries(
        call.database, policies=call.policies, before=call.cursors.number() or None, most=query.limit + 1
    )
    return call.page(Page[CaseRecoveryItem], found, query.limit, "recovery_id")


@CHAPTER.operation(Method.GET, "/recoveries/{recovery_id}", raises=(NoSuchRecovery,))
def show_recovery(call: Call, path: RecoveryId) -> CaseRecoveryItem:
    """Show one decision to ask money back."""
    return _found(call, path.recovery_id)


@CHAPTER.operation(
    Method.POST, "/cases/{case_id}/recoveries", raises=(NoSuchCase, SameHands, WrongRecovery, NotToBeAsked)
)
def decide_recovery(call: Call, path: CaseId, body: NewRecovery) -> Made[CaseRecoveryItem]:
    """Ask money of a paid case back. Who approved the case does not decide on it."""
    call.check_cases([path.case_id])
    decided = recover_payments.decide(
        call.database,
        call.clock,
        case_id=path.case_id,
        kind=body.kind,
        right_fen=body.right_fen,
        reason=body.reason,
        by=call.by,
    )
    return Made(_found(call, decided.recovery_id), f"/recoveries/{decided.recovery_id}")


@CHAPTER.operation(Method.POST, "/recoveries/{recovery_id}/receipts", raises=(NoSuchRecovery, NotAReceipt))
def assign_recovery_receipt(call: Call, path: RecoveryId, body: NewReceipt) -> CaseRecoveryItem:
    """Assign money that came in to a recovery and book it; the case is recovered when all is there."""
    _found(call, path.recovery_id)
    record = recover_payments.assign_receipt(
        call.database, call.clock, recovery_id=path.recovery_id, line_ref=body.line_ref, by=call.by
    )
    return CaseRecoveryItem.model_validate(record)


def _found(call: Call, recovery_id: int) -> CaseRecoveryItem:
    record = payment_lists.find_recovery(call.database, recovery_id)
    call.check_policy(record.policy_id)
    return CaseRecoveryItem.model_validate(record)
