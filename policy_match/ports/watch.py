"""What operators watch in the system of record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedCounts:
    """How much waits, and how much is in doubt."""

    notices_waiting: int
    payments_in_doubt: int


class WatchStore(Protocol):
    """Counts for operators."""

    def counts(self, now: datetime, most: int) -> WatchedCounts:
        """Return how much waits and is in doubt at `now`, counting at most so many of each kind."""
