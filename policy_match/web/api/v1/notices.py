"""Notices: what was said to whom and how far it got, handing over by hand, and the inbox of staff.

Guarantees that of an address no more than its masked form is in any answer, and that who is limited to some policies
sees the notices of their cases alone.
"""

from typing import Annotated

from pydantic import Field

from policy_match.cases.defects import NotAPerson
from policy_match.cases.model import NoticeKind
from policy_match.errors import Language
from policy_match.notices.contacts import NoSuchRecipient
from policy_match.notices.history import NoticeFilter
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeId, NoticeStatus
from policy_match.services import notice_history, notice_inbox
from policy_match.services.hand_over_notices import NotToBeHandedOver, ReachReasonMissing, hand_over
from policy_match.services.notice_history import NoSuchNotice
from policy_match.values import PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag
from policy_match.web.problems import NotAllowed

CHAPTER = Chapter(Tag.NOTICES)
OPERATIONS = CHAPTER.operations

MOST_NOTICES = 1_000
"""How many notices one request names."""

NoticeIds = Annotated[list[Number], Field(min_length=1, max_length=MOST_NOTICES)]
Recipient = Annotated[Name, Field(description="`firm:<credit code>`, the code alone, or a staff account")]


class NoticeKey(Query):
    """Which notice."""

    notice_id: Number


class CountsQuery(Query):
    """Which notices."""

    recipient: Recipient | None = None
    kind: NoticeKind | None = None
    status: NoticeStatus | None = None
    case: Number | None = None
    policy: Annotated[Name | None, Field(description="the id of a policy")] = None


class NoticesQuery(CountsQuery, PageQuery):
    """Which notices."""


class NoticeItem(Output):
    """One notice; `reason` is that of its last step, `subject` is empty while there is no text."""

    notice_id: int
    recipient: str
    kind: NoticeKind
    case_id: int | None
    policy_id: str | None
    about: str
    status: NoticeStatus
    at: Moment
    since: Moment
    subject: str
    reason: str


class NoticeCountItem(Output):
    """How many notices of a kind stand there; the oldest of them since `oldest`."""

    kind: NoticeKind
    status: NoticeStatus
    notices: int
    oldest: Moment


class CountsAnswer(Output):
    """Counts by kind and status."""

    counts: list[NoticeCountItem]


class NoticeTextItem(Output):
    """What was said, word for word; `template` is the digest of the template."""

    language: Language
    subject: str
    body: str
    short: str
    template: str
    at: Moment


class NoticeStepItem(Output):
    """One step of a notice."""

    seq: int
    event: NoticeEvent
    before: NoticeStatus
    after: NoticeStatus
    at: Moment
    by: str
    reason: str


class DeliveryStepItem(Output):
    """One step of a delivery; `detail` is the provider's, `reference` its own id of the message."""

    seq: int
    event: DeliveryEvent
    after: DeliveryStatus
    due_at: Moment | None
    code: str
    detail: str
    reference: str
    at: Moment


class ReceiptItem(Output):
    """What a provider said afterwards, and what was made of it."""

    receipt_id: int
    kind: str
    verdict: str
    at: Moment


class DeliveryItem(Output):
    """One try to reach the recipient; `masked` is what people may see of the address."""

    delivery_id: int
    number: int
    channel: Channel
    provider: str
    masked: str
    status: DeliveryStatus
    tries: int
    repeats: int
    due_at: Moment | None
    at: Moment
    events: list[DeliveryStepItem]
    receipts: list[ReceiptItem]


class NoticeAnswer(Output):
    """Everything about one notice; `step` is that of its case."""

    line: NoticeItem
    step: int | None
    text: NoticeTextItem | None
    events: list[NoticeStepItem]
    deliveries: list[DeliveryItem]


class HandingOver(Input):
    """Which notices a person handed over, and how."""

    notice_ids: NoticeIds
    reason: Text


class RefusedNotice(Output):
    """A notice that was not recorded as handed over."""

    notice_id: int
    code: Annotated[str, Field(description="as in problem documents")]
    detail: str


class HandedOverAnswer(Output):
    """How many notices were recorded, how many had reached their recipient before, and those that were refused."""

    reached: int
    before: int
    refused: list[RefusedNotice]


