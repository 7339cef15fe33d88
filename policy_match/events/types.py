"""The kinds of events that other systems are told of: type, subject, fields of the data, words.

Guarantees that there are no others: the manual and the API are made from this table, and every step of a case has its
row. What an event looks like is `cloud_event`; when one is written, the triggers of the database say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from policy_match.cases.model import Event
from policy_match.cases.words import EVENT_WORDS, Words

What = NewType("What", str)
"""What happened, as the outbox keeps it: `case.confirm`."""


class EventType(StrEnum):
    """`type` of an event (CloudEvents 1.0.2, 3.1.1). Another meaning or a lost field is another version."""

    CASES_OPENED = "cn.policy-match.cases.opened.v1"
    CASE_NOTIFIED = "cn.policy-match.case.notified.v1"
    CASE_CONFIRMED = "cn.policy-match.case.confirmed.v1"
    CASE_DECLINED = "cn.policy-match.case.declined.v1"
    CASE_RECONSIDERED = "cn.policy-match.case.reconsidered.v1"
    CASE_LAPSED = "cn.policy-match.case.lapsed.v1"
    CASE_SILENCE_ACCEPTED = "cn.policy-match.case.silence-accepted.v1"
    CASE_REVIEWED = "cn.policy-match.case.reviewed.v1"
    CASE_APPROVED = "cn.policy-match.case.approved.v1"
    CASE_REJECTED = "cn.policy-match.case.rejected.v1"
    CASE_PUBLISHED = "cn.policy-match.case.published.v1"
    CASE_OBJECTED = "cn.policy-match.case.objected.v1"
    CASE_OBJECTION_DISMISSED = "cn.policy-match.case.objection-dismissed.v1"
    CASE_OBJECTION_UPHELD = "cn.policy-match.case.objection-upheld.v1"
    CASE_AMENDED = "cn.policy-match.case.amended.v1"
    CASE_ORDERED = "cn.policy-match.case.ordered.v1"
    CASE_PAID = "cn.policy-match.case.paid.v1"
    CASE_RETURNED = "cn.policy-match.case.returned.v1"
    CASE_CORRECTED = "cn.policy-match.case.corrected.v1"
    CASE_REQUEUED = "cn.policy-match.case.requeued.v1"
    CASE_CLOSED = "cn.policy-match.case.closed.v1"
    CASE_WITHDRAWN = "cn.policy-match.case.withdrawn.v1"
    CASE_CONTRACTED = "cn.policy-match.case.contracted.v1"
    CASE_CLAIMED_BACK = "cn.policy-match.case.claimed-back.v1"
    CASE_RECOVERED = "cn.policy-match.case.recovered.v1"
    CASE_EXTENDED = "cn.policy-match.case.extended.v1"
    SWEEP_KEPT = "cn.policy-match.sweep.kept.v1"
    LIST_MADE = "cn.policy-match.list.made.v1"
    LIST_SIGNED = "cn.policy-match.list.signed.v1"
    LIST_COMPLETED = "cn.policy-match.list.completed.v1"
    LIST_REJECTED = "cn.policy-match.list.rejected.v1"
    LIST_VOIDED = "cn.policy-match.list.voided.v1"
    BATCH_MADE = "cn.policy-match.batch.made.v1"
    BATCH_HANDED_OVER = "cn.policy-match.batch.handed-over.v1"
    PAYMENT_UNKNOWN = "cn.policy-match.payment.unknown.v1"


PING_TYPE = "cn.policy-match.webhook.ping.v1"
"""The type of a test message. Nobody subscribes to it: it goes to the webhook that was asked to be tried."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventKind:
    """One kind. `subject` is the path of the thing below the API's root, with a place for its id.

    `fields` are the data, all there in every event of the kind; `id_field` is the one that the subject holds.
    """

    what: What
    type: EventType
    subject: str
    id_field: str
    fields: Sequence[str]
    words: Words


CASE_FIELDS = ("case_id", "seq", "policy_id", "period", "instalment", "before", "status", "amount_fen", "deadline")
LIST_FIELDS = ("list_id", "policy_id", "cases", "total_fen")
BATCH_FIELDS = ("batch_id", "payments", "total_fen", "execute_on")

