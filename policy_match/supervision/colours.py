"""蓝黄红榜: how late a stage is, as a colour, and the days on which colours turn.

Guarantees that a colour depends on the day in China, the working days and the limit alone, and that a year without a
calendar is an error, never a guess. Counting cases by colour is `storage`; who hears of it is `escalation`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.cases.working_days import WorkingDays

ONE_DAY = timedelta(days=1)
YELLOW_SHARE = 3
"""The last one of so many parts of a limit is yellow, rounded up: at least its last working day."""

MOST_DAYS = 40_000
"""So many days back a count goes at most: more than a century, and no calendar has as many."""


class Colour(StrEnum):
    """Blue: within the limit. Yellow: in its last part. Red: over."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


COLOUR_WORDS = {
    Colour.BLUE: Words("蓝", "blue"),
    Colour.YELLOW: Words("黄", "yellow"),
    Colour.RED: Words("红", "red"),
}


def blue_days(limit: int) -> int:
    """Return after how many working days of a limit yellow begins."""
    return limit - -(-limit // YELLOW_SHARE)


@dataclass(frozen=True, kw_only=True, slots=True)
class CutOffs:
    """A stage that began on or before a day has turned by now; both days are the latest such beginnings."""

    yellow: date
    red: date


def cut_offs(calendar: WorkingDays, limit: int, today: date) -> CutOffs:
    """Return the cut-offs of a limit on `today`. Raises `WorkingDaysUnknown`."""
    return CutOffs(
        yellow=latest_start_over(calendar, blue_days(limit), today), red=latest_start_over(calendar, limit, today)
    )


def latest_start_over(calendar: WorkingDays, days: int, today: date) -> date:
    """Return the latest day from which a period of so many working days was over before `today`.

    The period ends where `WorkingDays.add_working_days` ends it: it does not count its first day, and its last day is
    still within. Raises `WorkingDaysUnknown`.
    """
    day = today - ONE_DAY
    while days > 0:
        days -= calendar.is_workday(day)
        day -= ONE_DAY
    return day


def turned_on(calendar: WorkingDays, started_on: date, days: int) -> date:
    """Return the first day after a period of so many working days. Raises `WorkingDaysUnknown`."""
    return calendar.add_working_days(started_on, days) + ONE_DAY


class Ages:
    """Counts working days back from one day, each day once. Raises `WorkingDaysUnknown`."""

    def __init__(self, calendar: WorkingDays, today: date) -> None:
        self._calendar = calendar
        self._today = today
        self._counted = [0]

    def working_days_since(self, started_on: date) -> int:
        """Return how many working days there are after `started_on` until today, today included.

        0 for a day that is still to come.
        """
        wanted = (self._today - started_on).days
        assert wanted <= MOST_DAYS, "longer than any case"
        while len(self._counted) <= wanted:
            day = self._today - timedelta(days=len(self._counted) - 1)
            self._counted.append(self._counted[-1] + self._calendar.is_workday(day))
        return self._counted[max(wanted, 0)]
