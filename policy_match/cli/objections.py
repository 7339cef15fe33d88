"""`policy-match objections`: objections to cases on public display, and their answers."""

import click

from policy_match.cases.objection import ObjectionOutcome
from policy_match.cli.case_file import print_objections
from policy_match.cli.case_file_json import objection_json
from policy_match.cli.cells import yuan
from policy_match.cli.options import (
    NUMBER,
    Yuan,
    after_option,
    by_option,
    most_option,
    reason_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.objections import answer_objection, lodge_objection, open_objections


@click.group()
def objections() -> None:
    """公示期间的异议：提出、列出、答复 / objections during the publicity: lodge them, list them, answer them.

    \b
      policy-match objections lodge 12 --ground "该企业已停产" --by 张三
      policy-match objections answer 1 uphold --reason "核实已停产" --by sun.li
    """


@objections.command()
@click.argument("case", type=NUMBER)
@click.option("--ground", required=True, metavar="TEXT", help="异议理由 / what is wrong")
@by_option
@screen_options
def lodge(case: int, ground: str, by: str, screen: Screen) -> None:
    """对公示中的事项提出异议，须署名 / object to a case on public display; anyone who is named may.

    \b
    The case waits for the answer. It is due within the working days that the policy gives.

    \b
      policy-match objections lodge 12 --ground "该企业已停产" --by 张三
    """
    application = current_session().application
    number = lodge_objection(
        application.database, application.working_days, case, by=by, ground=ground, clock=application.clock
    )
    if screen.json:
        screen.result({"objection": number, "case": case, "lodged_by": by})
        return
    screen.print(
        f"已登记异议 {number}；事项 {case} 待复核", f"objection {number} is kept; case {case} waits for the answer"
    )


@objections.command("list")
@click.option("--overdue", is_flag=True, help="仅逾期未答复的 / only those whose answer is overdue")
@after_option
@most_option
@screen_options
def list_command(overdue: bool, after: int, most: int, screen: Screen) -> None:
    """列出待答复的异议 / the objections that wait for an answer.

    \b
      policy-match objections list --overdue
    """
    application = current_session().application
    found = open_objections(application.database, clock=application.clock, overdue=overdue, after=after, most=most)
    if screen.json:
        screen.result([objection_json(each) for each in found])
    elif found:
        print_objections(screen, tuple(found))
    else:
        screen.print("没有待答复的异议", "no objection waits for an answer")


@objections.command()
@click.argument("objection", type=NUMBER)
@click.argument("outcome", type=click.Choice([outcome.value for outcome in ObjectionOutcome]))
@click.option("--amount", type=Yuan(), help="调整后的金额（元），仅 amend / the new amount in yuan; for `amend` only")
@reason_option
@by_option
@screen_options
def answer(objection: int, outcome: str, amount: int | None, reason: str, by: str, screen: Screen) -> None:
    """答复异议：不成立、成立或调整金额 / answer: dismiss it, uphold it, or amend the amount.

    \b
    One answer settles every open objection to the case. Who reviewed, approved or objected may not answer. `uphold`
    withdraws the case; `amend` gives it another amount, at most what was decided, and a new review and approval.

    \b
      policy-match objections answer 1 dismiss --reason "经核实符合条件" --by sun.li
      policy-match objections answer 2 amend --amount 800 --reason "人数有误" --by sun.li
    """
    application = current_session().application
    answered = answer_objection(
        application.database,
        objection,
        ObjectionOutcome(outcome),
        by=by,
        reason=reason,
        clock=application.clock,
        amount_fen=amount,
    )
    if screen.json:
        screen.result({"answered": list(answered), "outcome": outcome, "amount": yuan(amount), "by": by})
        return
    numbers = ", ".join(map(str, answered))
    screen.print(f"已答复异议 {numbers}", f"answered: objection {numbers}")
