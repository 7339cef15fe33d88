"""`policy-match cases confirm`, `decline` and `reconsider`: what firms answer."""

from collections.abc import Sequence

import click

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.model import Event
from policy_match.cases.words import EVENT_WORDS
from policy_match.cli.options import NUMBER, firm_by_option, reason_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases

case_arguments = click.argument("case_ids", metavar="CASE...", nargs=-1, required=True, type=NUMBER)


@click.command()
@case_arguments
@firm_by_option
@screen_options
def confirm(case_ids: tuple[int, ...], by: str, screen: Screen) -> None:
    """企业确认享受 / the firm wants it.

    \b
    An answer that comes too late, or to a case that moved on, is refused with the reason (exit code 2); the others are
    taken.

    \b
      policy-match cases confirm 12 15 --by firm:91370212MA00000000
    """
    _answer(screen, AnswerKind.CONFIRM, case_ids, by, "")


@click.command()
@case_arguments
@reason_option
@click.option(
    "--because",
    "because",
    type=click.Choice([reason.value for reason in DeclineReason]),
    help="原因类别，用于政策评估 / the kind of reason, for the review of the policy",
)
@firm_by_option
@screen_options
def decline(case_ids: tuple[int, ...], reason: str, because: str | None, by: str, screen: Screen) -> None:
    """企业自愿放弃 / the firm does not want it.

    \b
      policy-match cases decline 12 --reason "已享受其他政策" --because had_elsewhere --by firm:91370212MA00000000
    """
    _answer(screen, AnswerKind.DECLINE, case_ids, by, reason, None if because is None else DeclineReason(because))


@click.command()
@case_arguments
@firm_by_option
@screen_options
def reconsider(case_ids: tuple[int, ...], by: str, screen: Screen) -> None:
    """期限内撤回放弃 / take back that it was declined, while there is time.

    \b
      policy-match cases reconsider 12 --by firm:91370212MA00000000
    """
    _answer(screen, AnswerKind.RECONSIDER, case_ids, by, "")


def _answer(
    screen: Screen,
    kind: AnswerKind,
    case_ids: Sequence[int],
    by: str,
    reason: str,
    because: DeclineReason | None = None,
) -> None:
    application = current_session().application
    answers = [Answer(case_id=case_id, kind=kind, by=by, reason=reason, because=because) for case_id in case_ids]
    answered = answer_cases(application.database, application.working_days, answers, clock=application.clock)
    if screen.json:
        screen.result(
            {
                "taken": answered.taken,
                "refused": [
                    {"case": each.answer.case_id, "code": each.error.code, "message": each.error.message("en")}
                    for each in answered.refused
                ],
            }
        )
    else:
        words = EVENT_WORDS[Event(kind)]
        screen.print(f"{words.zh}：{answered.taken:,} 项", f"{words.en}: {answered.taken:,} cases")
    for each in answered.refused:
        screen.error(each.error)
    if answered.refused:
        raise click.exceptions.Exit(answered.refused[0].error.exit_code)
