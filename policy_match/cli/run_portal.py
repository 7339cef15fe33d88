"""`policy-match run sample-portal`, with which `make run` ends: the portals on the sample region, and who may sign in.

Guarantees that it serves this machine alone, and only when every firm with a case is invented: the people that it seats
sign in with a password that is printed. Serving is `web_processes`; work that is asked for is done by a scheduler.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from policy_match.bootstrap import Application
from policy_match.cases.words import STATUS_WORDS
from policy_match.cli.cells import headings
from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.config import DATABASE_URL, SCHEDULE
from policy_match.errors import InputError
from policy_match.services.rehearsal.people import People, let_answer, seat_people
from policy_match.services.rehearsal.play import look_around
from policy_match.services.requested_work import REQUESTED_WORK

ROLE_WORDS: Mapping[str, tuple[str, str]] = {
    "clerk": ("经办：导入、判定、事项", "clerk: imports, sweeps, cases"),
    "budget": ("预算：科目、下达、分配", "budget: lines, appropriations, sharing"),
    "payer": ("支付：支付令、批次、对账", "payer: orders, batches, reconciliation"),
    "supervisor": ("督办", "supervisor: what is late, orders to act"),
    "auditor": ("审计：查看全部，不作改动", "auditor: sees everything, changes nothing"),
    "administrator": ("系统管理：账号与角色", "administrator: accounts and roles"),
    "reviewer": ("审批：初审", "approval: first signature"),
    "approver": ("审批：审定", "approval: second signature"),
}
"""What the printed list says of a role; one that only a policy knows stands for itself."""

STOP_SECONDS = 70
"""The scheduler leaves what it does within a minute."""

WEB_TEXT = """# Written by `policy-match run sample-portal`: for trying out, on this machine alone.

[server]
bind = "127.0.0.1:{port}"

[identity]
staff_second_factor = false
"""


class NoSampleRegion(InputError):
    """There is nothing to show, or it is not invented."""

    code = "sample.none"
    english = (
        "the sample portal shows invented firms only, and {why}; run `policy-match demo` on an empty data directory"
    )
    chinese = "样例门户仅展示虚构企业：{why_zh}；请在空的数据目录中运行 policy-match demo"


@click.command("sample-portal")
@click.option("--port", type=click.IntRange(1024, 65535), default=8000, show_default=True)
@rules_option
@screen_options
def sample_portal(port: int, rules_folder: Path, screen: Screen) -> None:
    """在本机打开样例地区的三个门户 / the three portals on the sample region, on this machine alone.

    \b
    Makes one account for each role and for some firms, with a password by chance, and prints them. Staff need no second
    factor here. Ends with Ctrl-C. For real work: `policy-match run web` and `policy-match run scheduler`.

    \b
      policy-match demo
      policy-match run sample-portal
    """
    # gunicorn and Flask take a third of a second to import, so only who serves pays for it.
    from policy_match.web_processes import serve_web

    application = current_session().application
    application.rules_folder = rules_folder.absolute()
    _check_invented(application)
    people = seat_people(application.database, application.clock, application.identity, application.rules)
    let_answer(application.database, application.working_days, application.clock, people)
    settle(application, port)
    _print_people(screen, people, f"http://{application.config.web.server.bind}")
    log = application.sample_region_folder / "web.log"
    screen.print(f"请求记录：{log}", f"requests are logged in {log}")
    with log.open("w", encoding="utf-8") as stream, _scheduler(application):
        serve_web(application, stream)


def _check_invented(application: Application) -> None:
    found = look_around(application.database)
    if found.last_day is None:
        raise NoSampleRegion(why="there is no case yet", why_zh="尚无事项")
    if not found.only_invented:
        raise NoSampleRegion(why="the database has cases of others", why_zh="数据库中有其他企业的事项")


def settle(application: Application, port: int) -> None:
    """Write the sample's settings, and make them those of the web and of the scheduler alike.

    The one job that is on does what is asked for over the web: the sample's days are over.
    """
    web, schedule = (application.sample_region_folder / name for name in ("web.toml", "schedule.toml"))
    known = Application(replace(application.config, schedule_file=None), application.clock).jobs
    off = "".join(f"[{job.name}]\noff = true\n" for job in known if job.name != REQUESTED_WORK)
    application.write_file(web, WEB_TEXT.format(port=port).encode())
    application.write_file(schedule, off.encode())
    application.config = replace(application.config, web_file=web, schedule_file=schedule)


@contextmanager
def _scheduler(application: Application) -> Iterator[None]:
    """Let a scheduler do what is asked for, by the schedule that the web knows."""
    environment = {
        **application.config.variables,
        DATABASE_URL: application.database_address,
        SCHEDULE: str(application.config.schedule_file),
    }
    command = [sys.executable, "-m", "policy_match", "run", "scheduler", "--rules", str(application.rules_folder)]
    log = application.sample_region_folder / "scheduler.log"
    with log.open("wb") as stream, subprocess.Popen(command, env=environment, stderr=stream) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _print_people(screen: Screen, people: People, address: str) -> None:
    columns = headings(screen, ("账号", "account", "left"), ("可以看到", "what there is to see", "left"))
    rows = []
    for seat in people.seats:
        if seat.status is None:
            words = ROLE_WORDS.get(seat.role, (seat.role, seat.role))
        else:
            status = STATUS_WORDS[seat.status]
            words = (f"企业，有事项“{status.zh}”", f"a firm, one of its cases: {status.en}")
        rows.append([seat.name, screen.say(*words)])
    screen.table(screen.say("样例用户（虚构）", "Sample users (invented)"), columns, rows)
    screen.print(f"密码（本次有效）：{people.password}", f"the password of all, for this time: {people.password}")
    screen.print(f"门户：{address}  结束：Ctrl-C", f"the portals: {address}  to end: Ctrl-C")
