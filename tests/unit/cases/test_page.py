"""What is generated from the table is up to date: the manual's page, its diagrams, and the rows in the schema."""

import re
from pathlib import Path

import pytest

from policy_match.cases.diagram import diagram
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.sql_rules import insert_transitions
from policy_match.cases.transitions import TRANSITIONS
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS
from tests.unit.cases.render import PAGE, page

SCHEMA = Path(__file__).parents[3] / "policy_match" / "storage" / "schema.sql"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.unit.cases.render"


def test_the_schema_has_the_rows_of_the_table() -> None:
    assert insert_transitions() in SCHEMA.read_text(encoding="utf-8")


def test_the_rows_are_sorted_one_per_line_and_all_there() -> None:
    first, *rows = insert_transitions().splitlines()
    assert first == "INSERT INTO case_transition (route, before, event, after) VALUES"
    assert rows == sorted(rows)
    assert len(set(rows)) == len(TRANSITIONS)
    assert [row[-1] for row in rows] == [*"," * (len(rows) - 1), ";"]


@pytest.mark.parametrize("route", Route)
def test_a_diagram_has_every_step_of_its_route_and_no_other(route: Route) -> None:
    drawn = set()
    for before, after, events in re.findall(r"^    (\w+) --> (\w+): (.+)$", diagram(route), re.MULTILINE):
        drawn |= {(before, event, after) for event in events.split(" / ")}
    assert drawn == {(step.before, step.event, step.after) for step in TRANSITIONS if step.route is route}


@pytest.mark.parametrize("route", Route)
def test_a_diagram_begins_at_matched_and_ends_where_nothing_more_can_happen(route: Route) -> None:
    text = diagram(route)
    assert "    [*] --> matched\n" in text
    ends = set(re.findall(r"^    (\w+) --> \[\*\]$", text, re.MULTILINE))
    after = {step.after for step in TRANSITIONS if step.route is route}
    assert ends == after - {step.before for step in TRANSITIONS if step.route is route}


def test_every_status_event_and_route_has_words_in_both_languages() -> None:
    for words, names in ((STATUS_WORDS, Status), (EVENT_WORDS, Event), (ROUTE_WORDS, Route)):
        assert list(words) == list(names)
        assert all(word.zh and word.en for word in words.values())
