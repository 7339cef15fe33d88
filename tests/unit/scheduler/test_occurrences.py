"""When a job occurs: pure, in China time, whatever the clock of the machine does."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from policy_match.scheduler.occurrences import CronTimetable
from policy_match.services.job_desk import Cron

TABLE = CronTimetable()
MANY = 100_000


def china(text: str) -> datetime:
    """Return a moment in China time."""
    return datetime.fromisoformat(f"{text}+08:00")


def due(cron: Cron, after: str, up_to: str, most: int = MANY) -> list[str]:
    """Return occurrences as China time."""
    zone = timezone(timedelta(hours=8))
    found = TABLE.due(cron, after=china(after), up_to=china(up_to), most=most)
    return [each.astimezone(zone).strftime("%Y-%m-%d %H:%M") for each in found]


def test_an_occurrence_is_due_at_its_minute_in_china() -> None:
    assert TABLE.due(
        Cron(hour="8", minute="30"), after=china("2025-07-01T08:00"), up_to=china("2025-07-01T08:30"), most=9
    ) == [datetime(2025, 7, 1, 0, 30, tzinfo=UTC)]
    assert due(Cron(hour="8", minute="30"), "2025-07-01T08:00", "2025-07-01T08:29:59") == []


def test_the_occurrence_that_was_planned_last_does_not_come_again() -> None:
    assert due(Cron(hour="8"), "2025-07-01T08:00", "2025-07-01T23:00") == []
    assert due(Cron(hour="8"), "2025-07-01T08:00", "2025-07-02T08:00") == ["2025-07-02 08:00"]


def test_looking_in_steps_finds_what_one_look_finds() -> None:
    cron = Cron(minute="*/7", hour="6-22")
    whole = TABLE.due(cron, after=china("2025-12-30T03:00"), up_to=china("2026-01-02T21:00"), most=MANY)
    parts: list[datetime] = []
    last, now = china("2025-12-30T03:00"), china("2025-12-30T03:00")
    while now < china("2026-01-02T21:00"):
        now += timedelta(minutes=11, seconds=13)
        found = TABLE.due(cron, after=last, up_to=min(now, china("2026-01-02T21:00")), most=MANY)
        parts += found
        last = found[-1] if found else last
    assert parts == list(whole)


def test_a_clock_that_goes_back_finds_nothing_until_it_has_caught_up() -> None:
    assert due(Cron(hour="*"), "2025-07-01T08:00", "2025-07-01T05:00") == []
    assert due(Cron(hour="*"), "2025-07-01T08:00", "2025-07-01T08:59") == []
    assert due(Cron(hour="*"), "2025-07-01T08:00", "2025-07-01T09:00") == ["2025-07-01 09:00"]


def test_a_clock_that_jumps_forward_finds_everything_in_between() -> None:
    found = due(Cron(minute="*/15"), "2025-07-01T08:00", "2026-07-01T08:00")
    assert len(found) == 365 * 24 * 4
    assert found == sorted(set(found))


def test_at_most_so_many_are_found_and_the_next_look_goes_on() -> None:
    assert due(Cron(hour="8"), "2025-07-01T09:00", "2025-07-31T09:00", most=2) == [
        "2025-07-02 08:00",
        "2025-07-03 08:00",
    ]


def test_the_year_ends_at_midnight_in_china() -> None:
    assert due(Cron(hour="0", minute="0"), "2025-12-31T23:59:59", "2026-01-01T00:00") == ["2026-01-01 00:00"]
    assert due(Cron(day="31", hour="23", minute="59"), "2025-12-31T12:00", "2026-02-28T00:00") == [
        "2025-12-31 23:59",
        "2026-01-31 23:59",
    ]


def test_the_last_day_of_a_month_is_found_in_leap_years_too() -> None:
    assert due(Cron(day="last", hour="9"), "2028-02-01T00:00", "2028-03-30T00:00") == ["2028-02-29 09:00"]


@pytest.mark.parametrize("day", ["1991-04-14", "1991-09-15", "2025-03-30", "2025-10-26"])
def test_no_hour_is_missing_or_doubled_on_days_when_clocks_change_elsewhere_or_once_did(day: str) -> None:
    found = due(Cron(minute="30"), f"{day}T00:00", f"{day}T23:59")
    assert found == [f"{day} {hour:02}:30" for hour in range(24)]


def test_the_zone_in_which_it_is_asked_does_not_matter() -> None:
    moment = china("2025-07-01T07:59:59")
    elsewhere = moment.astimezone(timezone(timedelta(hours=-5)))
    assert TABLE.next_one(Cron(hour="8"), moment) == TABLE.next_one(Cron(hour="8"), elsewhere)


def test_a_time_that_never_comes_is_none() -> None:
    assert TABLE.next_one(Cron(month="2", day="30"), china("2025-01-01T00:00")) is None
