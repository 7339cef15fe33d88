"""A migration of the next version while this version's web and scheduler work on the same database."""

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.services.case_history import list_cases
from policy_match.services.roles import roles_held
from policy_match.storage.driver_errors import DatabaseBusy
from policy_match.storage.limits import Limits
from policy_match.storage.migrate import Migration, Patience, all_migrations, migrate
from policy_match.storage.unit_of_work import Database
from tests.support.cases import chosen, write_policies
from tests.support.waiting import until
from tests.support.web_server import ROOT, WebServer, running_web

LISTED = "/api/v1/cases"
NEXT = Migration(
    number=len(all_migrations()) + 1,
    name="next.sql",
    text="""
        SET search_path = policy_match;
        ALTER TABLE benefit_case ADD COLUMN next_note text NOT NULL DEFAULT '';
        ALTER TABLE job_run ADD COLUMN next_note text;
        CREATE TABLE next_thing (id bigint PRIMARY KEY, case_id bigint REFERENCES benefit_case);
    """,
    checksum="next",
)
IMPATIENT = Patience(lock="200ms", tries=2, pause_seconds=0.05)
PATIENT = Patience(lock="200ms", tries=200, pause_seconds=0.05)
REQUESTS = Limits(connections=2, wait_seconds=2, lock_seconds=3, statement_seconds=10)
MOST_SECONDS = 3.0
"""A request may wait behind the migration's wait for its lock, and its short work."""


def as_url(conninfo: str) -> str:
    """Return an address as the settings want it."""
    parts = conninfo_to_dict(conninfo)
    return f"postgresql:///{parts['dbname']}?host={quote(str(parts['host']), safe='')}&user={parts['user']}"


@contextmanager
def old_version(conninfo: str, tmp_path: Path) -> Iterator[WebServer]:
    """Run the web and the scheduler of this version."""
    rules = tmp_path / "rules"
    write_policies(rules, chosen("direct"))
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder,
        running_web(Path(folder), rules, database_url=as_url(conninfo)) as web,
    ):
        command = [sys.executable, "-m", "policy_match", "run", "scheduler", "--rules", str(rules), "--json"]
        environ = {"POLICY_MATCH_DATABASE_URL": as_url(conninfo), "POLICY_MATCH_DATA_DIR": folder, "PATH": "/usr/bin"}
        log = Path(folder) / "scheduler.log"
        with log.open("w") as stream, subprocess.Popen(command, cwd=ROOT, env=environ, stderr=stream) as scheduler:
            try:
                until(lambda: '"lead"' in log.read_text(), "the scheduler leads")
                yield web
                assert scheduler.poll() is None
                assert "look.failed" not in log.read_text()
            finally:
                scheduler.send_signal(signal.SIGTERM)
        assert scheduler.returncode == 0


class Load:
    """Asks the web again and again, beside a test."""

    def __init__(self, web: WebServer) -> None:
        self._web = web
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.seconds: list[float] = []
        self.failed: list[int] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        until(lambda: len(self.seconds) >= 5, "the load is on")
        return self

    def __exit__(self, *_: object) -> None:
        before = len(self.seconds)
        until(lambda: len(self.seconds) >= before + 5, "it goes on afterwards")
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            self.seconds.append(until(self._one, "an answer"))

    def _one(self) -> bool:
        status = self._web.ask(LISTED).status
        if status != 200:
            self.failed.append(status)
        return True


def test_the_web_and_the_scheduler_of_the_old_version_work_on(database_url: str, tmp_path: Path) -> None:
    with old_version(database_url, tmp_path) as web, Load(web) as load:
        assert list(migrate(database_url, [*all_migrations(), NEXT], patience=PATIENT)) == [NEXT]
    assert load.failed == []
    assert max(load.seconds) < MOST_SECONDS


def test_a_migration_that_must_wait_lets_requests_pass(database_url: str, tmp_path: Path) -> None:
    with (
        old_version(database_url, tmp_path) as web,
        psycopg.connect(database_url) as long_reader,
        Load(web) as load,
    ):
        long_reader.execute("SELECT count(*) FROM policy_match.benefit_case")
        with pytest.raises(DatabaseBusy):
            migrate(database_url, [*all_migrations(), NEXT], patience=IMPATIENT)
        applied: list[Migration] = []
        waiting = threading.Thread(
            target=lambda: applied.extend(migrate(database_url, [*all_migrations(), NEXT], patience=PATIENT))
        )
        waiting.start()
        asked = len(load.seconds)
        until(lambda: len(load.seconds) > asked + 20, "requests pass while it waits")
        assert applied == []
        long_reader.rollback()
        waiting.join()
        assert applied == [NEXT]
    assert load.failed == []
    assert max(load.seconds) < MOST_SECONDS


def test_the_newest_migration_is_applied_under_load(empty_url: str) -> None:
    migrate(empty_url, all_migrations()[:-1])
    with Database(empty_url, REQUESTS, migrated=True) as database:
        assert not database.is_current()
        stop, errors, rounds = threading.Event(), [], [0]

        def work() -> None:
            while not stop.is_set():
                try:
                    list_cases(database, None, after=0, most=10)
                    roles_held(database)
                    rounds[0] += 1
                except Exception as error:
                    errors.append(error)
                    return

        thread = threading.Thread(target=work)
        thread.start()
        until(lambda: rounds[0] > 5 or errors, "the load is on")
        assert list(migrate(empty_url)) == [all_migrations()[-1]]
        after = rounds[0]
        until(lambda: rounds[0] > after + 5 or errors, "it goes on")
        stop.set()
        thread.join()
        assert errors == []
        assert database.is_current()
