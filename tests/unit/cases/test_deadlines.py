"""When somebody is reminded: at stated points, each once, and after a pause only of the nearest."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.deadlines import Point, calendar_day_points, end_within, nearest, working_day_points
from policy_match.cases.defects import WorkingDaysUnknown
from tests.unit.cases.examples import CALENDAR

LAST = date(2025, 6, 20)
"""A Friday; the five working days before it begin after Friday, 13 June."""


def points(today: date, *days: int) -> list[int]:
    return [point.days for point in working_day_points([LAST], days, CALENDAR, today)]


def test_a_point_comes_on_the_working_day_after_which_so_many_are_left() -> None:
    (point,) = working_day_points([LAST], [5], CALENDAR, date(2025, 6, 13))
    assert point == Point(last=LAST, days=5, due_on=date(2025, 6, 13))
    assert point.about == "5 days"
    assert points(date(2025, 6, 12), 5) == []


def test_points_stay_until_the_last_day_and_not_longer() -> None:
    assert points(date(2025, 6, 18), 5, 1) == [5]
    assert points(date(2025, 6, 19), 5, 1) == [1, 5]
    assert points(LAST, 5, 1) == [1, 5]
    assert points(LAST + timedelta(days=1), 5, 1) == []


def test_a_year_that_no_calendar_knows_is_an_error_and_no_guess() -> None:
    with pytest.raises(WorkingDaysUnknown):
        working_day_points([date(2199, 1, 5)], [1], CALENDAR, LAST)


def test_days_of_the_calendar_need_no_list_of_working_days() -> None:
    far = date(2199, 3, 1)
    assert calendar_day_points(far, [60, 14], date(2198, 12, 30)) == ()
    assert [point.days for point in calendar_day_points(far, [60, 14], date(2198, 12, 31))] == [60]
    assert [point.days for point in calendar_day_points(far, [60, 14], far)] == [14, 60]
    assert calendar_day_points(far, [60, 14], far + timedelta(days=1)) == ()


def test_of_all_points_that_were_missed_only_the_nearest_is_told() -> None:
    found = nearest(working_day_points([LAST], [10, 5, 3], CALENDAR, date(2025, 6, 18)))
    assert found is not None and found.days == 3
    assert nearest([]) is None


def test_nothing_is_told_on_the_day_on_which_the_matter_became_known() -> None:
    due = working_day_points([LAST], [5, 3], CALENDAR, date(2025, 6, 17))
    assert [point.days for point in due] == [3, 5]
    assert nearest(due, date(2025, 6, 13)) == due[0]
    assert nearest(due, date(2025, 6, 17)) is None


@given(st.dates(date(2025, 1, 1), date(2025, 10, 31)), st.integers(0, 20), st.integers(0, 60))
def test_a_period_within_a_last_day_ends_as_the_calendar_says(start: date, days: int, ahead: int) -> None:
    last = start + timedelta(days=ahead)
    end = CALENDAR.add_working_days(start, days)
    assert end_within(start, days, last, CALENDAR) == (end if end <= last else None)


def test_a_period_that_ends_too_late_asks_for_no_calendar_of_the_next_year() -> None:
    last_known = date(2026, 12, 31)
    assert end_within(date(2026, 12, 30), 5, last_known, CALENDAR) is None
    assert end_within(date(2027, 1, 4), 0, last_known, CALENDAR) is None
