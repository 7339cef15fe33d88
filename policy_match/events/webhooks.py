"""A webhook: where another system is told of events, what can happen to it, how long its secrets are good.

Guarantees that there are no other steps: the rows that the database checks each step against are made from
`TRANSITIONS` (`sql_rules`). When one is taken is left to `services.webhooks` and `services.send_webhooks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from policy_match.events.types import What
from policy_match.identity.sealing import SealedSecret

WebhookId = NewType("WebhookId", int)

OLD_SECRET_LASTS = timedelta(hours=24)
"""So long after a rotation the secret before it signs as well."""

MOST_WEBHOOKS = 50
"""So many may be there that are not removed: each is asked for by one sender, one after the other."""


class WebhookStatus(StrEnum):
    """Where a webhook stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class WebhookStep(StrEnum):
    """What can happen to a webhook."""

    DELIVER = "deliver"
    """The receiver took an event."""
    FAIL = "fail"
    """It did not; the event is tried again."""
    GIVE_UP = "give_up"
    """It did not, and a person must look: the webhook is paused."""
    PASS = "pass"
    """Events that it does not want count as sent."""
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    SUBSCRIBE = "subscribe"
    """It wants other kinds of events from here on."""
    REWIND = "rewind"
    """Everything after a given event is sent again."""
    ROTATE = "rotate"
    """It has a new secret."""
    ASK = "ask"
    """Somebody wants a test message to be sent."""
    PING = "ping"
    """The test message was sent, and this is how it ended."""


TRIES = frozenset({WebhookStep.DELIVER, WebhookStep.FAIL, WebhookStep.GIVE_UP, WebhookStep.PING})
"""The steps that are a request to the receiver."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookTransition:
    """One possible step."""

    before: WebhookStatus
    event: WebhookStep
    after: WebhookStatus


def _steps(before: str, events: str, after: str) -> tuple[WebhookTransition, ...]:
    return tuple(
        WebhookTransition(before=WebhookStatus(status), event=WebhookStep(event), after=WebhookStatus(after))
        for event in events.split()
        for status in before.split()
    )


TRANSITIONS: Sequence[WebhookTransition] = (
    *_steps("active", "deliver fail pass subscribe rewind rotate ask ping", "active"),
    # What was on its way when somebody paused it still ends.
    *_steps("paused", "deliver fail subscribe rewind rotate ask ping", "paused"),
    *_steps("active paused", "give_up", "paused"),
    *_steps("active", "pause", "paused"),
    *_steps("paused", "resume", "active"),
    *_steps("active paused", "remove", "removed"),
)
"""All steps of a webhook."""

AFTER: Mapping[tuple[WebhookStatus, WebhookStep], WebhookStatus] = {
    (step.before, step.event): step.after for step in TRANSITIONS
}
assert len(AFTER) == len(TRANSITIONS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A webhook as it stands. `kinds` of `None` is everything.

    `sent_to` is the number of the last event that it has or need not have, `failures` how often the next one was tried
    in vain, `ping` the step that asked for a test message not sent yet. `code` is how the last try ended, empty before.
    """

    webhook_id: WebhookId
    url: str
    status: WebhookStatus
    seq: int
    kinds: frozenset[What] | None
    sent_to: int
    failures: int
    due_at: datetime | None
    ping: int | None
    since: datetime
    at: datetime
    by: str
    code: str = ""
    tried_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptSecret:
    """A secret of a webhook at rest. `number` counts them."""

    webhook_id: WebhookId
    number: int
    sealed: SealedSecret
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NewStep:
    """One step that shall be taken, with what its kind needs; see `webhook_event` in the schema."""

    event: WebhookStep
    at: datetime
    by: str
    reason: str = ""
    number: int | None = None
    status: int | None = None
    milliseconds: int | None = None
    code: str = ""
    kinds: frozenset[What] | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookLogRow:
    """One step that was taken. `event_id` is that of the event that was sent, empty where none was."""

    seq: int
    event: WebhookStep
    before: WebhookStatus
    after: WebhookStatus
    number: int | None
    event_id: str
    status: int | None
    milliseconds: int | None
    code: str
    due_at: datetime | None
    at: datetime
    by: str
    reason: str
    kinds: frozenset[What] | None = field(default=None)


def secret_owner(webhook_id: WebhookId, number: int) -> str:
    """Return the owner to whom a secret is sealed: it opens for this webhook alone."""
    return f"webhook:{webhook_id}:{number}"


def signing_secrets(kept: Sequence[KeptSecret], now: datetime) -> Sequence[KeptSecret]:
    """Return the secrets that sign now, the newest first; `kept` are all, the newest first.

    The one before the newest signs while receivers may not have the newest yet.
    """
    newest, *older = kept
    if older and now < newest.at + OLD_SECRET_LASTS:
        return [newest, older[0]]
    return [newest]