class InboxQuery(PageQuery):
    """Which messages."""

    unread: Annotated[bool, Field(description="only those that were not read")] = False


class StaffMessageItem(Output):
    """One message; `is_over` is what is no longer so."""

    notice_id: int
    kind: NoticeKind
    case_id: int | None
    at: Moment
    read_at: Moment | None
    is_over: bool
    subject: str
    body: str


class ReadMessages(Input):
    """Which messages were read."""

    notice_ids: NoticeIds


class ReadAnswer(Output):
    """How many were marked, how many were read before, and which are none of yours."""

    read: int
    before: int
    not_there: list[int]


@CHAPTER.operation(Method.GET, "/notices")
def list_notices(call: Call, query: NoticesQuery) -> Page[NoticeItem]:
    """List notices by number."""
    found = notice_history.list_notices(
        call.database, _wanted(call, query), after=call.cursors.number(), most=query.limit + 1
    )
    return call.page(Page[NoticeItem], found, query.limit, "notice_id")


@CHAPTER.operation(Method.GET, "/notices/counts")
def count_notices(call: Call, query: CountsQuery) -> CountsAnswer:
    """Count notices by kind and status."""
    found = notice_history.count_notices(call.database, _wanted(call, query))
    return CountsAnswer.model_validate({"counts": found}, from_attributes=True)


@CHAPTER.operation(Method.GET, "/notices/{notice_id}", raises=(NoSuchNotice,))
def show_notice(call: Call, path: NoticeKey) -> NoticeAnswer:
    """Show the whole story of one notice: its text, steps, deliveries and receipts."""
    _check_notices(call, [NoticeId(path.notice_id)])
    return NoticeAnswer.model_validate(notice_history.show_notice(call.database, NoticeId(path.notice_id)))


@CHAPTER.operation(
    Method.POST, "/notices/handed-over", raises=(ReachReasonMissing, NotAPerson, NoSuchNotice, NotToBeHandedOver)
)
def hand_over_notices(call: Call, body: HandingOver) -> HandedOverAnswer:
    """Record that a person handed notices over: at the counter, by telephone, at the firm."""
    notices = [NoticeId(each) for each in body.notice_ids]
    _check_notices(call, notices)
    done = hand_over(call.database, call.clock, notices=notices, by=call.by, reason=body.reason)
    refused = [
        RefusedNotice(notice_id=each.notice_id, code=each.error.code, detail=each.error.message(call.language))
        for each in done.refused
    ]
    return HandedOverAnswer(reached=done.reached, before=done.before, refused=refused)


@CHAPTER.operation(Method.GET, "/inbox", raises=(NoSuchRecipient,))
def list_inbox(call: Call, query: InboxQuery) -> Page[StaffMessageItem]:
    """List your own messages, the latest first."""
    before = call.cursors.number()
    found = notice_inbox.inbox(
        call.database,
        call.by,
        unread=query.unread,
        before=NoticeId(before) if before else None,
        most=query.limit + 1,
    )
    return call.page(Page[StaffMessageItem], found, query.limit, "notice_id")


@CHAPTER.operation(Method.POST, "/inbox/read", raises=(NoSuchRecipient,))
def read_inbox(call: Call, body: ReadMessages) -> ReadAnswer:
    """Mark your own messages as read; their notices have reached you."""
    notices = [NoticeId(each) for each in body.notice_ids]
    return ReadAnswer.model_validate(
        notice_inbox.read_messages(call.database, call.clock, recipient=call.by, notices=notices)
    )


def _wanted(call: Call, query: CountsQuery) -> NoticeFilter:
    return NoticeFilter(
        recipient=query.recipient,
        kind=query.kind,
        status=query.status,
        case_id=query.case,
        policy_id=None if query.policy is None else PolicyId(query.policy),
        policies=call.policies,
    )


def _check_notices(call: Call, notices: list[NoticeId]) -> None:
    """Refuse notices of policies that are not within reach, and those of no case to who is limited. Those that there
    are not are the service's to refuse."""
    within = call.policies
    if within is not None and not notice_history.policies_of_notices(call.database, notices) <= within:
        raise NotAllowed
