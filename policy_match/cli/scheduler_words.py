"""How standing jobs and their runs stand in the cells of a table, and in JSON.

Guarantees one word for each standing, the worst that holds. The commands are `scheduler`.
"""

from datetime import timedelta
from typing import Any

from policy_match.cli.cells import iso, moment
from policy_match.cli.screen import Screen
from policy_match.ports.jobs import RunnerRow, RunRow, RunStatus
from policy_match.services.job_desk import Job
from policy_match.services.job_reports import JobReport

STATUS_WORDS = {
    RunStatus.DUE: ("待执行", "due"),
    RunStatus.RUNNING: ("执行中", "running"),
    RunStatus.DONE: ("完成", "done"),
    RunStatus.FAILED: ("失败", "failed"),
    RunStatus.COVERED: ("已并入", "covered"),
}


def state_words(report: JobReport) -> tuple[str, str]:
    """Return in two words how a job stands, the worst first, in Chinese and English."""
    standing = report.standing
    if not report.wanted:
        return ("未启用", "off")
    if report.ahead:
        return ("计划超前", "ahead of clock")
    if report.late:
        return ("逾期", "late")
    if standing is None:
        return ("未计划", "not planned")
    if standing.paused_at is not None:
        return ("暂停", "paused")
    run = standing.last_run
    if run is None:
        return ("待首次执行", "waiting")
    if run.status is RunStatus.DUE:
        return ("待重试", "to be retried")
    return STATUS_WORDS[run.status]


def note(screen: Screen, report: JobReport) -> str:
    """Return who paused a job and why, and what went wrong with its newest run."""
    standing = report.standing
    if standing is None or not report.wanted:
        return ""
    notes = []
    if standing.paused_at is not None:
        notes.append(
            screen.say(
                f"{standing.paused_by} 于 {moment(standing.paused_at)} 暂停：{standing.paused_why}",
                f"paused by {standing.paused_by} at {moment(standing.paused_at)}: {standing.paused_why}",
            )
        )
    run = standing.last_run
    if run is not None and run.status in (RunStatus.FAILED, RunStatus.DUE):
        notes.append(f"{run.code}: {run.detail}")
    return "; ".join(notes)


def seconds(run: RunRow | None) -> str:
    """Return how long a run took, for a person."""
    took = None if run is None else _took(run)
    return "" if took is None else f"{took.total_seconds():,.1f}"


def _took(run: RunRow) -> timedelta | None:
    return None if run.ended_at is None or run.started_at is None else run.ended_at - run.started_at


def runner_json(runner: RunnerRow) -> dict[str, Any]:
    """Return a process for a program."""
    return {
        "runner": runner.runner_id,
        "host": runner.host,
        "process": runner.process,
        "since": runner.since.isoformat(),
        "leads": runner.leads,
    }


def report_json(report: JobReport) -> dict[str, Any]:
    """Return how a job stands, for a program."""
    standing = report.standing
    return {
        **job_json(report.job),
        "on": report.wanted,
        "state": state_words(report)[1],
        "late": report.late,
        "failed": report.failed,
        "ahead_of_clock": report.ahead,
        "next_due": iso(report.next_due),
        "planned_to": iso(standing.planned_to if standing else None),
        "waiting": standing.waiting if standing else 0,
        "last_success": run_json(standing.last_success) if standing and standing.last_success else None,
        "last_run": run_json(standing.last_run) if standing and standing.last_run else None,
        "paused": None
        if standing is None or standing.paused_at is None
        else {"at": iso(standing.paused_at), "by": standing.paused_by, "reason": standing.paused_why},
    }


def job_json(job: Job) -> dict[str, Any]:
    """Return a job and its times, for a program."""
    return {
        "job": job.name,
        "title": job.chinese,
        "title_en": job.english,
        "cron": str(job.cron),
        "lane": job.lane.value,
        "late_after_hours": job.late_after / timedelta(hours=1),
    }


def run_json(run: RunRow) -> dict[str, Any]:
    """Return a run for a program."""
    took = _took(run)
    return {
        "run": run.run_id,
        "job": run.job,
        "due_at": run.due_at.isoformat(),
        "by": run.by,
        "status": run.status.value,
        "tries": run.tries,
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "seconds": None if took is None else took.total_seconds(),
        "next_try_at": iso(run.next_try_at),
        "covered_by": run.covered_by,
        "covers": run.covers,
        "runner": run.runner,
        "code": run.code,
        "detail": run.detail,
        "figures": dict(run.figures),
    }
