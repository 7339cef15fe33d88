"""`policy-match supervision promises`: promised against fulfilled, and the firms that wait for their money."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from policy_match.cli.cells import day, headings, iso, listed, money, yuan
from policy_match.cli.options import most_option, policy_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_words import department_option, title_word
from policy_match.services import promises as promise_service
from policy_match.services.promises import Promises
from policy_match.supervision.promises import AGED, BUCKET_WORDS, Group, PromiseLine, Sum
from policy_match.values import PolicyId, Uscc

DAY_LETTERS = len("2025-06-30")


def _after(_: click.Context, param: click.Parameter, value: str | None) -> tuple[date, Uscc] | None:
    """Return where a page ended: the oldest promise and the code of its last firm."""
    if value is None:
        return None
    oldest, code = value[:DAY_LETTERS], value[DAY_LETTERS + 1 :]
    try:
        return date.fromisoformat(oldest), Uscc(code)
    except ValueError:
        raise click.BadParameter(
            "write DAY/CODE of the last firm, as `next` in --json says / 请写作 日期/信用代码", param=param
        ) from None


@click.command("promises")
@department_option
@policy_option
@click.option("--firms", is_flag=True, help="已承诺未兑现的企业，最久在前 / the firms that wait, the longest first")
@click.option(
    "--after", metavar="DAY/CODE", callback=_after, help="从该企业之后列起 / begin after this firm; with --firms"
)
@most_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="CSV 的目录 / folder for CSV files")
@screen_options
def promises_command(
    department: str | None,
    policy: PolicyId | None,
    firms: bool,
    after: tuple[date, Uscc] | None,
    most: int,
    out: Path | None,
    screen: Screen,
) -> None:
    """承诺与兑现：已批准未支付的，按账龄 / promised against paid, with the age of what was not paid.

    \b
    A promise stands from the approval of a case until it is paid or falls away. The groups add up to what is owed.
    With --out it writes promises.csv and unpaid_firms.csv, which names every firm that waits.

    \b
      policy-match supervision promises
      policy-match supervision promises --firms --department 科学技术局
      policy-match supervision promises --out owed/
    """
    application = current_session().application
    if out is not None:
        paths = promise_service.write_promises(
            application.database,
            application.clock,
            application.promise_files,
            application.write_file,
            out=out,
            unit=department,
            policy=policy,
        )
        screen.note(f"已写入 {', '.join(map(str, paths))}", f"written: {', '.join(map(str, paths))}")
    if firms:
        _show_firms(screen, department, policy, after, most)
    else:
        _show_lines(
            screen, promise_service.promises(application.database, application.clock, unit=department, policy=policy)
        )


def _show_lines(screen: Screen, found: Promises) -> None:
    if screen.json:
        screen.result({"day": iso(found.day), "lines": [_line_json(line, found) for line in found.lines]})
        return
    print_promises(screen, found)


def print_promises(screen: Screen, found: Promises) -> None:
    """Print what became of what is owed, and the age of what was promised and not paid."""
    columns = headings(
        screen,
        ("部门", "department", "left"),
        ("政策", "policy", "left"),
        ("应享（元）", "owed (yuan)", "right"),
        ("已兑现（元）", "fulfilled (yuan)", "right"),
        ("已承诺未兑现", "promised, not paid", "right"),
        ("金额（元）", "yuan", "right"),
        *((f"{words.zh}（元）", f"{words.en} days (yuan)", "right") for words in BUCKET_WORDS),
        ("办理中", "being decided", "right"),
    )
    rows = [
        [
            line.unit or screen.say("合计", "all"),
            title_word(screen, found.terms[line.policy_id]) if line.policy_id else "",
            money(line.owed.fen),
            money(line.groups[Group.FULFILLED].fen),
            f"{line.groups[Group.PROMISED].cases:,}",
            money(line.groups[Group.PROMISED].fen),
            *(money(each.fen) for each in line.ages[Group.PROMISED]),
            f"{line.groups[Group.PENDING].cases:,}",
        ]
        for line in found.lines
    ]
    listed(screen, (f"承诺与兑现 {found.day}", f"Promised and paid, {found.day}"), columns, rows)


def _line_json(line: PromiseLine, found: Promises) -> Mapping[str, Any]:
    terms = found.terms.get(line.policy_id)
    return {
        "department": line.unit or None,
        "policy_id": line.policy_id or None,
        "title": None if terms is None else terms.title,
        "title_en": None if terms is None else terms.title_en,
        "owed": _sum(line.owed),
        "cut": yuan(line.cut_fen),
        **{group.value: _sum(line.groups[group]) for group in Group},
        "ages": {
            group.value: [
                {"days": words.en, **_sum(each)} for words, each in zip(BUCKET_WORDS, line.ages[group], strict=True)
            ]
            for group in Group
            if group in AGED
        },
    }


def _sum(each: Sum) -> Mapping[str, Any]:
    return {"cases": each.cases, "amount": yuan(each.fen)}


def _show_firms(
    screen: Screen, department: str | None, policy: PolicyId | None, after: tuple[date, Uscc] | None, most: int
) -> None:
    application = current_session().application
    found = promise_service.unpaid_firms(
        application.database, application.clock, unit=department, policy=policy, after=after, most=most
    )
    if screen.json:
        screen.result(
            {
                "firms": [
                    {
                        "uscc": firm.uscc,
                        "name": firm.name,
                        "oldest_promise": iso(firm.oldest_on),
                        "cases": firm.cases,
                        "amount": yuan(firm.fen),
                        "departments": list(firm.units),
                        "policies": list(firm.policies),
                    }
                    for firm in found
                ],
                "next": f"{found[-1].oldest_on}/{found[-1].uscc}" if len(found) == most else None,
            }
        )
        return
    columns = headings(
        screen,
        ("信用代码", "code", "left"),
        ("企业", "firm", "left"),
        ("最早承诺", "oldest promise", "left"),
        ("事项", "cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("部门", "departments", "left"),
        ("政策", "policies", "left"),
    )
    rows = [
        [
            firm.uscc,
            firm.name,
            day(firm.oldest_on),
            f"{firm.cases:,}",
            money(firm.fen),
            ", ".join(firm.units),
            ", ".join(firm.policies),
        ]
        for firm in found
    ]
    listed(screen, ("已承诺未兑现的企业", "Firms that wait for what was promised"), columns, rows)
