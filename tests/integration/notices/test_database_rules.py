"""The rules that a migrated database checks notices by are the tables of the program, and it changes no history."""

import psycopg
import pytest

from policy_match.notices.overtaking import OVERTAKEN_BY
from policy_match.notices.rules import told_steps
from policy_match.notices.transitions import DELIVERY_TRANSITIONS, NOTICE_TRANSITIONS
from policy_match.storage.driver_errors import AppendOnly, translated
from tests.support.cases import World
from tests.support.payment_flow import app_connection, rows
from tests.support.prepared import prepare_world


def kept(url: str, table: str, *columns: str) -> set[tuple[str, ...]]:
    """Return the rows of a table of rules."""
    return {tuple(row[column] for column in columns) for row in rows(url, f"SELECT * FROM {table}")}


def test_the_database_tells_of_exactly_the_steps_of_the_program(database_url: str) -> None:
    assert kept(database_url, "notice_rule", "route", "event", "kind") == set(told_steps())


def test_the_database_knows_exactly_the_steps_of_notices_and_deliveries(database_url: str) -> None:
    for table, steps in (("notice_transition", NOTICE_TRANSITIONS), ("delivery_transition", DELIVERY_TRANSITIONS)):
        expected = {(step.before, step.event, step.after) for step in steps}
        assert kept(database_url, table, "before", "event", "after") == expected


def test_the_database_knows_which_step_overtakes_which_notice(database_url: str) -> None:
    expected = {(kind, event) for kind, events in OVERTAKEN_BY.items() for event in events}
    assert kept(database_url, "notice_overtaking", "kind", "event") == expected


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notice_text SET body = 'x'",
        "DELETE FROM notice_event",
        "UPDATE notice SET recipient = 'x'",
        "UPDATE notice_state SET status = 'reached'",
        "DELETE FROM contact",
        "INSERT INTO notice_rule VALUES ('direct', 'close', 'paid')",
    ],
)
def test_the_program_may_not_change_what_was_said(world: World, database_url: str, statement: str) -> None:
    prepare_world(world)
    with app_connection(database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_not_even_the_owner_changes_what_was_said(world: World, database_url: str) -> None:
    prepare_world(world)
    with psycopg.connect(database_url) as connection, pytest.raises(AppendOnly), translated():
        connection.execute("UPDATE policy_match.notice_text SET body = 'x'")
