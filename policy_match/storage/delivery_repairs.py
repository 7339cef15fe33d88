"""The queries that look for every known way to lose a message.

Guarantees that each finds its rows by an index, a page at a time. What is done with them is `services.repair_notices`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from policy_match.cases.model import NoticeKind
from policy_match.notices.deliveries import UncertainDelivery
from policy_match.notices.model import Channel, DeliveryId, DeliveryStatus, NoticeId, NoticeStatus
from policy_match.notices.outcomes import Sending
from policy_match.storage.session import Row, Session, taken


class RepairStore:
    """Looking for every known way to lose a message."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def providers_with_lost_sends(self, before: datetime, beyond: datetime) -> Mapping[str, int]:
        """Return by provider how many deliveries are being sent since before, or since a time after `beyond`."""
        rows = self._session.all("providers_with_lost_sends", before=before, beyond=beyond)
        return {row["provider"]: row["deliveries"] for row in rows}

    def lost_sends(self, provider: str, before: datetime, beyond: datetime, most: int) -> Sequence[Sending]:
        """Return a page of those of one provider."""
        rows = self._session.all("lost_sends", provider=provider, before=before, beyond=beyond, most=most)
        return [
            Sending(delivery_id=DeliveryId(row["delivery_id"]), tries=row["tries"], repeats=row["repeats"])
            for row in rows
        ]

    def receipts_overdue(self, now: datetime, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries whose receipt should be there."""
        return _ids(self._session.all("receipts_overdue", at=now, most=most))

    def too_far_ahead(self, beyond: datetime, most: int) -> Sequence[DeliveryId]:
        """Return a page of deliveries that would wait for longer than any rule lets them."""
        return _ids(self._session.all("waits_too_far_ahead", beyond=beyond, most=most))

    def for_nothing(self, most: int) -> Sequence[DeliveryId]:
        """Return a page of waiting deliveries whose notice needs none any more."""
        return _ids(self._session.all("waits_for_nothing", most=most))

    def overdue(self, before: datetime) -> Mapping[str, int]:
        """Return by provider how many deliveries should have been sent before then."""
        return {row["provider"]: row["deliveries"] for row in self._session.all("overdue_by_provider", before=before)}

    def with_evidence(self, most: int) -> Sequence[NoticeId]:
        """Return a page of notices that did not reach their recipient, while a delivery shows that they did."""
        return [NoticeId(row["notice_id"]) for row in self._session.all("notices_with_evidence", most=most)]

    def standing(self, statuses: Collection[NoticeStatus], before: datetime) -> Mapping[NoticeStatus, int]:
        """Return how many notices stand at some statuses since before then."""
        rows = self._session.all("notices_standing", statuses=sorted(statuses), before=before)
        return {NoticeStatus(row["status"]): row["notices"] for row in rows}

    def add_missing_notices(self, since: datetime, most: int) -> int:
        """Write a page of notices that steps since then should have and have not; return how many."""
        return taken(self._session.one("add_missing_notices", since=since, most=most))

    def possible_duplicates(self) -> Mapping[str, tuple[int, int]]:
        """Return by provider how often a message was sent again that may have arrived: by itself, and by a person."""
        rows = self._session.all("possible_duplicates")
        return {row["provider"]: (row["repeats"], row["settled"]) for row in rows}

    def in_doubt(self, status: DeliveryStatus, after: DeliveryId, most: int) -> Sequence[UncertainDelivery]:
        """Return a page of deliveries that are unknown, or unconfirmed."""
        return [
            UncertainDelivery(
                delivery_id=DeliveryId(row["delivery_id"]),
                notice_id=NoticeId(row["notice_id"]),
                recipient=row["recipient"],
                kind=NoticeKind(row["kind"]),
                case_id=row["case_id"],
                channel=Channel(row["channel"]),
                provider=row["provider"],
                status=status,
                masked=row["masked"],
                tries=row["tries"],
                repeats=row["repeats"],
                since=row["since"],
            )
            for row in self._session.all("deliveries_in_doubt", status=status, after=after, most=most)
        ]


def _ids(rows: Sequence[Row]) -> Sequence[DeliveryId]:
    return [DeliveryId(row["delivery_id"]) for row in rows]
