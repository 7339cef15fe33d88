"""Plans the occurrences of jobs as rows, takes what is due, and carries out one run.

Guarantees that each occurrence ends in one finish, in one failure that is told, or is covered by a run that does its
work; that a run of a dead process starts again; and that nothing more is written by a run that was taken away.
"""

import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from policy_match.errors import PolicyMatchError
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.jobs import Figures, JobName, LostRun, RunId, RunnerId, TakenRun
from policy_match.services.job_desk import Job, JobDesk, RunningJob, Timetable

PAGE = 5_000
MOST_PAGES = 200
"""One look plans at most a million occurrences of a job: two years of one a minute. One night forgets two million."""

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MOST_TRIES = len(RETRY_AFTER) + 1
"""So often a run is started; then it failed, and the next occurrence begins anew."""

MOST_LOST = 1_000

IDLE_RUNS_KEPT = timedelta(days=90)
"""So long a run stays that did nothing. What did something, went wrong, or was asked for, stays for ever."""

MOST_LOOKED_AT = 10_000
"""So many runs one transaction looks at that forgets."""

DETAIL_LETTERS = 500
ABANDONED = "jobs.abandoned"
STOPPED = "jobs.stopped"
BUG = "bug"
OURS = ("policy_match", "connectors")


class RunTaken(BaseException):
    """The run is not this process's any more. No `Exception`: no service may take it for a mishap and go on."""


class RunStopped(BaseException):
    """The process must end now; the run is broken off between two transactions and starts again elsewhere."""


class Ending(StrEnum):
    """How a run left this process."""

    DONE = "done"
    RETRY = "retry"
    FAILED = "failed"
    STOPPED = "stopped"
    TAKEN = "taken"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEnded:
    """How a run ended, after how many seconds; `error` is what it failed with."""

    ending: Ending
    seconds: float
    figures: Figures = field(default_factory=dict)
    code: str = ""
    detail: str = ""
    next_try_at: datetime | None = None
    error: Exception | None = None


class RunDatabase:
    """The database of one run: each unit of work first makes sure that the run is still this process's."""

    def __init__(self, database: Database, run_id: RunId, runner: RunnerId, stopped: Callable[[], bool]) -> None:
        self._database = database
        self._run_id = run_id
        self._runner = runner
        self._stopped = stopped

    def unit_of_work(self) -> UnitOfWork:
        """Return a unit of work, which raises `RunTaken` or `RunStopped` when it is entered too late."""
        unit = self._database.unit_of_work()
        unit.begin_with(self._hold)
        return unit

    def _hold(self, work: UnitOfWork) -> None:
        if self._stopped():
            raise RunStopped
        if not work.jobs.hold(self._run_id, self._runner):
            raise RunTaken


def plan_jobs(database: Database, timetable: Timetable, jobs: Sequence[Job], clock: Clock) -> Mapping[JobName, int]:
    """Write every occurrence that fell due since the last look, and return how many of each job.

    A job that somebody waits for occurs now, unless a run of it is due or on, which will see to it or is tried again.
    A job that was never seen begins now. A clock that went back plans nothing until it has caught up; one that went
    forward has missed occurrences, like a process that slept. A paused job is planned when it is resumed.
    """
    now = clock.now()
    names = [job.name for job in jobs]
    with database.unit_of_work() as work:
        plans = {plan.job: plan for plan in work.jobs.plans(names)}
        if len(plans) < len(jobs):
            work.jobs.begin(names, now)
            plans = {plan.job: plan for plan in work.jobs.plans(names)}
        waited_for = {job.name for job in jobs if plans[job.name].idle and job.waited_for(work)}
        work.commit()
    planned: dict[JobName, int] = {}
    for job in jobs:
        if plans[job.name].paused:
            continue
        count = _plan(database, timetable, job, plans[job.name].planned_to, now)
        if not count and job.name in waited_for:
            count = _add(database, job, [now], now)
        if count:
            planned[job.name] = count
    return planned


def _plan(database: Database, timetable: Timetable, job: Job, planned_to: datetime, now: datetime) -> int:
    count = 0
    for _ in range(MOST_PAGES):
        due = timetable.due(job.cron, after=planned_to, up_to=now, most=PAGE)
        if due:
            count, planned_to = count + _add(database, job, due, now), due[-1]
        if len(due) < PAGE:
            break
    return count


def _add(database: Database, job: Job, due: Sequence[datetime], now: datetime) -> int:
    with database.unit_of_work() as work:
        work.jobs.plan(job.name, due, now)
        work.commit()
    return len(due)


def take_run(database: Database, jobs: Sequence[Job], runner: RunnerId, clock: Clock) -> TakenRun | None:
    """Start what is due of the first of these jobs that is free, or return `None`. It covers what was missed."""
    with database.unit_of_work() as work:
        taken = work.jobs.take([job.name for job in jobs], runner, clock.now())
        work.commit()
    return taken


def take_run_by_hand(database: Database, job: Job, runner: RunnerId, clock: Clock, *, by: str) -> TakenRun | None:
    """Start a run that a person asks for now, which covers what is due; `None` when the job is running."""
    now = clock.now()
    with database.unit_of_work() as work:
        work.jobs.begin([job.name], now)
        taken = work.jobs.take_by_hand(job.name, runner, now, by)
        work.commit()
    return taken


