"""The values of one expression on many rows: numbers, days, texts, truths and lists.

Guarantees that *known* is kept beside every value and that numbers are exact. A column of length 1 is a constant and
stands for every row. `lost` rows are those whose arithmetic did not fit int64; they must be evaluated again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from policy_match.engines.arrow.entries import Entries
from policy_match.engines.arrow.integers import SAFE, Integers
from policy_match.engines.arrow.masks import Mask, Places, either, truth_array, truth_masks, validity
from policy_match.engines.arrow.words import Words
from policy_match.expressions.nodes import Scalar, ValueType

EPOCH = date(1970, 1, 1).toordinal()


REMEMBERED_FRACTIONS = 4_096
"""Constants repeat from batch to batch; this many are kept as fractions."""


def day_number(day: date) -> int:
    """Return the day as Arrow's date32 counts it."""
    return day.toordinal() - EPOCH


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Exact rationals: numerator / (divisor × 10**scale); without `divisor` it is 1. Divisors are at least 1."""

    numerator: Integers
    scale: int = 0
    divisor: Integers | None = None
    known: Mask | None = None

    @classmethod
    def of(cls, fraction: Fraction) -> "Numbers":
        """Return a constant. Factors 2 and 5 of the denominator become decimals, which cost no division later."""
        scale = max(_power_in(fraction.denominator, 2), _power_in(fraction.denominator, 5))
        scaled = fraction * 10**scale
        divisor = None if scaled.denominator == 1 else Integers.of(scaled.denominator)
        return cls(Integers.of(scaled.numerator), scale, divisor)

    @classmethod
    def table(cls, fractions: Sequence[Fraction]) -> "Numbers":
        """Return decimal constants as a column from which rows are taken."""
        scale = max(cls.of(fraction).scale for fraction in fractions)
        return cls(Integers.of(*(int(fraction * 10**scale) for fraction in fractions)), scale)

    @property
    def lost(self) -> Mask | None:
        """The rows whose value did not fit."""
        return either(self.numerator.lost, None if self.divisor is None else self.divisor.lost)

    @property
    def exact(self) -> bool:
        """Whether Python integers take part."""
        return self.numerator.exact or (self.divisor is not None and self.divisor.exact)

    def constant(self) -> Fraction | None:
        """Return the one value of all rows, if this is a known constant."""
        if len(self.numerator.values) > 1 or self.known is not None or self.lost is not None:
            return None
        if self.divisor is not None and len(self.divisor.values) > 1:
            return None
        divisor = 1 if self.divisor is None else int(self.divisor.values[0])
        return _fraction(int(self.numerator.values[0]), divisor, self.scale)

    def losing(self, rows: Mask | None) -> "Numbers":
        """Return the same with these rows lost besides."""
        return replace(self, numerator=replace(self.numerator, lost=either(self.numerator.lost, rows)))

    def widened(self) -> "Numbers":
        """Return the same values as Python integers."""
        divisor = None if self.divisor is None else self.divisor.widened()
        return replace(self, numerator=self.numerator.widened(), divisor=divisor)

    def take(self, rows: Places) -> "Numbers":
        """Return the given rows of a full column."""
        assert self.divisor is None, "facts and tables have no divisor"
        return Numbers(
            self.numerator.take(rows), self.scale, None, None if self.known is None else self.known.take(rows)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Dates as days since 1970-01-01."""

    days: NDArray[Any]
    known: Mask | None = None
    lost: Mask | None = None

    def losing(self, rows: Mask | None) -> "Days":
        """Return the same with these rows lost besides."""
        return replace(self, lost=either(self.lost, rows))

    def widened(self) -> "Days":
        """Return itself: a day always fits."""
        return self

    def take(self, rows: Places) -> "Days":
        """Return the given rows of a full column."""
        return Days(self.days.take(rows), None if self.known is None else self.known.take(rows))


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Strings as numbers into `words`; words may repeat. An unknown row has the number `len(words)`."""

    words: Words
    codes: NDArray[np.int32]
    known: Mask | None = None
    lost: Mask | None = None

    @property
    def constant(self) -> pa.StringScalar | None:
        """The one text of all rows, if this is a known constant."""
        one = len(self.codes) == 1 and self.known is None
        return self.words.array[int(self.codes[0])] if one else None

    def losing(self, rows: Mask | None) -> "Texts":
        """Return the same with these rows lost besides."""
        return replace(self, lost=either(self.lost, rows))

    def widened(self) -> "Texts":
        """Return itself."""
        return self

    def take(self, rows: Places) -> "Texts":
        """Return the given rows of a full column."""
        return Texts(self.words, self.codes.take(rows), None if self.known is None else self.known.take(rows))


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """Kleene truths, packed; null is unknown. A scalar stands for every row."""

    array: pa.BooleanArray | pa.BooleanScalar
    lost: Mask | None = None

    @classmethod
    def of(cls, is_true: Mask, known: Mask | None, lost: Mask | None = None) -> "Truths":
        """Return packed truths from masks, of which some may stand for every row."""
        count = max(len(is_true), 1 if known is None else len(known))
        full = is_true if len(is_true) == count else np.broadcast_to(is_true, count)
        if known is not None and len(known) != count:
            known = np.broadcast_to(known, count)
        array = truth_array(full, known)
        return cls(array[0] if count == 1 else array, lost)

    @property
    def known(self) -> Mask | None:
        """Which rows are known; `None` if all are."""
        return self.masks()[1]

    def masks(self) -> tuple[Mask, Mask | None]:
        """Return which rows are true, and which are known."""
        if isinstance(self.array, pa.BooleanScalar):
            known = None if self.array.is_valid else np.zeros(1, np.bool_)
            return np.array([self.array.as_py() is True]), known
        return truth_masks(self.array)

    def losing(self, rows: Mask | None) -> "Truths":
        """Return the same with these rows lost besides."""
        return replace(self, lost=either(self.lost, rows))

    def widened(self) -> "Truths":
        """Return itself."""
        return self

    def take(self, rows: Places) -> "Truths":
        """Return the given rows of a full column."""
        is_true, known = self.masks()
        return Truths.of(is_true.take(rows), None if known is None else known.take(rows))


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of strings, as Arrow keeps them."""

    array: pa.ListArray
    lost: Mask | None = None

    @property
    def known(self) -> Mask | None:
        """Which rows are known; `None` if all are."""
        return validity(self.array)

    @cached_property
    def entries(self) -> Entries:
        """The entries one after another."""
        return Entries.of(self.array)

    def losing(self, rows: Mask | None) -> "Lists":
        """Return the same with these rows lost besides."""
        return replace(self, lost=either(self.lost, rows))

    def widened(self) -> "Lists":
        """Return itself."""
        return self

    def take(self, rows: Places) -> "Lists":
        """Return the given rows of a full column."""
        return Lists(self.array.take(pa.array(rows)))


