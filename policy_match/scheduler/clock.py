"""APScheduler as a clock only: it ticks, and each tick looks at the rows; no job is known to it.

Guarantees that a look never overlaps itself, that each lane has one thread, and that a process which is told to end
gives its runs a stated time to finish, then breaks them off between two transactions. What is due is `runner`.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from policy_match.cases.working_days import CHINA
from policy_match.scheduler.log import Log
from policy_match.scheduler.runner import Runner
from policy_match.services.job_desk import Lane

TICK = timedelta(seconds=1)
"""How often a process looks. A standby takes over at its next look; who asked for something waits for it."""

MOST_TICKS_MISSED = 15

FINISH = timedelta(seconds=60)
"""How long runs may take to finish when the process is told to end."""

BREAK_OFF = timedelta(seconds=20)
"""How long a run that is broken off may take to its next transaction."""


def keep_time(
    runner: Runner,
    stop: Event,
    log: Log,
    *,
    tick: timedelta = TICK,
    finish: timedelta = FINISH,
    break_off: timedelta = BREAK_OFF,
) -> bool:
    """Let the runner look and its lanes work until `stop` is set; return whether all runs ended or were given back.

    A run that did neither in time is left in the middle of a transaction, which the end of the process rolls back.
    """
    lanes = [_LaneThread(runner, lane) for lane in Lane]
    looked: float | None = time.monotonic()

    def look() -> None:
        nonlocal looked
        looked = None
        if runner.tick():
            for lane in lanes:
                lane.wake()
        looked = time.monotonic()

    clock = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=CHINA,
    )
    ticking = clock.add_job(look, _every(tick), next_run_time=datetime.now(CHINA))
    for lane in lanes:
        lane.start()
    clock.start()
    log("start", tick_seconds=tick.total_seconds())
    while not stop.wait(tick.total_seconds()):
        # APScheduler waits for a time of day: when the machine's clock went back, that comes late.
        last = looked
        if last is not None and time.monotonic() - last > MOST_TICKS_MISSED * tick.total_seconds():
            log("clock.late")
            ticking.reschedule(_every(tick))
    log("stop", runs=len(runner.in_hand))
    runner.stop()
    clock.shutdown(wait=True)
    still = _end(lanes, finish)
    if still:
        runner.break_off()
        still = _end(still, break_off)
    runner.close()
    log("end", left=len(still))
    return not still


def _every(tick: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=tick.total_seconds(), timezone=CHINA)


class _LaneThread(Thread):
    """Works a lane each time it is woken. A daemon: a run that hangs must not keep the process."""

    def __init__(self, runner: Runner, lane: Lane) -> None:
        super().__init__(name=f"lane-{lane}", daemon=True)
        self._runner = runner
        self._lane = lane
        self._woken = Event()
        self._ending = False

    def wake(self) -> None:
        """Let the lane look for work."""
        self._woken.set()

    def end(self) -> None:
        """Let the lane end when its run has."""
        self._ending = True
        self._woken.set()

    def run(self) -> None:
        """Work until told to end."""
        while not self._ending:
            self._woken.wait()
            self._woken.clear()
            self._runner.work(self._lane)


def _end(lanes: Sequence[_LaneThread], patience: timedelta) -> Sequence[_LaneThread]:
    """Wait for lanes to end, and return those that did not."""
    until = time.monotonic() + patience.total_seconds()
    for lane in lanes:
        lane.end()
    for lane in lanes:
        lane.join(max(until - time.monotonic(), 0))
    return [lane for lane in lanes if lane.is_alive()]