def carry_out(
    desk: JobDesk,
    job: Job,
    run: TakenRun,
    runner: RunnerId,
    *,
    rules_folder: Path,
    stopping: Callable[[], bool],
    stopped: Callable[[], bool],
    by_hand: bool = False,
) -> RunEnded:
    """Do the work of a run that was taken, and write how it ended.

    With `stopped` the run is broken off at its next transaction. What a person started by hand is not tried again.
    Raises a `StorageError` when the ending cannot be written; then the run is found lost and starts again.
    """
    began = desk.clock.seconds()
    running = RunningJob(
        desk=desk,
        database=RunDatabase(desk.database, run.run_id, runner, stopped),
        rules_folder=rules_folder,
        due_at=run.due_at,
        stopping=stopping,
    )
    try:
        figures = job.work(running)
    except RunTaken:
        return RunEnded(ending=Ending.TAKEN, seconds=desk.clock.seconds() - began)
    except RunStopped:
        ended = RunEnded(ending=Ending.STOPPED, seconds=desk.clock.seconds() - began, code=STOPPED)
    except Exception as error:
        again = None if by_hand else _again(error, run.tries)
        ended = RunEnded(
            ending=Ending.FAILED if again is None else Ending.RETRY,
            seconds=desk.clock.seconds() - began,
            code=error.code if isinstance(error, PolicyMatchError) else BUG,
            detail=told(error),
            next_try_at=None if again is None else desk.clock.now() + again,
            error=error,
        )
    else:
        ended = RunEnded(ending=Ending.DONE, seconds=desk.clock.seconds() - began, figures=figures)
    if _write(desk, run, runner, ended):
        return ended
    return RunEnded(ending=Ending.TAKEN, seconds=ended.seconds)


def _again(error: Exception, tries: int) -> timedelta | None:
    """Return when a run is tried again: not when it was tried often enough, or when no retry can help."""
    helps = error.retry_helps if isinstance(error, PolicyMatchError) else True
    return RETRY_AFTER[tries - 1] if helps and tries < MOST_TRIES else None


def told(error: Exception) -> str:
    """Return an error in one line. Of a defect of the program only its kind and place: its text may hold anything."""
    if isinstance(error, PolicyMatchError):
        return error.message("en")[:DETAIL_LETTERS]
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if any(name in frame.filename for name in OURS)), None)
    where = "" if place is None else f" at {Path(place.filename).name}:{place.lineno}"
    return f"{type(error).__name__}{where}; report this as a defect"


def _write(desk: JobDesk, run: TakenRun, runner: RunnerId, ended: RunEnded) -> bool:
    """Write how a run ended, and return whether it was still this runner's."""
    now = desk.clock.now()
    with desk.database.unit_of_work() as work:
        if not work.jobs.hold(run.run_id, runner):
            return False
        match ended.ending:
            case Ending.DONE:
                work.jobs.finish(run.run_id, runner, ended.figures, now)
            case Ending.RETRY:
                assert ended.next_try_at is not None
                work.jobs.retry(run.run_id, runner, ended.code, ended.detail, due_at=ended.next_try_at, at=now)
            case Ending.FAILED:
                work.jobs.fail([run.run_id], runner, ended.code, ended.detail, now)
            case _:
                why = "the process had to end"
                work.jobs.abandon([run.run_id], runner, ended.code, why, due_at=now, at=now)
        work.commit()
    return True


def give_back_lost(
    database: Database, runner: RunnerId, in_hand: Collection[RunId], clock: Clock
) -> tuple[Sequence[LostRun], Sequence[LostRun]]:
    """Let runs that nobody carries out start again, and return them; and those that were lost too often, which fail.

    `in_hand` are the runs that this process is at. A run in the middle of a transaction is left for the next time.
    """
    now = clock.now()
    with database.unit_of_work() as work:
        lost = work.jobs.lost(runner, in_hand, MOST_LOST)
        again = [run for run in lost if run.tries < MOST_TRIES]
        failed = [run for run in lost if run.tries >= MOST_TRIES]
        if again:
            why = "the process that carried it out is gone"
            work.jobs.abandon([run.run_id for run in again], runner, ABANDONED, why, due_at=now, at=now)
        if failed:
            why = f"{MOST_TRIES} processes in turn were gone in the middle of it; look at their last words"
            work.jobs.fail([run.run_id for run in failed], runner, ABANDONED, why, now)
        if lost:
            work.commit()
    return again, failed


def forget_idle_runs(database: Database, clock: Clock) -> int:
    """Forget old runs that did nothing, with the missed occurrences that they covered, and return how many.

    The last success of each job stays, so that it can be told when the job is late.
    """
    before = clock.now() - IDLE_RUNS_KEPT
    forgotten, after = 0, 0
    for _ in range(MOST_PAGES):
        with database.unit_of_work() as work:
            found, last = work.jobs.forget(after, before, MOST_LOOKED_AT)
            work.commit()
        if last is None:
            break
        forgotten, after = forgotten + found, last
    return forgotten
