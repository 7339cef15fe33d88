"""A unit of work keeps all of it or nothing, and every driver error leaves it as one of ours."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import errors as pg

from policy_match.errors import StorageError
from policy_match.storage import driver_errors
from policy_match.storage.driver_errors import DatabaseUnreachable, translate
from policy_match.storage.unit_of_work import Database, PostgresUnitOfWork
from policy_match.values import SnapshotId

NAME = SnapshotId("a" * 64)


def terminate_others(superuser_url: str, database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(superuser_url) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_what_is_not_committed_is_not_kept(database: Database) -> None:
    with database.unit_of_work() as work:
        work.snapshots.keep(NAME, "{}")
    with database.unit_of_work() as work:
        assert work.snapshots.manifest(NAME) is None


def test_an_error_inside_rolls_back(database: Database) -> None:
    def fail(work: PostgresUnitOfWork) -> None:
        work.snapshots.keep(NAME, "{}")
        raise KeyError

    with pytest.raises(KeyError), database.unit_of_work() as work:
        fail(work)
    with database.unit_of_work() as work:
        assert work.snapshots.manifest(NAME) is None


def test_what_is_committed_is_seen_by_the_next(database: Database) -> None:
    with database.unit_of_work() as work:
        work.snapshots.keep(NAME, '{"rows": 1}')
        work.commit()
    with database.unit_of_work() as work:
        assert work.snapshots.manifest(NAME) == '{"rows": 1}'


def test_a_lost_connection_is_reported_and_replaced(database: Database, database_url: str, superuser_url: str) -> None:
    with database.unit_of_work() as work:
        work.snapshots.keep(NAME, "{}")
        terminate_others(superuser_url, database_url)
        with pytest.raises(DatabaseUnreachable):
            work.commit()
    with database.unit_of_work() as work:
        assert work.snapshots.manifest(NAME) is None


def test_an_idle_connection_that_was_lost_is_not_noticed(
    database: Database, database_url: str, superuser_url: str
) -> None:
    terminate_others(superuser_url, database_url)
    with database.unit_of_work() as work:
        assert work.snapshots.manifest(NAME) is None


def test_an_address_without_a_server_is_a_storage_error() -> None:
    with pytest.raises(DatabaseUnreachable, match="POLICY_MATCH_DATABASE_URL"):
        Database("postgresql:///nowhere?host=/nonexistent")


@pytest.mark.parametrize(
    ("raised", "ours", "retry_helps"),
    [
        (pg.LockNotAvailable, driver_errors.DatabaseBusy, True),
        (pg.DeadlockDetected, driver_errors.DatabaseBusy, True),
        (pg.QueryCanceled, driver_errors.DatabaseBusy, True),
        (pg.DiskFull, driver_errors.DatabaseFull, False),
        (pg.UniqueViolation, driver_errors.InvariantRefused, False),
        (pg.CheckViolation, driver_errors.InvariantRefused, False),
        (pg.InsufficientPrivilege, driver_errors.NotPermitted, False),
        (pg.UndefinedTable, driver_errors.SchemaOutdated, False),
        (pg.AdminShutdown, driver_errors.DatabaseUnreachable, True),
        (psycopg.OperationalError, driver_errors.DatabaseUnreachable, True),
        (pg.DivisionByZero, driver_errors.DatabaseRefused, False),
    ],
)
def test_driver_errors_become_ours(
    raised: Callable[[str], psycopg.Error], ours: type[StorageError], retry_helps: bool
) -> None:
    error = translate(raised("first line\nDETAIL: a row's values"))
    assert type(error) is ours
    assert error.retry_helps is retry_helps
    assert error.exit_code == StorageError.exit_code
    for language in ("zh", "en"):
        assert "a row's values" not in error.message(language)
