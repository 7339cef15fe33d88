"""`policy-match supervision order`: orders to act, their answers, and what becomes of these."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from policy_match.cases.working_days import china_day
from policy_match.cli.cells import day, headings, iso, listed, moment
from policy_match.cli.options import (
    NUMBER,
    after_option,
    by_option,
    most_option,
    policy_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_words import department_option, stage_option, stage_word, unit_word
from policy_match.services.orders_to_act import (
    accept_answer,
    answer_order,
    issue_order,
    list_orders,
    show_order,
)
from policy_match.services.orders_to_act import send_back as send_answer_back
from policy_match.supervision.orders import MOST_ORDER_DAYS, ORDER_STATUS_WORDS, OrderToAct
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId

SHOWN_CASES = 20
"""So many cases of an order are listed for a person; programs get all."""

order_argument = click.argument("order_id", metavar="ORDER", type=NUMBER)
days_option = click.option(
    "--days",
    type=click.IntRange(1, MOST_ORDER_DAYS),
    required=True,
    help="几个工作日内答复 / to be answered within so many working days",
)


@click.group()
def order() -> None:
    """督办单：签发、答复、认定、退回 / orders to act: issue, answer, accept, send back.

    \b
      policy-match supervision order issue --department 财政部门 --stage order --ground "红榜 12 项" --days 3 --by mayor
      policy-match supervision order list --overdue
    """


@order.command()
@click.option(
    "--department", "department", required=True, metavar="NAME", help="承办部门 / the department that must act"
)
@stage_option
@policy_option
@click.option("--case", "cases", type=NUMBER, multiple=True, help="事项编号，可多次 / a case; may be repeated")
@click.option("--ground", required=True, metavar="TEXT", help="督办事由 / why, and what is to be done")
@days_option
@by_option
@screen_options
def issue(
    department: str,
    stage: Stage | None,
    policy: PolicyId | None,
    cases: tuple[int, ...],
    ground: str,
    days: int,
    by: str,
    screen: Screen,
) -> None:
    """签发督办单 / issue an order to a department about a stage, a policy or cases.

    \b
    Everybody who answers for the department is told. Who issues it cannot answer it.

    \b
      policy-match supervision order issue --department 财政部门 --stage order --ground "红榜 12 项" --days 3 --by mayor
    """
    application = current_session().application
    issued = issue_order(
        application.database,
        application.working_days,
        application.clock,
        unit=department,
        ground=ground,
        days=days,
        by=by,
        stage=stage,
        policy=policy,
        cases=cases,
    )
    _say(screen, issued)


@order.command()
@order_argument
@click.option("--text", required=True, metavar="TEXT", help="答复内容 / what was done")
@by_option
@screen_options
def answer(order_id: int, text: str, by: str, screen: Screen) -> None:
    """答复督办单；须由承办部门的责任人，签发人不得答复 / answer it, as somebody of the department, never its issuer.

    \b
      policy-match supervision order answer 1 --text "12 项均已下达支付令" --by zhao.lei
    """
    application = current_session().application
    _say(screen, answer_order(application.database, application.clock, order_id, text=text, by=by))


@order.command()
@order_argument
@click.option(
    "--text", default="认可 accepted", show_default=True, metavar="TEXT", help="认定意见 / what the issuer says"
)
@by_option
@screen_options
def accept(order_id: int, text: str, by: str, screen: Screen) -> None:
    """认可答复，办结督办单；仅签发人 / accept the answer, as its issuer; the order is done.

    \b
      policy-match supervision order accept 1 --by mayor
    """
    application = current_session().application
    _say(screen, accept_answer(application.database, application.clock, order_id, text=text, by=by))


@order.command("send-back")
@order_argument
@click.option("--reason", "text", required=True, metavar="TEXT", help="退回理由 / why")
@days_option
@by_option
@screen_options
def send_back(order_id: int, text: str, days: int, by: str, screen: Screen) -> None:
    """退回答复，限期重新答复；仅签发人 / send the answer back, as its issuer; another is due.

    \b
      policy-match supervision order send-back 1 --reason "仍有 3 项未办" --days 2 --by mayor
    """
    application = current_session().application
    moved = send_answer_back(
        application.database, application.working_days, application.clock, order_id, text=text, days=days, by=by
    )
    _say(screen, moved)


@order.command("list")
@department_option
@click.option("--open", "only_open", is_flag=True, help="仅未办结的 / only those that are not done")
@click.option("--overdue", is_flag=True, help="仅逾期未答复的 / only those whose answer is overdue")
@after_option
@most_option
@screen_options
def list_command(department: str | None, only_open: bool, overdue: bool, after: int, most: int, screen: Screen) -> None:
    """列出督办单 / list orders to act.

    \b
      policy-match supervision order list --overdue
    """
    application = current_session().application
    found = list_orders(
        application.database,
        application.clock,
        unit=department,
        only_open=only_open,
        overdue=overdue,
        after=after,
        most=most,
    )
    today = china_day(application.clock.now())
    if screen.json:
        screen.result([_order_json(each, today) for each in found])
        return
    columns = headings(
        screen,
        ("编号", "order", "right"),
        ("承办", "department", "left"),
        ("环节", "stage", "left"),
        ("政策", "policy", "left"),
        ("事项", "cases", "right"),
        ("事由", "ground", "left"),
        ("签发", "issued by", "left"),
        ("期限", "due", "left"),
        ("状态", "status", "left"),
    )
    rows = [
        [
            str(each.order_id),
            unit_word(screen, each.unit),
            "" if each.stage is None else stage_word(screen, each.stage),
            each.policy_id or "",
            str(each.cases or ""),
            each.ground,
            each.issued_by,
            day(each.due),
            _status(screen, each, today),
        ]
        for each in found
    ]
    listed(screen, ("督办单", "Orders to act"), columns, rows)


@order.command()
@order_argument
@screen_options
def show(order_id: int, screen: Screen) -> None:
    """一张督办单的全过程 / everything about one order.

    \b
      policy-match supervision order show 1
    """
    application = current_session().application
    found = show_order(application.database, order_id)
    today = china_day(application.clock.now())
    if screen.json:
        screen.result(
            {
                **_order_json(found.order, today),
                "case_numbers": list(found.cases),
                "steps": [
                    {
                        "step": each.event.step.value,
                        "by": each.event.by,
                        "at": iso(each.event.at),
                        "text": each.event.text,
                        "due": iso(each.event.due),
                        "status": each.after.value,
                    }
                    for each in found.events
                ],
            }
        )
        return
    order_ = found.order
    screen.print(
        f"督办单 {order_.order_id} → {order_.unit}：{order_.ground}",
        f"order to act {order_.order_id} to {unit_word(screen, order_.unit)}: {order_.ground}",
    )
    screen.print(
        f"{order_.issued_by} 签发于 {moment(order_.issued_at)}；期限 {day(order_.due)}；"
        f"{_status(screen, order_, today)}",
        f"issued by {order_.issued_by} at {moment(order_.issued_at)}; due {day(order_.due)}; "
        f"{_status(screen, order_, today)}",
    )
    if found.cases:
        shown = ", ".join(map(str, found.cases[:SHOWN_CASES])) + (" …" if len(found.cases) > SHOWN_CASES else "")
        screen.print(f"事项：{shown}", f"cases: {shown}")
    for each in found.events:
        words = ORDER_STATUS_WORDS[each.after]
        screen.print(
            f"{moment(each.event.at)} {each.event.by}({words.zh}):{each.event.text}",
            f"{moment(each.event.at)} {each.event.by} ({words.en}): {each.event.text}",
        )


def _status(screen: Screen, found: OrderToAct, today: date) -> str:
    words = ORDER_STATUS_WORDS[found.status]
    late = screen.say("（逾期）", " (overdue)") if found.is_overdue(today) else ""
    return screen.say(words.zh, words.en) + late


def _order_json(found: OrderToAct, today: date) -> Mapping[str, Any]:
    return {
        "order": found.order_id,
        "department": found.unit,
        "stage": None if found.stage is None else found.stage.value,
        "policy_id": found.policy_id,
        "cases": found.cases,
        "ground": found.ground,
        "issued_by": found.issued_by,
        "issued_at": iso(found.issued_at),
        "due": iso(found.due),
        "status": found.status.value,
        "overdue": found.is_overdue(today),
    }


def _say(screen: Screen, found: OrderToAct) -> None:
    today = china_day(current_session().application.clock.now())
    if screen.json:
        screen.result(_order_json(found, today))
        return
    screen.print(
        f"督办单 {found.order_id}({found.unit}):{_status(screen, found, today)}，期限 {day(found.due)}",
        f"order to act {found.order_id} ({unit_word(screen, found.unit)}): {_status(screen, found, today)}, "
        f"due {day(found.due)}",
    )
