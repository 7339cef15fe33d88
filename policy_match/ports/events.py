"""Events that other systems are told of, and the webhooks that tell them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from policy_match.events.address import WebhookAddress
from policy_match.events.cloud_event import EventRow
from policy_match.events.delivery import PostResult
from policy_match.events.types import What
from policy_match.events.webhooks import KeptSecret, NewStep, Webhook, WebhookId, WebhookLogRow


class EventStore(Protocol):
    """The events in their order."""

    def publish(self, most: int) -> int:
        """Give numbers to what changed, at most so many, and return how many; one process at a time."""

    def latest(self) -> int:
        """Return the number of the newest event, 0 when there is none."""

    def after(self, number: int, up_to: int, kinds: Collection[What] | None, most: int) -> Sequence[EventRow]:
        """Return a page of events of some kinds, or all, between two numbers, the first excluded, in order."""


class WebhookStore(Protocol):
    """Webhooks, their secrets, and everything that happened to them."""

    def lock_making(self) -> None:
        """Wait for the right to make a webhook until the transaction ends, so that they can be counted."""

    def add(self, url: str, kinds: Collection[What] | None, begins_after: int, at: datetime, by: str) -> WebhookId:
        """Keep a new webhook, which is active."""

    def add_secret(self, secret: KeptSecret, by: str) -> None:
        """Keep a secret; its number is one more than the last."""

    def secrets(self, webhook_id: WebhookId, most: int) -> Sequence[KeptSecret]:
        """Return the secrets of a webhook, the newest first."""

    def find(self, webhook_id: WebhookId) -> Webhook | None:
        """Return a webhook as it stands."""

    def hold(self, webhook_id: WebhookId) -> Webhook | None:
        """Let nobody else move a webhook until the transaction ends; return how it stands."""

    def listed(self, after: WebhookId | None, most: int) -> Sequence[Webhook]:
        """Return a page of webhooks by number, removed ones too."""

    def count(self) -> int:
        """Return how many there are that are not removed."""

    def step(self, webhook: Webhook, step: NewStep) -> None:
        """Take a step with a webhook that is held. Raises a `StorageError` when it is not possible."""

    def due(self, now: datetime, latest: int, most: int) -> Sequence[WebhookId]:
        """Return webhooks that may have something to send, who waited longest first."""

    def hold_sending(self, webhook_id: WebhookId) -> bool:
        """Take the right to send until the transaction ends; return whether nobody else has it."""

    def log(self, webhook_id: WebhookId, before: int | None, most: int) -> Sequence[WebhookLogRow]:
        """Return a page of what happened to a webhook, the latest first."""

    def asked_at(self, webhook_id: WebhookId, seq: int) -> datetime:
        """Return when a step was taken."""


class WebhookWay(Protocol):
    """An open way to one receiver."""

    def post(self, headers: Mapping[str, str], body: bytes) -> PostResult:
        """Send one message; whatever happens is a result."""


class WebhookCourier(Protocol):
    """Sends messages to webhooks."""

    def open(self, address: WebhookAddress) -> AbstractContextManager[WebhookWay]:
        """Give a way to a receiver; it connects with the first message."""
