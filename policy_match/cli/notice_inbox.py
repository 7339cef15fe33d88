"""`policy-match notices inbox` and `read`: the inbox of the portal, until there is a page for it."""

from typing import Any

import click

from policy_match.cli.cells import headings, iso, listed, moment
from policy_match.cli.notice_options import recipient_argument
from policy_match.cli.options import LARGEST_NUMBER, NUMBER, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError
from policy_match.notices.history import InboxMessage
from policy_match.notices.model import NoticeId
from policy_match.notices.words import KIND_WORDS
from policy_match.services.notice_history import NoSuchNotice
from policy_match.services.notice_inbox import MOST_LISTED, inbox, read_messages


@click.command("inbox")
@recipient_argument
@click.option("--unread", is_flag=True, help="仅未读 / only what was not read")
@click.option("--before", type=click.IntRange(1, LARGEST_NUMBER), help="从该编号之前列起 / begin before this notice")
@click.option(
    "--most", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True, help="最多条数 / at most so many"
)
@screen_options
def inbox_command(recipient: str, unread: bool, before: int | None, most: int, screen: Screen) -> None:
    """收件人的站内信，最新在前 / the inbox of a firm or a member of staff, the newest first.

    \b
      policy-match notices inbox firm:91370212MA00000000 --unread
      policy-match notices inbox wang.fang --json
    """
    found = inbox(
        current_session().application.database,
        recipient,
        unread=unread,
        before=None if before is None else NoticeId(before),
        most=most,
    )
    if screen.json:
        screen.result([_message_json(message) for message in found])
        return
    columns = headings(
        screen,
        ("通知", "notice", "right"),
        ("种类", "kind", "left"),
        ("时间", "at", "left"),
        ("已读", "read", "left"),
        ("标题", "subject", "left"),
    )
    rows = [
        [
            str(message.notice_id),
            screen.say(KIND_WORDS[message.kind].zh, message.kind),
            moment(message.at),
            moment(message.read_at) or (screen.say("已失效", "no longer so") if message.is_over else ""),
            message.subject,
        ]
        for message in found
    ]
    listed(screen, ("站内信", "Inbox"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--before {found[-1].notice_id}", f"go on with --before {found[-1].notice_id}")


def _message_json(message: InboxMessage) -> dict[str, Any]:
    return {
        "notice": message.notice_id,
        "kind": message.kind.value,
        "case": message.case_id,
        "at": message.at.isoformat(),
        "read_at": iso(message.read_at),
        "is_over": message.is_over,
        "subject": message.subject,
        "body": message.body,
    }


@click.command()
@recipient_argument
@click.argument("notices", metavar="NOTICE...", nargs=-1, required=True, type=NUMBER)
@screen_options
def read(recipient: str, notices: tuple[int, ...], screen: Screen) -> None:
    """收件人阅读站内信，通知即为送达 / the recipient reads messages: their notices have reached him.

    \b
    Reading again changes nothing. What is not in this inbox is refused (exit code 2); the others are marked.

    \b
      policy-match notices read firm:91370212MA00000000 12 15
    """
    application = current_session().application
    done = read_messages(
        application.database, application.clock, recipient=recipient, notices=[NoticeId(each) for each in notices]
    )
    if screen.json:
        screen.result({"read": done.read, "read_before": done.before, "not_there": list(done.not_there)})
    else:
        screen.print(
            f"已读 {done.read:,} 条，此前已读 {done.before:,} 条", f"{done.read:,} read, {done.before:,} read before"
        )
    for each in done.not_there:
        screen.error(NoSuchNotice(notice_id=each))
    if done.not_there:
        raise click.exceptions.Exit(InputError.exit_code)
