"""`policy-match deadlines`: what is due when, whose it is, and what the end of the year or of a policy cuts off."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from policy_match.cases.words import STATUS_WORDS
from policy_match.cases.working_days import china_day
from policy_match.cli.cells import day, headings, iso, joined, listed, money, yuan
from policy_match.cli.cut_off import cut_off_this_year
from policy_match.cli.options import most_option, policy_option, rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.model import NoticeStatus
from policy_match.policy.loader import load_rules
from policy_match.ports.deadlines import CutOffLine, Due
from policy_match.services.check_dates import DATE_WORDS, PolicyDate, check_dates, policy_dates
from policy_match.services.due_dates import (
    CutOffGroup,
    DueCase,
    DueGroup,
    cut_off_outlook,
    due_cases,
    due_groups,
)
from policy_match.values import PolicyId

DUE_WORDS: Mapping[Due, tuple[str, str]] = {
    Due.ANSWER: ("待企业答复", "the firm's answer"),
    Due.NOT_REACHED: ("期满未送达", "over, the firm was not told"),
    Due.PUBLICITY: ("公示期满", "end of the publicity"),
    Due.OBJECTION: ("异议答复", "answer to an objection"),
}
NOTICE_WORDS: Mapping[NoticeStatus, tuple[str, str]] = {
    NoticeStatus.DUE: ("待生成", "not written yet"),
    NoticeStatus.HELD: ("无法生成", "cannot be written"),
    NoticeStatus.OPEN: ("发送中", "on its way"),
    NoticeStatus.REACHED: ("已送达", "reached the firm"),
    NoticeStatus.UNREACHED: ("无法送达", "no channel is left"),
    NoticeStatus.OVERTAKEN: ("已失效", "no longer so"),
}
NOBODY = ("（无人）", "(nobody)")

within_option = click.option(
    "--within",
    type=click.IntRange(0, 250),
    default=5,
    show_default=True,
    help="今后多少个工作日内到期 / due within so many working days",
)


@click.group()
def deadlines() -> None:
    """各类期限：何事何时到期、由谁办理 / deadlines: what is due when, and whose it is.

    \b
      policy-match deadlines due                       how much is late or due soon, by department
      policy-match deadlines list not-reached          windows that are over, and nobody could be told
      policy-match deadlines cut-off                   what the end of the budget year cuts off
      policy-match deadlines policies                  policies that end or are to be reviewed
      policy-match deadlines check                     tell staff of the dates that come near
    """


@deadlines.command()
@within_option
@screen_options
def due(within: int, screen: Screen) -> None:
    """各部门已逾期和即将到期的事项数 / how many cases are late or due soon, by department.

    \b
      policy-match deadlines due --within 3
    """
    application = current_session().application
    groups = due_groups(application.database, application.working_days, clock=application.clock, within=within)
    if screen.json:
        screen.result([_group_json(group) for group in groups])
        return
    columns = headings(
        screen,
        ("事由", "what", "left"),
        ("部门", "department", "left"),
        ("负责人", "people", "left"),
        ("最早期限", "first", "left"),
        ("已逾期", "late", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("即将到期", "soon", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    rows = [
        [
            screen.say(*DUE_WORDS[group.what]),
            group.department,
            _people(screen, group.people),
            day(group.first),
            f"{group.late:,}",
            money(group.late_fen),
            f"{group.soon:,}",
            money(group.soon_fen),
        ]
        for group in groups
    ]
    listed(screen, ("期限", "Deadlines"), columns, rows)


def _group_json(group: DueGroup) -> dict[str, Any]:
    return {
        "what": group.what.value,
        "department": group.department,
        "people": list(group.people),
        "first": iso(group.first),
        "late": group.late,
        "late_amount": yuan(group.late_fen),
        "soon": group.soon,
        "soon_amount": yuan(group.soon_fen),
    }


@deadlines.command("list")
@click.argument("what", type=click.Choice([each.value.replace("_", "-") for each in Due]))
@within_option
@click.option("--department", metavar="NAME", help="仅此部门 / this department only")
@policy_option
@most_option
@screen_options
def list_command(
    what: str, within: int, department: str | None, policy: PolicyId | None, most: int, screen: Screen
) -> None:
    """列出一类到期或逾期的事项，最早的在前 / the cases of one kind that are late or due soon, the earliest first.

    \b
    answer: windows in which a firm may answer. not-reached: windows that are over, of which the firm was not told; they
    give nothing up and wait for `cases extend` or `cases withdraw`. publicity: displays. objection: answers to give.

    \b
      policy-match deadlines list not-reached
      policy-match deadlines list objection --within 3 --department 人力资源和社会保障局
    """
    application = current_session().application
    found = due_cases(
        application.database,
        application.working_days,
        clock=application.clock,
        what=Due(what.replace("-", "_")),
        within=within,
        department=department,
        policy=policy,
        most=most,
    )
    if screen.json:
        screen.result([_case_json(each) for each in found])
        return
    today = china_day(application.clock.now())
    columns = headings(
        screen,
        ("期限", "due", "left"),
        ("", "", "left"),
        ("事项", "case", "right"),
        ("异议", "objection", "right"),
        ("政策", "policy", "left"),
        ("企业", "firm", "left"),
        ("名称", "name", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("通知", "notice", "left"),
        ("负责人", "people", "left"),
    )
    listed(screen, DUE_WORDS[Due(what.replace("-", "_"))], columns, [_case_row(screen, each, today) for each in found])


def _case_row(screen: Screen, each: DueCase, today: date) -> list[str]:
    line = each.line
    return [
        day(line.due),
        screen.say("逾期", "late") if line.due < today else "",
        str(line.case_id),
        "" if line.objection is None else str(line.objection),
        screen.say(each.title, each.title_en or line.policy_id),
        line.uscc,
        line.name,
        money(line.amount_fen),
        "" if line.notice is None else screen.say(*NOTICE_WORDS[line.notice]),
        _people(screen, each.people),
    ]


def _case_json(each: DueCase) -> dict[str, Any]:
    line = each.line
    return {
        "what": line.what.value,
        "due": iso(line.due),
        "case": line.case_id,
        "objection": line.objection,
        "policy_id": line.policy_id,
        "uscc": line.uscc,
        "name": line.name,
        "amount": yuan(line.amount_fen),
        "notice": None if line.notice is None else line.notice.value,
        "department": each.department,
        "people": list(each.people),
    }


@deadlines.command("cut-off")
@screen_options
def cut_off_command(screen: Screen) -> None:
    """本年度支付截止日前尚未支付的事项 / what is unpaid before the year's last day of orders.

    \b
    Too late is what cannot be ordered by then although everybody acts today, as its publicity ends on that day or
    after it. What is not ordered in its year waits for a new budget and a new approval.

    \b
      policy-match deadlines cut-off
    """
    application = current_session().application
    cut_off = application.config.payments.cut_off_in(china_day(application.clock.now()).year)
    outlook = cut_off_outlook(application.database, application.working_days, clock=application.clock, cut_off=cut_off)
    if screen.json:
        screen.result(
            {
                "cut_off": iso(outlook.cut_off),
                "cases": [_cut_off_json(group) for group in outlook.groups],
                "lines": [_line_json(line) for line in outlook.lines],
            }
        )
        return
    screen.print(
        f"本年度最后支付日：{outlook.cut_off}", f"the last day of this year on which orders are made: {outlook.cut_off}"
    )
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("部门", "department", "left"),
        ("状态", "status", "left"),
        ("事项", "cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("来不及的", "too late", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    rows = [
        [
            screen.say(group.title, group.title_en or group.policy_id),
            group.department,
            screen.say(STATUS_WORDS[group.status].zh, group.status),
            f"{group.cases:,}",
            money(group.amount_fen),
            f"{group.late:,}",
            money(group.late_fen),
        ]
        for group in outlook.groups
    ]
    listed(screen, ("尚未支付", "Unpaid"), columns, rows)
    lines = [
        [line.line, line.label, f"{line.cases:,}", money(line.amount_fen), money(line.available_fen)]
        for line in outlook.lines
    ]
    columns = headings(
        screen,
        ("预算科目", "budget line", "left"),
        ("名称", "name", "left"),
        ("未下达的事项", "cases not ordered", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("可用（元）", "available (yuan)", "right"),
    )
    listed(screen, ("已批准未下达支付令", "Granted and not ordered"), columns, lines)


def _cut_off_json(group: CutOffGroup) -> dict[str, Any]:
    return {
        "policy_id": group.policy_id,
        "department": group.department,
        "status": group.status.value,
        "cases": group.cases,
        "amount": yuan(group.amount_fen),
        "too_late": group.late,
        "too_late_amount": yuan(group.late_fen),
    }


def _line_json(line: CutOffLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "cases": line.cases,
        "amount": yuan(line.amount_fen),
        "available": yuan(line.available_fen),
    }


@deadlines.command()
@rules_option
@screen_options
def policies(rules_folder: Path, screen: Screen) -> None:
    """政策的到期日与评估日 / the days on which policies end or are to be reviewed.

    \b
    A policy ends with its last version. A review day is `review_on` in the policy's file.

    \b
      policy-match deadlines policies --rules rules
    """
    application = current_session().application
    found = policy_dates(application.database, load_rules(rules_folder))
    today = china_day(application.clock.now())
    if screen.json:
        screen.result([_date_json(each, today) for each in found])
        return
    columns = headings(
        screen,
        ("日期", "day", "left"),
        ("剩余天数", "days left", "right"),
        ("事由", "what", "left"),
        ("政策", "policy", "left"),
        ("部门", "department", "left"),
        ("负责人", "people", "left"),
    )
    rows = [
        [
            day(each.on),
            f"{(each.on - today).days:,}",
            screen.say(*DATE_WORDS[each.what]),
            screen.say(each.title, each.title_en or each.policy_id),
            each.department,
            _people(screen, each.people),
        ]
        for each in found
    ]
    listed(screen, ("政策日期", "Policy dates"), columns, rows)


def _date_json(each: PolicyDate, today: date) -> dict[str, Any]:
    return {
        "policy_id": each.policy_id,
        "what": each.what.value,
        "on": iso(each.on),
        "days_left": (each.on - today).days,
        "department": each.department,
        "people": list(each.people),
    }


@deadlines.command()
@rules_option
@screen_options
def check(rules_folder: Path, screen: Screen) -> None:
    """向工作人员通知临近的日期 / tell staff of the dates that come near.

    \b
    60 and 14 days before a policy ends or is reviewed, who holds the role policy:DEPARTMENT (or policy, for all); 30,
    10 and 3 working days before the year's last day of orders, who holds the role budget. Each is told once of each.

    \b
      policy-match approvals grant li.ming policy:人力资源和社会保障局 --by admin
      policy-match deadlines check
    """
    application = current_session().application
    checked = check_dates(
        application.database,
        application.working_days,
        load_rules(rules_folder),
        clock=application.clock,
        cut_off=cut_off_this_year(application),
    )
    if screen.json:
        screen.result(
            {
                "policies": checked.policies,
                "cut_offs": checked.cut_offs,
                "untold": [{"about": each.about, "on": iso(each.on), "role": each.role} for each in checked.untold],
            }
        )
        return
    screen.print(
        f"政策日期通知 {checked.policies:,} 份，年度截止通知 {checked.cut_offs:,} 份",
        f"{checked.policies:,} notices of policies, {checked.cut_offs:,} of the end of the budget year",
    )
    for each in checked.untold:
        screen.print(
            f"{each.on} {each.about}：无人负责，请授予角色 {each.role}",
            f"{each.on} {each.about}: nobody is told; grant the role {each.role}",
        )


def _people(screen: Screen, people: Sequence[str]) -> str:
    return joined(people) if people else screen.say(*NOBODY)
