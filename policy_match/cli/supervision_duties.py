"""`policy-match supervision duty`: who answers for a department at which level."""

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import by_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_words import department_option, unit_word
from policy_match.services.duties import duties_held, grant_duty, revoke_duty
from policy_match.supervision.escalation import LEVEL_WORDS, LEVELS

level_argument = click.argument("level", type=click.IntRange(min(LEVELS), max(LEVELS)))


@click.group()
def duty() -> None:
    """督办责任人：授予、收回、列出 / who answers for a department: give, take back, list.

    \b
      policy-match supervision duty grant 财政部门 1 zhao.lei --by admin
      policy-match supervision duty list --json
    """


@duty.command()
@click.argument("department")
@level_argument
@click.argument("person")
@by_option
@screen_options
def grant(department: str, level: int, person: str, by: str, screen: Screen) -> None:
    """指定督办责任人；不得指定本人 / give a person the duty; nobody gives one to himself.

    \b
    Level 1 runs the work, 2 is the head, 3 the leader above. The department is named as its policies name it; for
    payments it is 财政部门, for the bank's delays 代理银行.

    \b
      policy-match supervision duty grant 人力资源和社会保障局 1 li.ming --by admin
    """
    application = current_session().application
    new = grant_duty(application.database, application.clock, unit=department, level=level, person=person, by=by)
    _say(screen, department, level, person, held=True, changed=new)


@duty.command()
@click.argument("department")
@level_argument
@click.argument("person")
@by_option
@screen_options
def revoke(department: str, level: int, person: str, by: str, screen: Screen) -> None:
    """收回督办职责；此前的通报与答复不变 / take the duty back; what was told and answered stays.

    \b
      policy-match supervision duty revoke 人力资源和社会保障局 1 li.ming --by admin
    """
    application = current_session().application
    held = revoke_duty(application.database, application.clock, unit=department, level=level, person=person, by=by)
    _say(screen, department, level, person, held=False, changed=held)


def _say(screen: Screen, department: str, level: int, person: str, *, held: bool, changed: bool) -> None:
    if screen.json:
        screen.result(
            {"department": department.strip(), "level": level, "person": person, "held": held, "changed": changed}
        )
        return
    words = LEVEL_WORDS[level]
    nothing = ("", "") if changed else ("（未变化）", " (nothing changed)")
    done = ("已指定", "answers for") if held else ("已收回", "no longer answers for")
    screen.print(
        f"{done[0]}：{department} 第 {level} 级（{words.zh}）· {person}{nothing[0]}",
        f"{person} {done[1]} {unit_word(screen, department)} at level {level} ({words.en}){nothing[1]}",
    )


@duty.command("list")
@department_option
@screen_options
def list_command(department: str | None, screen: Screen) -> None:
    """列出现任督办责任人 / who answers for what now.

    \b
      policy-match supervision duty list --department 财政部门
    """
    found = duties_held(current_session().application.database, unit=department)
    if screen.json:
        screen.result(
            [
                {
                    "department": each.unit,
                    "level": each.level,
                    "person": each.person,
                    "since": each.at.isoformat(),
                    "by": each.by,
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("责任单位", "department", "left"),
        ("层级", "level", "left"),
        ("人员", "person", "left"),
        ("指定时间", "since", "left"),
        ("指定人", "given by", "left"),
    )
    rows = [
        [
            unit_word(screen, each.unit),
            f"{each.level} {screen.say(*LEVEL_WORDS[each.level])}",
            each.person,
            moment(each.at),
            each.by,
        ]
        for each in found
    ]
    listed(screen, ("督办责任人", "Duties"), columns, rows)
