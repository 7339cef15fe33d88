"""Stops a PostgreSQL at once while somebody's transaction is open, as a power cut would.

Guarantees that each stop tears a transaction that was about to write: it waits for a lock that is held here.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from psycopg import sql

from policy_match.errors import StorageError
from policy_match.storage.embedded import EmbeddedPostgres
from tests.support.waiting import until

LONGEST_SECONDS = 120


@pytest.fixture
def server_home() -> Iterator[Path]:
    """A data directory that the account of the server may reach."""
    with tempfile.TemporaryDirectory(prefix="policy-match-test-") as folder:
        yield Path(folder)


def crash(home: Path) -> None:
    """Stop the server without a checkpoint, every connection torn (its immediate shutdown)."""
    os.kill(int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)


def stop_where_it_writes(home: Path, url: str, table: str, work: Callable[[], None]) -> None:
    """Let `work` run until it writes into a table, stop the server in that transaction, and start it again.

    Fails when `work` ends before, or with anything but the error of a lost database.
    """
    ends = list[BaseException | None]()

    def run() -> None:
        try:
            work()
            ends.append(None)
        except BaseException as error:  # told to the test, which looks at it
            ends.append(error)

    with closing(psycopg.connect(url)) as holder, closing(psycopg.connect(url, autocommit=True)) as watch:
        holder.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table)))
        worker = Thread(target=run)
        worker.start()
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
        until(lambda: ends or watch.execute(waiting, [table]).fetchone(), f"something writes into {table}")
        assert not ends, (table, ends)
        crash(home)
        worker.join(LONGEST_SECONDS)
    with EmbeddedPostgres(home):
        pass
    assert len(ends) == 1, f"{table}: it still runs"
    assert isinstance(ends[0], StorageError | psycopg.OperationalError), (table, ends)
