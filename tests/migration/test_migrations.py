"""Migrations reach exactly schema.sql, once, whoever runs them and however often they are interrupted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg
import pytest
from psycopg.rows import dict_row

from policy_match.storage.driver_errors import (
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnreachable,
    InvariantRefused,
    NotPermitted,
)
from policy_match.storage.migrate import (
    MIGRATION_LOCK,
    DatabaseNewer,
    Migration,
    MigrationChanged,
    Patience,
    all_migrations,
    migrate,
)
from policy_match.storage.session import Connection
from tests.support.catalogue_dump import dump_catalogue

NEXT = len(all_migrations()) + 1
GOOD = Migration(number=NEXT, name="good.sql", text="CREATE TABLE policy_match.extra (id integer)", checksum="good")
BAD = Migration(
    number=NEXT, name="bad.sql", text="CREATE TABLE policy_match.extra (id integer); SELECT 1 / 0", checksum="bad"
)
SLOW = Migration(
    number=NEXT,
    name="slow.sql",
    text="CREATE TABLE policy_match.extra (id integer); SELECT pg_sleep(5)",
    checksum="slow",
)
DIFFERENCES = (
    "ALTER TABLE policy_match.sweep ADD COLUMN extra text",
    "ALTER TABLE policy_match.sweep ALTER COLUMN engine DROP NOT NULL",
    "ALTER TABLE policy_match.sweep DROP CONSTRAINT one_sweep_of_the_same",
    "DROP INDEX policy_match.policy_version_policy_id",
    "DROP TRIGGER append_only ON policy_match.sweep",
    "GRANT DELETE ON policy_match.sweep TO policy_match_app",
    "GRANT SELECT ON policy_match.opening TO policy_match_firm",
    "CREATE POLICY all_rows ON policy_match.opening USING (true)",
    "DROP TRIGGER a_firm_adds_its_own ON policy_match.suggestion",
    "ALTER VIEW policy_match_firm.sweep RESET (security_barrier)",
    "ALTER TYPE policy_match.match_kind ADD VALUE 'most'",
    "COMMENT ON TABLE policy_match.confirmation IS 'something else'",
    "CREATE OR REPLACE VIEW policy_match.due_date AS"
    " SELECT ''::text AS what, NULL::date AS due, NULL::bigint AS case_id, NULL::bigint AS objection, true AS unheard",
    "CREATE OR REPLACE FUNCTION policy_match.refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$",
)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def test_the_migrations_reach_exactly_the_canonical_schema(empty_url: str, database_url: str) -> None:
    canonical = (files("policy_match.storage") / "schema.sql").read_bytes()
    with connected(empty_url) as by_schema, connected(database_url) as by_migrations:
        by_schema.execute(canonical)
        assert dump_catalogue(by_schema) == dump_catalogue(by_migrations)


def test_the_comparison_sees_each_planted_difference(database_url: str) -> None:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        unchanged = dump_catalogue(connection)
        for change in DIFFERENCES:
            connection.rollback()
            connection.execute(change.encode())
            assert dump_catalogue(connection) != unchanged, change


def test_migrating_again_does_nothing(empty_url: str) -> None:
    assert list(migrate(empty_url)) == list(all_migrations())
    assert list(migrate(empty_url)) == []


def test_a_failed_migration_leaves_nothing_and_can_be_run_again(empty_url: str) -> None:
    migrate(empty_url)
    with pytest.raises(DatabaseRefused, match="division by zero"):
        migrate(empty_url, [*all_migrations(), BAD])
    assert list(migrate(empty_url, [*all_migrations(), GOOD])) == [GOOD]


def test_a_statement_of_a_migration_that_takes_too_long_leaves_nothing(empty_url: str) -> None:
    migrate(empty_url)
    with pytest.raises(DatabaseBusy, match="due to statement timeout"):
        migrate(empty_url, [*all_migrations(), SLOW], patience=Patience(statement="200ms"))
    assert not has_extra(empty_url)
    assert list(migrate(empty_url, [*all_migrations(), GOOD])) == [GOOD]


def test_a_migration_that_cannot_be_noted_leaves_nothing(empty_url: str) -> None:
    migrate(empty_url)
    with connected(empty_url) as owner:
        owner.execute(f"ALTER TABLE policy_match.migration ADD CONSTRAINT is_full CHECK (number < {NEXT})".encode())
        with pytest.raises(InvariantRefused, match="is_full"):
            migrate(empty_url, [*all_migrations(), GOOD])
        assert not has_extra(empty_url)
        owner.execute("ALTER TABLE policy_match.migration DROP CONSTRAINT is_full")
    assert list(migrate(empty_url, [*all_migrations(), GOOD])) == [GOOD]
    assert has_extra(empty_url)


def has_extra(url: str) -> bool:
    """Return whether the table is there that the migrations of these tests make."""
    with connected(url) as connection:
        row = connection.execute("SELECT to_regclass('policy_match.extra') IS NOT NULL AS there").fetchone()
    assert row is not None
    return bool(row["there"])


def test_a_file_that_was_edited_after_it_was_applied_is_refused(empty_url: str) -> None:
    migrate(empty_url, [*all_migrations(), GOOD])
    edited = Migration(number=NEXT, name="good.sql", text=GOOD.text, checksum="other")
    with pytest.raises(MigrationChanged, match=r"good\.sql"):
        migrate(empty_url, [*all_migrations(), edited])


def test_a_database_of_a_later_program_is_refused(empty_url: str) -> None:
    migrate(empty_url, [*all_migrations(), GOOD])
    with pytest.raises(DatabaseNewer, match="upgrade the program"):
        migrate(empty_url)


def test_two_programs_at_once_apply_each_file_once(empty_url: str) -> None:
    applied: list[int] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        applied.append(len(migrate(empty_url)))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [0, len(all_migrations())]


def test_a_migration_gives_up_when_it_cannot_get_its_lock(empty_url: str) -> None:
    with connected(empty_url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        with pytest.raises(DatabaseBusy, match="lock timeout"):
            migrate(empty_url, patience=Patience(turn="50ms"))


def test_a_server_that_does_not_answer_is_named_as_such() -> None:
    with pytest.raises(DatabaseUnreachable, match="POLICY_MATCH_DATABASE_URL"):
        migrate("postgresql:///nowhere?host=/nonexistent")


def test_an_account_without_the_role_is_told_what_to_ask_for(superuser_url: str, empty_url: str) -> None:
    with connected(superuser_url) as server:
        server.execute("DROP ROLE IF EXISTS stranger")
        server.execute("CREATE ROLE stranger LOGIN")
    stranger = psycopg.conninfo.make_conninfo(empty_url, user="stranger")
    with pytest.raises(NotPermitted, match="GRANT policy_match_app TO stranger"):
        migrate(stranger)
