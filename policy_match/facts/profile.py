"""What the values of a fact look like: range, spread, frequent values.

Guarantees that numbers are exact and in the fact's unit (money in yuan), and that unknown values are in none of the
figures: how many there are is said by `quality`. Making profiles is the work of the import.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueCount:
    """How many rows have one value."""

    value: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """How many rows have a value of at least `lower` and below `upper`.

    For values below zero the other way round: above `lower` and at most `upper`. `lower == upper == 0` is zero itself.
    """

    lower: Decimal
    upper: Decimal
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberProfile:
    """Numbers. Percentiles are values that occur, taken from every `every`-th known value (1: from all).

    `values` counts each value where there are only few; `bins` are of logarithmic width, without holes between the
    first and the last that have rows. The other figures are from all known values.
    """

    minimum: Decimal
    percentile_5: Decimal
    median: Decimal
    percentile_95: Decimal
    maximum: Decimal
    zeros: int
    every: int
    values: tuple[ValueCount, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DateProfile:
    """Dates, and how many rows each year has. The median is taken from every `every`-th known value (1: from all)."""

    earliest: date
    median: date
    latest: date
    every: int
    years: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextProfile:
    """Words. `distinct` counts the different ones; when not `distinct_exact`, to about one in a hundred.

    `top` holds the most frequent words that may be shown, and `rows_not_shown` counts the rows with other words.
    """

    distinct: int
    distinct_exact: bool
    top: tuple[ValueCount, ...]
    rows_not_shown: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BooleanProfile:
    """Yes and no."""

    true: int
    false: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListProfile:
    """Lists. `entries` counts the entries of all, `lengths` says how many each list has; an empty list has 0."""

    entries: int
    lengths: NumberProfile


FactProfile = NumberProfile | DateProfile | TextProfile | BooleanProfile | ListProfile
