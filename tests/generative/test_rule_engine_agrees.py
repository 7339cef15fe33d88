"""Where all facts are known, the meaning is that of rule-engine, wherever rule-engine defines the operator.

Guarantees a second, independent judge of the reference. Left out: what rule-engine lacks (bands, dates, tables) and
`== null`. A quotient that has no finite decimal form is compared to 28 digits, alone or in a sum; what depends on its
last digit is not compared.
"""

from collections import Counter
from datetime import date
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import rule_engine
from hypothesis import given, note, settings
from hypothesis import strategies as st

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node, Operator, ValueType, facts_read
from policy_match.expressions.semantics import MAGNITUDE_LIMIT, Row, Unknown, evaluate
from policy_match.facts.column_values import RuleValue, rule_value
from tests.generative import strategies
from tests.support.kinds import kind_of
from tests.support.rule_text import rule_text
from tests.support.tables import column_value

NOT_IN_RULE_ENGINE = (
    *("parameter", "definition", "lookup", "has_prefix", "is_unknown", "variadic", "of_one_number", "rounding"),
    *("growth", "of_a_date", "between", "later", "bands", "per_step", "list_count"),
)
KINDS = (ValueType.BOOLEAN, ValueType.BOOLEAN, ValueType.NUMBER, ValueType.NUMBER, ValueType.STRING, ValueType.DATE)
SMOOTH = (nodes.FactValue, nodes.Literal, nodes.Negate, nodes.Power, nodes.Arithmetic)
PRECISION = 400

SEEN: Counter[str] = Counter()


class Undefined(Exception):
    """rule-engine gives no value: an arithmetic error."""


def by_rule_engine(text: str, facts: dict[str, Any], *, exact: bool) -> Any:
    """Return rule-engine's value. Raises `Inexact` where `exact` is asked and it had to round, or `Undefined`."""
    context = Context(prec=PRECISION, Emax=10_000, Emin=-10_000)
    context.traps[Inexact] = exact
    try:
        with localcontext(context):  # constants are folded under the thread's context
            rule = rule_engine.Rule(text, context=rule_engine.Context(default_timezone="utc", decimal_context=context))
            return rule.evaluate(facts)
    except rule_engine.errors.ArithmeticError as error:
        raise (Inexact if isinstance(error.__context__, Inexact) else Undefined) from error


def for_rule_engine(value: RuleValue) -> Any:
    """Return a fact as rule-engine takes it."""
    return Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value


def impossible_inside(node: Node, row: Row) -> bool:
    """Return whether a calculation below divides by zero or overflows."""
    return any(isinstance(evaluate(inner, row), Unknown) for inner in node.walk())


def zero_to_the_zero_inside(node: Node, row: Row) -> bool:
    """Return whether something below is 0 ** 0: 1 for us, as for every other x, and an error for rule-engine."""
    powers = [inner for inner in node.walk() if isinstance(inner, nodes.Power) and inner.exponent == 0]
    return any(evaluate(power.base, row) == 0 for power in powers)


def smooth(node: Node) -> bool:
    """Return whether a small error of an operand stays small."""
    return all(
        isinstance(inner, SMOOTH)
        and not (isinstance(inner, nodes.Arithmetic) and inner.operator in (Operator.WHOLE_DIVIDE, Operator.REMAINDER))
        for inner in node.walk()
    )


@settings(max_examples=8 * settings().max_examples)
@given(st.data())
def compare(data: st.DataObject) -> None:
    """One expression on one row of known facts, by both."""
    world = data.draw(strategies.worlds(NOT_IN_RULE_ENGINE))
    node = data.draw(strategies.expressions(world, data.draw(st.sampled_from(KINDS))))
    read = [world.catalogue[name] for name in sorted(facts_read(node))]
    values = {
        fact.name: rule_value(fact, column_value(fact, data.draw(strategies.known_cells(fact), label=fact.name)))
        for fact in read
    }
    row = Row(values, data.draw(strategies.days, label="as of"))
    ours, text = evaluate(node, row), rule_text(node)
    note(f"{text} over {values} is {ours}")
    facts: dict[str, Any] = {"as_of": row.as_of}
    facts |= {name: for_rule_engine(value) for name, value in values.items() if value is not None}
    try:
        theirs = by_rule_engine(text, facts, exact=True)
    except Undefined:
        assert impossible_inside(node, row) or zero_to_the_zero_inside(node, row)
        SEEN["undefined"] += 1
    except Inexact:
        if isinstance(ours, Fraction) and smooth(node):
            theirs = Fraction(by_rule_engine(text, facts, exact=False))
            assert abs(ours - theirs) <= max(abs(ours), Fraction(1)) / 10**28
            SEEN["to 28 digits"] += 1
    else:
        if isinstance(ours, Unknown):
            assert overflows_inside(node, row)
        else:
            assert same(ours, theirs)
            SEEN["exact"] += 1
            SEEN.update(kind_of(inner) for inner in node.walk())


def overflows_inside(node: Node, row: Row) -> bool:
    """Return whether a calculation below is too large for us, though not for rule-engine."""
    return any(
        isinstance(inner, nodes.Arithmetic | nodes.Power)
        and isinstance(evaluate(inner, row), Unknown)
        and not any(isinstance(evaluate(child, row), Unknown) for child in inner.children())
        for inner in node.walk()
    )


def same(ours: Any, theirs: Any) -> bool:
    """Return whether two values are one; rule-engine's dates are midnights."""
    if isinstance(ours, Fraction):
        assert abs(ours) < MAGNITUDE_LIMIT or ours.denominator == 1
        return Fraction(theirs) == ours
    if isinstance(ours, date):
        return (
            bool(theirs.date() == ours and theirs.time().isoformat() == "00:00:00")
            if hasattr(theirs, "date")
            else theirs == ours
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


@cache
def run() -> None:
    """The whole run, once, whichever test asks first."""
    compare()


def test_rule_engine_agrees_on_known_facts() -> None:
    run()


def test_most_examples_were_compared_exactly_and_with_every_operator() -> None:
    run()
    assert SEEN["exact"] > 3 * (SEEN["undefined"] + SEEN["to 28 digits"])
    compared = {kind.split(" ")[0] for kind in SEEN if kind[0].isupper()}
    assert compared == {
        *("And", "Or", "Not", "Compare", "OneOf", "Contains", "InList", "Slice", "Conditional"),
        *("Arithmetic", "Negate", "Power", "FactValue", "Literal", "AsOf"),
    }
    assert {f"Arithmetic {operator}" for operator in Operator} <= SEEN.keys()
    assert {f"Compare {comparator}" for comparator in nodes.Comparator} <= SEEN.keys()
