"""What is handed to a channel and what a channel says: the records that connectors and services share.

Guarantees that neither an address nor a text appears in a `repr`. Sending is a connector's; what follows from a
result is `services.send_notices`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from policy_match.errors import Language


class Outcome(StrEnum):
    """What became of one try to hand a message over. *Lost*: it may or may not have been taken."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """One message. `key` is the same for every try, so that a provider can see that it is the same message.

    `address` is what the channel needs: an e-mail address, a phone number, a webhook's key, a postal address. `short`
    is for channels with little room, `body` for all others; both are plain text.
    """

    key: str
    address: str = field(repr=False)
    recipient_name: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    short: str = field(repr=False)
    language: Language
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SendResult:
    """What the channel said. `code` is stable and one of the connector's; `detail` holds no address and no text.

    `reference` is the provider's id of the message, by which receipts name it, where the provider gives one.
    `provider_at_fault` tells a provider that does not work from an address that does not.
    """

    outcome: Outcome
    code: str = ""
    detail: str = ""
    reference: str = ""
    provider_at_fault: bool = False


class ReceiptKind(StrEnum):
    """What a receipt says."""

    DELIVERED = "delivered"
    READ = "read"
    BOUNCED = "bounced"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReceipt:
    """One receipt. `key` is our message key where the receipt repeats it, `reference` the provider's own id."""

    kind: ReceiptKind
    key: str = ""
    reference: str = ""
    code: str = ""
    at: datetime | None = None
