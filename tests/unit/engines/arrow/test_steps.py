"""Compiling nodes to steps: shared once, constants folded exactly, unknown kinds of nodes refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from policy_match.engines.arrow.columns import Days, Numbers, Truths, day_number
from policy_match.engines.arrow.program import Program
from policy_match.engines.arrow.steps import OPERATIONS, Compiler, NodeNotCompiled
from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.values import FactName

AS_OF = date(2025, 6, 30)
CATALOGUE = FactCatalogue(
    {
        FactName(name): Fact(name=FactName(name), label=name, type=kind)
        for name, kind in {
            "x": FactType.INTEGER,
            "y": FactType.INTEGER,
            "z": FactType.INTEGER,
            "flag": FactType.BOOLEAN,
            "founded": FactType.DATE,
        }.items()
    }
)
VOCABULARY = Vocabulary(catalogue=CATALOGUE)

COMPILED_WITHOUT_AN_OPERATION = {nodes.Literal, nodes.FactValue, nodes.AsOf, nodes.Definition}


def node(text: str) -> Node:
    """Return the node of a text."""
    return parse(text, VOCABULARY)


def test_a_kind_of_node_that_is_not_listed_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True, slots=True)
    class Novelty(Node):
        operand: Node

    with pytest.raises(NodeNotCompiled, match="Novelty"):
        Compiler(AS_OF).compile(nodes.Not(operand=Novelty(operand=node("flag"))))


def test_every_kind_of_node_of_the_language_has_an_operation() -> None:
    kinds = {kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, Node)} - {Node}
    assert kinds == OPERATIONS.keys() | COMPILED_WITHOUT_AN_OPERATION


def test_an_expression_that_two_conditions_share_is_one_step() -> None:
    compiler = Compiler(AS_OF)
    roots = [compiler.compile(node(text)) for text in ("x / y > 2", "x / y < 5", "x / y > 2 and flag")]
    steps = Program(roots).steps
    assert sum(step.facts == {"x", "y"} for step in steps) == 3, "one quotient and two comparisons of it"
    assert sum(step.fact is not None for step in steps) == 3


def test_a_definition_is_the_same_step_as_its_body() -> None:
    compiler = Compiler(AS_OF)
    body = node("x + y")
    assert compiler.compile(nodes.Definition(name="total", body=body)) is compiler.compile(body)


@pytest.mark.parametrize(("left", "right"), [(True, Decimal(1)), ("1", Decimal(1)), (False, Decimal(0))])
def test_constants_of_different_types_are_different_steps(left: nodes.Scalar, right: nodes.Scalar) -> None:
    compiler = Compiler(AS_OF)
    chosen = [
        nodes.Conditional(condition=node("flag"), when_true=literal(value), when_false=literal(value))
        for value in (left, right)
    ]
    assert compiler.compile(chosen[0]) is not compiler.compile(chosen[1])


def test_constants_are_folded_exactly() -> None:
    constant = Compiler(AS_OF).compile(node("1 / 3 * 3 - 10 ** 12 * 10 ** 12")).constant
    assert isinstance(constant, Numbers)
    assert constant.constant() == Fraction(1 - 10**24)


def test_the_day_of_the_decision_is_a_constant() -> None:
    constant = Compiler(AS_OF).compile(node("add_months(as_of, -4)")).constant
    assert isinstance(constant, Days)
    assert constant.days.tolist() == [day_number(date(2025, 2, 28))]
    assert constant.known is None


def test_an_impossible_constant_is_unknown() -> None:
    constant = Compiler(AS_OF).compile(node("band_value(1, [5], [1]) > 2")).constant
    assert isinstance(constant, Truths)
    assert constant.array.as_py() is None


@pytest.mark.parametrize(
    ("text", "direct"),
    [
        ("x + y > 3", True),
        ("x / y > 3", True),
        ("growth(x, y) > 0.1", True),
        ("x > 1 and y > 2 and flag", True),
        ("x > 1 or y > 2", True),
        ("x > (flag ? 3 : 4)", True),
        ("x > (flag ? y : 4)", False),
        ("x / y + z > 3", False),
        ("x > 1 and (y > 2 or flag)", False),
        ("flag and x == null", False),
        ("x + y > band_value(1, [5], [1])", False),
    ],
)
def test_where_missing_facts_are_simply_the_unknown_ones(text: str, direct: bool) -> None:
    assert Program([Compiler(AS_OF).compile(node(text))]).direct is direct
