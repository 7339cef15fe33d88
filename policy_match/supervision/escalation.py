"""Who hears that a stage is red, and when the next level does.

Guarantees that a level is reached by working days alone. Who holds a level of a unit is a duty that somebody else
gave (`services.duties`); telling them once is `services.supervise_cases`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from policy_match.cases.words import Words
from policy_match.cases.working_days import WorkingDays
from policy_match.supervision.colours import latest_start_over
from policy_match.supervision.stages import Stage

LEVELS = (1, 2, 3)
RED_DAYS: Mapping[int, int] = {1: 0, 2: 3, 3: 7}
"""After how many working days of red a level is told: the first at once. Our own: no platform published any."""

LEVEL_WORDS: Mapping[int, Words] = {
    1: Words("经办负责人", "who runs the work"),
    2: Words("部门负责人", "the head of the department"),
    3: Words("分管领导", "the leader above the department"),
}


def level_cut_offs(calendar: WorkingDays, limit: int, today: date) -> tuple[date, ...]:
    """Return, for each level, the latest beginning of a stage with which it has been reached by `today`.

    Raises `WorkingDaysUnknown`.
    """
    return tuple(latest_start_over(calendar, limit + RED_DAYS[level], today) for level in LEVELS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """One word about who answers for a unit at a level: given or taken back, by somebody else."""

    unit: str
    level: int
    person: str
    granted: bool
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalation:
    """What one level of a unit was told about one stage: so many cases, their money in fen, the oldest beginning."""

    escalation_id: int
    unit: str
    stage: Stage
    level: int
    day: date
    cases: int
    amount_fen: int
    oldest_on: date
    told: tuple[str, ...]


def levels_without_anybody(held: Sequence[Duty], units: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
    """Return, for each of the units, the levels that nobody holds; units that lack none are left out."""
    there = {(duty.unit, duty.level) for duty in held}
    lacking = {unit: tuple(level for level in LEVELS if (unit, level) not in there) for unit in units}
    return {unit: levels for unit, levels in lacking.items() if levels}
