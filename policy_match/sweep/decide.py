"""One decision, step by step: conditions, then the amount. The order is the law of every engine.

Guarantees that an undetermined decision names what is missing and that money is rounded once. Doing this for a
whole registry is an engine's work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.expressions.nodes import Node, facts_read
from policy_match.expressions.semantics import Row, Unknown, Value, evaluate, unknown_of
from policy_match.values import MONEY_LIMIT_FEN, FactName, Money, Outcome, Truth


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountSteps:
    """The arithmetic of an award: exact yuan, then rounded, then after the minimum, then after the cap."""

    exact: Fraction
    rounded: Money
    cap: Money | None
    paid: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The outcome on one row. `steps` is there exactly when eligible, `missing` is empty unless undetermined."""

    outcome: Outcome
    steps: AmountSteps | None
    missing: frozenset[FactName]


def truth_of(value: Value) -> Truth:
    """Return the truth of a condition's value."""
    return Truth.UNKNOWN if isinstance(value, Unknown) else Truth.of(bool(value))


def decide(conditions: Sequence[Value], amount: Node, cap: Node | None, minimum: Money, row: Row) -> Verdict:
    """Return the verdict on one row, given the value of every condition there.

    False if any condition is false; else undetermined if any is unknown, or if the amount is.
    """
    if any(value is False for value in conditions):
        return Verdict(outcome=Outcome.INELIGIBLE, steps=None, missing=frozenset())
    unknown = unknown_of(conditions)
    steps = unknown or award(amount, cap, minimum, row)
    if isinstance(steps, Unknown):
        return Verdict(outcome=Outcome.UNDETERMINED, steps=None, missing=steps.missing)
    return Verdict(outcome=Outcome.ELIGIBLE, steps=steps, missing=frozenset())


def award(amount: Node, cap: Node | None, minimum: Money, row: Row) -> AmountSteps | Unknown:
    """Return the award: rounded once, half up, to the fen; nothing below `minimum`; then at most the cap.

    A cap is rounded in the same way; one below zero leaves nothing. An award of 10**16 yuan or more is an overflow,
    and so unknown.
    """
    exact = evaluate(amount, row)
    limit = None if cap is None else evaluate(cap, row)
    unknown = unknown_of([exact] if limit is None else [exact, limit])
    if unknown:
        return unknown
    assert isinstance(exact, Fraction) and (limit is None or isinstance(limit, Fraction))
    rounded = Money.from_yuan_half_up(exact)
    ceiling = None if limit is None else Money.from_yuan_half_up(limit)
    paid = rounded if rounded >= minimum else Money(0)
    if ceiling is not None:
        paid = max(min(paid, ceiling), Money(0))
    if paid.fen >= MONEY_LIMIT_FEN:
        return Unknown(facts_read(amount) if cap is None else facts_read(amount) | facts_read(cap))
    return AmountSteps(exact=exact, rounded=rounded, cap=ceiling, paid=paid)
