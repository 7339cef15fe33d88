"""From text to nodes: forms that must mean the same, limits, and texts that nobody meant to write."""

import warnings
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.expressions import nodes
from policy_match.expressions.defects import (
    ArgumentDefect,
    ExpressionDefect,
    FeatureRefused,
    SyntaxDefect,
    TooDeep,
    TooLarge,
    TypeDefect,
)
from policy_match.expressions.nodes import Node, literal
from policy_match.expressions.parser import parse
from policy_match.expressions.vocabulary import Vocabulary
from tests.spec.vocabulary import CATALOGUE, VOCABULARY, fact


def parsed(text: str) -> Node:
    return parse(text, VOCABULARY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x>1", "  ( x\t>\n1 )  "),
        ("x > 1 # why", "x > 1"),
        ("text == 'C'", 'text == "C"'),
        ("text == 'C\\u5c9b'", "text == 'C岛'"),
        ("x == null", "null == x"),
        ("x != null", "not x == null"),
        ("x not in [1]", "not x in [1]"),
        ("x > .5", "x > 0.5"),
        ("x > 1.50", "x > 1.5"),
        ("x > 1e2", "x > 100"),
        ("x > 5.", "x > 5"),
        ("x > -1", "x > (-(1))"),
        ("a or b and a", "a or (b and a)"),
        ("not a and b", "(not a) and b"),
        ("-x ** 2 > 1", "-(x ** 2) > 1"),
        ("x ** 2 ** 3 > 1", "(x ** 2) ** 3 > 1"),
        ("a ? 1 : b ? 2 : 3", "a ? 1 : (b ? 2 : 3)"),
        ("on_list(marks, day)", "list_count(marks, day, day) > 0"),
        ("lookup(large_employees, industry)", "lookup(large_employees, industry, as_of)"),
        ("control_target", "parameter_at(control_target, as_of)"),
        ("text&[0:2] == 'C3'", "text[0:2] == 'C3'"),
    ],
)
def test_two_ways_to_write_one_thing(one: str, other: str) -> None:
    assert parsed(one) == parsed(other)


def test_numbers_are_exact() -> None:
    assert parsed("x == 0.1") == nodes.Compare(
        comparator=nodes.Comparator.EQ, left=nodes.FactValue(name=fact("x").name), right=literal(Decimal("0.1"))
    )


def test_equal_nodes_hash_alike_and_true_is_not_one() -> None:
    assert hash(parsed("x in [1, 2.0]")) == hash(parsed("x in [1.0, 2]"))
    assert literal(True) != literal(Decimal(1))


def test_a_name_is_a_fact_before_anything_else() -> None:
    known = Vocabulary(catalogue=CATALOGUE, definitions={"twice": parsed("x * 2")})
    assert parse("twice + x", known) == nodes.Arithmetic(
        operator=nodes.Operator.ADD,
        left=nodes.Definition(name="twice", body=parsed("x * 2")),
        right=nodes.FactValue(name=fact("x").name),
    )


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("x >", "syntax error at: EOF"),
        ("x > 1 2", "syntax error at: line 1:"),
        ("1 < x < 3", "syntax error"),
        ("x = 1", "illegal character '='"),
        ("x > 1;", "illegal character ';'"),
        ("员工 > 1", "illegal character"),
        ("else > 1", "reserved"),
        ("text == '\\x'", "invalid string literal"),
        ("1 / 0 > x", "division by zero"),
    ],
)
def test_what_the_grammar_does_not_know_is_said_in_one_line(text: str, detail: str) -> None:
    with pytest.raises(SyntaxDefect) as refused:
        parsed(text)
    assert detail in refused.value.message("en")
    assert "不是合法的表达式" in refused.value.message("zh")


def test_the_line_in_a_message_is_that_of_this_text() -> None:
    for _ in range(2):
        with pytest.raises(SyntaxDefect, match="line 2:"):
            parsed("x >\n1 2")


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(SyntaxDefect) as refused:
        parsed("x > 1 and\n" * 200 + "?")
    assert len(refused.value.message("en")) < 250
    assert "\n" not in refused.value.message("zh")


def test_a_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(SyntaxDefect, match="longer than 4000 characters"):
        parsed("x > 1" + " " * 4_000)


@pytest.mark.parametrize("text", ["not " * 101 + "a", " + ".join(["x"] * 102) + " > 1", "(" * 50 + "-" * 101 + "x"])
def test_nesting_beyond_the_limit_is_refused(text: str) -> None:
    with pytest.raises((TooDeep, SyntaxDefect)):
        parsed(text)


def test_nesting_up_to_the_limit_is_taken() -> None:
    assert isinstance(parsed("not " * 98 + "a"), nodes.Not)


