"""Gives numbers to what changed, and sends the events that webhooks wait for, each webhook's in order.

Guarantees that an event counts as sent only after the receiver took it and that was committed: whoever dies in between
sends it again, with the same id; that no event is sent before the one before it was taken; and that two processes
never send to one webhook at once. What follows from a try is `events.delivery`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy_match.cases.approval import SYSTEM
from policy_match.errors import InputError, StorageError
from policy_match.events.address import AllowedPlaces, WebhookAddress, read_address
from policy_match.events.cloud_event import CloudEvent, cloud_event, ping_event
from policy_match.events.delivery import PostCode, verdict
from policy_match.events.signature import signed_headers
from policy_match.events.webhooks import (
    MOST_WEBHOOKS,
    KeptSecret,
    NewStep,
    Webhook,
    WebhookId,
    WebhookStatus,
    WebhookStep,
    secret_owner,
    signing_secrets,
)
from policy_match.identity.sealing import SecretSealer
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.events import WebhookCourier, WebhookWay

PUBLISHED_AT_ONCE = 5_000
MOST_PUBLISHED_PAGES = 1_000
"""Five million events in one round; what is left gets its numbers in the next."""

PAGE = 50
"""So many events are read at once; the secrets and the kinds that count are read with them."""

WINDOW = 10_000
"""So many numbers are looked through at once for events that a webhook wants; what it wants none of is passed."""

MOST_PER_TURN = 500
TURN = timedelta(seconds=30)
"""Then the next webhook has its turn, so that a slow receiver keeps nobody waiting for long."""

MOST_ROUNDS = 200
SECRETS_IN_FORCE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What one run did: how many events got their number, and how many steps of each kind webhooks took."""

    published: int
    steps: Mapping[WebhookStep, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """With what is sent. `source` names this installation in every event."""

    courier: WebhookCourier
    sealer: SecretSealer
    allowed: AllowedPlaces
    source: str


def publish_events(database: Database) -> int:
    """Give numbers to everything that changed so far, and return to how many."""
    published = 0
    for _ in range(MOST_PUBLISHED_PAGES):
        with database.unit_of_work() as work:
            found = work.events.publish(PUBLISHED_AT_ONCE)
            work.commit()
        published += found
        if found < PUBLISHED_AT_ONCE:
            break
    return published


def send_webhooks(
    database: Database, office: Office, clock: Clock, *, stopping: Callable[[], bool] = lambda: False
) -> Sent:
    """Publish, and send until nothing is due, or the process shall end."""
    published = publish_events(database)
    steps = Counter[WebhookStep]()
    for _ in range(MOST_ROUNDS):
        with database.unit_of_work() as work:
            due = work.webhooks.due(clock.now(), work.events.latest(), MOST_WEBHOOKS)
        before = steps.total()
        for webhook_id in due:
            if not stopping():
                steps.update(_Turn(database, office, clock, stopping, webhook_id).go())
        if stopping() or steps.total() == before:
            break
        published += publish_events(database)
    return Sent(published=published, steps=dict(steps))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """What is to be sent now: events in order with their numbers, or one test message, whose number is `None`."""

    webhook: Webhook
    secrets: Sequence[KeptSecret]
    messages: Sequence[tuple[int | None, CloudEvent]]


class _Turn:
    """One webhook's turn."""

    def __init__(
        self, database: Database, office: Office, clock: Clock, stopping: Callable[[], bool], webhook_id: WebhookId
    ) -> None:
        self._database = database
        self._office = office
        self._clock = clock
        self._stopping = stopping
        self._webhook_id = webhook_id
        self._steps = Counter[WebhookStep]()
        self._until = clock.seconds() + TURN.total_seconds()

    def go(self) -> Mapping[WebhookStep, int]:
        """Send what is due; return what happened."""
        # The transaction stays open and does nothing: as long as it does, nobody else sends to this webhook.
        with self._database.unit_of_work() as guard:
            if guard.webhooks.hold_sending(self._webhook_id):
                self._send()
        return self._steps

    def _send(self) -> None:
        page = self._page()
        if page is None:
            return
        address = self._address(page.webhook)
        if address is None:
            self._record(page.webhook, page.messages[0][0], PostCode.HOST_REFUSED)
            return
        with self._office.courier.open(address) as way:
            while page is not None:  # ends: a turn has a number of messages and a time
                page = self._page() if self._hand_over(way, page) else None

    def _address(self, webhook: Webhook) -> WebhookAddress | None:
        try:
            return read_address(webhook.url, self._office.allowed)
        except InputError:
            return None

    def _page(self) -> _Page | None:
        """Return what is to be sent now; `None` when there is nothing, or the turn is over."""
        for _ in range(MOST_ROUNDS):
            if self._stopping() or self._steps.total() >= MOST_PER_TURN or self._clock.seconds() >= self._until:
                return None
            with self._database.unit_of_work() as work:
                page, passed = self._look(work)
                if not passed:
                    return page
                work.commit()
            self._steps[WebhookStep.PASS] += 1
        return None

    def _look(self, work: UnitOfWork) -> tuple[_Page | None, bool]:
        """Return the next page, or pass a window in which nothing is wanted; and whether one was passed."""
        now = self._clock.now()
        webhook = work.webhooks.hold(self._webhook_id)
        assert webhook is not None, "webhooks are never taken away"
        if webhook.status is not WebhookStatus.REMOVED and webhook.ping is not None:
            asked_at = work.webhooks.asked_at(self._webhook_id, webhook.ping)
            message = ping_event(self._webhook_id, webhook.ping, asked_at, self._office.source)
            return self._with_secrets(work, webhook, [(None, message)], now), False
        waits = webhook.due_at is not None and webhook.due_at > now
        if webhook.status is not WebhookStatus.ACTIVE or waits:
            return None, False
        latest = work.events.latest()
        up_to = min(latest, webhook.sent_to + WINDOW)
        rows = work.events.after(webhook.sent_to, up_to, webhook.kinds, PAGE)
        if rows:
            messages = [(row.number, cloud_event(row, self._office.source)) for row in rows]
            return self._with_secrets(work, webhook, messages, now), False
        if up_to < latest:
            work.webhooks.step(webhook, NewStep(event=WebhookStep.PASS, at=now, by=SYSTEM, number=up_to))
            return None, True
        return None, False

    def _with_secrets(
        self, work: UnitOfWork, webhook: Webhook, messages: Sequence[tuple[int | None, CloudEvent]], now: datetime
    ) -> _Page:
        kept = work.webhooks.secrets(self._webhook_id, SECRETS_IN_FORCE)
        return _Page(webhook=webhook, secrets=signing_secrets(kept, now), messages=messages)

    def _hand_over(self, way: WebhookWay, page: _Page) -> bool:
        """Send a page and record each try; return whether the turn may go on with what stands in the database."""
        secrets = self._opened(page.secrets)
        webhook: Webhook | None = page.webhook
        for number, message in page.messages:
            if webhook is None or self._stopping() or self._clock.seconds() >= self._until:
                return False
            if secrets is None:
                return self._record(webhook, number, PostCode.SECRET_UNREADABLE) is not None
            body = message.as_json()
            headers = signed_headers(secrets, message.id, self._clock.now(), body)
            began = self._clock.seconds()
            result = way.post(headers, body)
            took = max(int((self._clock.seconds() - began) * 1000), 0)
            webhook = self._record(webhook, number, result.code, result.status, took)
        return webhook is not None

    def _opened(self, kept: Sequence[KeptSecret]) -> Sequence[bytes] | None:
        """Return the secrets; `None` when a seal is broken. Raises a `StorageError` that a retry may help."""
        try:
            return [
                self._office.sealer.open_secret(each.sealed, secret_owner(each.webhook_id, each.number))
                for each in kept
            ]
        except StorageError as error:
            if error.retry_helps:
                raise
            return None

    def _record(
        self, webhook: Webhook, number: int | None, code: PostCode, status: int | None = None, took: int = 0
    ) -> Webhook | None:
        """Record how a try ended; return the webhook when it stands as this turn left it, and may get the next."""
        with self._database.unit_of_work() as work:
            now = self._clock.now()
            held = work.webhooks.hold(self._webhook_id)
            assert held is not None, "webhooks are never taken away"
            moved = (held.sent_to, held.ping) != (webhook.sent_to, webhook.ping)
            if held.status is WebhookStatus.REMOVED or moved:
                return None
            step = _step(held, number, code, now)
            work.webhooks.step(held, replace(step, status=status, milliseconds=took, code=code))
            after = work.webhooks.find(self._webhook_id)
            work.commit()
        self._steps[step.event] += 1
        if step.event not in (WebhookStep.DELIVER, WebhookStep.PING) or held.seq != webhook.seq:
            return None
        return after


def _step(held: Webhook, number: int | None, code: PostCode, now: datetime) -> NewStep:
    if number is None:
        return NewStep(event=WebhookStep.PING, at=now, by=SYSTEM)
    found = verdict(code, held.failures, now)
    return NewStep(event=found.event, at=now, by=SYSTEM, number=number, due_at=found.due_at)
