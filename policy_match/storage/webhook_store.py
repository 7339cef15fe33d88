"""Webhooks, their sealed secrets, and everything that happened to them.

Guarantees, with the schema, that steps of one webhook come one after the other, and that one process at a time sends
to it. Which step follows from how a try ended is `events.delivery`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from policy_match.events.types import What
from policy_match.events.webhooks import (
    AFTER,
    KeptSecret,
    NewStep,
    Webhook,
    WebhookId,
    WebhookLogRow,
    WebhookStatus,
    WebhookStep,
)
from policy_match.identity.sealing import SealedSecret
from policy_match.storage.session import Row, Session, taken

MAKING_LOCK = 0x706D_776D
SENDING_LOCK = 0x706D_7773
ALL = 2**31 - 1
"""More than any webhook has steps."""


class WebhookStore:
    """The webhooks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock_making(self) -> None:
        """Wait for the right to make a webhook until the transaction ends, so that they can be counted."""
        self._session.run("lock_webhook_making", purpose=MAKING_LOCK)

    def add(self, url: str, kinds: Collection[What] | None, begins_after: int, at: datetime, by: str) -> WebhookId:
        """Keep a new webhook, which is active."""
        row = self._session.one("add_webhook", url=url, kinds=_listed(kinds), begins_after=begins_after, at=at, by=by)
        assert row is not None
        return WebhookId(row["webhook_id"])

    def add_secret(self, secret: KeptSecret, by: str) -> None:
        """Keep a secret; its number is one more than the last."""
        self._session.run(
            "add_webhook_secret",
            webhook_id=secret.webhook_id,
            number=secret.number,
            sealed=secret.sealed.sealed,
            key_id=secret.sealed.key_id,
            at=secret.at,
            by=by,
        )

    def secrets(self, webhook_id: WebhookId, most: int) -> Sequence[KeptSecret]:
        """Return the secrets of a webhook, the newest first."""
        return [
            KeptSecret(
                webhook_id=WebhookId(row["webhook_id"]),
                number=row["number"],
                sealed=SealedSecret(key_id=row["key_id"], sealed=bytes(row["sealed"])),
                at=row["at"],
            )
            for row in self._session.all("secrets_of_webhook", webhook_id=webhook_id, most=most)
        ]

    def find(self, webhook_id: WebhookId) -> Webhook | None:
        """Return a webhook as it stands."""
        row = self._session.one("webhooks", after=0, only=webhook_id, most=1)
        return None if row is None else _webhook(row)

    def hold(self, webhook_id: WebhookId) -> Webhook | None:
        """Let nobody else move a webhook until the transaction ends; return how it stands."""
        # In a statement of its own: the next one must see the row as it was when it was locked.
        self._session.run("hold_webhook", webhook_id=webhook_id)
        return self.find(webhook_id)

    def listed(self, after: WebhookId | None, most: int) -> Sequence[Webhook]:
        """Return a page of webhooks by number, removed ones too."""
        return [_webhook(row) for row in self._session.all("webhooks", after=after or 0, only=None, most=most)]

    def count(self) -> int:
        """Return how many there are that are not removed."""
        return taken(self._session.one("count_webhooks"))

    def step(self, webhook: Webhook, step: NewStep) -> None:
        """Take a step with a webhook that is held. Raises a `StorageError` when it is not possible."""
        self._session.run(
            "add_webhook_step",
            webhook_id=webhook.webhook_id,
            seq=webhook.seq + 1,
            event=step.event,
            before=webhook.status,
            after=AFTER[webhook.status, step.event],
            number=step.number,
            status=step.status,
            milliseconds=step.milliseconds,
            code=step.code,
            kinds=_listed(step.kinds),
            due_at=step.due_at,
            at=step.at,
            by=step.by,
            reason=step.reason,
        )

    def due(self, now: datetime, latest: int, most: int) -> Sequence[WebhookId]:
        """Return webhooks that may have something to send, who waited longest first."""
        rows = self._session.all("due_webhooks", up_to=now, latest=latest, most=most)
        return [WebhookId(row["webhook_id"]) for row in rows]

    def hold_sending(self, webhook_id: WebhookId) -> bool:
        """Take the right to send until the transaction ends; return whether nobody else has it."""
        row = self._session.one("hold_webhook_sending", purpose=SENDING_LOCK, webhook_id=webhook_id)
        assert row is not None
        return bool(row["held"])

    def log(self, webhook_id: WebhookId, before: int | None, most: int) -> Sequence[WebhookLogRow]:
        """Return a page of what happened to a webhook, the latest first."""
        rows = self._session.all("webhook_log", webhook_id=webhook_id, before=before or ALL, most=most)
        return [
            WebhookLogRow(
                seq=row["seq"],
                event=WebhookStep(row["event"]),
                before=WebhookStatus(row["before"]),
                after=WebhookStatus(row["after"]),
                number=row["number"],
                event_id="" if row["event_id"] is None else str(row["event_id"]),
                status=row["status"],
                milliseconds=row["milliseconds"],
                code=row["code"],
                due_at=row["due_at"],
                at=row["at"],
                by=row["by"],
                reason=row["reason"],
                kinds=_kinds(row["kinds"]),
            )
            for row in rows
        ]

    def asked_at(self, webhook_id: WebhookId, seq: int) -> datetime:
        """Return when a step was taken."""
        row = self._session.one("webhook_step_at", webhook_id=webhook_id, seq=seq)
        assert row is not None
        at: datetime = row["at"]
        return at


def _listed(kinds: Collection[What] | None) -> list[What] | None:
    return None if kinds is None else sorted(kinds)


def _kinds(found: Sequence[str] | None) -> frozenset[What] | None:
    return None if found is None else frozenset(map(What, found))


def _webhook(row: Row) -> Webhook:
    return Webhook(
        webhook_id=WebhookId(row["webhook_id"]),
        url=row["url"],
        status=WebhookStatus(row["status"]),
        seq=row["seq"],
        kinds=_kinds(row["kinds"]),
        sent_to=row["sent_to"],
        failures=row["failures"],
        due_at=row["due_at"],
        ping=row["ping"],
        since=row["since"],
        at=row["at"],
        by=row["by"],
        code=row["code"],
        tried_at=row["tried_at"],
    )
