"""Deliveries on their way: taken, sent, and what follows for the notice, the address and the provider.

Guarantees that what one sender takes no other does, and that a step is left out where something else moved the
delivery first. Which step follows from what a channel says is `notices.outcomes`.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from policy_match.cases.model import NoticeKind
from policy_match.notices.deliveries import MessageToSend, ProviderCount
from policy_match.notices.health import Demotion, Outcomes
from policy_match.notices.model import DeliveryEvent, DeliveryId, DeliveryStatus, NoticeEvent, NoticeId
from policy_match.notices.outcomes import DeliveryStep
from policy_match.notices.sealing import SealedAddress
from policy_match.storage.session import Row, Session, taken

SENDER_LOCK = 0x706D_6E73


class SendingStore:
    """Handing messages over, and what became of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hold(self, provider: str) -> None:
        """Say, until the transaction ends, that somebody sends through a provider; many may."""
        self._session.run("hold_sender", purpose=SENDER_LOCK, provider=_lock_of(provider))

    def hold_alone(self, provider: str) -> bool:
        """Keep senders away until the transaction ends; return whether none is at work."""
        row = self._session.one("hold_provider", purpose=SENDER_LOCK, provider=_lock_of(provider))
        assert row is not None
        held: bool = row["held"]
        return held

    def count_due(self, provider: str, now: datetime) -> int:
        """Return how many deliveries are due."""
        row = self._session.one("count_due_deliveries", provider=provider, up_to=now)
        assert row is not None
        due: int = row["due"]
        return due

    def take(self, provider: str, now: datetime, most: int) -> tuple[Sequence[MessageToSend], int]:
        """Record that a page of due deliveries is being sent; return them, and how many were cancelled instead.

        Cancelled is what need not be said any more. Nobody else takes the same.
        """
        # In a statement of its own: what follows must see the rows as they were when they were locked.
        rows = self._session.all("take_due_deliveries", provider=provider, up_to=now, most=most)
        if not rows:
            return [], 0
        begun = self._session.all("begin_sending", delivery_ids=[row["delivery_id"] for row in rows], at=now)
        sent = [row["delivery_id"] for row in begun if row["event"] == DeliveryEvent.SEND]
        messages = [_message(row) for row in self._session.all("messages_to_send", delivery_ids=sent)]
        assert len(messages) == len(sent), "an open notice has its text, and a delivery its address"
        return messages, len(begun) - len(sent)

    def add_steps(self, steps: Sequence[DeliveryStep], at: datetime) -> frozenset[DeliveryId]:
        """Take a step with each delivery; return those that had not moved elsewhere meanwhile."""
        # In a statement of its own: the next one must see the rows as they were when they were locked.
        self._session.run("hold_named_deliveries", delivery_ids=[step.delivery_id for step in steps])
        rows = self._session.all(
            "add_delivery_steps",
            delivery_ids=[step.delivery_id for step in steps],
            events=[step.event.value for step in steps],
            due_ats=[step.due_at for step in steps],
            codes=[step.code for step in steps],
            details=[step.detail for step in steps],
            refs=[step.reference for step in steps],
            at_faults=[step.provider_at_fault for step in steps],
            at=at,
        )
        return frozenset(DeliveryId(row["delivery_id"]) for row in rows)

    def step_notices(
        self, deliveries: Collection[DeliveryId], event: NoticeEvent, at: datetime, by: str, reason: str
    ) -> int:
        """Take a step with the notices of deliveries where it is possible; return how many."""
        row = self._session.one(
            "step_notices_of_deliveries", delivery_ids=list(deliveries), event=event, at=at, by=by, reason=reason
        )
        return taken(row)

    def relapse(
        self,
        deliveries: Collection[DeliveryId],
        at: datetime,
        by: str,
        reason: str,
        kinds: Collection[NoticeKind] | None = None,
    ) -> int:
        """Say of reached notices, of some kinds or all, that what was handed over did not arrive; return how many.

        Those that something else reached stay reached.
        """
        row = self._session.one(
            "relapse_notices",
            delivery_ids=list(deliveries),
            kinds=None if kinds is None else sorted(kinds),
            at=at,
            by=by,
            reason=reason,
        )
        return taken(row)

    def suppress(self, codes: Mapping[DeliveryId, str], at: datetime) -> None:
        """Suppress the addresses of deliveries in their channels; `codes` say why."""
        self._session.run("suppress_addresses", delivery_ids=list(codes), codes=list(codes.values()), at=at)

    def demotions(self, now: datetime) -> Mapping[str, Demotion]:
        """Return the demotions that hold, by provider."""
        return {row["provider"]: Demotion(**row) for row in self._session.all("demotions_in_force", at=now)}

    def outcomes(self, provider: str, now: datetime, within: timedelta) -> Outcomes:
        """Return what became of a provider's messages lately, or since its last demotion ended."""
        row = self._session.one("outcomes_at_provider", provider=provider, at=now, since=now - within)
        assert row is not None
        return Outcomes(failures=row["failures"], outcomes=max(row["failures"], row["outcomes"]))

    def demote(self, demotion: Demotion) -> None:
        """Keep a demotion."""
        self._session.run(
            "add_demotion",
            provider=demotion.provider,
            until=demotion.until,
            failures=demotion.failures,
            outcomes=demotion.outcomes,
            at=demotion.at,
        )

    def counts(self) -> Sequence[ProviderCount]:
        """Return how many deliveries of each provider stand where."""
        return [
            ProviderCount(
                provider=row["provider"],
                status=DeliveryStatus(row["status"]),
                deliveries=row["deliveries"],
                repeats=row["repeats"],
                first_due=row["first_due"],
                last_moved=row["last_moved"],
            )
            for row in self._session.all("deliveries_by_provider")
        ]


def _lock_of(provider: str) -> int:
    """Return the number by which a provider is locked: two that share one merely wait for each other."""
    found = zlib.crc32(provider.encode())
    return found - 2**32 if found >= 2**31 else found


def _message(row: Row) -> MessageToSend:
    return MessageToSend(
        delivery_id=DeliveryId(row["delivery_id"]),
        notice_id=NoticeId(row["notice_id"]),
        recipient=row["recipient"],
        name=row["name"],
        subject=row["subject"],
        body=row["body"],
        short=row["short"],
        language=row["language"],
        tries=row["tries"],
        repeats=row["repeats"],
        address=SealedAddress(key_id=row["key_id"], sealed=bytes(row["sealed"]), fingerprint=row["fingerprint"]),
        at=row["at"],
    )
