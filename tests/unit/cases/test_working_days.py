"""Working days: against the published table of every day, over year ends, and the file of other years."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.defects import CalendarFileWrong, WorkingDaysUnknown
from policy_match.cases.working_days import WorkingDays, china_day, parse_working_days
from policy_match.errors import SeveralMistakes

TABLE = Path(__file__).parents[4] / "shared" / "data" / "cn_workdays" / "cn_workdays.csv"
CALENDAR = WorkingDays()
YEAR_2027 = """
[2027]
holidays = [2027-01-01, 2027-01-02, 2027-01-03]
workdays = [2027-01-09]
"""


@pytest.fixture(scope="module")
def every_day() -> dict[date, bool]:
    if not TABLE.exists():
        pytest.skip(f"the table of working days is not there: {TABLE}")
    with TABLE.open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}


def test_every_day_of_the_published_table_agrees(every_day: dict[date, bool]) -> None:
    assert len(every_day) > 8_000
    assert {day for day, works in every_day.items() if CALENDAR.is_workday(day) is not works} == set()


def test_periods_agree_with_counting_in_the_published_table(every_day: dict[date, bool]) -> None:
    worked = sorted(day for day, works in every_day.items() if works)
    for start in (date(2020, 1, 20), date(2023, 9, 28), date(2025, 4, 25), date(2025, 12, 30)):
        after = [day for day in worked if day > start]
        for days in (1, 3, 5, 15, 60):
            assert CALENDAR.add_working_days(start, days) == after[days - 1]


def test_the_first_day_is_not_counted() -> None:
    assert CALENDAR.add_working_days(date(2025, 6, 16), 5) == date(2025, 6, 23)


def test_no_days_end_on_the_same_day_even_on_a_sunday() -> None:
    assert CALENDAR.add_working_days(date(2025, 6, 15), 0) == date(2025, 6, 15)


@given(st.dates(date(2004, 1, 1), date(2025, 6, 30)), st.integers(1, 40))
def test_a_period_ends_on_a_working_day_and_has_exactly_its_days(start: date, days: int) -> None:
    end = CALENDAR.add_working_days(start, days)
    walked = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert CALENDAR.is_workday(end)
    assert sum(map(CALENDAR.is_workday, walked)) == days


@given(st.dates(date(2005, 1, 1), date(2025, 12, 31)), st.integers(0, 40))
def test_so_many_working_days_before_a_working_day_are_so_many_after_it(day: date, days: int) -> None:
    end = CALENDAR.add_working_days(day - timedelta(days=1), 1)
    start = CALENDAR.working_days_before(end, days)
    assert CALENDAR.is_workday(start)
    assert CALENDAR.add_working_days(start, days) == end


def test_days_that_are_not_worked_do_not_count_backwards_either() -> None:
    monday, sunday = date(2025, 6, 23), date(2025, 6, 22)
    assert CALENDAR.working_days_before(monday, 1) == date(2025, 6, 20)
    assert CALENDAR.working_days_before(sunday, 1) == date(2025, 6, 19)
    assert CALENDAR.working_days_before(sunday, 0) == date(2025, 6, 20)
    assert CALENDAR.working_days_before(date(2025, 5, 6), 1) == date(2025, 4, 30)  # 1 to 5 May are off
    with pytest.raises(WorkingDaysUnknown):
        CALENDAR.working_days_before(date(2004, 1, 2), 5)


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2003, 12, 31), date(2031, 1, 1)])
def test_a_year_that_nobody_listed_is_an_error(day: date) -> None:
    with pytest.raises(WorkingDaysUnknown) as unknown:
        CALENDAR.is_workday(day)
    assert str(day.year) in str(unknown.value) and "working_days.toml" in str(unknown.value)
    assert unknown.value.code == "calendar.year"


def test_a_period_that_runs_into_an_unknown_year_is_an_error_that_names_the_file() -> None:
    calendar = WorkingDays(overrides=parse_working_days(YEAR_2027, "x"), file="etc/days.toml")
    assert calendar.add_working_days(date(2027, 12, 30), 1) == date(2027, 12, 31)
    with pytest.raises(WorkingDaysUnknown, match=r"2028 .* etc/days\.toml"):
        calendar.add_working_days(date(2027, 12, 30), 2)


def test_a_listed_year_is_used_over_the_year_end() -> None:
    calendar = WorkingDays(overrides=parse_working_days(YEAR_2027, "x"))
    assert calendar.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert calendar.is_workday(date(2027, 1, 9))
    assert not calendar.is_workday(date(2027, 1, 10))


def test_a_listed_year_replaces_the_known_one() -> None:
    changed = parse_working_days("[2025]\nholidays = [2025-06-16]", "x")
    calendar = WorkingDays(overrides=changed)
    assert not calendar.is_workday(date(2025, 6, 16))
    assert calendar.is_workday(date(2025, 10, 1))
    assert calendar.is_workday(date(2024, 6, 17))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[2027", "not TOML"),
        ("[27]\nholidays = [2027-01-01]", r"\[27\] is not a year"),
        ("[1999]\nholidays = [1999-01-01]", "is not a year from 2000 to 2199"),
        ("[abcd]", "is not a year"),
        ("2027 = 1", "2027 is not a table"),
        ("[2027]\nholiday = [2027-01-01]", "unknown key holiday; known: holidays, workdays"),
        ("[2027]\nholidays = []", "names no holidays"),
        ("[2027]", r"holidays has None, expected a list of dates"),
        ("[2027]\nholidays = 2027", r"holidays has 2027, expected a list of dates"),
        ("[2027]\nholidays = [2026-12-31]", "holidays has 2026-12-31, expected a list of dates of that year"),
        ("[2027]\nholidays = ['2027-01-01']", "expected a list of dates"),
        ("[2027]\nholidays = [2027-01-01T00:00:00]", "expected a list of dates"),
        ("[2027]\nholidays = [2027-01-01]\nworkdays = [2027-01-04]", "2027-01-04, which is not a weekend day"),
        ("[2027]\nholidays = [2027-01-02]\nworkdays = [2027-01-02]", "or a holiday too"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(CalendarFileWrong, match=says) as refused:
        parse_working_days(text, "etc/days.toml")
    assert str(refused.value).startswith("etc/days.toml: ")


def test_every_mistake_of_the_file_is_a_line_of_its_own() -> None:
    wrong = """
[27]
[2027]
holidays = [2026-12-31, 2025-12-31]
workdays = [2026-01-01]
[2028]
holiday = []
workday = []
[2029]
holidays = [2029-01-01]
workdays = [2029-01-02, 2029-01-03]
"""
    with pytest.raises(SeveralMistakes) as refused:
        parse_working_days(wrong, "etc/days.toml")
    lines = refused.value.message("en").splitlines()
    assert len(lines) == 8
    assert all(line.startswith("etc/days.toml: ") for line in lines)


def test_the_day_is_that_in_china() -> None:
    assert china_day(datetime(2025, 6, 20, 15, 59, tzinfo=UTC)) == date(2025, 6, 20)
    assert china_day(datetime(2025, 6, 20, 16, 0, tzinfo=UTC)) == date(2025, 6, 21)
