"""What follows from how one try ended: delivered, tried again later, or paused for a person.

Guarantees that every event is tried a stated number of times, at stated distances, and that nothing is given up
silently: what is given up pauses the webhook, and its next try is the same event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy_match.events.webhooks import WebhookStep

BACKOFF: Sequence[timedelta] = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each try the next one waits: the schedule that Standard Webhooks 1.0.0 recommends, three days in all,
with half a minute first, as a round of sending comes once a minute."""

MOST_TRIES = len(BACKOFF) + 1


class PostCode(StrEnum):
    """How a try ended. Nothing that the receiver says but its status is kept."""

    TAKEN = "taken"
    """A status from 200 to 299."""
    REFUSED = "refused"
    """Any other status."""
    REDIRECTED = "redirected"
    """A status from 300 to 399; we follow none."""
    GONE = "gone"
    """Status 410: the receiver wants nothing more."""
    NO_ANSWER = "no_answer"
    """The connection ended, or the time was over, before there was an answer."""
    NO_CONNECTION = "no_connection"
    UNTRUSTED = "untrusted"
    """The certificate is not one that we trust."""
    NAME_UNKNOWN = "name_unknown"
    """The host has no address."""
    ADDRESS_REFUSED = "address_refused"
    """The host has an address of a network that is not allowed."""
    HOST_REFUSED = "host_refused"
    """The settings allow the host no more."""
    SECRET_UNREADABLE = "secret_unreadable"
    """The seal of the secret is broken; rotate it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostResult:
    """How one request ended; `status` is `None` when there was no answer."""

    code: PostCode
    status: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The step that follows, and when the next try is due."""

    event: WebhookStep
    due_at: datetime | None = None


def code_of(status: int) -> PostCode:
    """Return what a status says (RFC 9110, 15)."""
    if 200 <= status < 300:
        return PostCode.TAKEN
    if 300 <= status < 400:
        return PostCode.REDIRECTED
    return PostCode.GONE if status == 410 else PostCode.REFUSED


def verdict(code: PostCode, failures: int, now: datetime) -> Verdict:
    """Return what follows for an event that had been tried in vain `failures` times before.

    A receiver that says 410 is not asked again until a person resumes its webhook; it is not removed, since a wrong
    deployment says 410 too, and what was removed would lose its place.
    """
    if code is PostCode.TAKEN:
        return Verdict(event=WebhookStep.DELIVER)
    if code is PostCode.GONE or failures + 1 >= MOST_TRIES:
        return Verdict(event=WebhookStep.GIVE_UP)
    return Verdict(event=WebhookStep.FAIL, due_at=now + BACKOFF[failures])
