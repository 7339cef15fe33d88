"""Money, periods and months."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from policy_match.values import Money, Period, Truth, add_months, months_between, round_half_up


def test_money_is_exact_fen() -> None:
    assert Money.from_yuan("0.01") == Money(1)
    assert Money.from_yuan(Decimal("-12.30")) == Money(-1_230)
    assert Money.from_yuan(7) + Money(5) == Money(705)
    assert Money(123_456_789).yuan == Decimal("1234567.89")
    assert str(Money(123_456_789)) == "1,234,567.89"
    assert sorted([Money(2), Money(-1)]) == [Money(-1), Money(2)]


def test_part_of_a_fen_is_not_money() -> None:
    with pytest.raises(ValueError, match=r"0\.005 yuan is not a whole number of fen"):
        Money.from_yuan("0.005")


@pytest.mark.parametrize(
    ("number", "rounded"),
    [("1/2", 1), ("-1/2", 0), ("3/2", 2), ("-3/2", -1), ("1/3", 0), ("-2/3", -1), ("5", 5), ("49999/100000", 0)],
)
def test_an_exact_half_goes_up(number: str, rounded: int) -> None:
    assert round_half_up(Fraction(number)) == rounded
    assert Money.from_yuan_half_up(Fraction(number) / 100) == Money(rounded)


def test_unknown_is_a_truth_of_its_own() -> None:
    assert [Truth.of(value) for value in (True, False, None)] == [Truth.TRUE, Truth.FALSE, Truth.UNKNOWN]


def test_a_period_holds_both_ends() -> None:
    closed, opened = Period(date(2025, 1, 1), date(2025, 12, 31)), Period(date(2026, 1, 1))
    assert [date(2024, 12, 31) in closed, date(2025, 1, 1) in closed, date(2025, 12, 31) in closed] == [
        False,
        True,
        True,
    ]
    assert date(2026, 1, 1) not in closed
    assert date.max in opened
    assert not closed.overlaps(opened)
    assert not opened.overlaps(closed)
    assert Period(date(2025, 12, 31)).overlaps(closed)
    assert closed.overlaps(Period(date(2020, 1, 1), date(2025, 1, 1)))
    assert Period(date.min).overlaps(opened)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-12-31", -10, "2025-02-28"),
        ("2025-06-30", 0, "2025-06-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("0001-01-31", 0, "0001-01-31"),
    ],
)
def test_a_month_ends_on_the_corresponding_or_the_last_day(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.parametrize(("day", "months"), [(date.min, -1), (date.max, 1), (date(2025, 1, 1), 10**9)])
def test_months_beyond_the_calendar_are_none(day: date, months: int) -> None:
    assert add_months(day, months) is None


def test_months_between_counts_whole_months() -> None:
    assert months_between(date(2025, 1, 31), date(2025, 2, 28)) == 1
    assert months_between(date(2025, 1, 31), date(2025, 2, 27)) == 0
    assert months_between(date(2025, 2, 28), date(2025, 1, 31)) == -1
    assert months_between(date.min, date.max) == 119_987
    assert months_between(date.max, date.min) == -119_988
