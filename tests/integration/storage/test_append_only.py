"""What was decided is never changed: refused by grants to the program, and by triggers to the owner."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg

from policy_match.storage.driver_errors import APPEND_ONLY
from policy_match.storage.unit_of_work import Database
from tests.support.kept import keep, snapshot_of, write_rules

TABLES = (
    "fact_catalogue",
    "rules",
    "policy_version",
    "rules_version",
    "confirmation",
    "snapshot",
    "sweep",
    "sweep_policy",
    "missing_facts",
    "decision",
    "decision_1",
)
CHANGES = ("UPDATE policy_match.{0} SET {1} = {1}", "DELETE FROM policy_match.{0}", "TRUNCATE policy_match.{0} CASCADE")
COLUMN = {
    "decision": "uscc",
    "decision_1": "uscc",
    "missing_facts": "facts",
    "sweep_policy": "total",
    "sweep": "engine",
    "snapshot": "manifest",
    "confirmation": "confirmed_by",
    "rules_version": "rules",
}


def as_program(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, options="-c role=policy_match_app")


@pytest.fixture
def filled_url(database: Database, database_url: str, tmp_path: Path, data_dir: Path) -> str:
    rules = write_rules(tmp_path / "rules")
    keep(rules, snapshot_of(rules.catalogue), database, data_dir)
    return database_url


def test_neither_the_program_nor_the_owner_changes_or_removes_anything(filled_url: str) -> None:
    for table in TABLES:
        for change in CHANGES:
            statement = change.format(table, COLUMN.get(table, "canonical")).encode()
            with as_program(filled_url) as connection, pytest.raises(pg.InsufficientPrivilege):
                connection.execute(statement)
            with psycopg.connect(filled_url) as connection, pytest.raises(psycopg.Error) as refused:
                connection.execute(statement)
            assert refused.value.sqlstate == APPEND_ONLY, f"{statement!r} gave {refused.value}"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO policy_match.decision (sweep_number, place, uscc, outcome, amount_fen)"
        " VALUES (1, 0, 'Z', 'eligible', 1)",
        "INSERT INTO policy_match.decision_1 (sweep_number, place, uscc, outcome, amount_fen)"
        " VALUES (1, 0, 'Z', 'eligible', 1)",
        "INSERT INTO policy_match.missing_facts VALUES (1, 99, '{premium_paid}')",
        "INSERT INTO policy_match.sweep_policy (sweep_number, place, version, total, eligible, ineligible,"
        " undetermined, amount_fen) SELECT 1, 9, version, 2, 1, 1, 0, 1 FROM policy_match.sweep_policy",
    ],
)
def test_nothing_is_added_to_a_sweep_that_is_kept(filled_url: str, statement: str) -> None:
    with psycopg.connect(filled_url) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(statement.encode())
    assert refused.value.sqlstate == APPEND_ONLY


def test_decisions_of_a_kept_sweep_cannot_be_closed_again(filled_url: str) -> None:
    with (
        psycopg.connect(filled_url) as connection,
        pytest.raises(psycopg.Error, match="not written in this transaction"),
    ):
        connection.execute("SELECT policy_match.close_decisions(1)")


def test_the_program_cannot_add_decisions_outside_of_a_load(filled_url: str) -> None:
    with as_program(filled_url) as connection, pytest.raises(pg.InsufficientPrivilege):
        connection.execute(
            "INSERT INTO policy_match.decision_1 (sweep_number, place, uscc, outcome, amount_fen)"
            " VALUES (1, 0, 'Z', 'eligible', 1)"
        )


def test_the_owner_of_the_embedded_database_is_no_superuser(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("off",)
