"""The program itself, twice: the leader is killed or told to end, and the other one leads within a stated time."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from policy_match.scheduler.clock import TICK
from tests.support.payment_flow import rows
from tests.support.waiting import until

ROOT = Path(__file__).parents[3]
TAKEOVER_SECONDS = TICK.total_seconds() + 10
"""One tick, and what a busy machine takes to plan."""

Process = subprocess.Popen[bytes]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Any]:
    """Return what starts `policy-match run scheduler`; what is left at the end is killed."""
    parts = conninfo_to_dict(database_url)
    name = parts.pop("dbname")
    environment = {
        **os.environ,
        "POLICY_MATCH_DATABASE_URL": f"postgresql:///{name}?{urlencode(parts)}",
        "POLICY_MATCH_DATA_DIR": str(tmp_path),
        "POLICY_MATCH_LANG": "en",
    }
    started: list[Process] = []

    def begin() -> Process:
        log = (tmp_path / f"log-{len(started)}").open("wb")
        with log:
            command = [sys.executable, "-m", "policy_match", "run", "scheduler", "--json"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait(30)


def leader(url: str) -> int | None:
    """Return the process that leads."""
    found = rows(
        url,
        "SELECT r.process FROM pg_locks AS l JOIN pg_locks AS f USING (pid, locktype, classid, database)"
        "  JOIN job_runner AS r ON r.runner_id = l.objid::bigint"
        " WHERE l.locktype = 'advisory' AND l.classid = 1886218850 AND f.objid = 0 AND f.granted AND l.granted"
        "   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    return found[0]["process"] if found else None


@pytest.mark.slow
def test_a_killed_leader_is_followed_within_a_tick(start: Any, database_url: str, tmp_path: Path) -> None:
    first = start()
    until(lambda: leader(database_url) == first.pid, "the first leads")
    second = start()
    until(lambda: rows(database_url, "SELECT count(*) AS n FROM job_runner") == [{"n": 2}], "the second stands by")
    first.kill()
    until(lambda: leader(database_url) == second.pid, "the second leads", TAKEOVER_SECONDS)
    third = start()
    until(lambda: rows(database_url, "SELECT count(*) AS n FROM job_runner") == [{"n": 3}], "the third stands by")
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    until(lambda: leader(database_url) == third.pid, "the third leads", TAKEOVER_SECONDS)
    third.send_signal(signal.SIGINT)
    assert third.wait(30) == 0
    last = (tmp_path / "log-2").read_text().splitlines()[-1]
    assert '"event": "end", "left": 0' in last
