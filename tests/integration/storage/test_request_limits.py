"""What requests may take of the database: short waits, and no connection while somebody outside is asked."""

import threading
import time
from collections.abc import Iterator

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
        until(lambda: other.execute(LEFT_OPEN).fetchall() == [(0,)], "the server ends it")
        list_cases(work)
