"""`policy-match supervision history` and `escalations`: when stages turned yellow and red, and who was told."""

from collections.abc import Sequence
from datetime import date, timedelta

import click

from policy_match.cases.working_days import china_day
from policy_match.cli.cells import day, headings, iso, listed, moment, money
from policy_match.cli.options import NUMBER, Day, after_option, most_option, policy_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_words import (
    colour_word,
    department_option,
    escalation_json,
    stage_word,
    unit_word,
)
from policy_match.services import supervise_cases
from policy_match.supervision.escalation import Escalation
from policy_match.values import PolicyId

DAYS_OF_HISTORY = 30
"""So many days the history goes back when nobody says otherwise."""


@click.command("escalations")
@department_option
@after_option
@most_option
@screen_options
def escalations_command(department: str | None, after: int, most: int, screen: Screen) -> None:
    """已通报的红榜 / what was told to whom.

    \b
      policy-match supervision escalations --department 财政部门
    """
    application = current_session().application
    found = supervise_cases.escalations(application.database, unit=department, after=after, most=most)
    if screen.json:
        screen.result([escalation_json(each) for each in found])
        return
    _show_escalations(screen, found)


@click.command("history")
@click.option("--case", "case", type=NUMBER, help="仅此事项 / of one case")
@click.option("--from", "first", type=Day(), help="自该日起，默认 30 天前 / from this day; 30 days ago by default")
@click.option("--to", "last", type=Day(), help="至该日，默认今天 / to this day; today by default")
@department_option
@policy_option
@screen_options
def history_command(
    case: int | None,
    first: date | None,
    last: date | None,
    department: str | None,
    policy: PolicyId | None,
    screen: Screen,
) -> None:
    """转黄转红的历史，不可更改 / when stages turned yellow and red; nobody can edit it.

    \b
      policy-match supervision history --case 7
      policy-match supervision history --from 2026-07-01 --to 2026-07-31 --department 财政部门
    """
    if case is not None:
        _show_case(screen, case)
        return
    application = current_session().application
    last = last or china_day(application.clock.now())
    found = supervise_cases.mark_history(
        application.database, first or last - timedelta(days=DAYS_OF_HISTORY), last, unit=department, policy=policy
    )
    if screen.json:
        screen.result(
            [
                {
                    "day": iso(each.turned_on),
                    "department": each.unit,
                    "stage": each.stage.value,
                    "colour": each.colour.value,
                    "cases": each.cases,
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("日期", "day", "left"),
        ("责任单位", "department", "left"),
        ("环节", "stage", "left"),
        ("转为", "turned", "left"),
        ("事项", "cases", "right"),
    )
    rows = [
        [
            day(each.turned_on),
            unit_word(screen, each.unit),
            stage_word(screen, each.stage),
            colour_word(screen, each.colour),
            f"{each.cases:,}",
        ]
        for each in found
    ]
    listed(screen, ("历史", "History"), columns, rows)


def _show_case(screen: Screen, case: int) -> None:
    found = supervise_cases.history_of_case(current_session().application.database, case)
    if screen.json:
        screen.result(
            {
                "case": case,
                "marks": [
                    {
                        "step": each.seq,
                        "department": each.unit,
                        "stage": each.stage.value,
                        "colour": each.colour.value,
                        "since": iso(each.started_on),
                        "limit": each.limit_days,
                        "turned_on": iso(each.turned_on),
                        "noticed_at": iso(each.at),
                    }
                    for each in found.marks
                ],
                "escalations": [{"step": seq, **escalation_json(each)} for each, seq in found.escalations],
            }
        )
        return
    columns = headings(
        screen,
        ("步骤", "step", "right"),
        ("责任单位", "department", "left"),
        ("环节", "stage", "left"),
        ("转为", "turned", "left"),
        ("日期", "on", "left"),
        ("自", "since", "left"),
        ("当时时限", "limit then", "right"),
        ("记录于", "noticed", "left"),
    )
    rows = [
        [
            str(each.seq),
            unit_word(screen, each.unit),
            stage_word(screen, each.stage),
            colour_word(screen, each.colour),
            day(each.turned_on),
            day(each.started_on),
            str(each.limit_days),
            moment(each.at),
        ]
        for each in found.marks
    ]
    listed(screen, (f"事项 {case} 的历史", f"History of case {case}"), columns, rows)
    if found.escalations:
        _show_escalations(screen, [each for each, _ in found.escalations])


def _show_escalations(screen: Screen, found: Sequence[Escalation]) -> None:
    columns = headings(
        screen,
        ("编号", "number", "right"),
        ("日期", "day", "left"),
        ("责任单位", "department", "left"),
        ("环节", "stage", "left"),
        ("层级", "level", "right"),
        ("事项", "cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("最早自", "oldest since", "left"),
        ("通报", "told", "left"),
    )
    rows = [
        [
            str(each.escalation_id),
            day(each.day),
            unit_word(screen, each.unit),
            stage_word(screen, each.stage),
            str(each.level),
            f"{each.cases:,}",
            money(each.amount_fen),
            day(each.oldest_on),
            ", ".join(each.told),
        ]
        for each in found
    ]
    listed(screen, ("通报", "Told"), columns, rows)