Column = Numbers | Days | Texts | Truths | Lists


def fact_column(array: pa.Array, scale: int, value_type: ValueType) -> Column:
    """Return a fact's canonical Arrow column; numbers are `stored / 10**scale`."""
    match value_type:
        case ValueType.BOOLEAN:
            return Truths(array)
        case ValueType.STRING_LIST:
            return Lists(array)
        case ValueType.STRING:
            return _texts(array)
        case ValueType.DATE:
            days, known, _, _ = _fixed_width(array, np.int32, day_number(date.min), day_number(date.max))
            return Days(days, known)
        case ValueType.NUMBER:
            values, known, low, high = _fixed_width(array, np.int64, -SAFE, SAFE)
            return Numbers(Integers(values, low, high), scale, None, known)


def scalar_column(values: Sequence[Scalar | None], value_type: ValueType) -> Column:
    """Return constants of one type as a column; `None` is unknown."""
    known = None if None not in values else np.array([value is not None for value in values])
    match value_type:
        case ValueType.NUMBER:
            fractions = [Fraction(value) if isinstance(value, Decimal) else Fraction(0) for value in values]
            return replace(Numbers.table(fractions), known=known)
        case ValueType.DATE:
            days = [day_number(value) if isinstance(value, date) else 0 for value in values]
            return Days(np.array(days, np.int32), known)
        case ValueType.STRING:
            return _texts(pa.array(values, pa.string()))
        case ValueType.BOOLEAN:
            return Truths(pa.array(values, pa.bool_()))
        case ValueType.STRING_LIST:
            raise AssertionError("no constant is a list")


def _fixed_width(
    array: pa.Array, dtype: type[np.generic], least: int, most: int
) -> tuple[NDArray[Any], Mask | None, int, int]:
    """Return the values without a copy, which of them are known, and the bounds of all."""
    item = np.dtype(dtype).itemsize
    values: NDArray[Any] = np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=array.offset * item)
    known = validity(array)
    low, high = int(values.min()), int(values.max())
    if known is not None and (low < least or high > most):  # anything may stand under a null
        values = values * known
        low, high = int(values.min()), int(values.max())
    return values, known, low, high


def _texts(array: pa.Array) -> Texts:
    plain = isinstance(array, pa.DictionaryArray) and array.dictionary.null_count == 0
    encoded = array if plain else pc.dictionary_encode(array.cast(pa.string()))
    codes, known, _, _ = _fixed_width(encoded.indices, np.int32, 0, len(encoded.dictionary))
    if known is not None:
        codes = np.where(known, codes, np.int32(len(encoded.dictionary)))
    return Texts(Words(encoded.dictionary), codes, known)


@lru_cache(maxsize=REMEMBERED_FRACTIONS)
def _fraction(numerator: int, divisor: int, scale: int) -> Fraction:
    return Fraction(numerator, divisor * 10**scale)


def _power_in(number: int, prime: int) -> int:
    power = 0
    while number % prime == 0:
        number //= prime
        power += 1
    return power
