"""Comparisons of columns: numbers exactly, texts by code point, dates, truths.

Guarantees that numbers are compared by cross-multiplication and never rounded: where int64 does not hold the
products, floats decide what is clearly apart, and the rest is left `lost` for Python integers.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from policy_match.engines.arrow import arithmetic
from policy_match.engines.arrow.columns import Column, Days, Numbers, Texts, Truths
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import Mask, both, either
from policy_match.engines.arrow.texts import compare_word
from policy_match.expressions.nodes import Comparator

CLEARLY_APART = 2.0**-46
"""Relative distance beyond which two products of floats are in the right order: each of the at most eight roundings
behind a product is off by 2**-53 at most."""

REMEMBERED_THRESHOLDS = 4_096
"""Constants repeat from batch to batch; the thresholds of this many comparisons are kept."""

ELEMENTWISE: dict[Comparator, Callable[[Any, Any], Any]] = {
    Comparator.EQ: np.equal,
    Comparator.NE: np.not_equal,
    Comparator.LT: np.less,
    Comparator.LE: np.less_equal,
    Comparator.GT: np.greater,
    Comparator.GE: np.greater_equal,
}

MIRRORED = {
    Comparator.EQ: Comparator.EQ,
    Comparator.NE: Comparator.NE,
    Comparator.LT: Comparator.GT,
    Comparator.LE: Comparator.GE,
    Comparator.GT: Comparator.LT,
    Comparator.GE: Comparator.LE,
}
"""The comparison that means the same with both sides exchanged."""


def compare(comparator: Comparator, left: Column, right: Column) -> Truths:
    """Return the truth of `left comparator right`, unknown where a side is."""
    known = both(left.known, right.known)
    lost = either(left.lost, right.lost)
    match left, right:
        case Numbers(), Numbers():
            is_true, close = compare_numbers(comparator, left, right)
            return Truths.of(is_true, known, either(lost, close))
        case Days(), Days():
            return Truths.of(ELEMENTWISE[comparator](left.days, right.days), known, lost)
        case Texts(), Texts():
            return Truths.of(_compare_texts(comparator, left, right), known, lost)
        case Truths(), Truths():
            return Truths.of(ELEMENTWISE[comparator](left.masks()[0], right.masks()[0]), known, lost)
    raise AssertionError("the checker lets only two numbers, texts, dates or truths be compared")


def compare_numbers(comparator: Comparator, left: Numbers, right: Numbers) -> tuple[Mask, Mask | None]:
    """Return the truth of every row, and the rows too close to be decided here (besides those already lost)."""
    constant = right.constant()
    if constant is not None and left.divisor is None:
        return _compare_constant(comparator, left, constant), None
    constant = left.constant()
    if constant is not None and right.divisor is None:
        return _compare_constant(MIRRORED[comparator], right, constant), None
    first, second = _sides(left, right)
    decided = ELEMENTWISE[comparator](first.values, second.values).astype(np.bool_, copy=False)
    beyond = either(first.lost, second.lost)
    if beyond is None:
        return decided, None
    approximate = _cross_product(left, right), _cross_product(right, left)
    distance = np.abs(approximate[0] - approximate[1])
    apart = distance > CLEARLY_APART * (np.abs(approximate[0]) + np.abs(approximate[1]))
    return np.where(beyond, ELEMENTWISE[comparator](*approximate), decided), beyond & ~apart


def _sides(left: Numbers, right: Numbers) -> tuple[Integers, Integers]:
    """Return integers that compare as the numbers do."""
    constant = right.constant()
    if constant is None or left.divisor is None or left.exact:
        first, second, _, _ = arithmetic.on_one_scale(left, right)
        return first, second
    # x / y >= 0.05 is 20 x >= y: the constant in lowest terms, and nothing multiplied by 1.
    limit = constant * 10**left.scale
    return left.numerator.times(limit.denominator), left.divisor.times(limit.numerator)


def _cross_product(number: Numbers, other: Numbers) -> NDArray[np.float64]:
    shift = max(other.scale - number.scale, 0)
    product = number.numerator.values.astype(np.float64) * 10.0**shift
    return product if other.divisor is None else product * other.divisor.values.astype(np.float64)


def _compare_constant(comparator: Comparator, number: Numbers, constant: Fraction) -> Mask:
    whole = _threshold(comparator, constant, number.scale)
    if whole is None:
        return np.full(len(number.numerator.values), comparator is Comparator.NE)
    result: Mask = ELEMENTWISE[comparator](number.numerator.values, whole).astype(np.bool_, copy=False)
    return result


@lru_cache(maxsize=REMEMBERED_THRESHOLDS)
def _threshold(comparator: Comparator, constant: Fraction, scale: int) -> int | None:
    """Return the integer with which numerators are compared; `None` if none is ever equal.

    On integers, x >= 2.5 is x >= 3 and x > 2.5 is x > 2; x == 2.5 is never true.
    """
    threshold = constant * 10**scale
    if comparator in (Comparator.EQ, Comparator.NE) and threshold.denominator != 1:
        return None
    rounded: int = ceil(threshold) if comparator in (Comparator.GE, Comparator.LT) else floor(threshold)
    return rounded


def _compare_texts(comparator: Comparator, left: Texts, right: Texts) -> Mask:
    if right.constant is not None:
        return compare_word(comparator, left, right.constant)
    if left.constant is not None:
        return compare_word(MIRRORED[comparator], right, left.constant)
    encoded = pc.dictionary_encode(pa.concat_arrays([left.words.array, right.words.array]))
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    ranks = rank[encoded.indices.to_numpy()]
    first, second = np.append(ranks[: len(left.words)], 0), np.append(ranks[len(left.words) :], 0)
    result: Mask = ELEMENTWISE[comparator](first[left.codes], second[right.codes])
    return result
