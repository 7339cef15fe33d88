"""What is on public display, as services need it.

Guarantees that services know no adapter, and that every page has a limit. Implementations are in `storage`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from policy_match.cases.publicity import Display, DisplayedCase
from policy_match.values import PolicyId


class PublicityStore(Protocol):
    """Displays and the cases on them. With a `day` only what may still be objected to on it."""

    def displays(
        self,
        *,
        day: date | None,
        policies: Collection[PolicyId] | None = None,
        first_day: date | None = None,
        most: int,
    ) -> Sequence[Display]:
        """Return displays, the latest first; of some policies or of all, that began on one day or on any."""

    def cases(
        self, policy_id: PolicyId, first_day: date, *, day: date | None, after: int, most: int
    ) -> Sequence[DisplayedCase]:
        """Return a page of the cases of one display by number, after a given one."""
