"""`policy-match run scheduler`: keeps the clock until it is told to end."""

import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType

import click

from policy_match.cli.options import by_option, rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import StorageError
from policy_match.services.job_reports import find_job, run_by_hand
from policy_match.services.requested_work import REQUESTED_WORK


@click.group()
def run() -> None:
    """常驻服务 / what keeps running."""


@run.command()
@rules_option
@screen_options
def scheduler(rules_folder: Path, screen: Screen) -> None:
    """定时调度：判定、通知、期限、公示、支付批次 / the clock of sweeps, notices, deadlines, publicity and batches.

    \b
    Start it on two machines if you like: one carries out the jobs, the other stands by and takes over within seconds.
    What was missed while nobody ran is caught up once. Each thing that happens is one line on standard error, with
    --json one object. SIGTERM or Ctrl-C: runs get a minute to finish, then the exit code is 0; it is 3 when one had to
    be left in the middle, which starts again by itself. How jobs stand: `policy-match scheduler status`.

    \b
      policy-match run scheduler
      policy-match run scheduler --rules rules --json
    """
    stop = Event()

    def end(_: int, __: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    application = current_session().application
    if not application.keep_time(stop, sys.stderr, rules_folder=rules_folder.absolute(), as_json=screen.json):
        raise click.exceptions.Exit(StorageError.exit_code)


@run.command()
@rules_option
@by_option
@screen_options
def requests(rules_folder: Path, by: str, screen: Screen) -> None:
    """立即办理等待中的后台工作请求 / do the work that was asked for over the web, once, without a scheduler.

    \b
    Where a scheduler runs this is not needed: it looks every second. What failed says why under GET /requests.

    \b
      policy-match run requests --by wang.fang
    """
    application = current_session().application
    job = find_job(application.jobs, REQUESTED_WORK)
    with screen.progress(job.chinese, job.english):
        _, ended = run_by_hand(application, job, application.runner_lease, by=by, rules_folder=rules_folder.absolute())
    if ended.error is not None:
        raise ended.error
    done, failed, again = (ended.figures.get(word, 0) for word in ("done", "failed", "again"))
    if screen.json:
        screen.result({"done": done, "failed": failed, "again": again})
        return
    screen.print(
        f"已办理 {done:,} 项工作请求，失败 {failed:,} 项，稍后重试 {again:,} 项",
        f"{done:,} requests done, {failed:,} failed, {again:,} to be tried again",
    )