def nested(count: int, body: str) -> Vocabulary:
    """Return definitions d0, d1, …, each using the one before as `body` says."""
    definitions: dict[str, Node] = {}
    for number in range(count):
        known = Vocabulary(catalogue=CATALOGUE, definitions=definitions)
        definitions[f"d{number}"] = parse(body.format(f"d{number - 1}") if number else "x", known)
    return Vocabulary(catalogue=CATALOGUE, definitions=definitions)


def test_definitions_count_towards_the_depth() -> None:
    with pytest.raises(TooDeep, match="more than 100 levels"):
        nested(60, "{0} + 1")


def test_definitions_that_double_are_refused_before_they_explode() -> None:
    with pytest.raises(TooLarge, match="more than 10000 parts"):
        nested(40, "{0} + {0}")


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("text == '\\d'", SyntaxDefect),
        ("text == '\\ud800'", FeatureRefused),
        ("text[0:99999999999] == 'C'", ArgumentDefect),
        ("text[-1001:] == 'C'", ArgumentDefect),
        ("text[0:1.5] == 'C'", ArgumentDefect),
        ("x > 1e100", FeatureRefused),
        ("x > 1e-100", FeatureRefused),
        ("day > d'2025-1-31'", FeatureRefused),
        ("day > d'20250131'", FeatureRefused),
        ("day > d'2025-W01-1'", FeatureRefused),
        ("a == null == b", SyntaxDefect),
        ("(a == null) == b", None),
        ("lookup($large_employees, industry) > 1", ArgumentDefect),
        ("has_prefix(industry, $restricted_codes)", ArgumentDefect),
        ("text == '\\x00'", FeatureRefused),
        ("x > 1e40 // 3", None),
        ("per_step(x, 1, 1, floor) > 1", ArgumentDefect),
        ("has_prefix(industry, 'C')", ArgumentDefect),
        ("list_count(marks, day) > 1", ArgumentDefect),
        ("parameter_at('control_target', day) > 1", ArgumentDefect),
        ("lookup(large_employees) > 1", ArgumentDefect),
        ("min(marks) > 1", TypeDefect),
        ("x in [true]", TypeDefect),
        ("[1] in [1]", FeatureRefused),
        ("x in [[1]]", FeatureRefused),
        ("true", None),
    ],
)
def test_odd_texts(text: str, defect: type[ExpressionDefect] | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if defect is None:
            parsed(text)
            return
        with pytest.raises(defect) as refused:
            parsed(text)
    assert "\n" not in refused.value.message("en") + refused.value.message("zh")


def test_the_longest_prefixes_and_slices_are_taken() -> None:
    assert isinstance(parsed("text[-1000:1000] == 'C'"), nodes.Compare)


def test_a_day_of_the_first_year_is_a_day() -> None:
    assert parsed("day > d'0001-01-01'") == nodes.Compare(
        comparator=nodes.Comparator.GT, left=nodes.FactValue(name=fact("day").name), right=literal(date.min)
    )


WORDS = [
    *("x", "a", "text", "day", "marks", "industry", "mean_staff", "lpr_1y", "large_employees", "restricted_codes"),
    *("1", "0.5", "'C'", "''", "true", "null", "as_of", "d'2025-01-31'", "[1]", "['C']", "[", "]", "(", ")", ","),
    *("and", "or", "not", "in", "==", "<", ">=", "+", "-", "*", "/", "//", "%", "**", "?", ":", "[0:1]", "#"),
    *("min(", "lookup(", "per_step(", "whole_bands(", "on_list(", "has_prefix(", "$now", "{", "}", "=~", "??", "&"),
    *("for", "if", ".", "inf", "nan", "\n", "d'", "b'x'", "t'P1D'", "\\", "'", '"'),
]


def assert_node_or_defect(text: str) -> None:
    """Parsing gives a node, or a typed defect with one line in each language; never a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert isinstance(parsed(text), Node)
        except ExpressionDefect as defect:
            messages = [defect.message("en"), defect.message("zh")]
            assert [len(message.splitlines()) for message in messages] == [1, 1]


@given(st.text(max_size=60))
def test_any_text_gives_a_node_or_a_defect(text: str) -> None:
    assert_node_or_defect(text)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_words_give_a_node_or_a_defect(text: str) -> None:
    assert_node_or_defect(text)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
def test_any_words_run_together_give_a_node_or_a_defect(text: str) -> None:
    assert_node_or_defect(text)


@given(st.text(alphabet="'\"\\ux0{}Nabcdrst", max_size=20))
def test_any_string_constant_gives_a_node_or_a_defect(text: str) -> None:
    assert_node_or_defect(f"text == '{text}'")
