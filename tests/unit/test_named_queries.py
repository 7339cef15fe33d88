"""The queries of the stores: written as agreed, all used, and called with the parameters that they have."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.storage.named_queries import all_queries, parse_queries

STORAGE = Path(__file__).parents[2] / "policy_match" / "storage"
SESSION_CALLS = {"run", "run_many", "one", "all", "pages"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield the query name and call of every use of a session in the stores."""
    for path in sorted(STORAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in SESSION_CALLS
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
                and ast.unparse(node.func.value).endswith("session")
            ):
                yield node.args[0].value, node


def test_every_query_is_used_and_every_use_has_a_query() -> None:
    assert {name for name, _ in calls()} == set(all_queries())


def test_every_call_gives_exactly_the_parameters_of_its_query() -> None:
    for name, call in calls():
        given = [keyword.arg for keyword in call.keywords]
        if None in given or len(call.args) > 1:
            continue  # parameters from a mapping: the integration tests run these
        assert set(given) == all_queries()[name].parameters, name


def test_every_query_says_what_it_gives() -> None:
    for query in all_queries().values():
        assert query.description.endswith("."), query.name


@pytest.mark.parametrize(
    "source",
    [
        "SELECT 1",
        "-- nameless\n-- x --\n-- Says.\nSELECT 1",
        "-- x --\nSELECT 1",
        "-- x --\n-- Says.\n",
        "-- x --\n-- Says.\nSELECT 1\n-- x --\n-- Says.\nSELECT 2",
    ],
)
def test_a_file_that_is_not_written_as_agreed_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"before the first heading|is there twice"):
        parse_queries(source)


def test_a_query_is_read_with_its_name_description_and_parameters() -> None:
    query = parse_queries("-- find_it --\n-- One line\n-- and another.\nSELECT %(a)s, %(b)s\n")["find_it"]
    assert query.description == "One line and another."
    assert query.text == "SELECT %(a)s, %(b)s"
    assert query.parameters == {"a", "b"}
