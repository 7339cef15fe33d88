"""How the standing jobs stand, and what a person says about one: pause, resume, plan anew, run once, ask for a run.

Guarantees that a job whose last success is older than its limit is late however it stands, paused or not, and that who
said what, and why, is kept. Planning and carrying out is `jobs`.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from policy_match.errors import InputError, QuestionError
from policy_match.ports import Clock, Database
from policy_match.ports.jobs import (
    JobName,
    JobOrder,
    JobStanding,
    RunId,
    RunnerLease,
    RunnerRow,
    RunRow,
    RunStatus,
    TakenRun,
)
from policy_match.services.job_desk import Job, JobDesk, Timetable
from policy_match.services.jobs import RunEnded, carry_out, give_back_lost, take_run_by_hand
from policy_match.services.roles import staff

CLOCK_SLACK = timedelta(minutes=10)
"""A plan that is so far ahead of the clock was made by a clock that was wrong, or this one is."""

MOST_LETTERS = 500


class NoSuchJob(InputError):
    """There is no job of that name here."""

    code = "jobs.unknown"
    http_status = 404
    english = "`{name}` is no job here; write {known}"
    chinese = "“{name}”不是这里的任务；可用：{known}"


class JobNotPlanned(InputError):
    """No scheduler ever ran, so there is nothing to pause."""

    code = "jobs.not-planned"
    http_status = 409
    english = "{name} was never planned; start `policy-match run scheduler` first"
    chinese = "{name} 尚未排入计划；请先运行 policy-match run scheduler"


class JobIsRunning(QuestionError):
    """The job is on, in this or another process."""

    code = "jobs.running"
    english = "{name} is running now; see `policy-match scheduler runs {name}`, and try again when it has ended"
    chinese = "{name} 正在运行；请用 policy-match scheduler runs {name} 查看，结束后再试"


class JobIsOff(QuestionError):
    """The settings do not ask for the job."""

    code = "jobs.off"
    english = "{name} is off: it needs settings that are not there; docs/scheduler.md says which"
    chinese = "{name} 未启用：缺少所需设置（见 docs/scheduler.md）"


class NoSuchRun(InputError):
    """There is no run of that number."""

    code = "jobs.no-run"
    http_status = 404
    english = "there is no run {run_id}; list the runs to see those that there are"
    chinese = "没有第 {run_id} 次运行；请先列出运行记录"


class NotAhead(InputError):
    """The plan of the job is not ahead of the clock."""

    code = "jobs.not-ahead"
    http_status = 409
    english = "{name} is planned up to {planned_to}, which is past: there is nothing to plan anew"
    chinese = "{name} 已计划到 {planned_to}，未超前于当前时间：无需重新计划"


class ReasonUnfit(InputError):
    """What is said about a job has a reason, in one line."""

    code = "jobs.reason"
    english = "give a reason of at most {most} letters"
    chinese = "请写明理由，不超过 {most} 字"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobReport:
    """How one job stands. `standing` is `None` when it was never planned; `ahead` says that its plan outran the clock.

    `wanted` is false when the settings do not ask for it: then it is neither due nor late.
    """

    job: Job
    wanted: bool
    standing: JobStanding | None
    next_due: datetime | None
    late: bool
    ahead: bool

    @property
    def failed(self) -> bool:
        """Whether its newest run was given up."""
        run = None if self.standing is None else self.standing.last_run
        return run is not None and run.status is RunStatus.FAILED

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must look at it."""
        return self.wanted and (self.late or self.failed or self.ahead)


def report_jobs(database: Database, desk: JobDesk, timetable: Timetable, jobs: Sequence[Job]) -> Sequence[JobReport]:
    """Return how every job stands now, in the order of the table; the desk says which of them are wanted."""
    now = desk.clock.now()
    with database.unit_of_work() as work:
        standings = {each.job: each for each in work.jobs.standings([job.name for job in jobs], now)}
    return [_report(job, job.wanted(desk), standings.get(job.name), timetable, now) for job in jobs]


def _report(job: Job, wanted: bool, standing: JobStanding | None, timetable: Timetable, now: datetime) -> JobReport:
    if standing is None:
        return JobReport(job=job, wanted=wanted, standing=None, next_due=None, late=False, ahead=False)
    success = standing.last_success
    last = standing.since if success is None or success.ended_at is None else success.ended_at
    paused = standing.paused_at is not None
    return JobReport(
        job=job,
        wanted=wanted,
        standing=standing,
        next_due=None if paused else timetable.next_one(job.cron, max(now, standing.planned_to)),
        late=wanted and now - last > job.late_after,
        ahead=standing.planned_to - now > CLOCK_SLACK,
    )


def live_runners(database: Database) -> Sequence[RunnerRow]:
    """Return the processes that are alive and carry out jobs, or stand by."""
    with database.unit_of_work() as work:
        return work.jobs.runners()


