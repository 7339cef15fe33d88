"""Standing jobs: how each stands, what ran, who carries them out, pausing them, and asking for a run.

Guarantees that nothing of a job is done within a request: jobs ask others outside, and last.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from policy_match.ports.jobs import JobName, RunStatus
from policy_match.services import job_reports
from policy_match.services.job_desk import Job, Lane
from policy_match.services.job_reports import (
    JobIsOff,
    JobNotPlanned,
    JobReport,
    NoSuchJob,
    NoSuchRun,
    NotAhead,
    ReasonUnfit,
)
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Accepted, Chapter, Method, Tag

CHAPTER = Chapter(Tag.JOBS)
OPERATIONS = CHAPTER.operations


class JobKey(Query):
    """Which job."""

    job: Name


class RunKey(Query):
    """Which run."""

    run_id: Number


class RunsQuery(PageQuery):
    """Which runs."""

    job: Name | None = None


class CronItem(Output):
    """When a job occurs, in China time, each field as in cron."""

    month: str
    day: str
    day_of_week: str
    hour: str
    minute: str


class RunItem(Output):
    """One run; `code` and `detail` are of its last mishap, `figures` what it did."""

    run_id: int
    job: str
    due_at: Moment
    by: str
    status: RunStatus
    tries: int
    started_at: Moment | None
    ended_at: Moment | None
    next_try_at: Moment | None
    covered_by: int | None
    covers: int
    runner: int | None
    code: str
    detail: str
    figures: dict[str, int]


class JobStandingItem(Output):
    """What was planned and done of a job; `waiting` occurrences are due."""

    since: Moment
    planned_to: Moment
    waiting: int
    last_success: RunItem | None
    last_run: RunItem | None
    paused_at: Moment | None
    paused_by: str
    paused_why: str


class JobItem(Output):
    """How one job stands. `wanted` is false when the settings do not ask for it: then it is neither due nor late."""

    name: str
    chinese: str
    english: str
    lane: Lane
    cron: CronItem
    late_after_seconds: int
    wanted: bool
    standing: Annotated[JobStandingItem | None, Field(description="missing when no scheduler ever planned it")]
    next_due: Moment | None
    late: bool
    ahead: Annotated[bool, Field(description="whether its plan outran the clock")]
    needs_a_person: bool


class JobsAnswer(Output):
    """All jobs, in the order of the table."""

    jobs: list[JobItem]


class RunnerItem(Output):
    """A process that is alive and carries out jobs, or stands by."""

    runner_id: int
    host: str
    process: int
    since: Moment
    leads: bool


class RunnersAnswer(Output):
    """The processes that carry out jobs."""

    runners: list[RunnerItem]


class Because(Input):
    """Why, in one line."""

    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class JobChangedAnswer(Output):
    """Whether that changed anything."""

    changed: bool


@CHAPTER.operation(Method.GET, "/jobs")
def list_jobs(call: Call) -> JobsAnswer:
    """Show how every standing job stands."""
    found = job_reports.report_jobs(call.database, call.desk, call.desk.timetable, call.desk.jobs)
    return JobsAnswer(jobs=[_item(each) for each in found])


@CHAPTER.operation(Method.GET, "/jobs/runs", raises=(NoSuchJob,))
def list_job_runs(call: Call, query: RunsQuery) -> Page[RunItem]:
    """List runs, the latest first: of one job, or of all."""
    job = None if query.job is None else _job(call, query.job).name
    found = job_reports.job_runs(call.database, job=job, before=call.cursors.number() or None, most=query.limit + 1)
    return call.page(Page[RunItem], found, query.limit, "run_id")


@CHAPTER.operation(Method.GET, "/jobs/runs/{run_id}", raises=(NoSuchRun,))
def show_job_run(call: Call, path: RunKey) -> RunItem:
    """Show one run: how far it is, what it did, what went wrong."""
    return RunItem.model_validate(job_reports.show_run(call.database, path.run_id))


@CHAPTER.operation(Method.POST, "/jobs/{job}/runs", raises=(NoSuchJob, JobIsOff))
def ask_for_job_run(call: Call, path: JobKey) -> Accepted[RunItem]:
    """Ask for one run of a job, also of a paused one, beside those of its times.

    The scheduler begins it within seconds, after the run of the job that is on. It covers what is due by then; of runs
    that were asked for before one began, the last covers the others.
    """
    asked = job_reports.ask_for_run(call.database, call.desk, _job(call, path.job), by=call.by)
    return Accepted(RunItem.model_validate(asked), f"/jobs/runs/{asked.run_id}")


@CHAPTER.operation(Method.GET, "/jobs/runners")
def list_job_runners(call: Call) -> RunnersAnswer:
    """Show the processes that are alive and carry out jobs, or stand by."""
    return RunnersAnswer.model_validate({"runners": job_reports.live_runners(call.database)}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/jobs/{job}/pause", raises=(NoSuchJob, JobNotPlanned, ReasonUnfit))
def pause_job(call: Call, path: JobKey, body: Because) -> JobChangedAnswer:
    """Let nothing of a job start until it is resumed; what is on is not stopped."""
    changed = job_reports.pause_job(call.database, call.clock, _job(call, path.job), by=call.by, reason=body.reason)
    return JobChangedAnswer(changed=changed)


@CHAPTER.operation(Method.POST, "/jobs/{job}/resume", raises=(NoSuchJob, JobNotPlanned, ReasonUnfit))
def resume_job(call: Call, path: JobKey, body: Because) -> JobChangedAnswer:
    """Let a job run again; what was missed meanwhile is caught up by one run."""
    changed = job_reports.resume_job(call.database, call.clock, _job(call, path.job), by=call.by, reason=body.reason)
    return JobChangedAnswer(changed=changed)


@CHAPTER.operation(Method.POST, "/jobs/{job}/replan", raises=(NoSuchJob, JobNotPlanned, NotAhead, ReasonUnfit))
def replan_job(call: Call, path: JobKey, body: Because) -> None:
    """Plan a job anew from now on, after a clock that was ahead."""
    job_reports.replan_job(call.database, call.clock, _job(call, path.job), by=call.by, reason=body.reason)


def _job(call: Call, name: str) -> Job:
    return job_reports.find_job(call.desk.jobs, JobName(name))


def _item(report: JobReport) -> JobItem:
    return JobItem(
        name=report.job.name,
        chinese=report.job.chinese,
        english=report.job.english,
        lane=report.job.lane,
        cron=CronItem.model_validate(report.job.cron),
        late_after_seconds=report.job.late_after // timedelta(seconds=1),
        wanted=report.wanted,
        standing=None if report.standing is None else JobStandingItem.model_validate(report.standing),
        next_due=report.next_due,
        late=report.late,
        ahead=report.ahead,
        needs_a_person=report.needs_a_person,
    )
