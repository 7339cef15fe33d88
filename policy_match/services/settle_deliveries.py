"""Lets a person settle what no program can: whether a message in doubt arrived.

Guarantees that the word of a named person with a reason is kept, that the message goes another way only on that word,
and that a receipt which comes meanwhile wins. Listing what is in doubt is here too.
"""

from collections.abc import Sequence
from enum import StrEnum

from policy_match.errors import QuestionError
from policy_match.notices.deliveries import UncertainDelivery
from policy_match.notices.model import DeliveryEvent, DeliveryId, DeliveryStatus, NoticeEvent
from policy_match.notices.outcomes import DETAIL_LETTERS, DeliveryStep, kept_text
from policy_match.ports import Clock, Database

IN_DOUBT = (DeliveryStatus.UNKNOWN, DeliveryStatus.UNCONFIRMED)
"""Nobody knows whether it was taken; or it was, and no receipt came in time."""

SETTLED = "settled"


class NotInDoubt(QuestionError):
    """The delivery is not one that a person settles."""

    code = "notices.not-in-doubt"
    english = "delivery {delivery_id} is {status}: nothing is in doubt; see `policy-match notices uncertain`"
    chinese = "投递 {delivery_id} 的状态为 {status}，无需人工认定；请查看 policy-match notices uncertain"


class Settlement(StrEnum):
    """What a person found out."""

    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"


def deliveries_in_doubt(database: Database, *, after: int, most: int) -> Sequence[UncertainDelivery]:
    """Return deliveries of which a person may say whether they arrived, by number, after one."""
    with database.unit_of_work() as work:
        found = [
            each for status in IN_DOUBT for each in work.deliveries.repairs.in_doubt(status, DeliveryId(after), most)
        ]
    return sorted(found, key=lambda each: each.delivery_id)[:most]


def settle_delivery(
    database: Database, clock: Clock, *, delivery_id: int, settlement: Settlement, by: str, reason: str
) -> None:
    """Keep what a person found out about a delivery in doubt. Raises `NotInDoubt`.

    What did not arrive goes another way, through another provider or to another address, if the notice reached nobody.
    """
    wanted = DeliveryId(delivery_id)
    with database.unit_of_work() as work:
        found = work.deliveries.receipts.hold([wanted]).get(wanted)
        if found is None or found.status not in IN_DOUBT:
            raise NotInDoubt(delivery_id=delivery_id, status="-" if found is None else found.status)
        now, sending = clock.now(), work.deliveries.sending
        arrived = settlement is Settlement.ARRIVED
        if arrived or found.status is DeliveryStatus.UNKNOWN:
            step = DeliveryStep(
                delivery_id=wanted,
                event=DeliveryEvent.DELIVER if arrived else DeliveryEvent.FAIL,
                code=SETTLED,
                detail=kept_text(f"{by}: {reason}", DETAIL_LETTERS),
                # Nothing is wrong with the address: only this provider is not asked again.
                provider_at_fault=not arrived,
            )
            sending.add_steps([step], now)
        if arrived:
            sending.step_notices([wanted], NoticeEvent.REACH, now, by, reason)
        else:
            sending.step_notices([wanted], NoticeEvent.REOPEN, now, by, reason)
            sending.relapse([wanted], now, by, reason)
        work.commit()
