"""The limits of all versions on one day: for each stage, since when it must have begun to be late today.

Guarantees that the calendar is asked once for each different limit, however many cases there are, and that a year
which nobody listed is an error before anything is counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.working_days import WorkingDays
from policy_match.supervision.colours import CutOffs, blue_days, cut_offs, turned_on
from policy_match.supervision.escalation import level_cut_offs
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.stages import Stage, unit_of
from policy_match.values import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedLimit:
    """One stage of one version on one day. Without a limit it is blue, and nobody is told of it.

    A stage that began on or before a day of `levels` has reached that level; the first is that of red.
    """

    version: Digest
    stage: Stage
    unit: str
    limit_days: int | None
    cut_offs: CutOffs | None
    levels: tuple[date, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """When a stage with this limit that began on a day turned yellow, and red unless that is still to come."""

    limit_days: int
    started_on: date
    yellow_on: date
    red_on: date | None


def dated_limits(
    versions: Iterable[VersionTerms], calendar: WorkingDays, today: date, *, unit: str | None = None
) -> Sequence[DatedLimit]:
    """Return every stage of every version, or those of one unit. Raises `WorkingDaysUnknown`."""
    days: dict[int, tuple[CutOffs, tuple[date, ...]]] = {}
    found = []
    for terms in versions:
        for stage in Stage:
            here, limit = unit_of(stage, terms.department), terms.days(stage)
            if unit is not None and here != unit:
                continue
            if limit is not None and limit not in days:
                days[limit] = cut_offs(calendar, limit, today), level_cut_offs(calendar, limit, today)
            turns, levels = (None, ()) if limit is None else days[limit]
            found.append(
                DatedLimit(
                    version=terms.version, stage=stage, unit=here, limit_days=limit, cut_offs=turns, levels=levels
                )
            )
    return found


def turned(calendar: WorkingDays, limit: int, started_on: date, today: date) -> Turned:
    """Return when a stage that has turned by `today` did. Raises `WorkingDaysUnknown`."""
    yellow = turned_on(calendar, started_on, blue_days(limit))
    is_red = started_on <= cut_offs(calendar, limit, today).red
    red = turned_on(calendar, started_on, limit) if is_red else None
    assert yellow <= today and (red is None or yellow <= red <= today), "only what has turned is asked for"
    return Turned(limit_days=limit, started_on=started_on, yellow_on=yellow, red_on=red)
