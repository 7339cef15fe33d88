"""Webhooks as an administrator keeps them: made, changed, paused, tried, rewound, removed; and what happened to them.

Guarantees that a secret is told once, when it is made, and kept sealed; that nothing that was written is taken back;
and that every change names who made it. Sending is `services.send_webhooks`.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.errors import InputError
from policy_match.events.address import AllowedPlaces, read_address
from policy_match.events.cloud_event import CloudEvent, cloud_event
from policy_match.events.signature import SECRET_BYTES, secret_text
from policy_match.events.types import WHAT_OF, EventType, What
from policy_match.events.webhooks import (
    AFTER,
    MOST_WEBHOOKS,
    OLD_SECRET_LASTS,
    KeptSecret,
    NewStep,
    Webhook,
    WebhookId,
    WebhookLogRow,
    WebhookStep,
    secret_owner,
)
from policy_match.identity.sealing import SecretSealer
from policy_match.ports import Clock, Database, UnitOfWork


class NoSuchWebhook(InputError):
    """There is no webhook of that number."""

    code = "webhooks.unknown"
    http_status = 404
    english = "there is no webhook {webhook}; list them"
    chinese = "没有编号为 {webhook} 的 Webhook；请查看列表"


class WebhookNotSo(InputError):
    """The webhook stands where this cannot happen."""

    code = "webhooks.status"
    http_status = 409
    english = "webhook {webhook} is {status}; it cannot {step} now"
    chinese = "Webhook {webhook} 当前状态为 {status}，不能执行 {step}"


class TooManyWebhooks(InputError):
    """There are as many as there may be."""

    code = "webhooks.too-many"
    http_status = 409
    english = "there are {most} webhooks, which is the most; remove one first"
    chinese = "已有 {most} 个 Webhook，达到上限；请先移除一个"


class NotSentYet(InputError):
    """A webhook can be sent back, not ahead: what lies between would be lost."""

    code = "webhooks.ahead"
    english = "event {after} has not been sent yet, the last one was {sent_to}; name an earlier one"
    chinese = "事件 {after} 尚未发送，最后发送的是 {sent_to}；请指定更早的事件"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldSecret:
    """A secret as it is told, once. The one before it, if there was one, signs as well until `old_until`."""

    webhook: Webhook
    secret: str = field(repr=False)
    old_until: datetime | None = None


def list_events(
    database: Database, source: str, *, after: int, types: Collection[EventType] | None, most: int
) -> Sequence[CloudEvent]:
    """Return a page of events after one of a number, in order; of some types or all."""
    with database.unit_of_work() as work:
        rows = work.events.after(after, work.events.latest(), _whats(types), most)
    return [cloud_event(row, source) for row in rows]


def create_webhook(
    database: Database,
    clock: Clock,
    sealer: SecretSealer,
    allowed: AllowedPlaces,
    *,
    url: str,
    types: Collection[EventType] | None,
    after: int | None,
    by: str,
) -> ToldSecret:
    """Make a webhook for events after one of a number, without it for those from now on.

    Raises `AddressUnfit`, `HostNotAllowed`, `TooManyWebhooks`, `NotSentYet`.
    """
    read_address(url, allowed)
    now = clock.now()
    with database.unit_of_work() as work:
        work.webhooks.lock_making()
        if work.webhooks.count() >= MOST_WEBHOOKS:
            raise TooManyWebhooks(most=MOST_WEBHOOKS)
        latest = work.events.latest()
        if after is not None and after > latest:
            raise NotSentYet(after=after, sent_to=latest)
        webhook_id = work.webhooks.add(url, _whats(types), latest if after is None else after, now, by)
        secret = _new_secret(work, sealer, webhook_id, 1, now, by)
        made = work.webhooks.find(webhook_id)
        work.commit()
    assert made is not None
    return ToldSecret(webhook=made, secret=secret)


def list_webhooks(database: Database, *, after: int, most: int) -> Sequence[Webhook]:
    """Return a page of webhooks by number, removed ones too."""
    with database.unit_of_work() as work:
        return work.webhooks.listed(WebhookId(after), most)


def show_webhook(database: Database, webhook_id: int) -> Webhook:
    """Return how a webhook stands. Raises `NoSuchWebhook`."""
    with database.unit_of_work() as work:
        return _found(work.webhooks.find(WebhookId(webhook_id)), webhook_id)


def webhook_log(database: Database, webhook_id: int, *, before: int | None, most: int) -> Sequence[WebhookLogRow]:
    """Return a page of tries and changes, the latest first. Raises `NoSuchWebhook`."""
    with database.unit_of_work() as work:
        _found(work.webhooks.find(WebhookId(webhook_id)), webhook_id)
        return work.webhooks.log(WebhookId(webhook_id), before, most)


def subscribe_webhook(
    database: Database, clock: Clock, webhook_id: int, *, types: Collection[EventType] | None, by: str
) -> Webhook:
    """Let a webhook have other types from the next event on; `None` is all. Raises as `pause_webhook`."""
    step = NewStep(event=WebhookStep.SUBSCRIBE, at=clock.now(), by=by, kinds=_whats(types))
    return _take(database, webhook_id, step)


def pause_webhook(database: Database, clock: Clock, webhook_id: int, *, by: str, reason: str) -> Webhook:
    """Send nothing until it is resumed; nothing is lost. Raises `NoSuchWebhook`, `WebhookNotSo`."""
    return _take(database, webhook_id, NewStep(event=WebhookStep.PAUSE, at=clock.now(), by=by, reason=reason))


def resume_webhook(database: Database, clock: Clock, webhook_id: int, *, by: str, reason: str) -> Webhook:
    """Send again, at once, from the first event that was not taken. Raises as `pause_webhook`."""
    return _take(database, webhook_id, NewStep(event=WebhookStep.RESUME, at=clock.now(), by=by, reason=reason))


def remove_webhook(database: Database, clock: Clock, webhook_id: int, *, by: str) -> Webhook:
    """Send nothing any more, for good; its log stays. Raises as `pause_webhook`."""
    return _take(database, webhook_id, NewStep(event=WebhookStep.REMOVE, at=clock.now(), by=by))


def ping_webhook(database: Database, clock: Clock, webhook_id: int, *, by: str) -> Webhook:
    """Ask for a test message, which is sent with the next round, also while paused. Raises as `pause_webhook`."""
    return _take(database, webhook_id, NewStep(event=WebhookStep.ASK, at=clock.now(), by=by))


def rewind_webhook(database: Database, clock: Clock, webhook_id: int, *, after: int, by: str) -> Webhook:
    """Send everything after an event again, with the same ids. Raises also `NotSentYet`."""
    with database.unit_of_work() as work:
        held = _found(work.webhooks.hold(WebhookId(webhook_id)), webhook_id)
        if after > held.sent_to:
            raise NotSentYet(after=after, sent_to=held.sent_to)
        taken = _step(work, held, NewStep(event=WebhookStep.REWIND, at=clock.now(), by=by, number=after))
        work.commit()
    return taken


def rotate_secret(database: Database, clock: Clock, sealer: SecretSealer, webhook_id: int, *, by: str) -> ToldSecret:
    """Give a webhook a new secret; the one before signs as well for `OLD_SECRET_LASTS`, none before that any more.

    Raises as `pause_webhook`.
    """
    now = clock.now()
    with database.unit_of_work() as work:
        held = _found(work.webhooks.hold(WebhookId(webhook_id)), webhook_id)
        taken = _step(work, held, NewStep(event=WebhookStep.ROTATE, at=now, by=by))
        newest, *_ = work.webhooks.secrets(held.webhook_id, 1)
        secret = _new_secret(work, sealer, held.webhook_id, newest.number + 1, now, by)
        work.commit()
    return ToldSecret(webhook=taken, secret=secret, old_until=now + OLD_SECRET_LASTS)


def _take(database: Database, webhook_id: int, step: NewStep) -> Webhook:
    with database.unit_of_work() as work:
        held = _found(work.webhooks.hold(WebhookId(webhook_id)), webhook_id)
        taken = _step(work, held, step)
        work.commit()
    return taken


def _step(work: UnitOfWork, held: Webhook, step: NewStep) -> Webhook:
    """Take a step with a webhook that is held, and return how it stands then."""
    if (held.status, step.event) not in AFTER:
        raise WebhookNotSo(webhook=held.webhook_id, status=held.status.value, step=step.event.value)
    work.webhooks.step(held, step)
    return _found(work.webhooks.find(held.webhook_id), held.webhook_id)


def _found(webhook: Webhook | None, webhook_id: int) -> Webhook:
    if webhook is None:
        raise NoSuchWebhook(webhook=webhook_id)
    return webhook


def _whats(types: Collection[EventType] | None) -> frozenset[What] | None:
    return None if types is None else frozenset(WHAT_OF[each] for each in types)


def _new_secret(
    work: UnitOfWork, sealer: SecretSealer, webhook_id: WebhookId, number: int, at: datetime, by: str
) -> str:
    content = secrets.token_bytes(SECRET_BYTES)
    sealed = sealer.seal_secret(content, secret_owner(webhook_id, number))
    work.webhooks.add_secret(KeptSecret(webhook_id=webhook_id, number=number, sealed=sealed, at=at), by)
    return secret_text(content)
