"""The tables of what can happen to a notice and to one delivery of it.

Guarantees that there are no others: the rows that the database checks every step against are made from them
(`sql_rules`), and so is the manual. When a step is taken is left to the services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.notices.model import DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeStatus


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class NoticeTransition:
    """One possible step of a notice."""

    before: NoticeStatus
    event: NoticeEvent
    after: NoticeStatus


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DeliveryTransition:
    """One possible step of a delivery."""

    before: DeliveryStatus
    event: DeliveryEvent
    after: DeliveryStatus


def _of_notices(before: str, event: str, after: str) -> tuple[NoticeTransition, ...]:
    return tuple(
        NoticeTransition(before=NoticeStatus(each), event=NoticeEvent(event), after=NoticeStatus(after))
        for each in before.split()
    )


def _of_deliveries(before: str, event: str, after: str) -> tuple[DeliveryTransition, ...]:
    return tuple(
        DeliveryTransition(before=DeliveryStatus(each), event=DeliveryEvent(event), after=DeliveryStatus(after))
        for each in before.split()
    )


NOTICE_TRANSITIONS: Sequence[NoticeTransition] = (
    *_of_notices("due held", "prepare", "open"),
    *_of_notices("due", "hold", "held"),
    *_of_notices("due held open unreached", "overtake", "overtaken"),
    # A person may hand it over, or the recipient may find it in the portal, before and after every channel failed.
    *_of_notices("open unreached overtaken", "reach", "reached"),
    *_of_notices("open", "fail", "unreached"),
    *_of_notices("reached", "relapse", "open"),
    *_of_notices("unreached", "reopen", "open"),
)
"""All steps of a notice."""

DELIVERY_TRANSITIONS: Sequence[DeliveryTransition] = (
    *_of_deliveries("waiting", "send", "sending"),
    *_of_deliveries("waiting", "cancel", "cancelled"),
    *_of_deliveries("sending", "hand_over", "handed_over"),
    *_of_deliveries("sending", "retry", "waiting"),
    *_of_deliveries("sending", "repeat", "waiting"),
    *_of_deliveries("sending", "release", "waiting"),
    *_of_deliveries("sending", "give_up", "unknown"),
    # Of an unknown one a person may say that it did not arrive.
    *_of_deliveries("waiting sending unknown", "fail", "failed"),
    *_of_deliveries("handed_over", "expire", "unconfirmed"),
    # A receipt may be there before we recorded that we sent, and long after we stopped waiting for it.
    *_of_deliveries("waiting sending handed_over unknown unconfirmed", "deliver", "delivered"),
    *_of_deliveries("waiting sending handed_over delivered unknown unconfirmed", "read", "read"),
    *_of_deliveries("waiting sending handed_over delivered unknown unconfirmed", "bounce", "bounced"),
)
"""All steps of a delivery. `waiting` takes receipts too: it may be a repeat of one that had arrived."""

NOTICE_AFTER: Mapping[tuple[NoticeStatus, NoticeEvent], NoticeStatus] = {
    (step.before, step.event): step.after for step in NOTICE_TRANSITIONS
}
DELIVERY_AFTER: Mapping[tuple[DeliveryStatus, DeliveryEvent], DeliveryStatus] = {
    (step.before, step.event): step.after for step in DELIVERY_TRANSITIONS
}

assert len(NOTICE_AFTER) == len(NOTICE_TRANSITIONS)
assert len(DELIVERY_AFTER) == len(DELIVERY_TRANSITIONS)
