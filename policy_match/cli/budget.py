"""`policy-match budget`: budget lines, appropriations, sharing a budget among cases, and the queue of who waits."""

from typing import Any

import click

from policy_match.cli.cells import headings, listed, moment, money, yuan
from policy_match.cli.ledger import line_json, print_lines
from policy_match.cli.options import (
    Yuan,
    after_option,
    by_option,
    most_option,
    policy_argument,
    screen_options,
    year_option,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.ledger.accounts import LineAccount, LineId
from policy_match.services.allocate_budget import BudgetShared, Queue, allocate_budget, budget_queue
from policy_match.services.budget_lines import add_line, budget_lines
from policy_match.services.budget_lines import appropriate as appropriate_money
from policy_match.values import PolicyId

SPENDING = (LineAccount.AVAILABLE, LineAccount.RESERVED, LineAccount.PAID)


@click.group()
def budget() -> None:
    """预算科目、下达、分配与排队 / budget lines, appropriations, sharing them among cases, and who waits."""


@budget.command("line")
@click.argument("fund")
@click.argument("year", type=click.IntRange(1000, 9999))
@click.option("--label", default="", help="科目名称，缺省为资金名称 / a name for people; by default the fund")
@by_option
@screen_options
def line_command(fund: str, year: int, label: str, by: str, screen: Screen) -> None:
    """新建一个年度的预算科目，不含资金 / add the budget line of a fund in one year, without money.

    \b
    FUND is the word of the policy's [budget] or [[cost_share]]. Doing it again changes nothing.

    \b
      policy-match budget line jobs 2026 --label 就业补助资金 --by wang.fang
    """
    application = current_session().application
    added = add_line(application.database, application.clock, fund=fund, year=year, label=label, by=by)
    if screen.json:
        screen.result({**line_json(added.line), "new": added.new})
        return
    name = f"{added.line.line}({added.line.label})"
    if added.new:
        screen.print(f"已新建预算科目 {name}", f"added budget line {added.line.line} ({added.line.label})")
    else:
        screen.print(f"预算科目 {name} 已存在", f"budget line {added.line.line} ({added.line.label}) is there already")


@budget.command()
@click.argument("line")
@click.argument("amount", type=Yuan())
@click.option("--about", default="", help="下达文号 / the document that appropriates it")
@by_option
@screen_options
def appropriate(line: str, amount: int, about: str, by: str, screen: Screen) -> None:
    """向科目下达资金（元）；每次执行都再记一笔 / book yuan onto a line; each call books once more.

    \b
      policy-match budget appropriate jobs-2026 5000000 --about 财社〔2026〕1号 --by wang.fang
    """
    application = current_session().application
    kept = appropriate_money(
        application.database, application.clock, line=LineId(line), amount_fen=amount, by=by, about=about
    )
    if screen.json:
        screen.result({**line_json(kept), "appropriated": yuan(amount)})
        return
    screen.print(
        f"已下达 {money(amount)} 元到 {line}；可用 {money(kept.balances[LineAccount.AVAILABLE])} 元",
        f"booked {money(amount)} yuan onto {line}; available: {money(kept.balances[LineAccount.AVAILABLE])} yuan",
    )


@budget.command()
@policy_argument
@year_option
@by_option
@screen_options
def allocate(policy: PolicyId, year: int | None, by: str, screen: Screen) -> None:
    """把预算分给一项政策已审核的事项 / share a budget among the reviewed cases of a policy.

    \b
    The policy says how: first come, pro rata, or by rank. What does not fit waits (`budget queue`); a later smaller
    case does not overtake. Running it again grants only those that wait.

    \b
      policy-match budget allocate unemp-stable-post-refund --by wang.fang
    """
    application = current_session().application
    shared = allocate_budget(application.database, application.clock, policy_id=policy, by=by, year=year)
    if screen.json:
        screen.result(_shared_json(shared))
        return
    columns = headings(
        screen,
        ("科目", "line", "left"),
        ("分配前可用（元）", "free before (yuan)", "right"),
        ("申请（元）", "asked (yuan)", "right"),
        ("本次分配（元）", "granted now (yuan)", "right"),
    )
    rows = [[each.line, money(each.free_fen), money(each.asked_fen), money(each.granted_fen)] for each in shared.lines]
    listed(screen, (f"{policy} · {shared.year}", f"{policy} · {shared.year}"), columns, rows)
    screen.print(
        f"分配 {shared.granted:,} 项，共 {money(shared.granted_fen)} 元；排队 {shared.waiting:,} 项",
        f"granted {shared.granted:,} cases, {money(shared.granted_fen)} yuan in all; {shared.waiting:,} wait",
    )


def _shared_json(shared: BudgetShared) -> dict[str, Any]:
    return {
        "allocation": shared.number,
        "policy_id": shared.policy_id,
        "year": shared.year,
        "asked": shared.asked,
        "asked_amount": yuan(shared.asked_fen),
        "granted": shared.granted,
        "granted_amount": yuan(shared.granted_fen),
        "waiting": shared.waiting,
        "lines": [
            {
                "line": each.line,
                "free_before": yuan(each.free_fen),
                "asked": yuan(each.asked_fen),
                "granted": yuan(each.granted_fen),
            }
            for each in shared.lines
        ],
    }


@budget.command()
@policy_argument
@year_option
@after_option
@most_option
@screen_options
def queue(policy: PolicyId, year: int | None, after: int, most: int, screen: Screen) -> None:
    """谁在排队、从何时起、缺多少 / who waits for the budget, since when, and how much is short.

    \b
      policy-match budget queue unemp-stable-post-refund --most 20
    """
    application = current_session().application
    found = budget_queue(application.database, application.clock, policy_id=policy, year=year, after=after, most=most)
    if screen.json:
        screen.result(_queue_json(found))
        return
    columns = headings(
        screen,
        ("位次", "place", "right"),
        ("事项", "case", "right"),
        ("企业", "firm", "left"),
        ("记录", "record", "left"),
        ("申请（元）", "asked (yuan)", "right"),
        ("排队起", "waits since", "left"),
        ("缺口科目", "short line", "left"),
        ("到此缺口（元）", "short by here (yuan)", "right"),
    )
    rows = [
        [
            str(each.place),
            str(each.case_id),
            each.uscc,
            each.record_id,
            money(each.asked_fen),
            moment(each.since),
            each.line or "",
            money(each.short_fen) if each.line else "",
        ]
        for each in found.entries
    ]
    listed(screen, (f"{policy} · {found.year} 排队", f"{policy} · queue of {found.year}"), columns, rows)
    screen.print(
        f"共 {found.waiting:,} 项排队，申请 {money(found.asked_fen)} 元",
        f"{found.waiting:,} cases wait for {money(found.asked_fen)} yuan in all",
    )


def _queue_json(found: Queue) -> dict[str, Any]:
    return {
        "policy_id": found.policy_id,
        "year": found.year,
        "waiting": found.waiting,
        "asked": yuan(found.asked_fen),
        "entries": [
            {
                "place": each.place,
                "case": each.case_id,
                "uscc": each.uscc,
                "record": each.record_id,
                "asked": yuan(each.asked_fen),
                "since": each.since.isoformat(),
                "short_line": each.line,
                "short": yuan(each.short_fen),
            }
            for each in found.entries
        ],
    }


@budget.command()
@year_option
@screen_options
def show(year: int | None, screen: Screen) -> None:
    """列出预算科目：可用、已预留、已支付、可分配 / the budget lines: available, reserved, paid, and free to grant.

    \b
      policy-match budget show --year 2026
    """
    application = current_session().application
    found = budget_lines(application.database, application.clock, year=year)
    if screen.json:
        screen.result([line_json(line) for line in found])
        return
    print_lines(screen, found, SPENDING)
