"""Does the size-class definition say what the statistical method says?

Every class limit of several groups is checked on both sides, and the lowest indicator decides. The policies' own
cases test only the limit of the large class, because every encoded policy treats the other three alike.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.expressions.nodes import Node
from policy_match.expressions.parser import parse
from policy_match.expressions.semantics import Row, Unknown, evaluate
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.policy.loader import load_catalogue
from policy_match.policy.names_loader import Names, read_definitions, read_parameters
from policy_match.policy.table import Table
from policy_match.policy.toml_document import read_toml
from policy_match.values import FactName

RULES = Path(__file__).parents[2] / "rules"
WAN = 10_000

BOUNDARIES = [
    # code, employees, revenue 万元, assets 万元, class
    ("0111", None, 20000, None, "large"),
    ("0111", None, 19999, None, "medium"),
    ("0111", None, 500, None, "medium"),
    ("0111", None, 499, None, "small"),
    ("0111", None, 50, None, "small"),
    ("0111", None, 49, None, "micro"),
    ("3911", 1000, 40000, None, "large"),
    ("3911", 999, 40000, None, "medium"),
    ("3911", 1000, 39999, None, "medium"),
    ("3911", 300, 2000, None, "medium"),
    ("3911", 299, 2000, None, "small"),
    ("3911", 300, 1999, None, "small"),
    ("3911", 20, 300, None, "small"),
    ("3911", 19, 300, None, "micro"),
    ("3911", 20, 299, None, "micro"),
    ("3911", 5000, 299, None, "micro"),
    ("4710", None, 80000, 80000, "large"),
    ("4710", None, 80000, 79999, "medium"),
    ("4710", None, 6000, 5000, "medium"),
    ("4710", None, 6000, 4999, "small"),
    ("4710", None, 5999, 5000, "small"),
    ("4710", None, 300, 300, "small"),
    ("4710", None, 300, 299, "micro"),
    ("5111", 200, 40000, None, "large"),
    ("5111", 20, 5000, None, "medium"),
    ("5111", 19, 5000, None, "small"),
    ("5111", 20, 4999, None, "small"),
    ("5111", 5, 1000, None, "small"),
    ("5111", 4, 1000, None, "micro"),
    ("5111", 5, 999, None, "micro"),
    ("5211", 300, 20000, None, "large"),
    ("5211", 50, 500, None, "medium"),
    ("5211", 49, 500, None, "small"),
    ("5211", 10, 100, None, "small"),
    ("5211", 9, 100, None, "micro"),
    ("5910", 300, 3000, None, "medium"),
    ("5910", 299, 3000, None, "small"),
    ("5920", 100, 1000, None, "medium"),
    ("5920", 99, 1000, None, "small"),
    ("6513", 100, 1000, None, "medium"),
    ("6513", 10, 50, None, "small"),
    ("6513", 10, 49, None, "micro"),
    ("7010", None, 1000, 5000, "medium"),
    ("7010", None, 1000, 4999, "small"),
    ("7010", None, 100, 2000, "small"),
    ("7010", None, 100, 1999, "micro"),
    ("7020", 300, 1000, None, "medium"),
    ("7020", 299, 1000, None, "small"),
    ("7020", 100, 500, None, "small"),
    ("7020", 99, 500, None, "micro"),
    ("7211", 100, None, 8000, "medium"),
    ("7211", 100, None, 7999, "small"),
    ("7211", 10, None, 100, "small"),
    ("7211", 10, None, 99, "micro"),
    ("7320", 300, None, None, "large"),
    ("7320", 299, None, None, "medium"),
    ("7320", 100, None, None, "medium"),
    ("7320", 99, None, None, "small"),
    ("7320", 10, None, None, "small"),
    ("7320", 9, None, None, "micro"),
]


@pytest.fixture(scope="module")
def size_class() -> Node:
    catalogue = load_catalogue(RULES)
    names = Names()
    for path in sorted((RULES / "parameters").glob("*.toml")):
        read_parameters(Table.root(read_toml(path, path.name), []), names)
    documents = [read_toml(path, path.name) for path in sorted((RULES / "definitions").glob("*.toml"))]
    read_definitions([Table.root(document, []) for document in documents], names, catalogue)
    return parse(
        "size_class",
        Vocabulary(catalogue=catalogue, parameters=names.parameters, definitions=names.definitions),
    )


def classify(node: Node, code: str, employees: int | None, revenue: int | None, assets: int | None) -> object:
    facts = {
        FactName("industry_code4"): code,
        FactName("employees"): None if employees is None else Fraction(employees),
        FactName("revenue_y1"): None if revenue is None else Fraction(revenue * WAN),
        FactName("total_assets_y1"): None if assets is None else Fraction(assets * WAN),
    }
    return evaluate(node, Row(facts, date(2025, 6, 30)))


@pytest.mark.parametrize(("code", "employees", "revenue", "assets", "expected"), BOUNDARIES)
def test_both_sides_of_each_class_limit(
    size_class: Node, code: str, employees: int | None, revenue: int | None, assets: int | None, expected: str
) -> None:
    assert classify(size_class, code, employees, revenue, assets) == expected


@pytest.mark.parametrize("code", ["5310", "6621", "7040", "8310", "8411", "9121", "9700", "59", "70"])
def test_an_industry_without_a_row_has_no_class(size_class: Node, code: str) -> None:
    assert classify(size_class, code, 100, 1000, 1000) == Unknown(frozenset({FactName("industry_code4")}))


def test_one_micro_indicator_decides_while_the_other_is_unknown(size_class: Node) -> None:
    assert classify(size_class, "3911", 5, None, None) == "micro"


def test_a_class_stays_unknown_while_an_indicator_that_could_lower_it_is(size_class: Node) -> None:
    assert classify(size_class, "3911", 500, None, None) == Unknown(frozenset({FactName("revenue_y1")}))
