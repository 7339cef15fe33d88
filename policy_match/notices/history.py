"""A notice as people read it: a line of a list, a message of the inbox, and the whole story of one.

Guarantees only the shapes; of an address they hold no more than its masked form, and a `repr` holds no text. Reading
them from the database is `storage`, showing them the entry points.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.errors import Language
from policy_match.notices.model import (
    Channel,
    DeliveryEvent,
    DeliveryId,
    DeliveryStatus,
    NoticeEvent,
    NoticeId,
    NoticeStatus,
)
from policy_match.values import Digest, PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeFilter:
    """Which notices are meant; what is not given does not matter. With `policies` those of no case are left out."""

    recipient: str | None = None
    kind: NoticeKind | None = None
    status: NoticeStatus | None = None
    case_id: int | None = None
    policy_id: PolicyId | None = None
    policies: Collection[PolicyId] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeLine:
    """One notice in a list. `reason` is that of its last step; `subject` is empty while there is no text.

    `case_id` and `policy_id` are `None` for what is of no case.
    """

    notice_id: NoticeId
    recipient: str
    kind: NoticeKind
    case_id: int | None
    policy_id: PolicyId | None
    about: str
    status: NoticeStatus
    at: datetime
    since: datetime
    subject: str = field(repr=False)
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeCount:
    """How many notices of a kind stand at a status; the oldest of them stands there since `oldest`."""

    kind: NoticeKind
    status: NoticeStatus
    notices: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptText:
    """What was said, word for word; `template` is the digest of the template."""

    language: Language
    subject: str = field(repr=False)
    body: str = field(repr=False)
    short: str = field(repr=False)
    template: Digest
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeEventLine:
    """One step of a notice."""

    seq: int
    event: NoticeEvent
    before: NoticeStatus
    after: NoticeStatus
    at: datetime
    by: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryEventLine:
    """One step of a delivery. `detail` is the provider's, `reference` its own id of the message, or `receipt:<id>`."""

    seq: int
    event: DeliveryEvent
    after: DeliveryStatus
    due_at: datetime | None
    code: str
    detail: str
    reference: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptLine:
    """What a provider said afterwards of a delivery, and what was made of it."""

    receipt_id: int
    kind: str
    verdict: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryStory:
    """One delivery with its steps and receipts; `masked` is empty for the inbox."""

    delivery_id: DeliveryId
    number: int
    channel: Channel
    provider: str
    masked: str
    status: DeliveryStatus
    tries: int
    repeats: int
    due_at: datetime | None
    at: datetime
    events: tuple[DeliveryEventLine, ...]
    receipts: tuple[ReceiptLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeStory:
    """Everything about one notice. `fields` are those that it brought along."""

    line: NoticeLine
    step: int | None
    fields: Mapping[str, object] | None = field(repr=False)
    text: KeptText | None
    events: tuple[NoticeEventLine, ...]
    deliveries: tuple[DeliveryStory, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxMessage:
    """One message of an inbox. `read_at` is `None` until the recipient read it; `is_over` is what is no longer so."""

    notice_id: NoticeId
    kind: NoticeKind
    case_id: int | None
    at: datetime
    read_at: datetime | None
    is_over: bool
    subject: str = field(repr=False)
    body: str = field(repr=False)
