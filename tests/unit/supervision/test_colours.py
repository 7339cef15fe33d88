"""Colours against a slow reference that walks working day by working day, over holidays and year ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.working_days import WorkingDays
from policy_match.supervision.colours import Ages, Colour, blue_days, cut_offs, latest_start_over, turned_on
from policy_match.supervision.dated_limits import dated_limits, turned
from policy_match.supervision.escalation import LEVELS, RED_DAYS, level_cut_offs
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.stages import STAGES, Stage
from policy_match.values import Digest, PolicyId
from tests.support.standing import colour_by_walking

CALENDAR = WorkingDays()
LIMITS = st.integers(0, 40)
DAYS = st.dates(date(2024, 1, 1), date(2026, 9, 30))
AGES = st.integers(-10, 90)
TERMS = VersionTerms(
    version=Digest("0" * 64),
    policy_id=PolicyId("p"),
    department="人社局",
    title="示例",
    title_en="",
    own_limits=((Stage.OBJECTION, 5), (Stage.REVIEW, 7)),
)


def worked(started_on: date, today: date) -> int:
    """Count the working days after the first until today, today included, one by one."""
    count, day = 0, started_on
    while day < today:
        day += timedelta(days=1)
        count += CALENDAR.is_workday(day)
    return count


def reference(started_on: date, limit: int, today: date) -> Colour:
    return colour_by_walking(CALENDAR, started_on, limit, today)


def colour(limit: int, started_on: date, today: date) -> Colour:
    """Return the colour by the cut-offs, as the database compares them."""
    found = cut_offs(CALENDAR, limit, today)
    if started_on <= found.red:
        return Colour.RED
    return Colour.YELLOW if started_on <= found.yellow else Colour.BLUE


@given(DAYS, LIMITS, AGES)
def test_a_colour_is_that_of_walking_day_by_day(today: date, limit: int, age: int) -> None:
    started_on = today - timedelta(days=age)
    assert colour(limit, started_on, today) is reference(started_on, limit, today)


@given(DAYS, LIMITS)
def test_the_cut_off_is_the_last_day_whose_period_is_over(today: date, days: int) -> None:
    last = latest_start_over(CALENDAR, days, today)
    assert CALENDAR.add_working_days(last, days) < today
    assert CALENDAR.add_working_days(last + timedelta(days=1), days) >= today


@given(DAYS, st.integers(1, 30), st.integers(0, 60))
def test_a_stage_turns_on_the_first_day_of_its_colour(started_on: date, limit: int, age: int) -> None:
    today = started_on + timedelta(days=age)
    for wanted, days in ((Colour.YELLOW, blue_days(limit)), (Colour.RED, limit)):
        on = turned_on(CALENDAR, started_on, days)
        assert reference(started_on, limit, on) is wanted
        assert reference(started_on, limit, on - timedelta(days=1)) is not wanted
    if reference(started_on, limit, today) is not Colour.BLUE:
        found = turned(CALENDAR, limit, started_on, today)
        assert (found.red_on is not None) is (reference(started_on, limit, today) is Colour.RED)


@given(DAYS, st.integers(0, 20), AGES)
def test_a_level_is_reached_after_so_many_working_days_of_red(today: date, limit: int, age: int) -> None:
    started_on = today - timedelta(days=age)
    reached = [
        level for level, day in zip(LEVELS, level_cut_offs(CALENDAR, limit, today), strict=True) if started_on <= day
    ]
    assert reached == [
        level for level in LEVELS if CALENDAR.add_working_days(started_on, limit + RED_DAYS[level]) < today
    ]
    assert bool(reached) is (reference(started_on, limit, today) is Colour.RED)


@given(DAYS, AGES)
def test_ages_are_counted_as_by_walking(today: date, age: int) -> None:
    started_on = today - timedelta(days=age)
    assert Ages(CALENDAR, today).working_days_since(started_on) == worked(started_on, today)


@pytest.mark.parametrize(("limit", "blue"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4), (10, 6), (30, 20)])
def test_the_last_third_of_a_limit_is_yellow_and_at_least_its_last_day(limit: int, blue: int) -> None:
    assert blue_days(limit) == blue


def test_the_spring_festival_does_not_make_anybody_late() -> None:
    before = date(2025, 1, 27)
    assert colour(1, before, date(2025, 2, 4)) is Colour.YELLOW
    assert colour(1, before, date(2025, 2, 5)) is Colour.YELLOW
    assert colour(1, before, date(2025, 2, 6)) is Colour.RED


def test_a_year_that_nobody_listed_is_an_error() -> None:
    with pytest.raises(WorkingDaysUnknown):
        dated_limits([TERMS], CALENDAR, date(2031, 3, 1))
    with pytest.raises(WorkingDaysUnknown):
        Ages(CALENDAR, date(2031, 3, 1)).working_days_since(date(2031, 2, 1))


def test_every_stage_of_a_version_has_its_limit_and_the_policys_own_goes_first() -> None:
    limits = {each.stage: each for each in dated_limits([TERMS], CALENDAR, date(2025, 7, 1))}
    assert set(limits) == set(Stage)
    assert (limits[Stage.REVIEW].limit_days, limits[Stage.OBJECTION].limit_days) == (7, 5)
    assert limits[Stage.APPROVAL].limit_days == STAGES[Stage.APPROVAL].days
    assert limits[Stage.ANSWER].cut_offs is None
    assert limits[Stage.ANSWER].levels == ()


def test_the_limits_of_one_unit_are_those_it_answers_for() -> None:
    found = dated_limits([TERMS], CALENDAR, date(2025, 7, 1), unit="财政部门")
    assert {each.stage for each in found} == {Stage.BUDGET, Stage.ORDER, Stage.SEND, Stage.CLOSING}
