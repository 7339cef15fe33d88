"""What the tables of the language page cannot show: entries of lists, and that nothing is forgotten."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from policy_match.expressions import nodes
from policy_match.expressions.checker import SIGNATURES, VARIADIC, type_of
from policy_match.expressions.nodes import Node, facts_read, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import COMPARISONS, FUNCTIONS, OPERATIONS, Entry, Row, evaluate, read_entry
from policy_match.values import Period
from tests.spec.vocabulary import CATALOGUE, VOCABULARY, fact
from tests.support.kinds import NODE_CLASSES


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("甲 2025-01-01/2025-12-31", Entry("甲", Period(date(2025, 1, 1), date(2025, 12, 31)))),
        ("2025-01-01/..", Entry(None, Period(date(2025, 1, 1)))),
        ("甲 乙 2025-01-01/2025-01-01", Entry("甲 乙", Period(date(2025, 1, 1), date(2025, 1, 1)))),
        ("甲", Entry("甲", Period(date.min))),
        ("甲 乙", Entry("甲 乙", Period(date.min))),
        (" 2025-01-01/..", Entry(None, Period(date(2025, 1, 1)))),
        ("", None),
        ("甲 2025-01-02/2025-01-01", None),
        ("甲 2025-1-1/..", None),
        ("甲 20250101/..", None),
        ("甲 2025-W01-1/..", None),
        ("甲 2025-02-29/..", None),
        ("甲 ../2025-01-01", None),
        ("甲 2025-01-01/", None),
        ("甲 2025-01-01/2025-01-02/2025-01-03", None),
        ("甲/乙", None),
        ("甲 2025-01-01T00:00/..", None),
        ("甲 2025-01-01/..", Entry("甲", Period(date(2025, 1, 1)))),
    ],
)
def test_an_entry_is_read_or_refused_whole(text: str, entry: Entry | None) -> None:
    assert read_entry(text) == entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger(Node):
    """A node that nobody taught the language."""


def test_a_node_without_a_meaning_or_a_type_raises() -> None:
    with pytest.raises(NotImplementedError, match="Stranger"):
        evaluate(Stranger(), Row({}, date(2025, 6, 30)))
    with pytest.raises(NotImplementedError, match="Stranger"):
        type_of(Stranger(), CATALOGUE)


@pytest.mark.parametrize("kind", NODE_CLASSES, ids=lambda kind: kind.__name__)
def test_every_kind_of_node_has_a_meaning_and_a_type(kind: type[Node]) -> None:
    assert evaluate.dispatch(kind) is not evaluate.dispatch(object)
    assert type_of.dispatch(kind) is not type_of.dispatch(object)


def test_every_word_of_the_language_has_a_meaning_and_a_type() -> None:
    assert OPERATIONS.keys() == set(nodes.Operator)
    assert COMPARISONS.keys() == set(nodes.Comparator)
    assert FUNCTIONS.keys() == set(nodes.Function)
    assert SIGNATURES.keys() | VARIADIC == set(nodes.Function)


def test_the_facts_read_are_those_of_definitions_and_lists_too() -> None:
    node = parse(
        "mean_staff > 1 and list_count(marks, founded, as_of) > 0 and lookup(large_employees, industry) > x", VOCABULARY
    )
    assert facts_read(node) == {"staff_q1", "staff_q2", "staff_q3", "staff_q4", "marks", "founded", "industry", "x"}


def test_walking_gives_operands_in_the_order_in_which_they_are_written() -> None:
    node = parse("min(x, y, 3)", VOCABULARY)
    assert [type(item).__name__ for item in node.walk()] == ["Call", "FactValue", "FactValue", "Literal"]


def test_a_list_of_options_is_checked_whatever_stands_before_in() -> None:
    node = parse("text[0:1] in ['C', 'D']", VOCABULARY)
    assert evaluate(node, Row({fact("text").name: "C39"}, date(2025, 6, 30))) is True


def test_a_constant_has_the_type_of_its_value() -> None:
    values = (True, "", Decimal(1), date(2025, 1, 1))
    assert [literal(value).type for value in values] == ["boolean", "string", "number", "date"]
