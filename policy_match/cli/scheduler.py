"""`policy-match scheduler`: how the standing jobs stand, their runs, and what a person says about one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import NUMBER, by_option, most_option, reason_option, rules_option, screen_options
from policy_match.cli.scheduler_words import (
    STATUS_WORDS,
    job_json,
    note,
    report_json,
    run_json,
    runner_json,
    seconds,
    state_words,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import QuestionError
from policy_match.ports.jobs import Figures, RunnerRow, RunRow, RunStatus
from policy_match.services.job_desk import Job
from policy_match.services.job_reports import (
    JobReport,
    find_job,
    job_runs,
    live_runners,
    pause_job,
    replan_job,
    report_jobs,
    require_wanted,
    resume_job,
    run_by_hand,
)
from policy_match.services.jobs import Ending


@click.group()
def scheduler() -> None:
    """定时任务：状况、运行记录、暂停与补跑 / standing jobs: how they stand, their runs, pausing and running one.

    \b
      policy-match run scheduler                 keeps the clock
      policy-match scheduler status              which job is late, failed or paused; exit code 4 if a person must look
      policy-match scheduler runs sweep          what a job did, and what went wrong
      policy-match scheduler run sweep --by wang.fang
    """


@scheduler.command()
@screen_options
def status(screen: Screen) -> None:
    """各任务状况：上次成功、下次执行、是否逾期 / how every job stands: last success, next due, late or not.

    \b
    The exit code is 4 when a person must look: a job is late (its last success is older than its limit), its newest
    run failed for good, or its plan is ahead of the clock. A paused job can be late too.

    \b
      policy-match scheduler status
      policy-match scheduler status --json
    """
    application = current_session().application
    reports = report_jobs(application.database, application, application.timetable, application.jobs)
    runners = live_runners(application.database)
    if screen.json:
        screen.result(
            {"runners": [runner_json(each) for each in runners], "jobs": [report_json(each) for each in reports]}
        )
    else:
        _print_status(screen, reports, runners)
    if any(report.needs_a_person for report in reports):
        raise click.exceptions.Exit(QuestionError.exit_code)


def _print_status(screen: Screen, reports: Sequence[JobReport], runners: Sequence[RunnerRow]) -> None:
    columns = headings(
        screen,
        ("任务", "job", "left"),
        ("状况", "state", "left"),
        ("上次成功", "last success", "left"),
        ("用时（秒）", "seconds", "right"),
        ("下次", "next due", "left"),
        ("说明", "note", "left"),
    )
    rows = []
    for report in reports:
        standing = report.standing
        success = standing.last_success if standing else None
        rows.append(
            [
                str(report.job.name),
                screen.say(*state_words(report)),
                moment(success.ended_at if success else None),
                seconds(success),
                moment(report.next_due),
                note(screen, report),
            ]
        )
    listed(screen, ("定时任务", "Standing jobs"), columns, rows)
    leader = next((each for each in runners if each.leads), None)
    if leader is None:
        screen.print("没有调度进程在运行（policy-match run scheduler）", "no scheduler is running (run scheduler)")
    else:
        others = len(runners) - 1
        screen.print(
            f"由 {leader.host} 的进程 {leader.process} 执行，自 {moment(leader.since)}；另有 {others} 个进程待命",
            f"carried out by process {leader.process} on {leader.host} since {moment(leader.since)}; {others} stand by",
        )


@scheduler.command()
@screen_options
def jobs(screen: Screen) -> None:
    """列出全部任务及其时间 / all jobs and their times, in China time.

    \b
    Times are minute, hour, day, month and day of the week, as in cron. POLICY_MATCH_SCHEDULE names a file that changes
    them; docs/scheduler.md says how.

    \b
      policy-match scheduler jobs
    """
    application = current_session().application
    if screen.json:
        screen.result([{**job_json(job), "on": job.wanted(application)} for job in application.jobs])
        return
    columns = headings(
        screen,
        ("任务", "job", "left"),
        ("内容", "what it does", "left"),
        ("时间", "when", "left"),
        ("逾期（小时）", "late after (hours)", "right"),
        ("队列", "lane", "left"),
        ("启用", "on", "left"),
    )
    rows = [
        [
            str(job.name),
            screen.say(job.chinese, job.english),
            str(job.cron),
            f"{job.late_after / timedelta(hours=1):g}",
            job.lane.value,
            screen.say("是", "yes") if job.wanted(application) else screen.say("否（无设置）", "no (not set)"),
        ]
        for job in application.jobs
    ]
    listed(screen, ("定时任务", "Standing jobs"), columns, rows)


@scheduler.command()
@click.argument("name", metavar="[JOB]", required=False)
@click.option("--before", type=NUMBER, help="列出该编号之前的 / those before this number")
@most_option
@screen_options
def runs(name: str | None, before: int | None, most: int, screen: Screen) -> None:
    """运行记录，最近的在前 / runs, the latest first: when, how long, what they did, what went wrong.

    \b
    A missed occurrence names the run that covers it.

    \b
      policy-match scheduler runs
      policy-match scheduler runs sweep --most 10 --json
    """
    application = current_session().application
    job = None if name is None else find_job(application.jobs, name).name
    found = job_runs(application.database, job=job, before=before, most=most)
    if screen.json:
        screen.result([run_json(run) for run in found])
        return
    columns = headings(
        screen,
        ("编号", "run", "right"),
        ("任务", "job", "left"),
        ("应执行", "due", "left"),
        ("状况", "state", "left"),
        ("次数", "tries", "right"),
        ("用时（秒）", "seconds", "right"),
        ("结果", "did", "left"),
    )
    rows = [
        [
            str(run.run_id),
            str(run.job),
            moment(run.due_at),
            screen.say(*STATUS_WORDS[run.status]),
            str(run.tries),
            seconds(run),
            _did(screen, run),
        ]
        for run in found
    ]
    listed(screen, ("运行记录", "Runs"), columns, rows)


def _did(screen: Screen, run: RunRow) -> str:
    if run.covered_by is not None:
        return screen.say(f"并入第 {run.covered_by} 次", f"covered by {run.covered_by}")
    if run.status is RunStatus.DONE:
        return _counts(run.figures)
    again: datetime | None = run.next_try_at
    more = "" if again is None else screen.say(f",{moment(again)} 重试", f", again at {moment(again)}")
    return f"{run.code}: {run.detail}{more}" if run.code else ""


def _counts(figures: Figures) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in figures.items())


@scheduler.command("run")
@click.argument("name", metavar="JOB")
@rules_option
@by_option
@screen_options
def run_command(name: str, rules_folder: Path, by: str, screen: Screen) -> None:
    """立即运行一次任务（暂停的也可）/ run a job once, now, also a paused one.

    \b
    It covers whatever is due. It is not tried again; its error and exit code are those of the job's own work.

    \b
      policy-match scheduler run sweep --by wang.fang
    """
    application = current_session().application
    job = find_job(application.jobs, name)
    require_wanted(application, job)
    with screen.progress(job.chinese, job.english):
        taken, ended = run_by_hand(
            application, job, application.runner_lease, by=by, rules_folder=rules_folder.absolute()
        )
    if ended.error is not None:
        raise ended.error
    if screen.json:
        screen.result(
            {
                "run": taken.run_id,
                "job": job.name,
                "covered": taken.covered,
                "ending": ended.ending.value,
                "seconds": round(ended.seconds, 3),
                "figures": dict(ended.figures),
            }
        )
        return
    if ended.ending is Ending.DONE:
        screen.print(
            f"第 {taken.run_id} 次运行完成：{_counts(ended.figures)}",
            f"run {taken.run_id} is done: {_counts(ended.figures)}",
        )
    else:
        screen.print(
            f"第 {taken.run_id} 次运行已由其他进程接管", f"run {taken.run_id} was taken over by another process"
        )


@scheduler.command()
@click.argument("name", metavar="JOB")
@by_option
@reason_option
@screen_options
def pause(name: str, by: str, reason: str, screen: Screen) -> None:
    """暂停一项任务，须说明理由 / let nothing of a job start until it is resumed; say why.

    \b
    What is on is not stopped. A paused job still becomes late.

    \b
      policy-match scheduler pause order-payments --by wang.fang --reason 国库系统升级
    """
    application = current_session().application
    job = find_job(application.jobs, name)
    changed = pause_job(application.database, application.clock, job, by=by, reason=reason)
    _say(screen, job, "paused", changed, ("已暂停", "paused"), ("原已暂停", "was paused before"))


@scheduler.command()
@click.argument("name", metavar="JOB")
@by_option
@reason_option
@screen_options
def resume(name: str, by: str, reason: str, screen: Screen) -> None:
    """恢复一项任务；暂停期间错过的补跑一次 / let a job run again; one run catches up what was missed.

    \b
      policy-match scheduler resume order-payments --by wang.fang --reason 升级完成
    """
    application = current_session().application
    job = find_job(application.jobs, name)
    changed = resume_job(application.database, application.clock, job, by=by, reason=reason)
    _say(screen, job, "resumed", changed, ("已恢复", "resumed"), ("并未暂停", "was not paused"))


@scheduler.command()
@click.argument("name", metavar="JOB")
@by_option
@reason_option
@screen_options
def replan(name: str, by: str, reason: str, screen: Screen) -> None:
    """时钟曾经走快时，自现在起重新计划 / plan a job anew from now, after a clock that was ahead.

    \b
    `status` says `ahead of clock` then: occurrences that have not come yet count as planned, so none would be due.

    \b
      policy-match scheduler replan sweep --by wang.fang --reason 服务器时钟曾快一年
    """
    application = current_session().application
    job = find_job(application.jobs, name)
    replan_job(application.database, application.clock, job, by=by, reason=reason)
    _say(screen, job, "replanned", True, ("已重新计划", "planned anew"), ("", ""))


def _say(screen: Screen, job: Job, word: str, changed: bool, done: tuple[str, str], nothing: tuple[str, str]) -> None:
    if screen.json:
        screen.result({"job": job.name, word: True, "changed": changed})
        return
    words = done if changed else nothing
    screen.print(f"{job.name}:{words[0]}", f"{job.name}: {words[1]}")
