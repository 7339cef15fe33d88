"""Pauses grow, are bounded, and lock nobody out for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.identity.throttle import PER_ACCOUNT, PER_ADDRESS, Failures, ThrottleRule, network_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

seconds = st.integers(1, 3600).map(lambda number: timedelta(seconds=number))
rules = st.builds(
    lambda free, first, more, window: ThrottleRule(free=free, first=first, longest=first + more, window=window),
    st.integers(1, 100),
    seconds,
    seconds,
    seconds,
)


@given(rules, st.integers(0, 10**9), st.integers(0, 1000))
def test_a_pause_never_shrinks_with_more_failures(rule: ThrottleRule, failures: int, more: int) -> None:
    assert rule.pause(failures) <= rule.pause(failures + more)


@given(rules, st.integers(0, 10**9))
def test_no_pause_is_longer_than_the_longest(rule: ThrottleRule, failures: int) -> None:
    assert timedelta(0) <= rule.pause(failures) <= rule.longest
    held = rule.held_until(Failures(count=failures, latest=NOW))
    assert held is None or held <= NOW + rule.longest


@given(rules)
def test_free_failures_cost_nothing_and_the_next_the_first_pause(rule: ThrottleRule) -> None:
    assert rule.held_until(Failures(count=rule.free - 1, latest=NOW)) is None
    assert rule.held_until(Failures(count=rule.free, latest=NOW)) == NOW + rule.first


@pytest.mark.parametrize("rule", [PER_ACCOUNT, PER_ADDRESS])
def test_a_day_of_guessing_at_the_default_pace_is_few_guesses(rule: ThrottleRule) -> None:
    at, failures, tries = NOW, 0, 0
    while at < NOW + rule.window:
        tries, failures = tries + 1, failures + 1
        at += max(rule.pause(failures), timedelta(milliseconds=100))
    assert tries < 400


def test_nobody_tried_means_nobody_waits() -> None:
    assert PER_ACCOUNT.held_until(Failures(count=0, latest=None)) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "unix:", True),
    ],
)
def test_what_costs_an_attacker_nothing_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
