"""PostgreSQL is stopped at once and started again while payments are on their way; the laws hold, and all end well."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from policy_match.errors import StorageError
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.support.payment_errand import CASES, book, errand, paid_fen
from tests.support.payment_flow import fill, rows
from tests.support.payment_laws import broken, paid_twice

STOPS = 4
MOST_TRIES = 50


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory that the account of the server may reach."""
    with tempfile.TemporaryDirectory(prefix="policy-match-test-") as folder:
        yield Path(folder)


def crash(home: Path) -> None:
    """Stop the server as a power cut would: without a checkpoint, every connection torn (its immediate shutdown)."""
    os.kill(int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)


def test_payments_survive_a_server_that_stops_under_load(home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(home) as server:
        with Database(server.url) as database:
            fill(database, server.url, CASES)
        done, failures, torn = Event(), list[BaseException](), list[str]()

        def work() -> None:
            """Begin the errand again after each break, as a supervisor would."""
            try:
                for _ in range(MOST_TRIES):
                    try:
                        # Whoever finds the server stopped starts it; it may be stopped again meanwhile.
                        with EmbeddedPostgres(home), Database(server.url) as database:
                            errand(database, server.url, tmp_path)
                        return
                    except (StorageError, psycopg.OperationalError) as error:
                        torn.append(type(error).__name__)
            except BaseException as error:  # told to the test, which fails with it
                failures.append(error)
            finally:
                done.set()

        worker = Thread(target=work)
        worker.start()
        for _ in range(STOPS):
            if done.wait(0.1):
                break
            crash(home)
            with EmbeddedPostgres(home):
                pass
        worker.join(120)
        assert not failures, failures
        assert torn
        wrong = broken(server.url) + paid_twice(book(tmp_path))
        assert not wrong
        with Database(server.url) as database:
            errand(database, server.url, tmp_path)
        assert broken(server.url) == []
        assert paid_fen(tmp_path) == sum(case.amount_fen for case in CASES)
        assert rows(server.url, "SELECT DISTINCT status FROM case_state") == [{"status": "closed"}]
