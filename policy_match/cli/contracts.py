"""`policy-match cases contract` and `close-contract`: equity is signed for, never paid by order."""

import click

from policy_match.cases.model import Status
from policy_match.cli.options import NUMBER, by_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.contracts import close_contract, sign_contract


@click.command()
@click.argument("case", type=NUMBER)
@click.option("--reference", required=True, metavar="TEXT", help="合同编号 / the number of the contract")
@by_option
@screen_options
def contract(case: int, reference: str, by: str, screen: Screen) -> None:
    """登记与企业签订的合同（股权类）/ record the contract with a firm: equity is never paid by order.

    \b
    It takes an approval, publicity that is over where the policy asks for it, and `cases recheck payment`.

    \b
      policy-match cases contract 12 --reference "投资协议 2026-7" --by li.ming
    """
    application = current_session().application
    sign_contract(application.database, case, reference=reference, by=by, clock=application.clock)
    if screen.json:
        screen.result({"case": case, "status": Status.CONTRACTED.value, "reference": reference})
        return
    screen.print(f"事项 {case} 已签约：{reference}", f"the contract of case {case} is recorded: {reference}")


@click.command("close-contract")
@click.argument("case", type=NUMBER)
@by_option
@screen_options
def close_contract_command(case: int, by: str, screen: Screen) -> None:
    """办结已签约的事项 / close a case whose contract is signed.

    \b
      policy-match cases close-contract 12 --by li.ming
    """
    application = current_session().application
    close_contract(application.database, case, by=by, clock=application.clock)
    if screen.json:
        screen.result({"case": case, "status": Status.CLOSED.value})
        return
    screen.print(f"事项 {case} 已办结", f"case {case} is closed")
