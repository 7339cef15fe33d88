"""Processes of the server are killed, the whole of it, and its database, in the middle of writes.

No write that was acknowledged is lost, and sending every request again with its key does each once and answers the
same. `make test-nightly` kills many times more often.
"""

import os
import random
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.storage.embedded import EmbeddedPostgres
from tests.fault.web.writing import Writers, check_nothing_lost
from tests.support.cases import chosen, write_policies
from tests.support.server_stops import crash
from tests.support.waiting import until
from tests.support.web_server import TIMEOUT_SECONDS, WebServer, running_web

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
KILLS = 100 if NIGHTLY else 3
RESTARTS = 20 if NIGHTLY else 1
SEED = 20250701
LIMITS = {"requests_per_principal": 10_000_000, "requests_per_address": 10_000_000}
PROCESSES = 2


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data directory that the account of PostgreSQL may reach."""
    with tempfile.TemporaryDirectory(prefix="policy-match-test-") as folder:
        write_policies(Path(folder) / "rules", chosen("direct"))
        yield Path(folder)


@pytest.fixture
def postgres(home: Path) -> Iterator[str]:
    """The address of a PostgreSQL with an empty database, which makes everything durable."""
    with tempfile.TemporaryDirectory(prefix="policy-match-test-") as folder, EmbeddedPostgres(Path(folder)) as running:
        parts = conninfo_to_dict(running.url)
        yield f"postgresql:///{parts['dbname']}?host={quote(str(parts['host']), safe='')}&user={parts['user']}"


@contextmanager
def server_on(url: str, home: Path) -> Iterator[WebServer]:
    """Run the server with the data directory that it had before: its keys are there."""
    settings: Mapping[str, Any] = {"server": {"processes": PROCESSES}, "limits": LIMITS}
    with running_web(home / "web", home / "rules", database_url=url, **settings) as running:
        yield running


def kill(server: WebServer) -> None:
    """Kill all of a server at once."""
    for each in [server.process.pid, *server.workers()]:
        os.kill(each, signal.SIGKILL)
    server.process.wait(TIMEOUT_SECONDS)


def test_a_killed_process_loses_no_acknowledged_write_and_repeating_changes_nothing(home: Path, postgres: str) -> None:
    chance = random.Random(SEED)
    with server_on(postgres, home) as server:
        writers = Writers(port=server.port)
        with writers.writing():
            for _ in range(KILLS):
                writers.until_told(chance.randint(3, 12))
                until(lambda: len(server.workers()) == PROCESSES, "the killed process is replaced")
                os.kill(chance.choice(server.workers()), signal.SIGKILL)
            writers.until_told(5)
        assert writers.others == []
        check_nothing_lost(writers)


def test_a_killed_server_loses_no_acknowledged_write_and_repeating_changes_nothing(home: Path, postgres: str) -> None:
    writers = Writers(port=0)
    for _ in range(RESTARTS):
        with server_on(postgres, home) as server:
            writers.port = server.port
            with writers.writing():
                writers.until_told(20)
                kill(server)
    with server_on(postgres, home) as server:
        writers.port = server.port
        check_nothing_lost(writers)


def test_a_database_that_dies_is_told_and_served_again_without_a_restart(home: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="policy-match-test-") as folder, EmbeddedPostgres(Path(folder)) as database:
        parts = conninfo_to_dict(database.url)
        url = f"postgresql:///{parts['dbname']}?host={quote(str(parts['host']), safe='')}&user={parts['user']}"
        with server_on(url, home) as server:
            writers = Writers(port=server.port)
            with writers.writing():
                for _ in range(RESTARTS):
                    writers.until_told(10)
                    refused = len(writers.others)
                    crash(Path(folder))
                    until(lambda: len(writers.others) > refused, "a write is refused")  # noqa: B023
                    with EmbeddedPostgres(Path(folder)):
                        pass
                    writers.until_told(10)
            for each in writers.others:
                assert (each.status, each.json["code"]) == (503, "service.unavailable")
                assert each.json["retry_helps"]
                assert int(each.headers["retry-after"]) > 0
            assert len(server.workers()) == PROCESSES
            check_nothing_lost(writers)
