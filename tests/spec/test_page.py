"""The committed language page is the one that the tables give, and it leaves nothing out."""

import re
from pathlib import Path

import pytest

from policy_match.expressions import nodes
from policy_match.expressions.lowering import FUNCTION_NAMES
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import Row, Unknown, evaluate
from policy_match.values import FactName
from tests.spec.model import Award, Table
from tests.spec.page import all_questions, all_shapes, at_a_glance
from tests.spec.render import PAGE, page
from tests.spec.run import TABLES, texts_of
from tests.spec.vocabulary import VOCABULARY, value_of
from tests.support.kinds import ALL_KINDS, kind_of, operands

SURVEY = Path(__file__).parents[3] / "shared" / "expression_semantics.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.spec.render"


def rows_of(part: Table | Award) -> list[Row]:
    """Return the facts of every line."""
    return [
        Row(
            {FactName(name): value_of(name, cell) for name, cell in zip(part.columns, given, strict=True)},
            part.as_of,
        )
        for given, _ in part.lines
    ]


SHOWN = [
    (node, row)
    for part in TABLES
    for node in [parse(text, VOCABULARY) for text in texts_of(part)]
    for row in rows_of(part)
]


def test_every_kind_of_node_is_shown() -> None:
    shown = {kind_of(node) for root, _ in SHOWN for node in root.walk()}
    assert shown == ALL_KINDS


def test_every_function_is_shown() -> None:
    written = " ".join(text for part in TABLES for text in texts_of(part))
    assert {name for name in FUNCTION_NAMES if not re.search(rf"\b{name}\(", written)} == set()


def test_every_operand_of_every_kind_is_shown_unknown() -> None:
    """For each operand there is a line in which it is unknown, and what depends on it is evaluated."""
    seen: set[tuple[str, str]] = set()
    for root, row in SHOWN:
        for node in root.walk():
            for name, operand in operands(node):
                if isinstance(evaluate(operand, row), Unknown):
                    seen.add((kind_of(node), name))
    wanted = {
        (kind_of(node), name)
        for root, _ in SHOWN
        for node in root.walk()
        for name, operand in operands(node)
        if not isinstance(operand, nodes.Literal | nodes.AsOf)
    }
    assert wanted - seen == set()


def test_every_kind_is_shown_unknown_and_known() -> None:
    known: set[str] = set()
    unknown: set[str] = set()
    for root, row in SHOWN:
        for node in root.walk():
            (unknown if isinstance(evaluate(node, row), Unknown) else known).add(kind_of(node))
    assert known == ALL_KINDS
    assert ALL_KINDS - unknown == {"Literal", "AsOf", "IsUnknown"}


def test_the_twenty_shapes_are_there_each_with_an_example_or_its_stage() -> None:
    shapes = list(all_shapes())
    assert [shape.number for shape in shapes] == list(range(1, 21))
    assert all(shape.parts or shape.stage for shape in shapes)


def test_the_overview_names_everything_that_can_be_written() -> None:
    written = " ".join(line.written for line in at_a_glance())
    words = {*FUNCTION_NAMES, *nodes.Comparator, *nodes.Operator, "and", "or", "not", "in", "null", "?", "[0:2]", "**"}
    assert {word for word in words if word not in written} == set()


def test_every_line_of_the_survey_of_engines_is_answered() -> None:
    if not SURVEY.exists():
        pytest.skip(f"{SURVEY} is not here")
    rows = re.findall(r"^\| (.*?) \|", SURVEY.read_text(encoding="utf-8"), re.MULTILINE)
    asked = [line.asked for line in all_questions()]
    assert sorted(set(rows) - {"question"}) == sorted(asked)
