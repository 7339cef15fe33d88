"""Who answers for a unit at which level.

Guarantees, with the schema, that every word about a duty stays and that nobody gives one to himself.
"""

from collections.abc import Collection, Sequence

from policy_match.storage.session import Session
from policy_match.supervision.escalation import Duty


class DutyStore:
    """Duties."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, duty: Duty) -> None:
        """Write that a duty was given or taken back."""
        self._session.run(
            "add_duty",
            unit=duty.unit,
            level=duty.level,
            person=duty.person,
            granted=duty.granted,
            at=duty.at,
            by=duty.by,
        )

    def held(
        self,
        *,
        unit: str | None,
        units: Collection[str] | None = None,
        after: tuple[str, int, str] | None = None,
        most: int,
    ) -> Sequence[Duty]:
        """Return who answers for what now, of one unit, of some or of all, by unit, level and person after one."""
        after_unit, after_level, after_person = after or (None, None, None)
        rows = self._session.all(
            "duties_held",
            unit=unit,
            units=None if units is None else list(units),
            after_unit=after_unit,
            after_level=after_level,
            after_person=after_person,
            most=most,
        )
        return [
            Duty(
                unit=row["unit"],
                level=row["level"],
                person=row["person"],
                granted=row["granted"],
                at=row["at"],
                by=row["by"],
            )
            for row in rows
        ]
