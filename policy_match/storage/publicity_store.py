"""What is on public display, from the cases and the day on which each was put there.

Guarantees that nothing is written.
"""

from collections.abc import Collection, Sequence
from datetime import date

from policy_match.cases.publicity import Display, DisplayedCase
from policy_match.storage.session import Session
from policy_match.values import PolicyId


class PublicityStore:
    """Displays and the cases on them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def displays(
        self,
        *,
        day: date | None,
        policies: Collection[PolicyId] | None = None,
        first_day: date | None = None,
        most: int,
    ) -> Sequence[Display]:
        """Return displays, the latest first; of some policies or of all, that began on one day or on any."""
        within = None if policies is None else sorted(policies)
        rows = self._session.all("displays", day=day, policies=within, first_day=first_day, most=most)
        return [Display(**row) for row in rows]

    def cases(
        self, policy_id: PolicyId, first_day: date, *, day: date | None, after: int, most: int
    ) -> Sequence[DisplayedCase]:
        """Return a page of the cases of one display by number, after a given one."""
        rows = self._session.all(
            "displayed_cases", policy_id=policy_id, first_day=first_day, day=day, after=after, most=most
        )
        return [DisplayedCase(**row) for row in rows]
