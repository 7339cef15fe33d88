"""PostgreSQL is stopped at once and started again while notices are on their way; the laws hold, and all end well."""

import os
import signal
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from policy_match.errors import StorageError
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.services.repair_notices import repair_notices
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.support.notice_errand import FIRMS, errand, owe
from tests.support.notice_laws import broken
from tests.support.notice_street import open_street
from tests.support.payment_flow import rows

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


def test_notices_survive_a_server_that_stops_under_load(home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(home) as server, open_street(tmp_path / "street") as street:
        channels, clock = street.providers.channels(), street.providers.clock
        with Database(server.url) as database:
            owe(database)
        done, failures, torn = Event(), list[BaseException](), list[str]()

        def work() -> None:
            """Begin the errand again after each break, as a supervisor would."""
            try:
                for _ in range(MOST_TRIES):
                    try:
                        # Whoever finds the server stopped starts it; it may be stopped again meanwhile.
                        with EmbeddedPostgres(home), Database(server.url) as database:
                            errand(database, channels, clock)
                        return
                    except (StorageError, psycopg.OperationalError) as error:
                        torn.append(type(error).__name__)
                        clock.move(timedelta(minutes=15))
            except BaseException as error:  # told to the test, which fails with it
                failures.append(error)
            finally:
                done.set()

        worker = Thread(target=work)
        worker.start()
        crashes = 0
        for _ in range(STOPS):
            if done.wait(0.3):
                break
            crash(home)
            crashes += 1
            with EmbeddedPostgres(home):
                pass
        worker.join(300)
        assert not failures, failures
        assert crashes > 0
        assert broken(server.url) == []
        with Database(server.url) as database:
            errand(database, channels, clock, 4)
            reported = repair_notices(database, channels, DeliveryRules(), clock).possible_duplicates
        assert broken(server.url) == []
        arrived = street.arrived()
        assert set(arrived["gate"].values()) | set(arrived["post"].values()) <= {1}
        assert street.mail.duplicates() <= reported.get("mail", 0)
        found = rows(server.url, "SELECT status, count(*) AS n FROM notice_state GROUP BY status")
        ends = {row["status"]: row["n"] for row in found}
        assert sum(ends.values()) == FIRMS
        assert ends.keys() <= {"reached", "unreached"}
