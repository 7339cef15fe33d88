"""Truths in bulk: Arrow's Kleene kernels, and the choice between two columns.

Guarantees that unknown is a truth of its own: it is never taken for false.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.engines.arrow import arithmetic, texts
from policy_match.engines.arrow.columns import Column, Days, Lists, Numbers, Texts, Truths, day_number
from policy_match.engines.arrow.comparisons import compare_numbers
from policy_match.engines.arrow.masks import both, chosen_of, either
from policy_match.expressions.nodes import Comparator, Scalar


def conjunction(left: Truths, right: Truths) -> Truths:
    """Return Kleene's and."""
    return Truths(pc.and_kleene(left.array, right.array), either(left.lost, right.lost))


def disjunction(left: Truths, right: Truths) -> Truths:
    """Return Kleene's or."""
    return Truths(pc.or_kleene(left.array, right.array), either(left.lost, right.lost))


def negation(operand: Truths) -> Truths:
    """Return Kleene's not."""
    return Truths(pc.invert(operand.array), operand.lost)


def is_unknown(operand: Column) -> Truths:
    """Return whether the operand is unknown; always known itself."""
    known = operand.known
    if known is None:
        return Truths(pa.scalar(False), operand.lost)
    return Truths.of(~known, None, operand.lost)


def one_of(operand: Column, options: Sequence[Scalar]) -> Truths:
    """Return whether the operand is one of the constants."""
    match operand:
        case Numbers():
            numbers = [option for option in options if isinstance(option, Decimal)]
            found = [compare_numbers(Comparator.EQ, operand, Numbers.of(Fraction(number))) for number in numbers]
            lost = operand.lost
            for _, close in found:
                lost = either(lost, close)
            return Truths.of(np.logical_or.reduce([equal for equal, _ in found]), operand.known, lost)
        case Days():
            days = [day_number(option) for option in options if not isinstance(option, Decimal | str | bool)]
            return Truths.of(np.isin(operand.days, days), operand.known, operand.lost)
        case Texts():
            return texts.one_of(operand, [option for option in options if isinstance(option, str)])
        case Truths():
            is_true, known = operand.masks()
            return Truths.of(np.isin(is_true, [bool(option) for option in options]), known, operand.lost)
        case Lists():
            raise AssertionError("the checker lets no list be looked for")


def conditional(condition: Truths, when_true: Column, when_false: Column) -> Column:
    """Return the chosen branch; unknown where the condition is."""
    chosen, known = condition.masks()
    lost = either(condition.lost, either(when_true.lost, when_false.lost))
    match when_true, when_false:
        case Numbers(), Numbers():
            number = arithmetic.choose(chosen, when_true, when_false)
            return replace(number, known=both(number.known, known)).losing(lost)
        case Days(), Days():
            days = np.where(chosen, when_true.days, when_false.days)
            return Days(days, both(chosen_of(chosen, when_true.known, when_false.known), known), lost)
        case Texts(), Texts():
            return texts.choose(chosen, known, when_true, when_false).losing(lost)
        case Truths(), Truths():
            return Truths(pc.if_else(condition.array, when_true.array, when_false.array), lost)
        case Lists(), Lists():
            return Lists(pc.if_else(condition.array, when_true.array, when_false.array), lost)
    raise AssertionError("the checker gives both branches one type")
