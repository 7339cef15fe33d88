"""One decision: conditions, then the amount, in this order."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from policy_match.expressions.nodes import FactValue, Node, literal
from policy_match.expressions.semantics import Row, Unknown, Value
from policy_match.sweep.decide import AmountSteps, Verdict, award, decide, truth_of
from policy_match.values import MONEY_LIMIT_FEN, FactName, Money, Outcome, Truth

A, X = FactName("a"), FactName("x")
MISSING = Unknown(frozenset({A}))
FACT = FactValue(name=X)


def verdict(*conditions: Value, x: Fraction | None = Fraction(10), cap: Node | None = None) -> Verdict:
    return decide(conditions, FACT, cap, Money(0), Row({X: x}, date(2025, 6, 30)))


def paid(x: str, *, cap: str | None = None, minimum: int = 0) -> AmountSteps | Unknown:
    limit = None if cap is None else literal(Decimal(cap))
    return award(FACT, limit, Money(minimum), Row({X: Fraction(x)}, date(2025, 6, 30)))


def test_one_false_condition_settles_it() -> None:
    assert verdict(True, MISSING, False, x=None) == Verdict(outcome=Outcome.INELIGIBLE, steps=None, missing=frozenset())


def test_unknown_conditions_name_what_is_missing_and_the_amount_is_not_looked_at() -> None:
    assert verdict(True, MISSING, Unknown(frozenset({FactName("b")})), x=None) == Verdict(
        outcome=Outcome.UNDETERMINED,
        steps=None,
        missing=frozenset({A, FactName("b")}),
    )


def test_an_unknown_amount_makes_the_firm_undetermined() -> None:
    assert verdict(True, x=None).missing == {X}
    assert verdict(True, x=None).outcome is Outcome.UNDETERMINED


def test_an_unknown_cap_makes_the_firm_undetermined() -> None:
    assert verdict(True, cap=FactValue(name=A)).missing == {A}


def test_an_unknown_without_a_missing_fact_is_still_unknown() -> None:
    assert verdict(Unknown(frozenset())).outcome is Outcome.UNDETERMINED


def test_an_eligible_firm_comes_with_the_arithmetic() -> None:
    steps = paid("1234.565", cap="1000", minimum=100)
    assert steps == AmountSteps(
        exact=Fraction("1234.565"), rounded=Money(123_457), cap=Money(100_000), paid=Money(100_000)
    )
    assert verdict(True).outcome is Outcome.ELIGIBLE


@pytest.mark.parametrize(
    ("x", "minimum", "fen"),
    [("0.005", 0, 1), ("0.0049", 0, 0), ("99.995", 10_000, 10_000), ("99.994", 10_000, 0), ("-1", 0, 0)],
)
def test_rounded_once_then_the_minimum(x: str, minimum: int, fen: int) -> None:
    steps = paid(x, minimum=minimum)
    assert isinstance(steps, AmountSteps)
    assert steps.paid == Money(fen)


def test_the_minimum_comes_before_the_cap() -> None:
    steps = paid("200", cap="50", minimum=10_000)
    assert isinstance(steps, AmountSteps)
    assert steps.paid == Money(5_000)


def test_an_amount_that_does_not_fit_is_unknown_unless_the_cap_brings_it_back() -> None:
    limit = str(MONEY_LIMIT_FEN // 100)
    assert paid(limit) == Unknown(frozenset({X}))
    assert isinstance(paid(f"{limit}/1", cap="1"), AmountSteps)
    assert isinstance(paid(str(MONEY_LIMIT_FEN // 100 - 1)), AmountSteps)


@pytest.mark.parametrize(("value", "truth"), [(True, Truth.TRUE), (False, Truth.FALSE), (MISSING, Truth.UNKNOWN)])
def test_the_truth_of_a_condition(value: Value, truth: Truth) -> None:
    assert truth_of(value) is truth
