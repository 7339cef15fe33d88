"""What somebody is to hear of that is no step of a case, as services need it.

Guarantees that services know no adapter. The implementation is in `storage`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from policy_match.notices.news import News


class NewsStore(Protocol):
    """What is to be told, written in the transaction of the thing itself, and what was told of it."""

    def waiting(self, after: int, most: int) -> Sequence[News]:
        """Return a page of what nobody was told of yet, by number after a given one."""

    def clerks(self, department: str, most: int) -> Sequence[tuple[str, str]]:
        """Return who is a clerk of a department now, by name, each with the jurisdiction; empty is all."""

    def told(self, notices: Mapping[int, int], at: datetime) -> None:
        """Keep that these were told, each with so many notices; what was told before stays as it is."""
