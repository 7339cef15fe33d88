"""Old runs that did nothing are forgotten; what did something, went wrong or was asked for stays for ever."""

from collections.abc import Callable

import psycopg
import pytest

from policy_match.ports.jobs import Figures
from policy_match.services.job_desk import Cron, RunningJob
from policy_match.services.job_reports import ask_for_run
from policy_match.services.jobs import IDLE_RUNS_KEPT, MOST_TRIES, RETRY_AFTER, forget_idle_runs
from tests.support.job_bench import MINUTE, Bench, job, look

Make = Callable[..., Bench]
HOUR = 60 * MINUTE
OLD = IDLE_RUNS_KEPT.days + 1


class Counts:
    """The work of a job that says what it did, or fails, as it is told."""

    def __init__(self, *found: Figures | Exception) -> None:
        self.found = list(found)

    def __call__(self, run: RunningJob) -> Figures:
        first = self.found.pop(0) if self.found else {"done": 0}
        if isinstance(first, Exception):
            raise first
        return first


def hours(made: Bench, count: int) -> None:
    """Let so many hours pass, with a look after each."""
    (runner,) = made.processes
    for _ in range(count):
        made.clock.move(HOUR)
        look(runner)


def forget(made: Bench) -> int:
    return forget_idle_runs(made.application.database, made.clock)


def test_old_runs_that_did_nothing_are_forgotten_but_for_the_last_success(bench: Make) -> None:
    made = bench(job("a", Counts({"done": 0}, {"done": 2}, {}, {"done": 0})))
    look(made.runner())
    hours(made, 4)
    assert forget(made) == 0
    made.clock.move(OLD)
    assert forget(made) == 2
    assert [run.figures for run in made.runs()] == [{"done": 2}, {"done": 0}]
    assert made.report("a").standing is not None
    assert forget(made) == 0


def test_what_a_forgotten_run_covered_goes_with_it(bench: Make) -> None:
    made = bench(job("a", Counts({}, {})))
    look(made.runner())
    made.clock.move(5 * HOUR)
    look(made.processes[0])
    hours(made, 1)
    assert [run.status for run in made.runs()] == ["covered"] * 4 + ["done"] * 2
    made.clock.move(OLD)
    assert forget(made) == 5
    assert len(made.runs()) == 1


def test_what_went_wrong_and_what_was_asked_for_stays(bench: Make) -> None:
    made = bench(job("a", Counts({}, *(RuntimeError() for _ in range(MOST_TRIES)), {}), cron=Cron(hour="10")))
    look(made.runner())
    ask_for_run(made.application.database, made.application, made.jobs[0], by="wang.fang")
    look(made.processes[0])
    hours(made, 1)
    for pause in RETRY_AFTER:
        made.clock.move(pause.total_seconds() / 86_400)
        look(made.processes[0])
    made.clock.move(1)
    look(made.processes[0])
    before = made.runs()
    assert [(run.status, run.by) for run in before] == [("done", "wang.fang"), ("failed", "system"), ("done", "system")]
    made.clock.move(OLD)
    assert forget(made) == 0
    assert made.runs() == before


@pytest.mark.parametrize("table", ["job_run", "job_run_event"])
def test_no_run_is_deleted_in_another_way(bench: Make, database_url: str, table: str) -> None:
    made = bench(job("a"))
    look(made.runner())
    hours(made, 1)
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.ProgrammingError, match="append-only"):
        connection.execute(f"DELETE FROM policy_match.{table}")
    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE policy_match_app")
        connection.execute("SELECT set_config('policy_match.forgets', 'job_run', false)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"DELETE FROM policy_match.{table}")
