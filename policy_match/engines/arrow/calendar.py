"""Dates in bulk: calendar months, whole days, and the clamping of Civil Code art. 202.

Guarantees the same days as `values.add_months` and `values.months_between`; outside the years 1 to 9999 the result
is unknown.
"""

from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy_match.engines.arrow import arithmetic
from policy_match.engines.arrow.columns import Days, Numbers, day_number
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import Mask, both, either

Whole = NDArray[np.signedinteger[Any]]

FIRST_DAY, LAST_DAY = day_number(date.min), day_number(date.max)
MONTHS_BEFORE_1970 = 1970 * 12
FIRST_MONTH, LAST_MONTH = 12, 9999 * 12 + 11
"""Months counted as year × 12 + month - 1."""

TABLE_FIRST, TABLE_LAST = day_number(date(1900, 1, 1)), day_number(date(2100, 12, 31))
"""Days whose month is looked up; the rest is calculated, which is slower."""


def year(days: Days) -> Numbers:
    """Return the calendar year."""
    months, _ = months_and_days(days.days)
    return Numbers(_small(months // 12, 1, 9999, days.lost), known=days.known)


def month(days: Days) -> Numbers:
    """Return the calendar month, 1 to 12."""
    months, _ = months_and_days(days.days)
    return Numbers(_small(months % 12 + 1, 1, 12, days.lost), known=days.known)


def days_between(start: Days, end: Days) -> Numbers:
    """Return the days from `start` to `end`."""
    count = end.days.astype(np.int64) - start.days
    span = LAST_DAY - FIRST_DAY
    return Numbers(_small(count, -span, span, either(start.lost, end.lost)), known=both(start.known, end.known))


def months_between(start: Days, end: Days) -> Numbers:
    """Return how many whole months have passed: the largest n with add_months(start, n) <= end."""
    start_months, start_days = months_and_days(start.days)
    end_months, end_days = months_and_days(end.days)
    clamped = np.minimum(start_days, _lengths()[end_months])
    count = end_months - start_months - (clamped > end_days)
    return Numbers(
        _small(count, -LAST_MONTH - 1, LAST_MONTH, either(start.lost, end.lost)), known=both(start.known, end.known)
    )


def add_months(start: Days, count: Numbers) -> Days:
    """Return the corresponding day, or the last of its month; unknown for a part of a month or out of range."""
    whole, is_whole = _whole(count)
    months, days = months_and_days(start.days)
    target, inside = _within(whole.values + months, FIRST_MONTH, LAST_MONTH)
    reached = _first_days()[target] + np.minimum(days, _lengths()[target]) - 1
    return Days(reached, both(both(start.known, count.known), both(is_whole, inside)), either(start.lost, whole.lost))


def add_days(start: Days, count: Numbers) -> Days:
    """Return the day so many days later; unknown for a part of a day or out of range."""
    whole, is_whole = _whole(count)
    reached, inside = _within(whole.values + start.days, FIRST_DAY, LAST_DAY)
    return Days(reached, both(both(start.known, count.known), both(is_whole, inside)), either(start.lost, whole.lost))


def months_and_days(days: NDArray[Any]) -> tuple[Whole, Whole]:
    """Return year × 12 + month - 1, and the day of the month."""
    if len(days) == 0 or days.min() < TABLE_FIRST or days.max() > TABLE_LAST:
        return _calculated(days)
    months, in_month = _table()
    places = days.astype(np.intp) - TABLE_FIRST
    return months.take(places), in_month.take(places)


def _calculated(days: NDArray[Any]) -> tuple[Whole, Whole]:
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    in_month = days - months.astype("datetime64[D]").astype(np.int64) + 1
    return (months.astype(np.int64) + MONTHS_BEFORE_1970).astype(np.int32), in_month.astype(np.int8)


@cache
def _table() -> tuple[Whole, Whole]:
    return _calculated(np.arange(TABLE_FIRST, TABLE_LAST + 1))


@cache
def _first_days() -> NDArray[np.int32]:
    """The first day of every month, by month; one month more than a date can have."""
    months = np.arange(LAST_MONTH + 2) - MONTHS_BEFORE_1970
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64).astype(np.int32)


@cache
def _lengths() -> Whole:
    """The days of every month, by month."""
    return np.diff(_first_days()).astype(np.int8)


def _whole(count: Numbers) -> tuple[Integers, Mask | None]:
    if count.scale == 0 and count.divisor is None:
        return count.numerator, None
    unit = arithmetic.denominator(count)
    whole = count.numerator // unit
    product = whole * unit
    is_whole = np.equal(product.values, count.numerator.values).astype(np.bool_, copy=False)
    return Integers(whole.values, whole.low, whole.high, either(whole.lost, product.lost)), is_whole


def _within(values: NDArray[Any], low: int, high: int) -> tuple[NDArray[np.int32], Mask]:
    inside = ((values >= low) & (values <= high)).astype(np.bool_, copy=False)
    return np.where(inside, values, low).astype(np.int32), inside


def _small(values: NDArray[Any], low: int, high: int, lost: Mask | None) -> Integers:
    return Integers(values.astype(np.int64, copy=False), low, high, lost)
