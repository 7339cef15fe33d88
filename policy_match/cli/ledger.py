"""`policy-match ledger`: where every fen of the budget is, and the proof that none is lost."""

from collections.abc import Sequence
from typing import Any

import click

from policy_match.cli.cells import headings, listed, moment, money, yuan
from policy_match.cli.options import after_option, most_option, screen_options, year_option
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import PolicyMatchError
from policy_match.ledger.accounts import DIRECTIONS, LineAccount, LineId
from policy_match.ledger.balances import ACCOUNT_NAMES_ZH
from policy_match.ledger.words import TRANSFER_WORDS
from policy_match.ports.approvals import BudgetLine, TransferRow
from policy_match.services.ledger_report import LedgerReport, ledger_report, transfers


class LedgerDisagrees(PolicyMatchError):
    """A law of the ledger does not hold, or a balance is not what its transfers add up to."""

    code = "ledger.disagrees"
    exit_code = 3
    english = "the ledger does not add up in {places} places; stop paying and find out who wrote to the database"
    chinese = "账务有 {places} 处不平；请停止支付并查明数据库被何人改动"


@click.group()
def ledger() -> None:
    """预算科目的账户与分录 / the accounts of every budget line and the transfers between them."""


@ledger.command()
@year_option
@screen_options
def show(year: int | None, screen: Screen) -> None:
    """每个科目的钱在哪里，并核对账是否平 / where the money of every line is, and whether all of it adds up.

    \b
    Exit code 3 when a balance is not what its transfers add up to.

    \b
      policy-match ledger show
      policy-match ledger show --year 2026 --json
    """
    application = current_session().application
    report = ledger_report(application.database, application.clock, year=year)
    if screen.json:
        screen.result(_report_json(report))
    else:
        _print_report(screen, report)
    if not report.in_order:
        raise LedgerDisagrees(places=len(report.broken) + len(report.differences))


def _print_report(screen: Screen, report: LedgerReport) -> None:
    print_lines(screen, report.lines, LineAccount)
    for law in report.broken:
        screen.print(f"不平：{law.line} {law.law}", f"broken: {law.line} {law.law}")
    for each in report.differences:
        account = screen.say(ACCOUNT_NAMES_ZH[each.account], each.account)
        found = f"{money(each.balance_fen)} ≠ {money(each.transferred_fen)}"
        screen.print(f"不符：{each.line} {account} {found}", f"differs: {each.line} {account} {found}")
    if report.in_order:
        screen.print(
            "账平：每个科目合计为零，每个余额等于其分录之和。",
            "In order: every line adds up to zero, every balance is the sum of its transfers.",
        )


def print_lines(
    screen: Screen, lines: Sequence[BudgetLine], accounts: Sequence[LineAccount] | type[LineAccount]
) -> None:
    """Draw budget lines with some of their accounts, what is held for granted cases, and what is free."""
    columns = headings(
        screen,
        ("科目", "line", "left"),
        ("名称", "label", "left"),
        *((ACCOUNT_NAMES_ZH[account], account.value, "right") for account in accounts),
        ("已分配未预留", "held for cases", "right"),
        ("可分配", "free", "right"),
    )
    rows = [
        [
            line.line,
            line.label,
            *(money(line.balances[account]) for account in accounts),
            money(line.held_fen),
            money(line.free_fen),
        ]
        for line in lines
    ]
    listed(screen, ("预算科目（元）", "Budget lines (yuan)"), columns, rows)


def line_json(line: BudgetLine) -> dict[str, Any]:
    """Return a budget line for a program."""
    return {
        "line": line.line,
        "label": line.label,
        "balances": {account.value: yuan(fen) for account, fen in line.balances.items()},
        "held": yuan(line.held_fen),
        "free": yuan(line.free_fen),
    }


def _report_json(report: LedgerReport) -> dict[str, Any]:
    return {
        "in_order": report.in_order,
        "lines": [line_json(line) for line in report.lines],
        "broken": [{"line": law.line, "law": law.law} for law in report.broken],
        "differences": [
            {
                "line": each.line,
                "account": each.account.value,
                "balance": yuan(each.balance_fen),
                "transferred": yuan(each.transferred_fen),
            }
            for each in report.differences
        ],
    }


@ledger.command("transfers")
@click.option("--line", help="仅此科目 / this budget line only, for example city-industry-2026")
@after_option
@most_option
@screen_options
def transfers_command(line: str | None, after: int, most: int, screen: Screen) -> None:
    """列出分录：哪笔钱、从哪个账户到哪个账户、为何 / list the transfers, each with its cause.

    \b
      policy-match ledger transfers --line jobs-2026
      policy-match ledger transfers --after 1000 --most 500 --json
    """
    found = transfers(
        current_session().application.database, line=None if line is None else LineId(line), after=after, most=most
    )
    if screen.json:
        screen.result([_transfer_json(row) for row in found])
        return
    columns = headings(
        screen,
        ("编号", "no.", "right"),
        ("时间", "at", "left"),
        ("科目", "line", "left"),
        ("分录", "transfer", "left"),
        ("从", "from", "left"),
        ("到", "to", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("支付尝试", "attempt", "left"),
        ("说明", "about", "left"),
        ("经办", "by", "left"),
    )
    rows = [
        [
            str(row.transfer_id),
            moment(row.at),
            row.line,
            screen.say(*TRANSFER_WORDS[row.kind]),
            screen.say(ACCOUNT_NAMES_ZH[DIRECTIONS[row.kind].debit], DIRECTIONS[row.kind].debit),
            screen.say(ACCOUNT_NAMES_ZH[DIRECTIONS[row.kind].credit], DIRECTIONS[row.kind].credit),
            money(row.amount_fen),
            row.attempt_id or "",
            row.about,
            row.by,
        ]
        for row in found
    ]
    listed(screen, ("分录", "Transfers"), columns, rows)


def _transfer_json(row: TransferRow) -> dict[str, Any]:
    return {
        "transfer": row.transfer_id,
        "at": row.at.isoformat(),
        "line": row.line,
        "kind": row.kind.value,
        "from": DIRECTIONS[row.kind].debit.value,
        "to": DIRECTIONS[row.kind].credit.value,
        "amount": yuan(row.amount_fen),
        "attempt_id": row.attempt_id,
        "about": row.about,
        "by": row.by,
    }
