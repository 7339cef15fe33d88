"""The small values that every layer speaks: truth, money, periods and typed ids.

Guarantees that money is an integer number of fen and that *unknown* is a value of its own. Does no I/O and
reads no clock. What a rule computes with is `expressions`; what is stored is `storage`.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NewType

PolicyId = NewType("PolicyId", str)
FactName = NewType("FactName", str)
Uscc = NewType("Uscc", str)
"""Unified social credit code, GB 32100-2015, 18 characters in upper case."""
SnapshotId = NewType("SnapshotId", str)
SweepId = NewType("SweepId", str)
Digest = NewType("Digest", str)
"""Lower-case hexadecimal SHA-256."""

FEN_PER_YUAN = 100
MONEY_LIMIT_FEN = 10**18
"""Amounts are kept as decimal(18, 2): an amount of this many fen or more is not money but a mistake."""


class Truth(StrEnum):
    """Kleene's three truths. *Unknown* is what remains when a fact that matters is missing."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool | None) -> "Truth":
        """Return the truth of a Python value in which `None` stands for unknown."""
        if value is None:
            return cls.UNKNOWN
        return cls.TRUE if value else cls.FALSE


class Outcome(StrEnum):
    """What a policy says of one firm (or of one record of it)."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of yuan as an integer number of fen."""

    fen: int

    @classmethod
    def from_yuan(cls, yuan: Decimal | int | str) -> "Money":
        """Return exactly `yuan`. Raises `ValueError` when it has parts smaller than a fen."""
        fen = Fraction(Decimal(yuan)) * FEN_PER_YUAN
        if fen.denominator != 1:
            raise ValueError(f"{yuan} yuan is not a whole number of fen")
        return cls(fen.numerator)

    @classmethod
    def from_yuan_half_up(cls, yuan: Fraction) -> "Money":
        """Return `yuan` rounded once to the fen, half up (an exact half goes towards plus infinity)."""
        return cls(round_half_up(yuan * FEN_PER_YUAN))

    @property
    def yuan(self) -> Decimal:
        """The same amount in yuan with two decimals."""
        return Decimal(self.fen).scaleb(-2)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.fen + other.fen)

    def __str__(self) -> str:
        return f"{self.yuan:,.2f}"


def round_half_up(number: Fraction) -> int:
    """Return the nearest integer to `number`; an exact half goes towards plus infinity."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; an open end is `None`."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Period") -> bool:
        """Return whether at least one day lies in both."""
        return (other.last is None or self.first <= other.last) and (self.last is None or other.first <= self.last)


def add_months(day: date, months: int) -> date | None:
    """Return the corresponding day `months` later, or the last day of that month where it has none.

    Civil Code art. 202: a period in months ends on the corresponding day, or on the last day of the month.
    Returns `None` outside the years 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Return how many whole months have passed from `start` to `end` (negative when `end` is earlier).

    The largest n with `add_months(start, n) <= end`, so from 31 January to 28 February is one month
    (Civil Code art. 202).
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    reached = add_months(start, months)
    return months if reached is not None and reached <= end else months - 1
