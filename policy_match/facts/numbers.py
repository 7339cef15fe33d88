"""Columns of numbers as scaled integers, a whole column at a time.

Guarantees exactness: the digits as written decide, a number with more decimals than are kept is rounded half up
once, and what does not fit is refused. Units, signs of currency and thousands separators are left to `cells`.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.canonical import NUMBER_LIMIT
from policy_match.facts.converted import Converted, converted, either, refuse, refuse_missing
from policy_match.facts.reasons import Reason
from policy_match.values import round_half_up

PLAIN_NUMBER = r"^[+-]?\d{1,18}(\.\d{1,18})?$"
PLAIN_WHOLE = r"^[+-]?\d{1,18}$"
_DIGITS = 18


def from_text(
    cells: pa.Array,
    scale: int,
    read: Callable[[str], int | Reason],
    *,
    whole: bool = False,
    factor_digits: int = 0,
) -> Converted:
    """Return the numbers in a column of text times `10**(scale + factor_digits)`.

    Digits with an optional point (without one, when `whole`) are read a column at a time. Everything else is handed,
    each distinct text once, to `read`, which gives the scaled number or the reason for refusing it. With
    `factor_digits` the written number counts 10**factor_digits: 4 for amounts in ten thousand yuan.
    """
    pattern = PLAIN_WHOLE if whole else PLAIN_NUMBER
    plain = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
    if pc.all(pc.or_(plain, pc.is_null(cells))).as_py():
        return _from_plain(cells, scale + factor_digits)
    quick = _from_plain(pc.if_else(plain, cells, pa.scalar(None, pa.string())), scale + factor_digits)
    slow = from_distinct(pc.if_else(plain, pa.scalar(None, pa.string()), cells), read, pa.int64())
    return either(quick, slow)


def from_distinct(cells: pa.Array, read: Callable[[str], object], to: pa.DataType) -> Converted:
    """Return the column of what `read` makes of each distinct text, where `read` may give a `Reason` instead."""
    coded = pc.dictionary_encode(cells)
    read_once = [read(text) for text in coded.dictionary.to_pylist()]
    values = pa.array([None if isinstance(value, Reason) else value for value in read_once], to)
    refused = pa.array([value.value if isinstance(value, Reason) else None for value in read_once], pa.string())
    return converted(values.take(coded.indices), refused.take(coded.indices))


def from_decimals(numbers: pa.Array, scale: int) -> Converted:
    """Return decimals of any precision times `10**scale`."""
    written = numbers.type.scale
    limit = Decimal(NUMBER_LIMIT).scaleb(-scale)
    small = pc.less(pc.abs(numbers), pa.scalar(limit))
    room = pa.decimal128(38, written) if written <= _DIGITS else pa.decimal256(76, written)
    inside = pc.if_else(small, numbers, pa.scalar(None, numbers.type)).cast(room)
    if written > scale:
        inside = pc.round(inside, ndigits=scale, round_mode="half_up")
    inside = inside.cast(pa.decimal128(38, scale))
    as_whole = pa.Array.from_buffers(pa.decimal128(38, 0), len(inside), inside.buffers(), offset=inside.offset)
    return refuse_missing(numbers, as_whole.cast(pa.int64()), Reason.TOO_LARGE)


def from_integers(numbers: pa.Array, scale: int) -> Converted:
    """Return integers of any width times `10**scale`."""
    limit = NUMBER_LIMIT // 10**scale
    if pa.types.is_unsigned_integer(numbers.type):
        small = pc.less(numbers.cast(pa.uint64()), pa.scalar(limit, pa.uint64()))
    else:
        wide = numbers.cast(pa.int64())
        small = pc.and_(pc.less(wide, limit), pc.greater(wide, -limit))
    inside = pc.if_else(small, numbers, pa.scalar(None, numbers.type)).cast(pa.int64())
    return refuse_missing(numbers, pc.multiply(inside, 10**scale) if scale else inside, Reason.TOO_LARGE)


def from_floats(numbers: pa.Array, scale: int) -> Converted:
    """Return floats times `10**scale`, rounded as their shortest decimal text would be.

    A float that lies within its own error of a tie between two results is decided by its text, so 1.005 is 1.01.
    """
    known = pc.is_valid(numbers)
    given = pc.fill_null(numbers, 0).cast(pa.float64()).to_numpy(zero_copy_only=False)
    finite = np.isfinite(given)
    if not finite.all():
        given = np.where(finite, given, 0.0)
    scaled = given * 10.0**scale
    fits = np.abs(scaled) < NUMBER_LIMIT
    if not fits.all():
        scaled = np.where(fits, scaled, 0.0)
    nearest = np.rint(scaled)
    ties = np.abs(scaled - nearest) >= 0.5 - np.maximum(1e-6, np.abs(nearest) * 4e-16)
    result = nearest.astype(np.int64)
    for place in np.flatnonzero(ties & fits):
        result[place] = round_half_up(Fraction(repr(float(given[place]))) * 10**scale)
    column = Converted(values=pc.if_else(known, pa.array(result), pa.scalar(None, pa.int64())))
    if not finite.all():
        column = refuse(column, pa.array(~finite), Reason.NOT_A_NUMBER)
    return column if fits.all() else refuse(column, pa.array(~fits), Reason.TOO_LARGE)


def _from_plain(cells: pa.Array, scale: int) -> Converted:
    return from_decimals(cells.cast(pa.decimal128(2 * _DIGITS, _DIGITS)), scale)
