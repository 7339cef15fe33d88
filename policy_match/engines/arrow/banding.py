"""Bands and steps: whole-amount and marginal rates, values per band, awards per step.

Guarantees exact results; below the lowest band the result is unknown.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from policy_match.engines.arrow import arithmetic
from policy_match.engines.arrow.columns import Numbers
from policy_match.engines.arrow.comparisons import compare_numbers
from policy_match.engines.arrow.masks import Mask, Places, both, either
from policy_match.expressions.nodes import BandRule, Comparator, StepRounding


def bands(rule: BandRule, lower: Sequence[Decimal], values: Sequence[Decimal]) -> Callable[[Numbers], Numbers]:
    """Return the operation that gives x × rate, the sum of the parts of x each at its own rate, or a band's value.

    Below the lowest band it reads the first row of the tables; nothing of that is known.
    """
    bounds = [Numbers.of(Fraction(bound)) for bound in lower]
    table = Numbers.table([Fraction(0), *map(Fraction, values)])
    offsets = Numbers.table([Fraction(0), *_offsets(lower, values)])

    def of_band(number: Numbers) -> Numbers:
        band, close = _band(number, bounds)
        result = table.take(band)
        if rule is not BandRule.VALUE:
            result = arithmetic.multiply(number, result)
            if rule is BandRule.MARGINAL:
                result = arithmetic.add(result, offsets.take(band))
            result = arithmetic.bounded(result)
        known = both(both(number.known, result.known), band > 0)
        return replace(result, known=known).losing(either(number.lost, close))

    return of_band


def _band(number: Numbers, bounds: Sequence[Numbers]) -> tuple[Places, Mask | None]:
    """Return how many bounds are reached, and the rows where that could not be decided."""
    band: Places = np.zeros(1, np.intp)
    close: Mask | None = None
    for bound in bounds:
        reached, undecided = compare_numbers(Comparator.GE, number, bound)
        band, close = band + reached, either(close, undecided)
    return band, close


def _offsets(lower: Sequence[Decimal], values: Sequence[Decimal]) -> list[Fraction]:
    # In band i the sum of the parts is x × rate[i] plus a constant: the full lower bands minus lower[i] × rate[i].
    bounds, rates = [Fraction(bound) for bound in lower], [Fraction(value) for value in values]
    full = Fraction(0)
    offsets: list[Fraction] = []
    for place, (bound, rate) in enumerate(zip(bounds, rates, strict=True)):
        if place:
            full += (bound - bounds[place - 1]) * rates[place - 1]
        offsets.append(full - bound * rate)
    return offsets


def per_step(number: Numbers, step: Decimal, award: Numbers, rounding: StepRounding) -> Numbers:
    """Return the award times x / step, with a part of a step dropped, counted as one, or paid in proportion."""
    steps = arithmetic.multiply(number, Numbers.of(1 / Fraction(step)))
    match rounding:
        case StepRounding.FLOOR:
            steps = arithmetic.floor(steps)
        case StepRounding.CEILING:
            steps = arithmetic.ceiling(steps)
        case StepRounding.PROPORTIONAL:
            pass
    return arithmetic.bounded(arithmetic.multiply(steps, award))
