"""Quiet hours by Beijing time, and waits that grow, end and are always the same."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.working_days import CHINA
from policy_match.notices.timing import EVENING, JITTER, Backoff, QuietHours, after_quiet, retry_at

BACKOFF = Backoff()
NOON = datetime(2025, 7, 1, 12, tzinfo=CHINA)


def china(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2025, 7, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (china(20, 59), china(20, 59)),
        (china(21), china(8, day=2)),
        (china(23, 59), china(8, day=2)),
        (china(0, day=2), china(8, day=2)),
        (china(7, 59), china(8)),
        (china(8), china(8)),
    ],
)
def test_what_would_be_sent_at_night_is_sent_in_the_morning(at: datetime, sent: datetime) -> None:
    assert after_quiet(at, EVENING) == sent


def test_quiet_hours_are_those_of_beijing_wherever_the_clock_stands() -> None:
    assert after_quiet(datetime(2025, 7, 1, 14, tzinfo=UTC), EVENING) == datetime(2025, 7, 2, 0, tzinfo=UTC)


def test_quiet_hours_within_a_day_end_on_the_same_day() -> None:
    assert after_quiet(china(13), QuietHours(begins=time(12), ends=time(14))) == china(14)


def test_a_channel_without_quiet_hours_sends_at_once() -> None:
    assert after_quiet(china(3), None) == china(3)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 360), (9, 360)])
def test_each_try_waits_longer_and_the_last_delay_holds(tries: int, minutes: int) -> None:
    delay = timedelta(minutes=minutes)
    found = retry_at(NOON - timedelta(hours=4), 7, tries, BACKOFF, None) - (NOON - timedelta(hours=4))
    assert delay <= found <= delay * float(1 + JITTER)


def test_the_same_try_waits_equally_long_and_others_do_not() -> None:
    waits = {retry_at(NOON, delivery, 1, BACKOFF, None) for delivery in range(50)}
    assert len(waits) > 40
    assert retry_at(NOON, 7, 1, BACKOFF, None) == retry_at(NOON, 7, 1, BACKOFF, None)


def test_a_retry_keeps_the_quiet_hours() -> None:
    assert retry_at(china(20, 50), 7, 3, BACKOFF, EVENING) == china(8, day=2)


@given(
    st.integers(0, 3 * 366 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.times(),
    st.times(),
)
def test_what_is_moved_is_moved_to_the_first_instant_that_is_not_quiet(at: datetime, begins: time, ends: time) -> None:
    if begins == ends:
        return
    quiet = QuietHours(begins=begins, ends=ends)
    found = after_quiet(at, quiet)
    assert not quiet.covers(found)
    assert at <= found <= at + timedelta(days=1)
    assert found == at or quiet.covers(found - timedelta(microseconds=1))


@given(st.integers(1, 10**12), st.integers(1, 20), st.integers(0, 3 * 366 * 86_400))
def test_no_wait_is_longer_than_the_longest(delivery: int, tries: int, seconds: int) -> None:
    now = NOON + timedelta(seconds=seconds)
    assert now < retry_at(now, delivery, tries, BACKOFF, EVENING) <= now + BACKOFF.longest_wait
