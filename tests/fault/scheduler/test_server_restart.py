"""PostgreSQL is stopped and started again while jobs run; the process lives on, and each occurrence is done once."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from policy_match.ports.jobs import Figures
from policy_match.scheduler.clock import keep_time
from policy_match.services.budget_lines import add_line
from policy_match.services.job_desk import RunningJob
from policy_match.storage.embedded import EmbeddedPostgres
from tests.fault.scheduler.life import busy, wrong_runs
from tests.support.cases import MovableClock
from tests.support.job_bench import MINUTE, Bench, job
from tests.support.payment_flow import rows
from tests.support.server_stops import crash
from tests.support.waiting import until

TICK = timedelta(seconds=0.05)
HOURS = 8
STEPS = 20


class RealSeconds(MovableClock):
    """A clock that the test moves, whose seconds pass by themselves: pauses after failures are real."""

    def seconds(self) -> float:
        """Return seconds that never run backwards."""
        return os.times().elapsed


def lines_of_the_hour(run: RunningJob) -> Figures:
    """Add some budget lines named by the occurrence, each in its transaction; what is there is left alone."""
    added = 0
    for step in range(STEPS):
        fund = f"f{run.due_at:%d%H}x{step}"
        added += add_line(run.database, run.clock, fund=fund, year=2025, label="示例", by="system").new
    return {"added": added}


@pytest.mark.slow
def test_jobs_survive_a_server_that_stops_under_them(server_home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(server_home) as server:
        made = Bench(server.url, tmp_path, RealSeconds(), [job("lines", lines_of_the_hour)])
        runner, stop = made.runner(), Event()
        ended: list[bool] = []
        watch = Thread(target=lambda: ended.append(keep_time(runner, stop, made.lines, tick=TICK)))
        watch.start()
        until(lambda: runner.leads and rows(server.url, "SELECT job FROM job_state"), "it leads, and has planned")
        for number in range(HOURS):
            made.clock.move(60 * MINUTE)
            if number % 2:
                until(lambda: rows(server.url, "SELECT 1 FROM job_run_state WHERE status = 'running'"), "a run is on")
                crash(server_home)
                with EmbeddedPostgres(server_home):
                    pass
                # What the torn run waits for, the clock brings: it is tried again after a minute.
                made.clock.move(2 * MINUTE)
            until(
                lambda: (
                    runner.leads
                    and len(rows(server.url, "SELECT 1 FROM job_run")) == number + 1  # noqa: B023
                    and not busy(server.url, made.clock.now().isoformat())
                ),
                "the hour is done",
            )
        stop.set()
        watch.join(60)
        assert ended == [True]
        assert wrong_runs(server.url) == []
        assert rows(server.url, "SELECT count(*) AS n FROM budget_line") == [{"n": HOURS * STEPS}]
        assert rows(server.url, "SELECT count(*) AS n FROM job_run") == [{"n": HOURS}]
        assert "look.failed" in made.lines.events
        made.close()
