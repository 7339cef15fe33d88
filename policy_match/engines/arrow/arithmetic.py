"""Arithmetic on columns of exact rationals.

Guarantees that nothing is rounded except where the rule says so, that dividing by zero is unknown, and that a result
of 10**36 or more is unknown. Whether int64 is enough is decided in `integers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from policy_match.engines.arrow.columns import Numbers
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import Mask, both, chosen_of
from policy_match.expressions.nodes import Operator
from policy_match.expressions.semantics import MAGNITUDE_LIMIT

ONE = Integers.of(1)


def bounded(number: Numbers) -> Numbers:
    """Return the numbers with overflows unknown. What int64 holds is below the limit anyway."""
    if not number.exact:
        return number
    limit = Integers.of(MAGNITUDE_LIMIT * 10**number.scale)
    if number.divisor is not None:
        limit = limit * number.divisor
    within = np.less(np.abs(number.numerator.values), limit.values).astype(np.bool_)
    return replace(number, known=both(number.known, within))


def add(left: Numbers, right: Numbers) -> Numbers:
    """Return left + right."""
    known = both(left.known, right.known)
    first, second, scale, divisor = on_one_scale(left, right)
    return Numbers(first + second, scale, divisor, known)


def negate(number: Numbers) -> Numbers:
    """Return the numbers with the other sign."""
    return replace(number, numerator=-number.numerator)


def absolute(number: Numbers) -> Numbers:
    """Return the numbers without their sign."""
    return replace(number, numerator=abs(number.numerator))


def subtract(left: Numbers, right: Numbers) -> Numbers:
    """Return left - right."""
    return add(left, negate(right))


def multiply(left: Numbers, right: Numbers) -> Numbers:
    """Return left × right."""
    left, right = alike(left, right)
    divisor = _times(left.divisor, right.divisor)
    scale = left.scale + right.scale
    return Numbers(left.numerator * right.numerator, scale, divisor, both(left.known, right.known))


def divide(left: Numbers, right: Numbers) -> Numbers:
    """Return left / right as a quotient of integers; unknown where right is zero."""
    constant = right.constant()
    if constant:
        return multiply(left, Numbers.of(1 / constant))
    left, right = alike(left, right)
    known = both(left.known, right.known)
    divisor = abs(right.numerator)
    if divisor.low < 1:
        nonzero = np.not_equal(divisor.values, 0).astype(np.bool_, copy=False)
        known = both(known, nonzero)
        divisor = Integers(np.maximum(divisor.values, 1), 1, max(divisor.high, 1), divisor.lost)  # 1 instead of 0
    numerator = left.numerator if right.divisor is None else left.numerator * right.divisor
    if right.numerator.low < 0:
        numerator = (-numerator).where(np.less(right.numerator.values, 0).astype(np.bool_, copy=False), numerator)
    shift = right.scale - left.scale
    return Numbers(
        numerator.scaled(max(shift, 0)),
        max(-shift, 0),
        divisor if left.divisor is None else divisor * left.divisor,
        known,
    )


def truncate(number: Numbers) -> Numbers:
    """Return the numbers without their fraction, towards zero."""
    whole = abs(number.numerator) // denominator(number)
    if number.numerator.low < 0:
        whole = (-whole).where(number.numerator.values < 0, whole)
    return Numbers(whole, known=number.known)


def remainder(left: Numbers, right: Numbers) -> Numbers:
    """Return what truncating division leaves; it has the sign of `left`."""
    return subtract(left, multiply(right, truncate(divide(left, right))))


def floor(number: Numbers) -> Numbers:
    """Return the whole numbers at or below."""
    if number.scale == 0 and number.divisor is None:
        return number
    return Numbers(number.numerator // denominator(number), known=number.known)


def ceiling(number: Numbers) -> Numbers:
    """Return the whole numbers at or above."""
    return negate(floor(negate(number)))


def round_to(number: Numbers, digits: int) -> Numbers:
    """Return the numbers rounded to `digits` decimals; an exact half goes towards plus infinity."""
    return Numbers(rounded_units(number, digits), digits, known=number.known)


def rounded_units(number: Numbers, digits: int) -> Integers:
    """Return floor(number × 10**digits + 1/2): for yuan and two digits, the fen."""
    shift = digits - number.scale
    if number.divisor is None and shift >= 0:
        return number.numerator.scaled(shift)
    if number.divisor is None:
        return (number.numerator + Integers.of(10**-shift // 2)) // Integers.of(10**-shift)
    whole = number.divisor.scaled(max(-shift, 0))
    return (number.numerator * Integers.of(2 * 10 ** max(shift, 0)) + whole) // (whole + whole)


def power(number: Numbers, exponent: int) -> Numbers:
    """Return number**exponent; 0**0 is 1."""
    result = replace(number, numerator=number.numerator * Integers.of(0) + ONE, scale=0, divisor=None)
    for _ in range(exponent):
        result = multiply(result, number)
    return result


def growth(current: Numbers, base: Numbers) -> Numbers:
    """Return current / base - 1; unknown where base is zero or negative."""
    change = subtract(divide(current, base), Numbers(ONE))
    return replace(change, known=both(change.known, base.numerator.values > 0))


def mean(numbers: Sequence[Numbers]) -> Numbers:
    """Return sum / n."""
    total = numbers[0]
    for number in numbers[1:]:
        total = add(total, number)
    return multiply(total, Numbers.of(Fraction(1, len(numbers))))


def denominator(number: Numbers) -> Integers:
    """Return divisor × 10**scale."""
    return (number.divisor or ONE).scaled(number.scale)


def alike(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """Return both as Python integers if one of them is, so that nothing more is lost."""
    return (left.widened(), right.widened()) if left.exact or right.exact else (left, right)


def on_one_scale(left: Numbers, right: Numbers) -> tuple[Integers, Integers, int, Integers | None]:
    """Return both numerators over one denominator: a scale and a divisor."""
    left, right = alike(left, right)
    scale = max(left.scale, right.scale)
    first = left.numerator.scaled(scale - left.scale)
    second = right.numerator.scaled(scale - right.scale)
    if left.divisor is right.divisor:
        return first, second, scale, left.divisor
    if right.divisor is not None:
        first = first * right.divisor
    if left.divisor is not None:
        second = second * left.divisor
    return first, second, scale, _times(left.divisor, right.divisor)


def choose(chosen: Mask, left: Numbers, right: Numbers) -> Numbers:
    """Return left in the chosen rows, right elsewhere; each known where it is known itself."""
    left, right = alike(left, right)
    scale = max(left.scale, right.scale)
    first = left.numerator.scaled(scale - left.scale)
    second = right.numerator.scaled(scale - right.scale)
    divisor = None
    if left.divisor is not None or right.divisor is not None:
        divisor = (left.divisor or ONE).where(chosen, right.divisor or ONE)
    return Numbers(first.where(chosen, second), scale, divisor, chosen_of(chosen, left.known, right.known))


def _times(left: Integers | None, right: Integers | None) -> Integers | None:
    if left is None or right is None:
        return right if left is None else left
    return left * right


OPERATIONS: dict[Operator, Callable[[Numbers, Numbers], Numbers]] = {
    Operator.ADD: add,
    Operator.SUBTRACT: subtract,
    Operator.MULTIPLY: multiply,
    Operator.DIVIDE: divide,
    Operator.WHOLE_DIVIDE: lambda left, right: truncate(divide(left, right)),
    Operator.REMAINDER: remainder,
}
