"""`policy-match notices`: what firms and staff are told, where, and how far each notice got."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from policy_match.cases.model import NoticeKind
from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.notice_contacts import contacts, import_contacts, prefer, preferences_command
from policy_match.cli.notice_inbox import inbox_command, read
from policy_match.cli.notice_news import tell
from policy_match.cli.notice_options import reason_words, recipient_option
from policy_match.cli.notice_repair import COMMANDS as REPAIR_COMMANDS
from policy_match.cli.notice_sending import COMMANDS as SENDING_COMMANDS
from policy_match.cli.notice_show import show
from policy_match.cli.notice_suppressions import lift_suppression_command, suppress, suppressions
from policy_match.cli.options import (
    NUMBER,
    after_option,
    by_option,
    most_option,
    policy_option,
    reason_option,
    screen_options,
    unattended_by_option,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.contacts import recipient_of
from policy_match.notices.history import NoticeFilter, NoticeLine
from policy_match.notices.model import NoticeId, NoticeStatus
from policy_match.notices.words import KIND_WORDS, STATUS_WORDS
from policy_match.services.hand_over_notices import NoticeNumbers, hand_over, notice_numbers
from policy_match.services.notice_history import count_notices, list_notices
from policy_match.services.prepare_notices import prepare_notices
from policy_match.values import PolicyId


@click.group()
def notices() -> None:
    """通知：拟写、发送、站内信、联系方式、停发 / notices: writing, sending, the inbox, contacts, suppressions.

    \b
    Steps of cases owe notices; they wait here as rows. A working day / 每个工作日：
      policy-match notices tell                       requests, ratings, suggestions and their answers
      policy-match notices prepare                    texts are written, the inbox has them
      policy-match notices send                       channels are chosen, what is due is sent
      policy-match notices fetch-receipts             what providers say of it
      policy-match notices repair                     was anything lost?
      policy-match notices list --status held         what could not be written, and why
      policy-match notices list --status unreached    what no way was left for: a person must act
    docs/notices.md has the whole way.
    """


@notices.command()
@unattended_by_option
@screen_options
def prepare(by: str, screen: Screen) -> None:
    """拟写到期的通知并放入站内信；已失效的不再发送 / write due notices into the inbox; stop those no longer so.

    \b
    What cannot be written is held with its reason, and tried again by the next run; the others go on.

    \b
      policy-match notices prepare
      policy-match notices prepare --json
    """
    application = current_session().application
    with screen.progress("拟写通知", "writing notices"):
        made = prepare_notices(application.database, application.wording, clock=application.clock, by=by)
    if screen.json:
        screen.result({"written": made.written, "held": made.held, "overtaken": made.overtaken})
        return
    screen.print(
        f"拟写 {made.written:,} 项，暂缓 {made.held:,} 项，失效 {made.overtaken:,} 项",
        f"{made.written:,} written, {made.held:,} held, {made.overtaken:,} no longer so",
    )


@notices.command("list")
@recipient_option
@click.option("--kind", type=click.Choice([kind.value for kind in NoticeKind]), help="种类 / the kind")
@click.option("--status", type=click.Choice([status.value for status in NoticeStatus]), help="状态 / the status")
@click.option("--case", "case_id", type=NUMBER, help="仅此事项 / of this case only")
@policy_option
@click.option("--counts", is_flag=True, help="只数个数 / count them by kind and status")
@after_option
@most_option
@screen_options
def list_command(
    recipient: str | None,
    kind: str | None,
    status: str | None,
    case_id: int | None,
    policy: PolicyId | None,
    counts: bool,
    after: int,
    most: int,
    screen: Screen,
) -> None:
    """列出通知 / list notices.

    \b
      policy-match notices list --counts
      policy-match notices list --status unreached
      policy-match notices list --recipient firm:91370212MA00000000 --json
    """
    wanted = NoticeFilter(
        recipient=None if recipient is None else recipient_of(recipient),
        kind=None if kind is None else NoticeKind(kind),
        status=None if status is None else NoticeStatus(status),
        case_id=case_id,
        policy_id=policy,
    )
    if counts:
        _show_counts(screen, wanted)
        return
    found = list_notices(current_session().application.database, wanted, after=after, most=most)
    if screen.json:
        screen.result([line_json(line) for line in found])
        return
    columns = headings(
        screen,
        ("通知", "notice", "right"),
        ("收件人", "recipient", "left"),
        ("种类", "kind", "left"),
        ("事项", "case", "right"),
        ("状态", "status", "left"),
        ("自", "since", "left"),
        ("标题", "subject", "left"),
        ("说明", "reason", "left"),
    )
    rows = [
        [
            str(line.notice_id),
            line.recipient,
            screen.say(KIND_WORDS[line.kind].zh, line.kind),
            "" if line.case_id is None else str(line.case_id),
            screen.say(STATUS_WORDS[line.status].zh, line.status),
            moment(line.since),
            line.subject,
            reason_words(screen, line.reason),
        ]
        for line in found
    ]
    listed(screen, ("通知", "Notices"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--after {found[-1].notice_id}", f"go on with --after {found[-1].notice_id}")


def line_json(line: NoticeLine) -> dict[str, Any]:
    """Return a line of the list for programs."""
    return {
        "notice": line.notice_id,
        "recipient": line.recipient,
        "kind": line.kind.value,
        "case": line.case_id,
        "policy_id": line.policy_id,
        "about": line.about,
        "status": line.status.value,
        "at": line.at.isoformat(),
        "since": line.since.isoformat(),
        "subject": line.subject,
        "reason": line.reason,
    }


def _show_counts(screen: Screen, wanted: NoticeFilter) -> None:
    found = count_notices(current_session().application.database, wanted)
    if screen.json:
        screen.result(
            [
                {
                    "kind": each.kind.value,
                    "status": each.status.value,
                    "notices": each.notices,
                    "oldest": each.oldest.isoformat(),
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("种类", "kind", "left"),
        ("状态", "status", "left"),
        ("通知", "notices", "right"),
        ("最早", "oldest since", "left"),
    )
    rows = [
        [
            screen.say(KIND_WORDS[each.kind].zh, each.kind),
            screen.say(STATUS_WORDS[each.status].zh, each.status),
            f"{each.notices:,}",
            moment(each.oldest),
        ]
        for each in found
    ]
    listed(screen, ("通知", "Notices"), columns, rows)


@notices.command()
@click.option("--id", "notice_ids", type=NUMBER, multiple=True, help="通知编号，可重复 / a notice; may be repeated")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="通知编号表（CSV、Excel），列名 notice 或 通知 / a table of notices with a column notice",
)
@reason_option
@by_option
@screen_options
def reached(notice_ids: tuple[int, ...], file: Path | None, reason: str, by: str, screen: Screen) -> None:
    """登记当面送达的通知 / record notices that a person handed over, for example at the counter.

    \b
    What is not written yet, or not there, is refused with the reason (exit code 2); the others are recorded.

    \b
      policy-match notices reached --id 12 --id 15 --reason "窗口当面告知" --by wang.fang
      policy-match notices reached --file told.csv --reason "上门告知" --by wang.fang --json
    """
    application = current_session().application
    if not notice_ids and file is None:
        raise click.UsageError("name notices by --id or --file / 请用 --id 或 --file 指明通知")
    named = NoticeNumbers() if file is None else notice_numbers(application.text_rows(file))
    wanted = [*map(NoticeId, notice_ids), *named.notices]
    done = hand_over(application.database, application.clock, notices=wanted, by=by, reason=reason)
    if screen.json:
        screen.result(
            {
                "reached": done.reached,
                "reached_before": done.before,
                "refused": [
                    {"notice": each.notice_id, "code": each.error.code, "message": each.error.message("en")}
                    for each in done.refused
                ],
                "wrong_rows": [each.message("en") for each in named.wrong],
            }
        )
    else:
        screen.print(
            f"登记送达 {done.reached:,} 项，此前已送达 {done.before:,} 项",
            f"{done.reached:,} recorded as handed over, {done.before:,} had reached their recipient before",
        )
    errors = [*named.wrong, *(each.error for each in done.refused)]
    for error in errors:
        screen.error(error)
    if errors:
        raise click.exceptions.Exit(errors[0].exit_code)


COMMANDS: Sequence[click.Command] = (
    tell,
    show,
    inbox_command,
    read,
    import_contacts,
    contacts,
    prefer,
    preferences_command,
    suppress,
    lift_suppression_command,
    suppressions,
    *SENDING_COMMANDS,
    *REPAIR_COMMANDS,
)
for _command in COMMANDS:
    notices.add_command(_command)
