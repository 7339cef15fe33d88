"""An amount written out with the values of one row, as a clerk would check it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from policy_match.expressions.arithmetic import shown, written_out
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import Row
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import Fact, FactCatalogue, FactType
from policy_match.values import FactName


def number(name: str, fact_type: FactType = FactType.MONEY) -> Fact:
    return Fact(name=FactName(name), label=name, type=fact_type, scale=2)


CATALOGUE = FactCatalogue(
    {
        fact.name: fact
        for fact in (
            number("premium"),
            number("base"),
            number("unknown_flag"),
            Fact(name=FactName("size"), label="size", type=FactType.STRING),
        )
    }
)
ROW = Row(
    {FactName("premium"): Fraction("20123.45"), FactName("base"): Fraction(150_000), FactName("size"): "small"},
    date(2025, 6, 30),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("premium * 0.60", "20,123.45 × 0.6"),
        ("premium * (size == 'large' ? 0.30 : 0.60)", "20,123.45 × 0.6"),
        ("(premium + base) * 2", "(20,123.45 + 150,000) × 2"),
        ("premium + base * 2", "20,123.45 + 150,000 × 2"),
        ("premium - (base - 1)", "20,123.45 − (150,000 − 1)"),
        ("premium / (base / 2)", "20,123.45 ÷ (150,000 ÷ 2)"),
        ("-premium + 1", "−(20,123.45) + 1"),
        ("base * 1.1 ** 2", "150,000 × (1.1) ^ 2"),
        ("max(premium, 5)", "max(20,123.45, 5)"),
        ("per_step(base, 40000, 1000, 'floor')", "floor(150,000 ÷ 40,000) × 1,000"),
        ("per_step(base, 40000, 1000, 'proportional')", "150,000 ÷ 40,000 × 1,000"),
        ("marginal_bands(base, [0, 100000], [0.01, 0.005])", "(100,000 − 0) × 0.01 + (150,000 − 100,000) × 0.005"),
        ("whole_bands(base, [0, 100000], [0.01, 0.005])", "150,000 × 0.005"),
        ("band_value(base, [0, 100000], [5, 7])", "7"),
        ("band_value(base, [200000], [5])", "?"),
        ("per_step(premium + base, 40000, 1000, 'floor')", "floor((20,123.45 + 150,000) ÷ 40,000) × 1,000"),
        ("per_step(premium + base, 40000, 1000, 'proportional')", "(20,123.45 + 150,000) ÷ 40,000 × 1,000"),
        ("per_step(base, 40000, premium - 1, 'ceiling')", "ceiling(150,000 ÷ 40,000) × (20,123.45 − 1)"),
        ("per_step(base, 40000, premium * 2, 'ceiling')", "ceiling(150,000 ÷ 40,000) × (20,123.45 × 2)"),
        ("whole_bands(premium + base, [0], [0.01])", "(20,123.45 + 150,000) × 0.01"),
        ("marginal_bands(base, [0, 100000], [1, 2]) * 2", "((100,000 − 0) × 1 + (150,000 − 100,000) × 2) × 2"),
        (
            "premium - marginal_bands(base, [0, 100000], [1, 2])",
            "20,123.45 − ((100,000 − 0) × 1 + (150,000 − 100,000) × 2)",
        ),
        ("premium / per_step(base, 40000, 2, 'floor')", "20,123.45 ÷ (floor(150,000 ÷ 40,000) × 2)"),
        ("premium + whole_bands(base, [0], [2])", "20,123.45 + 150,000 × 2"),
        ("unknown_flag == 1 ? premium : base", "?"),
        ("whole_bands(unknown_flag, [0], [1])", "?"),
        ("premium * (unknown_flag == 1 ? 1 : 2)", "20,123.45 × ?"),
    ],
)
def test_a_formula_is_written_out_with_the_values_that_were_used(text: str, expected: str) -> None:
    node = parse(text, Vocabulary(catalogue=CATALOGUE))
    assert written_out(node, ROW) == expected


def test_an_unknown_value_is_a_question_mark() -> None:
    node = parse(
        "premium * 2 + (size == 'a' ? 1 : 2) + marginal_bands(base, [0], [1])", Vocabulary(catalogue=CATALOGUE)
    )
    assert written_out(node, Row({}, date(2025, 6, 30))) == "? × 2 + ? + ?"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), "0.333333333333…"),
        (Fraction(1234567), "1,234,567"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(Decimal("0.10")), "0.1"),
        (True, "true"),
        (False, "false"),
        (date(2025, 1, 31), "2025-01-31"),
        (("a", "b"), "[a, b]"),
        ("text", "'text'"),
    ],
)
def test_a_value_is_shown_as_a_person_writes_it(value: object, expected: str) -> None:
    assert shown(value) == expected  # type: ignore[arg-type]


def test_a_definition_is_written_out_as_its_formula() -> None:
    plain = Vocabulary(catalogue=CATALOGUE)
    known = Vocabulary(catalogue=CATALOGUE, definitions={"both": parse("premium + base", plain)})
    assert written_out(parse("both", known), ROW) == "20,123.45 + 150,000"
    assert written_out(parse("both * 2", known), ROW) == "(20,123.45 + 150,000) × 2"
