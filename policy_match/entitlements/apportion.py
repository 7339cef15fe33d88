"""Splitting whole fen by weights, exactly: the method of largest remainders.

Guarantees that the parts add up to the whole and that none is off its exact share by a fen or more.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import lcm


def apportion(fen: int, weights: Sequence[int | Decimal]) -> tuple[int, ...]:
    """Return one part of `fen` (not below 0) per weight; the fen that are left go to the largest remainders.

    Weights are not negative and not all 0. Of equal remainders the first comes first. Hamilton's method.
    """
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = lcm(*(denominator for _, denominator in ratios))
    whole = [numerator * (scale // denominator) for numerator, denominator in ratios]
    total = sum(whole)
    assert fen >= 0 and total > 0 and min(whole) >= 0
    parts, remainders = [], []
    for place, weight in enumerate(whole):
        part, remainder = divmod(fen * weight, total)
        parts.append(part)
        remainders.append((-remainder, place))
    for _, place in sorted(remainders)[: fen - sum(parts)]:
        parts[place] += 1
    return tuple(parts)
