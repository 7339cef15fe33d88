"""Counts what operators watch.

Guarantees that counting stays cheap however much waits: each kind is read from its index, up to a limit.
"""

from datetime import datetime

from policy_match.ports.watch import WatchedCounts
from policy_match.storage.session import Session


class WatchStore:
    """Counts for operators."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def counts(self, now: datetime, most: int) -> WatchedCounts:
        """Return how much waits and is in doubt at `now`, counting at most so many of each kind."""
        row = self._session.one("watched_counts", now=now, most=most)
        assert row is not None, "counts have one row"
        return WatchedCounts(notices_waiting=row["notices_waiting"], payments_in_doubt=row["payments_in_doubt"])
