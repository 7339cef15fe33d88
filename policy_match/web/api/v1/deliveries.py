"""Deliveries: messages in doubt, how providers stand, and receipts that gateways push.

Guarantees that a receipt counts only when the channel's own check believes it. Sending is a standing job's.
"""

from typing import Annotated

from pydantic import Field

from policy_match.cases.model import NoticeKind
from policy_match.notices.model import Channel, DeliveryStatus
from policy_match.notices.receipt_defects import ReceiptRefused
from policy_match.notices.receipts import ReceiptVerdict
from policy_match.ports.notices import NotificationChannel
from policy_match.services.provider_health import provider_standings
from policy_match.services.settle_deliveries import NotInDoubt, Settlement, deliveries_in_doubt, settle_delivery
from policy_match.services.take_receipts import ReceiptContent, take_receipts
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag, Upload
from policy_match.web.problems import NotFound, TooLarge

CHAPTER = Chapter(Tag.NOTICES)
OPERATIONS = CHAPTER.operations

MOST_RECEIPT_BYTES = 256 * 1024
"""How large what a provider pushes may be: a mail that came back, at most."""

RECEIPTS = ("application/json", "message/rfc822")


class DeliveryKey(Query):
    """Which delivery."""

    delivery_id: Number


class DoubtItem(Output):
    """A message of which nobody knows whether it arrived."""

    delivery_id: int
    notice_id: int
    recipient: str
    kind: NoticeKind
    case_id: int | None
    channel: Channel
    provider: str
    status: DeliveryStatus
    masked: str
    tries: int
    repeats: int
    since: Moment


class Settling(Input):
    """What a person found out, and how."""

    settlement: Settlement
    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class DemotionItem(Output):
    """Until when others come first."""

    until: Moment
    failures: int
    outcomes: int


class NoticeProviderItem(Output):
    """How one provider stands; without a channel it is in the settings no more."""

    name: str
    channel: Channel | None
    promises_once: bool
    gives_receipts: bool
    demoted: DemotionItem | None
    deliveries: dict[DeliveryStatus, int]
    repeats: int
    first_due: Moment | None
    last_moved: Moment | None


class ProvidersAnswer(Output):
    """All providers: those of the settings in their order, then the others by name."""

    providers: list[NoticeProviderItem]


class ProviderKey(Query):
    """Which provider."""

    provider: Name


class ReceiptsAnswer(Output):
    """What the receipts did, by what became of them; `repeated` when they had been taken before."""

    repeated: bool
    verdicts: dict[ReceiptVerdict, int]


@CHAPTER.operation(Method.GET, "/deliveries/in-doubt")
def list_deliveries_in_doubt(call: Call, query: PageQuery) -> Page[DoubtItem]:
    """List messages of which nobody knows whether they arrived, by number."""
    call.check_everywhere()
    found = deliveries_in_doubt(call.database, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[DoubtItem], found, query.limit, "delivery_id")


@CHAPTER.operation(Method.POST, "/deliveries/{delivery_id}/settlement", raises=(NotInDoubt,))
def settle_doubtful_delivery(call: Call, path: DeliveryKey, body: Settling) -> None:
    """Say whether a message in doubt arrived; what did not goes another way."""
    call.check_everywhere()
    settle_delivery(
        call.database,
        call.clock,
        delivery_id=path.delivery_id,
        settlement=body.settlement,
        by=call.by,
        reason=body.reason,
    )


@CHAPTER.operation(Method.GET, "/notice-providers")
def list_providers(call: Call) -> ProvidersAnswer:
    """Show how every provider stands."""
    channels = call.desk.notification_channels if call.desk.has_channels else ()
    found = provider_standings(call.database, channels, call.clock)
    return ProvidersAnswer.model_validate({"providers": found}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/receipts/{provider}", raises=(ReceiptRefused,), uploads=RECEIPTS, keyed=False)
def push_receipts(call: Call, path: ProviderKey, upload: Upload) -> ReceiptsAnswer:
    """Take what a provider says afterwards of messages: delivered, read, or come back.

    For providers: the content itself is signed as was agreed with them. What is not believed is kept and refused.
    """
    content = upload.stream.read(MOST_RECEIPT_BYTES + 1)
    if len(content) > MOST_RECEIPT_BYTES:
        raise TooLarge(most=MOST_RECEIPT_BYTES)
    given = ReceiptContent(content=content)
    with call.keeping(ReceiptRefused):
        (taken,) = take_receipts(
            call.database, _channel(call, path.provider), call.desk.account_sealer, call.clock, [given]
        )
        if taken.refused is not None:
            raise taken.refused
    return ReceiptsAnswer.model_validate(taken)


def _channel(call: Call, provider: str) -> NotificationChannel:
    """Return the channel of a provider of the settings. Raises `NotFound`, which names no others."""
    for channel in call.desk.notification_channels if call.desk.has_channels else ():
        if channel.name == provider:
            return channel
    raise NotFound
