"""The standing jobs: how each stands, what ran, who carries them out; pausing, resuming, planning anew, one run now.

Guarantees that what is shown and done is the API's, and that every pause names its reason.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policy_match.ports.jobs import RunStatus
from policy_match.web.api.v1 import jobs as api
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.bureau.figures import figures_in_words
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import NotAllowed, NotFound

PAGES = Pages(Door.BUREAU)

RUNS = 30

RUN_WORDS = {
    RunStatus.DUE: ("待执行", "due"),
    RunStatus.RUNNING: ("执行中", "running"),
    RunStatus.DONE: ("完成", "done"),
    RunStatus.FAILED: ("失败", "failed"),
    RunStatus.COVERED: ("已并入", "covered by another"),
}
LANE_WORDS = {
    "cases": ("事项", "cases"),
    "messages": ("通知", "messages"),
    "reports": ("报告", "reports"),
    "requests": ("后台办理", "requests"),
    "events": ("事件", "events"),
}


class Change(StrEnum):
    """What a person may do to a job."""

    PAUSE = "pause"
    RESUME = "resume"
    REPLAN = "replan"


OPERATION = {Change.PAUSE: "pause_job", Change.RESUME: "resume_job", Change.REPLAN: "replan_job"}
DONE = {Change.PAUSE: "job-paused", Change.RESUME: "job-resumed", Change.REPLAN: "job-replanned"}


class JobRunsQuery(PageQuery):
    """Which page of the runs."""

    limit: Annotated[int, Field(ge=1, le=100)] = RUNS


class ChangeForm(Form):
    """What is done, and why."""

    change: Change
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RunForm(Form):
    """That a person means it."""

    sure: Literal["yes"]


@PAGES.shows(
    "/bureau/jobs", "自动任务", "Standing jobs", like="list_jobs", tables=(Table("jobs", api.list_jobs, "jobs"),)
)
def jobs(call: Call) -> View:
    """Show how every job stands, and who carries them out."""
    may_see = may(call, "list_job_runners")
    return View(
        "bureau/jobs.html",
        {
            "found": api.list_jobs(call).jobs,
            "runners": api.list_job_runners(reaching(call, "list_job_runners")).runners if may_see else None,
            "words": _Words(call),
            "may_see_work": may(call, "list_requests"),
        },
    )


@PAGES.shows(
    "/bureau/jobs/{job}", "自动任务", "A standing job", like="list_job_runs", tables=(Table("runs", api.list_job_runs),)
)
def job(call: Call, path: api.JobKey, query: JobRunsQuery) -> View:
    """Show one job and its runs."""
    found = next((each for each in api.list_jobs(reaching(call, "list_jobs")).jobs if each.name == path.job), None)
    if found is None:
        raise NotFound
    runs = api.list_job_runs(call, api.RunsQuery(job=path.job, limit=query.limit))
    paused = found.standing is not None and found.standing.paused_at is not None
    wanted = [Change.RESUME if paused else Change.PAUSE, *([Change.REPLAN] if found.ahead else [])]
    changes = [each for each in wanted if found.standing is not None and may(call, OPERATION[each])]
    return View(
        "bureau/job.html",
        {
            "job": found,
            "runs": runs,
            "changes": changes,
            "may_run": found.wanted and may(call, "ask_for_job_run"),
            "paused": paused,
            "words": _Words(call),
        },
    )


@PAGES.takes("/bureau/jobs/{job}", "自动任务", "A standing job", like="pause_job", again="job")
def change_job(call: Call, path: api.JobKey, form: ChangeForm) -> Redirect:
    """Pause, resume or plan a job anew."""
    if not may(call, OPERATION[form.change]):
        raise NotAllowed
    because = api.Because(reason=form.reason)
    match form.change:
        case Change.PAUSE:
            api.pause_job(call, path, because)
        case Change.RESUME:
            api.resume_job(call, path, because)
        case Change.REPLAN:
            api.replan_job(call, path, because)
    return Redirect(f"/bureau/jobs/{path.job}", DONE[form.change])


@PAGES.takes("/bureau/jobs/{job}/runs", "立即执行", "Run a job now", like="ask_for_job_run", again="job")
def run_now(call: Call, path: api.JobKey, form: RunForm) -> Redirect:
    """Ask for one run of a job."""
    api.ask_for_job_run(call, path)
    return Redirect(f"/bureau/jobs/{path.job}", "job-run-asked")


class _Words:
    """Says how jobs and runs stand, in the language of the page."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._at = 0 if call.language == "zh" else 1

    def figures(self, run: api.RunItem) -> Sequence[tuple[str, str]]:
        """Return what a run did."""
        return figures_in_words(self._call, run.figures)

    def run(self, run: api.RunItem) -> str:
        """Return how far a run is."""
        return RUN_WORDS[run.status][self._at]

    def lane(self, job: api.JobItem) -> str:
        """Return the lane of a job."""
        return LANE_WORDS[job.lane.value][self._at]

    def name(self, job: api.JobItem) -> str:
        """Return what a job is called."""
        return (job.chinese, job.english)[self._at]

    def when(self, job: api.JobItem) -> str:
        """Return when a job occurs: in words where they are simple, else as in cron."""
        each = job.cron
        if (each.day, each.month, each.day_of_week) == ("*", "*", "*"):
            if each.minute.isdecimal() and each.hour.isdecimal():
                at = f"{int(each.hour):02d}:{int(each.minute):02d}"
                return (f"每天 {at}", f"every day at {at}")[self._at]
            step = each.minute.rpartition("/")[2] if "/" in each.minute else ""
            if each.hour == "*" and step.isdecimal():
                return (f"每 {step} 分钟", f"every {step} minutes")[self._at]
            if each.hour == each.minute == "*":
                return ("每分钟", "every minute")[self._at]
            if each.minute.isdecimal() and "-" in each.hour:
                return (f"{each.hour} 点，每小时第 {each.minute} 分", f"{each.hour} h, at minute {each.minute}")[
                    self._at
                ]
        return f"{each.minute} {each.hour} {each.day} {each.month} {each.day_of_week}"

    def state(self, job: api.JobItem) -> tuple[str, str]:
        """Return in a word how a job stands, the worst first, and its tone."""
        standing = job.standing
        states = (
            (not job.wanted, ("未启用", "off"), ""),
            (job.ahead, ("计划超前", "ahead of the clock"), "bad"),
            (standing is not None and standing.paused_at is not None, ("已暂停", "paused"), "warn"),
            (job.needs_a_person, ("需人工处理", "needs a person"), "bad"),
            (job.late, ("逾期", "late"), "bad"),
            (standing is None or standing.last_run is None, ("待首次执行", "waits for its first run"), ""),
        )
        for so, words, tone in states:
            if so:
                return words[self._at], tone
        assert standing is not None and standing.last_run is not None, "the last of the states was not so"
        tone = "good" if standing.last_run.status is RunStatus.DONE else "blue"
        return RUN_WORDS[standing.last_run.status][self._at], tone
