"""The life of one attempt to pay: from the stored row to what the bank says of it, in any order it may say it.

Guarantees that one table holds every step, that an attempt settles at most once, and that news which contradicts
what is known changes nothing. Storing attempts and news is `storage`; asking the bank is a payment channel's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from policy_match.errors import QuestionError
from policy_match.payments.messages import LineKind, ReportedStatus


class AttemptStatus(StrEnum):
    """What is known of an attempt. *Unknown* is what remains when the bank's reply is lost."""

    STORED = "stored"
    SENT = "sent"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    REJECTED = "rejected"
    RETURNED = "returned"
    UNKNOWN = "unknown"


class AttemptEvent(StrEnum):
    """What happens to an attempt. `send` and `lose` are ours; the others are the bank's word."""

    SEND = "send"
    ACCEPT = "accept"
    LOSE = "lose"
    SETTLE = "settle"
    REJECT = "reject"
    RETURN = "return"


class News(StrEnum):
    """What to do with an event: take the step, or keep the message without one."""

    APPLY = "apply"
    ALREADY_KNOWN = "already_known"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptTransition:
    """One lawful step."""

    before: AttemptStatus
    event: AttemptEvent
    after: AttemptStatus


def _steps(before: str, event: str, after: str) -> tuple[AttemptTransition, ...]:
    return tuple(
        AttemptTransition(before=AttemptStatus(each), event=AttemptEvent(event), after=AttemptStatus(after))
        for each in before.split()
    )


TRANSITIONS: tuple[AttemptTransition, ...] = (
    *_steps("stored", "send", "sent"),
    *_steps("sent unknown", "accept", "accepted"),
    *_steps("sent", "lose", "unknown"),
    *_steps("sent accepted unknown", "settle", "settled"),
    *_steps("sent accepted unknown", "reject", "rejected"),
    # A bank may book and return within one statement, so a return needs no settlement before it.
    *_steps("sent accepted unknown settled", "return", "returned"),
)
"""All steps. What is not here is not done."""

_AFTER = {(step.before, step.event): step.after for step in TRANSITIONS}

SUPERSEDED: Mapping[AttemptStatus, frozenset[AttemptEvent]] = MappingProxyType(
    {
        AttemptStatus.STORED: frozenset(),
        AttemptStatus.SENT: frozenset({AttemptEvent.SEND}),
        AttemptStatus.UNKNOWN: frozenset({AttemptEvent.SEND, AttemptEvent.LOSE}),
        AttemptStatus.ACCEPTED: frozenset({AttemptEvent.SEND, AttemptEvent.LOSE, AttemptEvent.ACCEPT}),
        AttemptStatus.SETTLED: frozenset(
            {AttemptEvent.SEND, AttemptEvent.LOSE, AttemptEvent.ACCEPT, AttemptEvent.SETTLE}
        ),
        AttemptStatus.REJECTED: frozenset(
            {AttemptEvent.SEND, AttemptEvent.LOSE, AttemptEvent.ACCEPT, AttemptEvent.REJECT}
        ),
        AttemptStatus.RETURNED: frozenset(
            {AttemptEvent.SEND, AttemptEvent.LOSE, AttemptEvent.ACCEPT, AttemptEvent.SETTLE, AttemptEvent.RETURN}
        ),
    }
)
"""Events that a status already implies or has overtaken: late or repeated, they tell nothing new."""

FINISHED = frozenset({AttemptStatus.REJECTED, AttemptStatus.RETURNED})
"""The money is not with the payee and will not be: a new attempt may be made."""

EVENT_OF_STATUS: Mapping[ReportedStatus, AttemptEvent] = MappingProxyType(
    {
        ReportedStatus.ACCEPTED: AttemptEvent.ACCEPT,
        ReportedStatus.SETTLED: AttemptEvent.SETTLE,
        ReportedStatus.REJECTED: AttemptEvent.REJECT,
    }
)
"""What a line of a status report says of its attempt; any other status is kept and moves nothing."""

EVENT_OF_LINE: Mapping[LineKind, AttemptEvent] = MappingProxyType(
    {LineKind.BOOKING: AttemptEvent.SETTLE, LineKind.RETURN: AttemptEvent.RETURN}
)
"""What a statement line says of its attempt; any other line is kept and moves nothing."""


class WrongAttemptStep(QuestionError):
    """An event that this status does not allow."""

    code = "payment.step"
    english = "an attempt that is {status} takes no {event}; possible: {possible}; look at the bank's messages first"
    chinese = "状态为 {status} 的支付尝试不接受 {event}；可行的操作：{possible}；请先核对银行回执"


def apply(status: AttemptStatus, event: AttemptEvent) -> AttemptStatus:
    """Return the status after `event`. Raises `WrongAttemptStep`, also for what is merely known already."""
    after = _AFTER.get((status, event))
    if after is None:
        possible = ", ".join(step.event for step in TRANSITIONS if step.before is status) or "-"
        raise WrongAttemptStep(status=status, event=event, possible=possible)
    return after


def news(status: AttemptStatus, event: AttemptEvent) -> News:
    """Return what an event means to an attempt of this status, whatever order messages arrive in.

    A contradiction, such as a rejection of what is settled, is kept and reported to a person, and changes nothing.
    """
    if (status, event) in _AFTER:
        return News.APPLY
    return News.ALREADY_KNOWN if event in SUPERSEDED[status] else News.CONTRADICTION


def may_try_again(status: AttemptStatus) -> bool:
    """Return whether a new attempt may follow one of this status; while it might still be paid, none may."""
    return status in FINISHED
