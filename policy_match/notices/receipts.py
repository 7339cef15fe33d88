"""What a receipt means for the delivery that it names, in any order in which receipts may come.

Guarantees that a receipt changes something at most once, that a contradiction changes nothing, and that what was never
sent is confirmed by nobody. Reading and checking receipts is a channel's; keeping them is `storage`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from policy_match.notices.messages import ReceiptKind
from policy_match.notices.model import DeliveryEvent, DeliveryId, DeliveryStatus
from policy_match.notices.transitions import DELIVERY_AFTER
from policy_match.values import Digest

_KEY = re.compile(r"PMN([1-9][0-9]{0,17})")


def message_key(delivery_id: DeliveryId) -> str:
    """Return the key that every try of a delivery carries."""
    return f"PMN{delivery_id}"


def delivery_of(key: str) -> DeliveryId | None:
    """Return the delivery of a key, or `None` for a text that is none of our keys."""
    found = _KEY.fullmatch(key)
    return None if found is None else DeliveryId(int(found[1]))


class ReceiptVerdict(StrEnum):
    """What became of a receipt. Only *applied* changed something."""

    APPLIED = "applied"
    KNOWN = "known"
    CONTRADICTION = "contradiction"
    NO_SUCH_MESSAGE = "no_such_message"
    OTHER_PROVIDER = "other_provider"
    FORGED = "forged"
    NOT_UNDERSTOOD = "not_understood"


EVENT_OF: Mapping[ReceiptKind, DeliveryEvent] = {
    ReceiptKind.DELIVERED: DeliveryEvent.DELIVER,
    ReceiptKind.READ: DeliveryEvent.READ,
    ReceiptKind.BOUNCED: DeliveryEvent.BOUNCE,
}
"""What each kind of receipt does to a delivery."""

_KNOWN = frozenset(
    {
        (DeliveryStatus.DELIVERED, DeliveryEvent.DELIVER),
        (DeliveryStatus.READ, DeliveryEvent.DELIVER),
        (DeliveryStatus.READ, DeliveryEvent.READ),
        (DeliveryStatus.BOUNCED, DeliveryEvent.BOUNCE),
        # A refusal and the report of it say the same.
        (DeliveryStatus.FAILED, DeliveryEvent.BOUNCE),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedDelivery:
    """The delivery that a receipt names, as it stands. `tries`: how often it was sent."""

    delivery_id: DeliveryId
    provider: str
    status: DeliveryStatus
    tries: int


class Judge:
    """Says what receipts mean, one after the other: each sees what those before it did."""

    def __init__(self, standing: Mapping[DeliveryId, NamedDelivery]) -> None:
        self._standing = dict(standing)

    def verdict(self, delivery_id: DeliveryId | None, provider: str, kind: ReceiptKind) -> ReceiptVerdict:
        """Return what a provider's receipt of a delivery means; null is a delivery that nobody could find."""
        named = None if delivery_id is None else self._standing.get(delivery_id)
        if named is None:
            return ReceiptVerdict.NO_SUCH_MESSAGE
        if named.provider != provider:
            return ReceiptVerdict.OTHER_PROVIDER
        if named.tries == 0:
            return ReceiptVerdict.CONTRADICTION
        step = (named.status, EVENT_OF[kind])
        if step in DELIVERY_AFTER:
            self._standing[named.delivery_id] = replace(named, status=DELIVERY_AFTER[step])
            return ReceiptVerdict.APPLIED
        return ReceiptVerdict.KNOWN if step in _KNOWN else ReceiptVerdict.CONTRADICTION


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedReceipt:
    """A kept receipt and the delivery that it is about. `code` is the provider's reason, in our words."""

    receipt_id: int
    provider: str
    delivery_id: DeliveryId
    kind: ReceiptKind
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptReceipt:
    """One receipt with what became of it, to be stored. `number` counts from 1 within the content of that digest."""

    digest: Digest
    number: int
    kind: str
    reference: str
    delivery_id: DeliveryId | None
    verdict: ReceiptVerdict
    sealed: bytes = field(repr=False)
    key_id: str
