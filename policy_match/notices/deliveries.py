"""Deliveries as stores hand them to services, and back: whose turn it is, what is said, what waits for a person.

Guarantees that neither an address nor a text appears in a `repr`. Which steps are possible is `transitions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.errors import Language
from policy_match.notices.channel_choice import KeptAddress, Suppressed, Tried
from policy_match.notices.model import Channel, DeliveryId, DeliveryStatus, NoticeId
from policy_match.notices.sealing import SealedAddress


@dataclass(frozen=True, kw_only=True, slots=True)
class WaylessNotice:
    """An open notice of which nothing is on its way. `deliveries` counts all it had, that of the inbox too."""

    notice_id: NoticeId
    recipient: str
    deliveries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingDelivery:
    """A delivery that waits, and for whom."""

    delivery_id: DeliveryId
    notice_id: NoticeId
    recipient: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What a choice of ways rests on, for the recipients and notices of one page. What is not there is empty."""

    addresses: Mapping[str, Sequence[KeptAddress]]
    suppressed: Mapping[str, Suppressed]
    orders: Mapping[str, Sequence[Channel]]
    tried: Mapping[NoticeId, Sequence[Tried]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDelivery:
    """One way by which a notice is to go. `number` counts the notice's deliveries from 1."""

    notice_id: NoticeId
    number: int
    channel: Channel
    provider: str
    contact_id: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageToSend:
    """What one delivery says to whom; the address is still sealed. `name` is null where none is known."""

    delivery_id: DeliveryId
    notice_id: NoticeId
    recipient: str
    name: str | None = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    short: str = field(repr=False)
    language: Language
    tries: int
    repeats: int
    address: SealedAddress
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderCount:
    """How many deliveries of a provider stand at one status; `first_due` of those that wait."""

    provider: str
    status: DeliveryStatus
    deliveries: int
    repeats: int
    first_due: datetime | None
    last_moved: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class UncertainDelivery:
    """A message of which nobody knows whether it arrived. `masked` is what a person may see of the address."""

    delivery_id: DeliveryId
    notice_id: NoticeId
    recipient: str
    kind: NoticeKind
    case_id: int | None
    channel: Channel
    provider: str
    status: DeliveryStatus
    masked: str
    tries: int
    repeats: int
    since: datetime
