"""How well the service does, as services need it.

Guarantees that services know no adapter. The implementation is in `storage`.
"""

from datetime import datetime
from typing import Protocol

from policy_match.cases.performance import Performance


class PerformanceStore(Protocol):
    """Counts what became of all cases."""

    def count(self, now: datetime) -> Performance:
        """Return the figures of every policy with cases that were due by now."""
