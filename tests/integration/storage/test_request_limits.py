"""What requests may take of the database: short waits, and no connection while somebody outside is asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from policy_match.services.case_history import list_cases
from policy_match.storage.driver_errors import DatabaseBusy
from policy_match.storage.limits import Limits
from policy_match.storage.unit_of_work import Database
from tests.support.waiting import until

LEFT_OPEN = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
"""
SMALL = Limits(
    connections=2,
    wait_seconds=0.3,
    waiting=3,
    lock_seconds=1,
    statement_seconds=1,
    idle_seconds=1,
    transaction_seconds=3,
)


UNLIMITED = Limits(connections=2, wait_seconds=30, lock_seconds=0, statement_seconds=0)
"""Beside the one limit that a test sets, so that no other stands in for it."""

ENDED_SECONDS = 10
"""Longer than any limit of a test; what is not given up by then goes on, so that the test fails and does not hang."""


@pytest.fixture
def small(database_url: str) -> Iterator[Database]:
    """A database with a small share for requests."""
    with Database(database_url, SMALL, migrated=True) as opened:
        yield opened


def test_who_finds_no_connection_is_told_soon(small: Database) -> None:
    with small.request_work(read_only=True), small.request_work(read_only=True):
        assert small.pool_use().in_use == 2
        began = time.monotonic()
        with pytest.raises(DatabaseBusy, match="every connection is in use"), small.request_work(read_only=True):
            pass
        assert time.monotonic() - began < 1.5
    assert small.pool_use().in_use == 0
    assert list_cases(small) == []


def test_so_many_may_wait_and_the_next_is_told_at_once(small: Database) -> None:
    busy: list[str] = []

    def ask() -> None:
        try:
            with small.request_work(read_only=True):
                pass
        except DatabaseBusy:
            busy.append("busy")

    with small.request_work(read_only=True), small.request_work(read_only=True):
        threads = [threading.Thread(target=ask) for _ in range(SMALL.waiting + 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(busy) == SMALL.waiting + 2


def test_slow_answers_from_outside_hold_no_connection(small: Database) -> None:
    answered = threading.Event()
    asking: list[int] = []

    def request() -> None:
        with small.request_work(read_only=False) as work:
            list_cases(work)
            work.release()
            asking.append(1)
            answered.wait(30)

    threads = [threading.Thread(target=request) for _ in range(6)]
    try:
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda wanted=number: len(asking) == wanted, "it asks somebody outside")
        assert small.pool_use().in_use == 0
        with small.request_work(read_only=True) as other:
            assert list_cases(other) == []
    finally:
        answered.set()
        for thread in threads:
            thread.join()


def test_one_more_than_may_wait_is_told_without_waiting(database_url: str) -> None:
    limits = replace(UNLIMITED, connections=1, waiting=1, wait_seconds=ENDED_SECONDS)
    with Database(database_url, limits, migrated=True) as database:
        waiting = threading.Thread(target=list_cases, args=(database,))
        with database.request_work(read_only=True):
            waiting.start()
            until(lambda: database.pool_use().waiting == 1, "one waits")
            began = time.monotonic()
            with pytest.raises(DatabaseBusy, match="every connection is in use"):
                list_cases(database)
            assert time.monotonic() - began < limits.wait_seconds / 4
            assert database.pool_use().waiting == 1
        waiting.join()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (replace(UNLIMITED, lock_seconds=1), "due to lock timeout"),
        (replace(UNLIMITED, statement_seconds=1), "due to statement timeout"),
    ],
)
def test_a_wait_for_rows_is_given_up_by_each_limit_alone(database_url: str, limits: Limits, told: str) -> None:
    with (
        Database(database_url, limits, migrated=True) as database,
        cases_locked(database_url),
        pytest.raises(DatabaseBusy, match=told),
    ):
        list_cases(database)


def test_work_left_open_is_ended_by_the_limit_of_idleness_alone(database_url: str) -> None:
    with (
        Database(database_url, replace(UNLIMITED, idle_seconds=1), migrated=True) as database,
        pytest.raises(DatabaseBusy, match="due to idle-in-transaction timeout"),
    ):
        leave_open(database, database_url)


def test_work_that_never_rests_is_ended_by_the_limit_of_its_transaction_alone(database_url: str) -> None:
    with (
        Database(database_url, replace(UNLIMITED, transaction_seconds=1), migrated=True) as database,
        database.request_work(read_only=True) as work,
        pytest.raises(DatabaseBusy, match="due to transaction timeout"),
    ):
        until(lambda: list_cases(work), "the server ends it", ENDED_SECONDS)


@contextmanager
def cases_locked(url: str) -> Iterator[None]:
    """Hold every row of cases back until this is left, or until the server has enough of it."""
    with psycopg.connect(url) as other:
        other.execute(f"SET idle_in_transaction_session_timeout = '{ENDED_SECONDS}s'".encode())
        other.execute("LOCK TABLE policy_match.benefit_case IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_statement_that_takes_too_long_is_given_up(small: Database, database_url: str) -> None:
    began = time.monotonic()
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE policy_match.benefit_case IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseBusy, match="timeout"), small.request_work(read_only=True) as work:
            list_cases(work)
    assert time.monotonic() - began < 2.5


def test_a_transaction_that_is_left_open_is_ended(small: Database, database_url: str) -> None:
    with pytest.raises(DatabaseBusy):
        leave_open(small, database_url)
    assert list_cases(small) == []


def leave_open(small: Database, url: str) -> None:
    """Do nothing within a transaction until the server has ended it, then go on."""
    with small.request_work(read_only=True) as work, psycopg.connect(url, autocommit=True) as other:
        list_cases(work)
        until(lambda: other.execute(LEFT_OPEN).fetchall() == [(0,)], "the server ends it", ENDED_SECONDS)
        list_cases(work)
