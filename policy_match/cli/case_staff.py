"""`policy-match cases extend`, `withdraw` and `remind`: more time for a firm, a case taken back, reminders."""

from datetime import date

import click

from policy_match.cases.model import Event
from policy_match.cases.words import EVENT_WORDS
from policy_match.cli.case_answers import case_arguments
from policy_match.cli.cut_off import cut_off_this_year
from policy_match.cli.options import Day, by_option, reason_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.remind_firms import remind_firms
from policy_match.services.staff_steps import StepsTaken, extend_cases, withdraw_cases


@click.command()
@case_arguments
@click.option("--until", required=True, type=Day(), help="新的最后一日，须为工作日 / the new last day, a working day")
@reason_option
@by_option
@screen_options
def extend(case_ids: tuple[int, ...], until: date, reason: str, by: str, screen: Screen) -> None:
    """延长企业的答复期限，并告知企业 / give firms more time to answer; they are told.

    \b
    A window that is over may be extended as long as nobody closed it: so does one of which the firm was not told. What
    cannot be extended is refused with the reason (exit code 2); the others are.

    \b
      policy-match cases extend 12 15 --until 2026-08-14 --reason "企业未收到通知" --by li.ming
    """
    application = current_session().application
    taken = extend_cases(
        application.database,
        application.working_days,
        case_ids,
        until=until,
        reason=reason,
        by=by,
        clock=application.clock,
    )
    _say_taken(screen, Event.EXTEND, taken)


@click.command()
@case_arguments
@reason_option
@by_option
@screen_options
def withdraw(case_ids: tuple[int, ...], reason: str, by: str, screen: Screen) -> None:
    """在下达支付令之前撤回事项，并告知企业 / take cases back before payment is ordered; the firms are told why.

    \b
    Of each exactly the case named; later instalments are cases of their own. What cannot be withdrawn any more is
    refused with the reason (exit code 2); the others are.

    \b
      policy-match cases withdraw 12 --reason "企业已迁出本区" --by li.ming
    """
    application = current_session().application
    taken = withdraw_cases(application.database, case_ids, reason=reason, by=by, clock=application.clock)
    _say_taken(screen, Event.WITHDRAW, taken)


def _say_taken(screen: Screen, event: Event, taken: StepsTaken) -> None:
    if screen.json:
        screen.result(
            {
                "taken": taken.taken,
                "refused": [
                    {"case": each.case_id, "code": each.error.code, "message": each.error.message("en")}
                    for each in taken.refused
                ],
            }
        )
    else:
        words = EVENT_WORDS[event]
        screen.print(f"{words.zh}：{taken.taken:,} 项", f"{words.en}: {taken.taken:,} cases")
    for each in taken.refused:
        screen.error(each.error)
    if taken.refused:
        raise click.exceptions.Exit(taken.refused[0].error.exit_code)


@click.command()
@screen_options
def remind(screen: Screen) -> None:
    """提醒尚未答复、尚未更正账户的企业 / remind firms that have not answered, or not corrected their account.

    \b
    When as many working days are left as the policy's remind_days say, and 10 and 3 before the year's last day of
    orders; of each point once. Running it again on the same day reminds nobody twice.

    \b
      policy-match cases remind
    """
    application = current_session().application
    with screen.progress("提醒", "reminding"):
        found = remind_firms(
            application.database,
            application.working_days,
            clock=application.clock,
            cut_off=cut_off_this_year(application),
        )
    if screen.json:
        screen.result({"windows": found.windows, "accounts": found.accounts})
        return
    screen.print(
        f"提醒答复 {found.windows:,} 项，提醒更正账户 {found.accounts:,} 项",
        f"{found.windows:,} reminders to answer, {found.accounts:,} to correct an account",
    )
