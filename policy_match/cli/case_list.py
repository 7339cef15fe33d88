"""`policy-match cases list`: cases by policy, firm, status and deadline, or how many there are."""

from datetime import date
from typing import Any

import click

from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Route, Status
from policy_match.cases.words import STATUS_WORDS
from policy_match.cli.cells import day, headings, iso, listed, money, yuan
from policy_match.cli.options import (
    Day,
    after_option,
    firm_option,
    most_option,
    policy_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.case_history import count_cases, list_cases
from policy_match.values import PolicyId, Uscc


@click.command("list")
@policy_option
@firm_option
@click.option("--status", type=click.Choice([status.value for status in Status]), help="状态 / the status")
@click.option("--route", type=click.Choice([route.value for route in Route]), help="路线 / the route")
@click.option("--period", help="期间，如 2025 / the period, for example 2025 or 2025-Q2")
@click.option("--due-by", type=Day(), help="期限不晚于 / with a deadline on or before this day")
@click.option("--counts", is_flag=True, help="只数个数 / count them by policy and status")
@after_option
@most_option
@screen_options
def list_command(
    policy: PolicyId | None,
    firm: Uscc | None,
    status: str | None,
    route: str | None,
    period: str | None,
    due_by: date | None,
    counts: bool,
    after: int,
    most: int,
    screen: Screen,
) -> None:
    """列出事项 / list cases.

    \b
      policy-match cases list --counts
      policy-match cases list --status notified --due-by 2026-07-10
      policy-match cases list --firm 91370212MA00000000 --json
    """
    wanted = CaseFilter(
        policy_id=policy,
        uscc=firm,
        status=None if status is None else Status(status),
        route=None if route is None else Route(route),
        period=period,
        due_by=due_by,
    )
    if counts:
        _show_counts(screen, wanted)
        return
    found = list_cases(current_session().application.database, wanted, after=after, most=most)
    if screen.json:
        screen.result([_line_json(line) for line in found])
        return
    columns = headings(
        screen,
        ("事项", "case", "right"),
        ("政策", "policy", "left"),
        ("信用代码", "code", "left"),
        ("企业", "firm", "left"),
        ("记录", "record", "left"),
        ("期间", "period", "left"),
        ("期次", "part", "left"),
        ("状态", "status", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("期限", "deadline", "left"),
    )
    rows = [
        [
            str(line.case_id),
            line.policy_id,
            line.uscc,
            line.name,
            line.record_id,
            line.period,
            f"{line.instalment}/{line.instalments}",
            screen.say(STATUS_WORDS[line.status].zh, line.status),
            money(line.amount_fen),
            day(line.deadline),
        ]
        for line in found
    ]
    listed(screen, ("事项", "Cases"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--after {found[-1].case_id}", f"go on with --after {found[-1].case_id}")


def _show_counts(screen: Screen, wanted: CaseFilter) -> None:
    found = count_cases(current_session().application.database, wanted)
    if screen.json:
        screen.result(
            [
                {"policy_id": policy_id, "status": status.value, "cases": count, "amount": yuan(fen)}
                for policy_id, status, count, fen in found
            ]
        )
        return
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("状态", "status", "left"),
        ("事项", "cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    rows = [
        [policy_id, screen.say(STATUS_WORDS[status].zh, status), f"{count:,}", money(fen)]
        for policy_id, status, count, fen in found
    ]
    listed(screen, ("事项", "Cases"), columns, rows)


def _line_json(line: CaseLine) -> dict[str, Any]:
    return {
        "case": line.case_id,
        "policy_id": line.policy_id,
        "uscc": line.uscc,
        "name": line.name,
        "record": line.record_id,
        "period": line.period,
        "instalment": line.instalment,
        "instalments": line.instalments,
        "route": line.route.value,
        "status": line.status.value,
        "amount": yuan(line.amount_fen),
        "deadline": iso(line.deadline),
        "due_from": line.due_from.isoformat(),
        "since": line.since.isoformat(),
    }
