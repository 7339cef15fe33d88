"""Working days of mainland China: `chinesecalendar`, and a file for years that it does not know or that were changed.

Guarantees that a year that nobody listed is an error, never a guess by weekday. Reading the override file from disk
is left to the caller.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import partial

import chinese_calendar

from policy_match.cases.defects import CalendarFileWrong, WorkingDaysUnknown
from policy_match.errors import all_of, raise_mistakes

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
"""The day begins and ends by Beijing time, which has had no daylight saving time since 1991."""

FIRST_YEAR, LAST_YEAR = 2000, 2199
SATURDAY = 5
ONE_DAY = timedelta(days=1)


def china_day(at: datetime) -> date:
    """Return the day in China at an instant, which must have its time zone."""
    assert at.tzinfo is not None, "an instant without a time zone"
    return at.astimezone(CHINA).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class YearOfDays:
    """What one year's official list says: `holidays` are days off, `workdays` weekend days that are worked."""

    holidays: frozenset[date]
    workdays: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Return whether a day of this year is worked."""
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingDays:
    """The calendar. A year in `overrides` replaces that of chinesecalendar; `file` is where a person adds years."""

    overrides: Mapping[int, YearOfDays] = field(default_factory=dict)
    file: str = "working_days.toml"

    def is_workday(self, day: date) -> bool:
        """Return whether `day` is worked. Raises `WorkingDaysUnknown`."""
        listed = self.overrides.get(day.year)
        if listed is not None:
            return listed.is_workday(day)
        if not _is_listed(day.year):
            raise WorkingDaysUnknown(year=day.year, file=self.file)
        return bool(chinese_calendar.is_workday(day))

    def add_working_days(self, day: date, days: int) -> date:
        """Return the last day of a period of so many working days that begins after `day`, which is not counted.

        Zero days give `day` itself, worked or not. Civil Code art. 201: the day of the event is not counted. Raises
        `WorkingDaysUnknown`, which also bounds the walk to the years that are listed.
        """
        assert days >= 0
        while days > 0:
            day += ONE_DAY
            days -= self.is_workday(day)
        return day

    def working_days_before(self, day: date, days: int) -> date:
        """Return the working day after which so many working days are left, the last of them on or before `day`.

        A period of so many working days that begins on it ends on `day`, if that is a working day. One working day
        before a Monday is the Friday. Raises `WorkingDaysUnknown`.
        """
        assert days >= 0
        while days > 0:
            days -= self.is_workday(day)
            day -= ONE_DAY
        while not self.is_workday(day):
            day -= ONE_DAY
        return day


def _is_listed(year: int) -> bool:
    # A list of one year may name some days of the next: only a year that has its National Day is whole.
    try:
        _, festival = chinese_calendar.get_holiday_detail(date(year, 10, 1))
    except NotImplementedError:
        return False
    return festival is not None


def parse_working_days(text: str, file: str) -> Mapping[int, YearOfDays]:
    """Return the years of an override file; `file` is its name, for messages.

    The text is TOML: `[2027]`, `holidays = [2027-01-01, …]` (days off; weekend days may be named too) and
    `workdays = [2027-02-06, …]` (weekend days that are worked; optional). Raises `CalendarFileWrong`, `SeveralMistakes`
    for more than one mistake.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarFileWrong(file=file, detail=f"not TOML: {error}", detail_zh=f"不是 TOML:{error}") from error
    return dict(all_of(partial(_listed, name, table, file) for name, table in tables.items()))


def _listed(name: str, table: object, file: str) -> tuple[int, YearOfDays]:
    return _year(name, file), _year_of_days(name, table, file)


def _year(name: str, file: str) -> int:
    if not (len(name) == 4 and name.isascii() and name.isdigit() and FIRST_YEAR <= int(name) <= LAST_YEAR):
        raise CalendarFileWrong(
            file=file,
            detail=f"[{name}] is not a year from {FIRST_YEAR} to {LAST_YEAR}",
            detail_zh=f"[{name}] 不是 {FIRST_YEAR} 至 {LAST_YEAR} 之间的年份",
        )
    return int(name)


def _year_of_days(name: str, table: object, file: str) -> YearOfDays:
    if not isinstance(table, dict):
        raise CalendarFileWrong(file=file, detail=f"{name} is not a table", detail_zh=f"{name} 不是表")
    raise_mistakes(
        [
            CalendarFileWrong(
                file=file,
                detail=f"[{name}] has the unknown key {key}; known: holidays, workdays",
                detail_zh=f"[{name}] 有未知的键 {key}；可用：holidays、workdays",
            )
            for key in sorted(table.keys() - {"holidays", "workdays"})
        ]
    )
    holidays, workdays = all_of(
        (
            partial(_days, name, "holidays", table.get("holidays"), file),
            partial(_days, name, "workdays", table.get("workdays", []), file),
        )
    )
    if not holidays:
        raise CalendarFileWrong(
            file=file, detail=f"[{name}] names no holidays; every year has some", detail_zh=f"[{name}] 没有放假日"
        )
    raise_mistakes(
        [
            CalendarFileWrong(
                file=file,
                detail=f"[{name}] workdays has {day}, which is not a weekend day, or a holiday too",
                detail_zh=f"[{name}] workdays 中的 {day} 不是周末，或同时列为放假日",
            )
            for day in sorted(workdays)
            if day.weekday() < SATURDAY or day in holidays
        ]
    )
    return YearOfDays(holidays=holidays, workdays=workdays)


def _days(name: str, key: str, found: object, file: str) -> frozenset[date]:
    days = found if isinstance(found, list) else [found]
    raise_mistakes(
        [
            CalendarFileWrong(
                file=file,
                detail=f"[{name}] {key} has {day}, expected a list of dates of that year, such as {name}-10-01",
                detail_zh=f"[{name}] {key} 中有 {day}，应为该年的日期列表，如 {name}-10-01",
            )
            for day in days
            if type(day) is not date or day.year != int(name)
        ]
    )
    return frozenset(days)
