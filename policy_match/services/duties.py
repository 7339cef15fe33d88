"""Who answers for a unit at which level: given and taken back by somebody else, never removed from the record.

Guarantees that the last word on a unit, a level and a person counts, and that nobody gives a duty to himself. Who is
told because of a duty is `supervise_cases`; that `by` is who he says is left to the entry points.
"""

from collections.abc import Collection, Sequence

from policy_match.ports import Clock, Database
from policy_match.services.roles import named, staff
from policy_match.supervision.defects import NotALevel, NotAUnit, OwnDuty
from policy_match.supervision.escalation import LEVELS, Duty

MOST_LETTERS = 100
MOST_LISTED = 100_000


def grant_duty(database: Database, clock: Clock, *, unit: str, level: int, person: str, by: str) -> bool:
    """Give a person the duty of a unit at a level and return whether that is new; again changes nothing.

    Raises `NotAUnit`, `NotALevel`, `NobodyNamed`, `NotAPerson` for a firm or the program, or `OwnDuty`.
    """
    unit, person, by = the_unit(unit), staff(person, "duty"), named(by)
    if person == by:
        raise OwnDuty(person=person, unit=unit, level=level)
    return _set(database, clock, unit, level, person, granted=True, by=by)


def revoke_duty(database: Database, clock: Clock, *, unit: str, level: int, person: str, by: str) -> bool:
    """Take a duty back and return whether the person held it. What was told and answered with it stays.

    Raises `NotAUnit`, `NotALevel`, `NobodyNamed` or `NotAPerson`.
    """
    return _set(database, clock, the_unit(unit), level, staff(person, "duty"), granted=False, by=named(by))


def duties_held(
    database: Database,
    *,
    unit: str | None = None,
    units: Collection[str] | None = None,
    after: tuple[str, int, str] | None = None,
    most: int = MOST_LISTED,
) -> Sequence[Duty]:
    """Return who answers for what now, by unit, level and person: of one unit, of some, or of all.

    `after` are the unit, the level and the person of the last duty of the page before.
    """
    with database.unit_of_work() as work:
        return work.supervision.duties.held(unit=unit, units=units, after=after, most=most)


def the_unit(unit: str) -> str:
    """Return the name of a unit without the space around it. Raises `NotAUnit`."""
    unit = unit.strip()
    if not 0 < len(unit) <= MOST_LETTERS:
        raise NotAUnit
    return unit


def _set(database: Database, clock: Clock, unit: str, level: int, person: str, *, granted: bool, by: str) -> bool:
    if level not in LEVELS:
        raise NotALevel(level=level)
    with database.unit_of_work() as work:
        held = work.supervision.duties.held(unit=unit, most=MOST_LISTED)
        if any((duty.level, duty.person) == (level, person) for duty in held) == granted:
            return False
        work.supervision.duties.add(Duty(unit=unit, level=level, person=person, granted=granted, at=clock.now(), by=by))
        work.commit()
    return True
