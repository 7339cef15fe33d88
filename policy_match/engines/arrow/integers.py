"""Columns of exact integers: int64 as long as that is proven to be enough.

Guarantees that no result is ever wrapped or rounded. Every column carries bounds; interval arithmetic decides
whether int64 can hold a result. Where the bounds cannot tell, a float estimate finds the rows that may not fit, and
these are `lost`: they are evaluated again on Python integers (numpy object arrays), where nothing is lost.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy_match.engines.arrow.masks import Mask, Places, either

SAFE = 2**62
"""Magnitudes up to this are kept in int64, so that the sum of two of them still fits."""

PLACEHOLDER = 1
"""Stands in a lost row; not 0, so that nothing divides by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Integers:
    """A column of integers, or one integer for all rows (a column of length 1).

    `low` and `high` bound every value, also those that stand where a row is unknown. `lost` rows hold a placeholder.
    """

    values: NDArray[Any]
    low: int
    high: int
    lost: Mask | None = None

    @classmethod
    def of(cls, *values: int) -> "Integers":
        """Return these integers as a column."""
        low, high = min(values), max(values)
        return cls(np.array(values, np.int64 if low >= -SAFE and high <= SAFE else object), low, high)

    @property
    def exact(self) -> bool:
        """Whether the column holds Python integers, which know no limit."""
        return self.values.dtype == object

    def widened(self) -> "Integers":
        """Return the same column as Python integers."""
        return self if self.exact else Integers(self.values.astype(object), self.low, self.high, self.lost)

    def take(self, rows: Places) -> "Integers":
        """Return the given rows of a full column."""
        return Integers(self.values.take(rows), self.low, self.high, None if self.lost is None else self.lost[rows])

    def __add__(self, other: "Integers") -> "Integers":
        return _operate(np.add, self, other, self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Integers") -> "Integers":
        return _operate(np.subtract, self, other, self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Integers") -> "Integers":
        corners = [left * right for left in (self.low, self.high) for right in (other.low, other.high)]
        return _operate(np.multiply, self, other, min(corners), max(corners))

    def __floordiv__(self, positive: "Integers") -> "Integers":
        """Return the quotients rounded down; every divisor is at least 1."""
        assert positive.low >= 1, "divisors are made positive first"
        corners = [value // divisor for value in (self.low, self.high) for divisor in (positive.low, positive.high)]
        values = np.floor_divide(self.values, positive.values)
        return Integers(values, min(corners), max(corners), either(self.lost, positive.lost))

    def __neg__(self) -> "Integers":
        return Integers(-self.values, -self.high, -self.low, self.lost)

    def __abs__(self) -> "Integers":
        if self.low >= 0:
            return self
        return Integers(np.abs(self.values), 0, max(-self.low, self.high), self.lost)

    def scaled(self, digits: int) -> "Integers":
        """Return the column times 10**digits, digits not negative."""
        return self.times(10**digits)

    def times(self, factor: int) -> "Integers":
        """Return the column times one integer."""
        return self if factor == 1 else self * Integers.of(factor)

    def at_most(self, limit: "Integers") -> "Integers":
        """Return the smaller of both in every row."""
        values = np.minimum(self.values, limit.values)
        return Integers(values, min(self.low, limit.low), min(self.high, limit.high), either(self.lost, limit.lost))

    def where(self, chosen: Mask, other: "Integers") -> "Integers":
        """Return this column in the chosen rows and `other` elsewhere."""
        return Integers(
            _chosen(chosen, self.values, other.values),
            min(self.low, other.low),
            max(self.high, other.high),
            either(self.lost, other.lost),
        )


def _chosen(chosen: Mask, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    if left.dtype == object or right.dtype == object:
        return np.where(chosen, left, right)
    # `np.where` branches on every row, which costs several times as much when the rows are mixed. A difference that
    # wraps around wraps back when it is added.
    mixed: NDArray[Any] = right + chosen * (left - right)
    return mixed


def _operate(operation: np.ufunc, left: Integers, right: Integers, low: int, high: int) -> Integers:
    lost = either(left.lost, right.lost)
    if left.exact or right.exact or (low >= -SAFE and high <= SAFE):
        return Integers(operation(left.values, right.values), low, high, lost)
    estimate = operation(left.values.astype(np.float64), right.values.astype(np.float64))
    beyond = np.abs(estimate) >= SAFE
    values = np.where(beyond, PLACEHOLDER, operation(left.values, right.values))
    return Integers(values, int(values.min()), int(values.max()), either(lost, beyond))
