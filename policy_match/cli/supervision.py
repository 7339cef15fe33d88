"""`policy-match supervision`: the board, the cases behind it, and the job that marks and tells."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from policy_match.cli.cells import day, headings, iso, listed, money, yuan
from policy_match.cli.options import after_option, most_option, policy_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_duties import duty
from policy_match.cli.supervision_history import escalations_command, history_command
from policy_match.cli.supervision_orders import order
from policy_match.cli.supervision_promises import promises_command
from policy_match.cli.supervision_words import (
    colour_word,
    department_option,
    stage_option,
    stage_word,
    title_word,
    unit_word,
)
from policy_match.ports.supervision import MadeEscalation
from policy_match.services import supervise_cases
from policy_match.services.supervise_cases import BoardOfToday
from policy_match.supervision.board import BoardLine, SupervisedCase
from policy_match.supervision.colours import Ages, Colour
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId


@click.group()
def supervision() -> None:
    """蓝黄红榜与督办 / supervision: colours of every stage, who is told, orders to act, promises kept.

    \b
    Every night / 每夜：
      policy-match supervision mark             what turned yellow or red is written down, for ever
      policy-match supervision escalate         who answers for a red stage is told
    and in the morning `supervision board`, `supervision cases --colour red`, `supervision promises`.
    """


@supervision.command("board")
@department_option
@policy_option
@click.option("--by-policy", is_flag=True, help="按政策列出 / a line for each policy and stage")
@screen_options
def board_command(department: str | None, policy: PolicyId | None, by_policy: bool, screen: Screen) -> None:
    """蓝黄红榜：各部门各环节在办事项 / the board: cases in each stage by department and colour.

    \b
    Blue is within the limit, yellow in its last third, red over. The firm's own time is blue until its last day.

    \b
      policy-match supervision board
      policy-match supervision board --department 人力资源和社会保障局 --by-policy
    """
    application = current_session().application
    found = supervise_cases.supervision_board(
        application.database,
        application.working_days,
        application.clock,
        unit=department,
        policy=policy,
        per_policy=by_policy or policy is not None,
    )
    if screen.json:
        screen.result(_board_json(found))
        return
    print_board(screen, found, by_policy=by_policy or policy is not None)


def print_board(screen: Screen, found: BoardOfToday, *, by_policy: bool) -> None:
    """Print a board, how many cases have each colour, and the levels that nobody holds."""
    columns = headings(
        screen,
        ("责任单位", "department", "left"),
        *([("政策", "policy", "left")] if by_policy else []),
        ("环节", "stage", "left"),
        ("榜", "colour", "left"),
        ("蓝", "blue", "right"),
        ("黄", "yellow", "right"),
        ("红", "red", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("红榜金额（元）", "red amount (yuan)", "right"),
        ("最久（工作日）", "oldest (working days)", "right"),
    )
    rows = [_board_row(screen, line, found, by_policy=by_policy) for line in found.board.lines]
    title = screen.say(f"蓝黄红榜 {found.board.day}", f"Board of {found.board.day}")
    if rows:
        screen.table(title, columns, rows, [_worst(line).value for line in found.board.lines])
    else:
        screen.print("没有在办事项", "no case waits for anybody")
    cases = found.board.cases
    screen.print(
        f"共 {sum(cases.values()):,} 项：蓝 {cases[Colour.BLUE]:,}，黄 {cases[Colour.YELLOW]:,}，"
        f"红 {cases[Colour.RED]:,}",
        f"{sum(cases.values()):,} cases: blue {cases[Colour.BLUE]:,}, yellow {cases[Colour.YELLOW]:,}, "
        f"red {cases[Colour.RED]:,}",
    )
    for unit, levels in found.board.nobody.items():
        named = ", ".join(map(str, levels))
        screen.print(
            f"{unit}：第 {named} 级无督办责任人，请用 policy-match supervision duty grant 指定",
            f"{unit_word(screen, unit)}: nobody answers at level {named}; name somebody with `supervision duty grant`",
        )


def _worst(line: BoardLine) -> Colour:
    return max((colour for colour in Colour if line.cases[colour]), key=list(Colour).index)


def _board_row(screen: Screen, line: BoardLine, found: BoardOfToday, *, by_policy: bool) -> list[str]:
    return [
        unit_word(screen, line.unit),
        *([title_word(screen, found.terms[line.policy_id])] if by_policy else []),
        stage_word(screen, line.stage),
        colour_word(screen, _worst(line)),
        *(f"{line.cases[colour]:,}" for colour in Colour),
        money(line.all_fen),
        money(line.fen[Colour.RED]),
        str(found.ages.working_days_since(line.oldest_on)),
    ]


def _board_json(found: BoardOfToday) -> Mapping[str, Any]:
    return {
        "day": iso(found.board.day),
        "cases": {colour.value: count for colour, count in found.board.cases.items()},
        "lines": [
            {
                "department": line.unit,
                "policy_id": line.policy_id or None,
                "title": found.terms[line.policy_id].title if line.policy_id else None,
                "title_en": found.terms[line.policy_id].title_en if line.policy_id else None,
                "stage": line.stage.value,
                "colour": _worst(line).value,
                "cases": {colour.value: line.cases[colour] for colour in Colour},
                "amount": {colour.value: yuan(line.fen[colour]) for colour in Colour},
                "oldest_since": iso(line.oldest_on),
                "oldest_working_days": found.ages.working_days_since(line.oldest_on),
            }
            for line in found.board.lines
        ],
        "nobody": [{"department": unit, "levels": list(levels)} for unit, levels in found.board.nobody.items()],
    }


@supervision.command("cases")
@department_option
@policy_option
@stage_option
@click.option("--colour", type=click.Choice([colour.value for colour in Colour]), help="颜色 / the colour")
@after_option
@most_option
@screen_options
def cases_command(
    department: str | None,
    policy: PolicyId | None,
    stage: Stage | None,
    colour: str | None,
    after: int,
    most: int,
    screen: Screen,
) -> None:
    """榜上的事项，按编号分页 / the cases behind the board, page by page.

    \b
      policy-match supervision cases --colour red
      policy-match supervision cases --department 财政部门 --stage order --after 1200 --json
    """
    application = current_session().application
    found = supervise_cases.supervised_cases(
        application.database,
        application.working_days,
        application.clock,
        unit=department,
        policy=policy,
        stage=stage,
        colour=None if colour is None else Colour(colour),
        after=after,
        most=most,
    )
    if screen.json:
        screen.result([_case_json(case, found.ages) for case in found.cases])
        return
    columns = headings(
        screen,
        ("事项", "case", "right"),
        ("政策", "policy", "left"),
        ("信用代码", "code", "left"),
        ("企业", "firm", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("责任单位", "department", "left"),
        ("环节", "stage", "left"),
        ("自", "since", "left"),
        ("已（工作日）", "working days", "right"),
        ("时限", "limit", "right"),
        ("榜", "colour", "left"),
    )
    rows = [
        [
            str(case.case_id),
            case.policy_id,
            case.uscc,
            case.name,
            money(case.amount_fen),
            unit_word(screen, case.unit),
            stage_word(screen, case.stage),
            day(case.started_on),
            str(found.ages.working_days_since(case.started_on)),
            "–" if case.limit_days is None else str(case.limit_days),
            colour_word(screen, case.colour),
        ]
        for case in found.cases
    ]
    if rows:
        screen.table(screen.say("在办事项", "Cases"), columns, rows, [case.colour.value for case in found.cases])
    else:
        screen.print("没有这样的在办事项", "no such case waits")


def _case_json(case: SupervisedCase, ages: Ages) -> Mapping[str, Any]:
    return {
        "case": case.case_id,
        "policy_id": case.policy_id,
        "uscc": case.uscc,
        "name": case.name,
        "amount": yuan(case.amount_fen),
        "department": case.unit,
        "stage": case.stage.value,
        "since": iso(case.started_on),
        "working_days": ages.working_days_since(case.started_on),
        "limit": case.limit_days,
        "colour": case.colour.value,
    }


@supervision.command()
@screen_options
def mark(screen: Screen) -> None:
    """记录转黄转红的环节；每项每环节每色一次 / write down which stages turned yellow or red, each once.

    \b
    For the scheduler, right after midnight in China. What is written is never changed: it says when the stage turned,
    and the limit that it had then.

    \b
      policy-match supervision mark
    """
    application = current_session().application
    with screen.progress("记录", "marking"):
        found = supervise_cases.mark_cases(application.database, application.working_days, application.clock)
    if screen.json:
        screen.result({colour.value: count for colour, count in found.items()})
        return
    yellow, red = found[Colour.YELLOW], found[Colour.RED]
    screen.print(f"新转黄 {yellow:,} 项，新转红 {red:,} 项", f"{yellow:,} turned yellow, {red:,} turned red")


@supervision.command()
@screen_options
def escalate(screen: Screen) -> None:
    """向督办责任人通报红榜；逐级上报 / tell who answers for red stages; after some days the next level.

    \b
    Level 1 at once, level 2 after 3 working days of red, level 3 after 7. One message per person, department, stage and
    day; each case is told once to each level.

    \b
      policy-match supervision escalate
    """
    application = current_session().application
    with screen.progress("通报", "escalating"):
        made = supervise_cases.escalate_cases(application.database, application.working_days, application.clock)
    if screen.json:
        screen.result([_made_json(each) for each in made])
        return
    columns = headings(
        screen,
        ("责任单位", "department", "left"),
        ("环节", "stage", "left"),
        ("层级", "level", "right"),
        ("事项", "cases", "right"),
        ("通报", "told", "left"),
    )
    rows = [
        [
            unit_word(screen, each.unit),
            stage_word(screen, each.stage),
            str(each.level),
            f"{each.cases:,}",
            ", ".join(each.told),
        ]
        for each in made
    ]
    listed(screen, ("通报", "Told"), columns, rows)


def _made_json(made: MadeEscalation) -> Mapping[str, Any]:
    return {
        "escalation": made.escalation_id,
        "department": made.unit,
        "stage": made.stage.value,
        "level": made.level,
        "cases": made.cases,
        "told": list(made.told),
    }


COMMANDS: Sequence[click.Command] = (escalations_command, history_command, promises_command, order, duty)
for _command in COMMANDS:
    supervision.add_command(_command)
