"""Webhooks: made and kept by the administrator, with a log of every try."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.events.address import LONGEST_URL, AddressUnfit, HostNotAllowed
from policy_match.events.types import KIND_OF, EventType, What
from policy_match.events.webhooks import Webhook, WebhookLogRow, WebhookStatus, WebhookStep
from policy_match.services import webhooks
from policy_match.services.webhooks import NoSuchWebhook, NotSentYet, ToldSecret, TooManyWebhooks, WebhookNotSo
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.WEBHOOKS)
OPERATIONS = CHAPTER.operations

Url = Annotated[str, StringConstraints(max_length=LONGEST_URL, pattern=r"^https?://[!-~]+$")]
EventNumber = Annotated[
    int, Field(ge=0, le=2**53 - 1, description="the `sequence` of an event, 0 for before the first")
]
Reason = Annotated[Text, StringConstraints(min_length=1)]
Types = Annotated[
    list[EventType] | None,
    Field(
        min_length=1, max_length=len(EventType), description="the types that it is told of; null is all, new ones too"
    ),
]


class WebhookPath(Query):
    """Which webhook."""

    webhook_id: Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewWebhook(Input):
    """A webhook to be made."""

    url: Url
    types: Types = None
    after: Annotated[EventNumber | None, Field(description="begin after this event; null is from now on")] = None


class NewTypes(Input):
    """Other types of events."""

    types: Types


class Why(Input):
    """Why something is done."""

    reason: Reason


class RewindInput(Input):
    """After which event to begin again."""

    after: EventNumber


class WebhookItem(Output):
    """How a webhook stands."""

    webhook_id: int
    url: str
    types: list[EventType] | None
    status: WebhookStatus
    since: Moment
    sent_to: Annotated[int, Field(description="the number of the last event that it has, or need not have")]
    failures: Annotated[int, Field(description="how often the next event was tried in vain")]
    due_at: Annotated[Moment | None, Field(description="when the next try is due, if it waits for one")]
    pinging: Annotated[bool, Field(description="a test message was asked for and not sent yet")]
    code: Annotated[str, Field(description="how the last try ended, empty before the first")]
    tried_at: Moment | None
    at: Moment
    by: str


class WebhookSecret(Output):
    """A webhook and its new secret, which is told this once."""

    webhook: WebhookItem
    secret: Annotated[str, Field(description="`whsec_` and Base64, as Standard Webhooks writes it")]
    old_until: Annotated[datetime | None, Field(description="until when the secret before this one signs too")]


class LogItem(Output):
    """One try, or something that was done to the webhook."""

    seq: int
    event: WebhookStep
    before: WebhookStatus
    after: WebhookStatus
    number: int | None
    event_id: str
    status: Annotated[int | None, Field(description="the status of the answer, none when there was no answer")]
    milliseconds: int | None
    code: str
    types: list[EventType] | None
    due_at: Moment | None
    at: Moment
    by: str
    reason: str


@CHAPTER.operation(Method.GET, "/webhooks")
def list_webhooks(call: Call, query: PageQuery) -> Page[WebhookItem]:
    """List webhooks by number, removed ones too."""
    found = webhooks.list_webhooks(call.database, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[WebhookItem], list(map(_item, found)), query.limit, "webhook_id")


@CHAPTER.operation(
    Method.POST, "/webhooks", raises=(AddressUnfit, HostNotAllowed, TooManyWebhooks, NotSentYet), secret=True
)
def create_webhook(call: Call, body: NewWebhook) -> Made[WebhookSecret]:
    """Make a webhook and tell its secret, this once.

    Its host must be named in `[webhooks]` of the web settings; docs/webhooks.md says how a receiver verifies messages.
    """
    office = call.desk.webhook_office
    told = webhooks.create_webhook(
        call.database,
        call.clock,
        office.sealer,
        office.allowed,
        url=body.url,
        types=body.types,
        after=body.after,
        by=call.by,
    )
    return Made(_secret(told), f"/webhooks/{told.webhook.webhook_id}")


@CHAPTER.operation(Method.GET, "/webhooks/{webhook_id}", raises=(NoSuchWebhook,))
def show_webhook(call: Call, path: WebhookPath) -> WebhookItem:
    """Show how a webhook stands."""
    return _item(webhooks.show_webhook(call.database, path.webhook_id))


@CHAPTER.operation(
    Method.PUT, "/webhooks/{webhook_id}/types", raises=(NoSuchWebhook, WebhookNotSo), guarded_by="show_webhook"
)
def subscribe_webhook(call: Call, path: WebhookPath, body: NewTypes) -> WebhookItem:
    """Let a webhook have other types of events, from the next one on."""
    return _item(webhooks.subscribe_webhook(call.database, call.clock, path.webhook_id, types=body.types, by=call.by))


@CHAPTER.operation(Method.POST, "/webhooks/{webhook_id}/pause", raises=(NoSuchWebhook, WebhookNotSo))
def pause_webhook(call: Call, path: WebhookPath, body: Why) -> WebhookItem:
    """Send nothing until it is resumed; nothing is lost."""
    return _item(webhooks.pause_webhook(call.database, call.clock, path.webhook_id, by=call.by, reason=body.reason))


@CHAPTER.operation(Method.POST, "/webhooks/{webhook_id}/resume", raises=(NoSuchWebhook, WebhookNotSo))
def resume_webhook(call: Call, path: WebhookPath, body: Why) -> WebhookItem:
    """Send again, from the first event that was not taken."""
    return _item(webhooks.resume_webhook(call.database, call.clock, path.webhook_id, by=call.by, reason=body.reason))


@CHAPTER.operation(Method.DELETE, "/webhooks/{webhook_id}", raises=(NoSuchWebhook, WebhookNotSo))
def remove_webhook(call: Call, path: WebhookPath) -> None:
    """Send nothing to it any more, for good; its log stays."""
    webhooks.remove_webhook(call.database, call.clock, path.webhook_id, by=call.by)


@CHAPTER.operation(Method.POST, "/webhooks/{webhook_id}/secret", raises=(NoSuchWebhook, WebhookNotSo), secret=True)
def rotate_webhook_secret(call: Call, path: WebhookPath) -> WebhookSecret:
    """Give it a new secret and tell it, this once; the one before signs too for a day."""
    sealer = call.desk.webhook_office.sealer
    return _secret(webhooks.rotate_secret(call.database, call.clock, sealer, path.webhook_id, by=call.by))


@CHAPTER.operation(Method.POST, "/webhooks/{webhook_id}/ping", raises=(NoSuchWebhook, WebhookNotSo))
def ping_webhook(call: Call, path: WebhookPath) -> WebhookItem:
    """Ask for a test message; the next round sends it, also to a paused webhook, and the log shows how it ended."""
    return _item(webhooks.ping_webhook(call.database, call.clock, path.webhook_id, by=call.by))


@CHAPTER.operation(Method.POST, "/webhooks/{webhook_id}/rewind", raises=(NoSuchWebhook, WebhookNotSo, NotSentYet))
def rewind_webhook(call: Call, path: WebhookPath, body: RewindInput) -> WebhookItem:
    """Send everything after an event again, with the same ids."""
    return _item(webhooks.rewind_webhook(call.database, call.clock, path.webhook_id, after=body.after, by=call.by))


@CHAPTER.operation(Method.GET, "/webhooks/{webhook_id}/log", raises=(NoSuchWebhook,))
def list_webhook_log(call: Call, path: WebhookPath, query: PageQuery) -> Page[LogItem]:
    """List every try, and what was done to the webhook, the latest first."""
    found = webhooks.webhook_log(
        call.database, path.webhook_id, before=call.cursors.number() or None, most=query.limit + 1
    )
    return call.page(Page[LogItem], list(map(_log_item, found)), query.limit, "seq")


def _types(kinds: frozenset[What] | None) -> list[EventType] | None:
    return None if kinds is None else sorted(KIND_OF[each].type for each in kinds)


def _item(webhook: Webhook) -> WebhookItem:
    return WebhookItem(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        types=_types(webhook.kinds),
        status=webhook.status,
        since=webhook.since,
        sent_to=webhook.sent_to,
        failures=webhook.failures,
        due_at=webhook.due_at,
        pinging=webhook.ping is not None,
        code=webhook.code,
        tried_at=webhook.tried_at,
        at=webhook.at,
        by=webhook.by,
    )


def _secret(told: ToldSecret) -> WebhookSecret:
    return WebhookSecret(webhook=_item(told.webhook), secret=told.secret, old_until=told.old_until)


def _log_item(row: WebhookLogRow) -> LogItem:
    return LogItem(
        seq=row.seq,
        event=row.event,
        before=row.before,
        after=row.after,
        number=row.number,
        event_id=row.event_id,
        status=row.status,
        milliseconds=row.milliseconds,
        code=row.code,
        types=_types(row.kinds),
        due_at=row.due_at,
        at=row.at,
        by=row.by,
        reason=row.reason,
    )
