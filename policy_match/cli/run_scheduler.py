"""`policy-match run scheduler`: keeps the clock until it is told to end."""

import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType

import click

from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import StorageError


@click.group()
def run() -> None:
    """常驻服务 / what keeps running."""


@run.command()
@rules_option
@screen_options
def scheduler(rules_folder: Path, screen: Screen) -> None:
    """定时调度:判定、通知、期限、公示、支付批次 / the clock of sweeps, notices, deadlines, publicity and batches.

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
