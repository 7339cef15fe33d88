"""Events in their order, read from what they tell of.

Guarantees, with the schema, that numbers have no gaps, that an event that has a number stays as it is, and that what
was written in a transaction that ends late gets a later number and is never passed over.
"""

from collections.abc import Collection, Sequence

from policy_match.events.cloud_event import EventRow
from policy_match.events.types import What
from policy_match.storage.session import Session


class EventStore:
    """The events."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def publish(self, most: int) -> int:
        """Give numbers to what changed, at most so many, and return how many; one process at a time."""
        row = self._session.one("publish_events", most=most)
        assert row is not None
        return int(row["published"])

    def latest(self) -> int:
        """Return the number of the newest event, 0 when there is none."""
        row = self._session.one("latest_event")
        assert row is not None
        return int(row["latest"])

    def after(self, number: int, up_to: int, kinds: Collection[What] | None, most: int) -> Sequence[EventRow]:
        """Return a page of events of some kinds, or all, between two numbers, the first excluded, in order."""
        wanted = None if kinds is None else sorted(kinds)
        return [
            EventRow(
                number=row["number"],
                event_id=str(row["event_id"]),
                what=What(row["what"]),
                at=row["at"],
                found=row["found"],
            )
            for row in self._session.all("events_between", after=number, up_to=up_to, kinds=wanted, most=most)
        ]
