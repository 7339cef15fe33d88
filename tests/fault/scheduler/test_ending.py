"""A process that is told to end, or whose machine's clock goes back: runs finish, are given back, or are left whole."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from apscheduler.schedulers import base
from apscheduler.triggers import interval

from policy_match.ports.jobs import Figures
from policy_match.scheduler.clock import keep_time
from policy_match.services.job_desk import Job, RunningJob
from tests.support.cases import MovableClock
from tests.support.job_bench import MINUTE, Bench, job
from tests.support.waiting import until

TICK = timedelta(seconds=0.05)
SOON = timedelta(seconds=0.3)
LONG = timedelta(seconds=60)
HOUR = 60 * MINUTE


class Kept:
    """A clock that is kept in a thread, on a bench of one job."""

    def __init__(self, made: Bench, **limits: timedelta) -> None:
        self.stop = Event()
        self.bench = made
        self.runner = made.runner()
        self.ended: list[bool] = []
        self.thread = Thread(
            target=lambda: self.ended.append(keep_time(self.runner, self.stop, made.lines, tick=TICK, **limits))
        )
        self.thread.start()
        until(lambda: made.report("a").standing is not None, "the job is planned")

    def end(self) -> bool:
        """Tell it to end, and return whether all runs ended."""
        self.stop.set()
        self.thread.join(60)
        (ended,) = self.ended
        return ended


@pytest.fixture
def keep(database_url: str, data_dir: Path) -> Iterator[Callable[..., Kept]]:
    """Return what keeps the clock of one job."""
    made: list[Bench] = []

    def begin(of: Job, **limits: timedelta) -> Kept:
        made.append(Bench(database_url, data_dir, MovableClock(), [of]))
        return Kept(made[-1], **limits)

    yield begin
    for each in made:
        each.close()


def test_a_run_that_is_on_may_finish(keep: Callable[..., Kept]) -> None:
    begun, going_on = Event(), Event()

    def work(run: RunningJob) -> Figures:
        begun.set()
        assert going_on.wait(30)
        return {"stopping": run.stopping()}

    kept = keep(job("a", work), finish=LONG)
    kept.bench.clock.move(HOUR)
    assert begun.wait(30)
    kept.stop.set()
    until(lambda: "stop" in kept.bench.lines.events, "it is told to end")
    until(lambda: not kept.runner.tick(), "it looks no more")
    going_on.set()
    assert kept.end()
    (run,) = kept.bench.runs()
    assert (run.status, run.figures) == ("done", {"stopping": True})


def test_a_run_that_does_not_finish_in_time_is_given_back(keep: Callable[..., Kept]) -> None:
    begun = Event()

    def work(run: RunningJob) -> Figures:
        begun.set()
        while True:
            with run.database.unit_of_work():
                pass

    kept = keep(job("a", work), finish=SOON, break_off=LONG)
    kept.bench.clock.move(HOUR)
    assert begun.wait(30)
    assert kept.end()
    assert kept.bench.told() == [("01 10:00", "due", 1)]
    assert kept.bench.lines.found[-1] == ("end", {"left": 0})


def test_a_run_that_hangs_does_not_keep_the_process(keep: Callable[..., Kept]) -> None:
    begun, going_on = Event(), Event()

    def work(_: RunningJob) -> Figures:
        begun.set()
        going_on.wait(60)
        return {}

    kept = keep(job("a", work), finish=SOON, break_off=SOON)
    kept.bench.clock.move(HOUR)
    assert begun.wait(30)
    assert not kept.end()
    assert kept.bench.told() == [("01 10:00", "running", 1)]
    going_on.set()


def test_a_process_with_nothing_to_do_ends_at_once(keep: Callable[..., Kept]) -> None:
    kept = keep(job("a"), finish=LONG)
    assert kept.end()
    assert kept.bench.lines.events[-2:] == ["stop", "end"]


def test_looking_goes_on_when_the_clock_of_the_machine_goes_back(
    keep: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = timedelta()

    class MachineClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) - shift

    for module in (base, interval):
        monkeypatch.setattr(module, "datetime", MachineClock)
    kept = keep(job("a"))
    shift = timedelta(days=1)
    kept.bench.clock.move(HOUR)
    until(lambda: kept.bench.told() == [("01 10:00", "done", 1)], "the hour is done")
    assert "clock.late" in kept.bench.lines.events
    assert kept.end()