CASE_TYPES: Mapping[Event, EventType] = {
    Event.NOTIFY: EventType.CASE_NOTIFIED,
    Event.CONFIRM: EventType.CASE_CONFIRMED,
    Event.DECLINE: EventType.CASE_DECLINED,
    Event.RECONSIDER: EventType.CASE_RECONSIDERED,
    Event.LAPSE: EventType.CASE_LAPSED,
    Event.ACCEPT_SILENCE: EventType.CASE_SILENCE_ACCEPTED,
    Event.REVIEW: EventType.CASE_REVIEWED,
    Event.APPROVE: EventType.CASE_APPROVED,
    Event.REJECT: EventType.CASE_REJECTED,
    Event.PUBLISH: EventType.CASE_PUBLISHED,
    Event.OBJECT: EventType.CASE_OBJECTED,
    Event.DISMISS: EventType.CASE_OBJECTION_DISMISSED,
    Event.UPHOLD: EventType.CASE_OBJECTION_UPHELD,
    Event.AMEND: EventType.CASE_AMENDED,
    Event.ORDER: EventType.CASE_ORDERED,
    Event.SETTLE: EventType.CASE_PAID,
    Event.BOUNCE: EventType.CASE_RETURNED,
    Event.CORRECT: EventType.CASE_CORRECTED,
    Event.REQUEUE: EventType.CASE_REQUEUED,
    Event.CLOSE: EventType.CASE_CLOSED,
    Event.WITHDRAW: EventType.CASE_WITHDRAWN,
    Event.CONTRACT: EventType.CASE_CONTRACTED,
    Event.CLAIM_BACK: EventType.CASE_CLAIMED_BACK,
    Event.RECOVER: EventType.CASE_RECOVERED,
    Event.EXTEND: EventType.CASE_EXTENDED,
}
"""The type for each step of a case."""


def _case(event: Event, kind: EventType) -> EventKind:
    return EventKind(
        what=What(f"case.{event}"),
        type=kind,
        subject="cases/{}",
        id_field="case_id",
        fields=CASE_FIELDS,
        words=EVENT_WORDS[event],
    )


def _list(what: str, kind: EventType, words: Words, *more: str) -> EventKind:
    return EventKind(
        what=What(f"list.{what}"),
        type=kind,
        subject="approval-lists/{}",
        id_field="list_id",
        fields=(*LIST_FIELDS, *more),
        words=words,
    )


def _batch(what: str, kind: EventType, words: Words) -> EventKind:
    return EventKind(
        what=What(f"batch.{what}"),
        type=kind,
        subject="payments/batches/{}",
        id_field="batch_id",
        fields=BATCH_FIELDS,
        words=words,
    )


KINDS: Sequence[EventKind] = (
    EventKind(
        what=What("sweep.keep"),
        type=EventType.SWEEP_KEPT,
        subject="sweeps/{}",
        id_field="sweep_id",
        fields=("sweep_id", "snapshot_id", "as_of"),
        words=Words("判定结果已保存", "a sweep is kept"),
    ),
    EventKind(
        what=What("cases.open"),
        type=EventType.CASES_OPENED,
        subject="sweeps/{}",
        id_field="sweep_id",
        fields=("opening", "sweep_id", "as_of"),
        words=Words("由一次判定发起事项", "the cases of a sweep are opened"),
    ),
    *(_case(event, kind) for event, kind in CASE_TYPES.items()),
    _list("make", EventType.LIST_MADE, Words("生成审批清单", "a list for approval is made")),
    _list("sign", EventType.LIST_SIGNED, Words("一级审批已签署", "one stage of a list is signed"), "stage", "role"),
    _list("complete", EventType.LIST_COMPLETED, Words("清单审批完成", "every stage of a list is signed")),
    _list("reject", EventType.LIST_REJECTED, Words("清单未通过审批", "a list is rejected")),
    _list("void", EventType.LIST_VOIDED, Words("清单作废", "a list is void, as something in it changed")),
    _batch("make", EventType.BATCH_MADE, Words("生成支付批次", "a batch of payments is made")),
    _batch("hand_over", EventType.BATCH_HANDED_OVER, Words("批次已交银行", "the bank has a batch")),
    EventKind(
        what=What("attempt.lose"),
        type=EventType.PAYMENT_UNKNOWN,
        subject="cases/{}",
        id_field="case_id",
        fields=("attempt_id", "case_id", "policy_id", "amount_fen"),
        words=Words("付款结果未知", "nobody knows whether a payment was made"),
    ),
)
"""All kinds."""

KIND_OF: Mapping[What, EventKind] = {kind.what: kind for kind in KINDS}
WHAT_OF: Mapping[EventType, What] = {kind.type: kind.what for kind in KINDS}

assert len(KIND_OF) == len(KINDS) == len(EventType)
assert len(WHAT_OF) == len(KINDS)
