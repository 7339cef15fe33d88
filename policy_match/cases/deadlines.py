"""Points in time before a last day, at which somebody is reminded of it.

Guarantees that of the points that are past only the nearest to the last day is told, so that nobody gets several at
once after the service stood still; and nothing on the day on which the matter became known. Who is told, and keeping
that each is told once, is left to `services`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.cases.working_days import WorkingDays

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """When `days` days are left until `last`, the last day; that is so from `due_on` on."""

    last: date
    days: int
    due_on: date

    @property
    def about(self) -> str:
        """What a notice of this point is about: `5 days`."""
        return f"{self.days} days"


def working_day_points(
    last_days: Iterable[date], days: Iterable[int], calendar: WorkingDays, today: date
) -> tuple[Point, ...]:
    """Return the points, counted in working days, that have come by today, of last days that are not over.

    Raises `WorkingDaysUnknown`.
    """
    wanted = sorted(set(days))
    points = (
        Point(last=last, days=count, due_on=calendar.working_days_before(last, count))
        for last in sorted(set(last_days))
        if last >= today
        for count in wanted
    )
    return tuple(point for point in points if point.due_on <= today)


def calendar_day_points(last: date, days: Iterable[int], today: date) -> tuple[Point, ...]:
    """Return the points, counted in calendar days, that have come by today; none when the last day is over.

    For days that may lie in a year whose working days nobody has announced yet.
    """
    points = (Point(last=last, days=count, due_on=last - timedelta(days=count)) for count in sorted(set(days)))
    return tuple(point for point in points if point.due_on <= today <= last)


def nearest(points: Iterable[Point], known_on: date = date.min) -> Point | None:
    """Return the point nearest to its last day, of those later than the day on which the matter became known."""
    return min((point for point in points if point.due_on > known_on), key=lambda point: point.days, default=None)


def end_within(start: date, days: int, last: date, calendar: WorkingDays) -> date | None:
    """Return the last day of a period of so many working days after `start`; `None` when it ends after `last`.

    The calendar is not asked about days after `last`: it may lie at the end of the year. Raises `WorkingDaysUnknown`.
    """
    assert days >= 0
    day = start
    while days > 0 and day < last:
        day += ONE_DAY
        days -= calendar.is_workday(day)
    return day if days == 0 and day <= last else None
