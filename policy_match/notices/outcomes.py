"""What follows for a delivery from what a channel said, or from its saying nothing.

Guarantees that a message which may have arrived is sent again only where the channel promises that no second one comes
of it, or else once, and counted as a possible duplicate; and that tries end. What follows for the notice is `services`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from policy_match.notices.messages import Outcome, SendResult
from policy_match.notices.model import DeliveryEvent, DeliveryId
from policy_match.notices.result_codes import ADDRESS_IS_BAD, ResultCode
from policy_match.notices.timing import Backoff, QuietHours, retry_at

MOST_UNPROMISED_REPEATS = 1
"""So often a message is sent again that may have arrived, where nobody promises that it is no second one."""

CODE_LETTERS = 60
DETAIL_LETTERS = 500
REFERENCE_LETTERS = 200
"""So much is kept of what a provider says; nobody may fill our tables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """A delivery that is being sent, and how often it was: `tries` counts this one."""

    delivery_id: DeliveryId
    tries: int
    repeats: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds at one provider. `receipt_within` is null where no receipts come."""

    promises_once: bool
    backoff: Backoff
    quiet: QuietHours | None = None
    receipt_within: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryStep:
    """One step of a delivery, as it is stored. `bad_address`: nothing more may be sent there through this channel."""

    delivery_id: DeliveryId
    event: DeliveryEvent
    due_at: datetime | None = None
    code: str = ""
    detail: str = ""
    reference: str = ""
    provider_at_fault: bool = False
    bad_address: bool = False


def step_after(result: SendResult, sending: Sending, terms: Terms, now: datetime) -> DeliveryStep:
    """Return the step that a result asks for."""
    match result.outcome:
        case Outcome.ACCEPTED:
            due = None if terms.receipt_within is None else now + terms.receipt_within
            return _step(result, sending, DeliveryEvent.HAND_OVER, due)
        case Outcome.REFUSED:
            return _step(result, sending, DeliveryEvent.FAIL, None, bad_address=result.code in ADDRESS_IS_BAD)
        case Outcome.RETRY if sending.tries < terms.backoff.most_tries:
            return _step(result, sending, DeliveryEvent.RETRY, _later(sending, terms, now))
        case Outcome.RETRY:
            return _step(result, sending, DeliveryEvent.FAIL, None)
        case Outcome.LOST:
            return _after_loss(result, sending, terms, now)


def step_after_crash(sending: Sending, terms: Terms, now: datetime) -> DeliveryStep:
    """Return the step for a delivery whose sender died between sending and recording."""
    return _after_loss(SendResult(outcome=Outcome.LOST, code=ResultCode.NO_REPLY), sending, terms, now)


def _after_loss(result: SendResult, sending: Sending, terms: Terms, now: datetime) -> DeliveryStep:
    if terms.promises_once:
        again = sending.tries < terms.backoff.most_tries
    else:
        again = sending.repeats < MOST_UNPROMISED_REPEATS
    if again:
        return _step(result, sending, DeliveryEvent.REPEAT, _later(sending, terms, now))
    return _step(result, sending, DeliveryEvent.GIVE_UP, None)


def _later(sending: Sending, terms: Terms, now: datetime) -> datetime:
    return retry_at(now, sending.delivery_id, sending.tries, terms.backoff, terms.quiet)


def _step(
    result: SendResult, sending: Sending, event: DeliveryEvent, due_at: datetime | None, *, bad_address: bool = False
) -> DeliveryStep:
    return DeliveryStep(
        delivery_id=sending.delivery_id,
        event=event,
        due_at=due_at,
        code=kept_text(result.code, CODE_LETTERS),
        detail=kept_text(result.detail, DETAIL_LETTERS),
        reference=kept_text(result.reference, REFERENCE_LETTERS),
        provider_at_fault=result.provider_at_fault,
        bad_address=bad_address,
    )


def kept_text(text: str, letters: int) -> str:
    """Return as much of what a provider said as is kept of it; PostgreSQL keeps no null character."""
    return text.replace("\0", "")[:letters]