def job_runs(database: Database, *, job: JobName | None, before: int | None, most: int) -> Sequence[RunRow]:
    """Return runs, the latest first, before a given one; of one job or of all."""
    with database.unit_of_work() as work:
        return work.jobs.runs(job, before=before, most=most)


def show_run(database: Database, run_id: int) -> RunRow:
    """Return one run. Raises `NoSuchRun`; one that did nothing is forgotten after a time."""
    with database.unit_of_work() as work:
        found = work.jobs.run(RunId(run_id))
    if found is None:
        raise NoSuchRun(run_id=run_id)
    return found


def find_job(jobs: Sequence[Job], name: str) -> Job:
    """Return the job of that name. Raises `NoSuchJob`."""
    for job in jobs:
        if job.name == name:
            return job
    names = [str(job.name) for job in jobs]
    raise NoSuchJob(name=name, known=", ".join(difflib.get_close_matches(name, names, n=1) or names))


def pause_job(database: Database, clock: Clock, job: Job, *, by: str, reason: str) -> bool:
    """Let nothing of a job start until it is resumed; return whether it was not paused before.

    What is on is not stopped. Raises `JobNotPlanned`, `ReasonUnfit`, `NobodyNamed`, `NotAPerson`.
    """
    return _order(database, clock, job, JobOrder.PAUSE, by, reason)


def resume_job(database: Database, clock: Clock, job: Job, *, by: str, reason: str) -> bool:
    """Let a job run again; return whether it was paused. What was missed meanwhile is caught up by one run.

    Raises as `pause_job`.
    """
    return _order(database, clock, job, JobOrder.RESUME, by, reason)


def replan_job(database: Database, clock: Clock, job: Job, *, by: str, reason: str) -> None:
    """Plan a job anew from now on, after a clock that was ahead planned occurrences that have not come yet.

    Those stay as they are; when their time comes they occur again. Raises `NotAhead`, else as `pause_job`.
    """
    _order(database, clock, job, JobOrder.REPLAN, by, reason)


def _order(database: Database, clock: Clock, job: Job, kind: JobOrder, by: str, reason: str) -> bool:
    by, reason = staff(by, f"{kind} {job.name}"), reason.strip()
    if not 0 < len(reason) <= MOST_LETTERS:
        raise ReasonUnfit(most=MOST_LETTERS)
    now = clock.now()
    with database.unit_of_work() as work:
        plan = next(iter(work.jobs.plans([job.name])), None)
        if plan is None:
            raise JobNotPlanned(name=job.name)
        if kind is JobOrder.REPLAN and plan.planned_to <= now:
            raise NotAhead(name=job.name, planned_to=plan.planned_to.isoformat(timespec="seconds"))
        if kind is not JobOrder.REPLAN and plan.paused == (kind is JobOrder.PAUSE):
            return False
        work.jobs.order(job.name, kind, now, by, reason)
        work.commit()
    return True


def ask_for_run(database: Database, desk: JobDesk, job: Job, *, by: str) -> RunRow:
    """Ask for one run of a job, also of a paused one, and return it; nothing is begun here.

    It is due now, and begun like any occurrence: by the process that leads, after the run of the job that is on. It
    covers whatever is due then, or is covered by a later one. Raises `JobIsOff`, `NobodyNamed`, `NotAPerson`.
    """
    by, now = staff(by, f"run {job.name}"), desk.clock.now()
    require_wanted(desk, job)
    with database.unit_of_work() as work:
        work.jobs.begin([job.name], now)
        run_id = work.jobs.ask(job.name, now, by)
        asked = work.jobs.run(run_id)
        work.commit()
    assert asked is not None, "it was just written"
    return asked


def require_wanted(desk: JobDesk, job: Job) -> None:
    """Raise `JobIsOff` when the settings do not ask for the job."""
    if not job.wanted(desk):
        raise JobIsOff(name=job.name)


def run_by_hand(
    desk: JobDesk, job: Job, lease: RunnerLease, *, by: str, rules_folder: Path
) -> tuple[TakenRun, RunEnded]:
    """Run a job once, now, also when it is paused, and return the run and how it ended; it is not tried again.

    It covers whatever is due. Raises `JobIsRunning`, `NobodyNamed`, `NotAPerson`.
    """
    by = staff(by, f"run {job.name}")
    runner = lease.hold(desk.clock.now())
    give_back_lost(desk.database, runner, (), desk.clock)
    taken = take_run_by_hand(desk.database, job, runner, desk.clock, by=by)
    if taken is None:
        raise JobIsRunning(name=job.name)
    ended = carry_out(
        desk,
        job,
        taken,
        runner,
        rules_folder=rules_folder,
        stopping=_no,
        stopped=_no,
        by_hand=True,
    )
    return taken, ended


def _no() -> bool:
    return False
