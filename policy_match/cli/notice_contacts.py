"""`policy-match notices import-contacts`, `contacts`, `prefer`: where and how somebody is told."""

import csv
import io
from pathlib import Path
from typing import Any

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.notice_options import CHANNEL, channel_of, channel_option, recipient_argument, recipient_option
from policy_match.cli.options import after_option, by_option, firm_by_option, most_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError
from policy_match.notices.contacts import ContactLine, Preference
from policy_match.notices.model import Channel
from policy_match.notices.subscriptions import SUBSCRIPTION_WORDS, Subscription
from policy_match.notices.words import CHANNEL_WORDS
from policy_match.services.contacts import ContactsTaken, RefusedContact, list_contacts, take_contact_file
from policy_match.services.notice_preferences import preferences, set_preference

SHOWN = 20
"""So many refused rows are shown to a person."""


@click.command("import-contacts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", default="", metavar="TEXT", help="由谁提供（表中没有“来源”列时）/ who gives them, if no column says"
)
@click.option(
    "--report",
    "report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="把未登记的行及原因写入此 CSV / write the refused rows with their reasons into this CSV",
)
@by_option
@screen_options
def import_contacts(file: Path, source: str, report: Path | None, by: str, screen: Screen) -> None:
    """导入联系方式表（CSV、Excel）/ take a table of addresses at which firms and staff are told.

    \b
    Columns: recipient 收件人 (credit code or staff account), channel 渠道 (email, sms, wechat_work, dingtalk, letter),
    address 地址, source 来源. Addresses are checked and sealed before they are kept, and never shown. The newest of a
    channel and source counts. A bad row is reported with its number and the reason; the others are taken.

    \b
    Exit code 2 when no row could be taken.

    \b
      policy-match notices import-contacts tax-contacts.csv --source tax --by wang.fang
      policy-match notices import-contacts contacts.xlsx --report refused.csv --by wang.fang --json
    """
    application = current_session().application
    with screen.progress("导入联系方式", "taking contacts") as progress:
        taken = take_contact_file(
            application.text_rows(file),
            application.database,
            application.account_sealer,
            application.clock,
            by=by,
            source=source,
            progress=progress,
        )
    if report is not None:
        application.write_file(report, _report(taken))
    if screen.json:
        screen.result(_taken_json(taken))
    else:
        _print_taken(screen, taken)
    if taken.refused and not (taken.kept or taken.known):
        raise click.exceptions.Exit(InputError.exit_code)


def _report(taken: ContactsTaken) -> bytes:
    """Return the refused rows as CSV for a spreadsheet; every cell is ours, a code or a channel, so none is run."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "recipient", "channel", "reason_zh", "reason_en"])
    writer.writerows(
        [each.row, each.recipient, each.channel, each.reason_zh, each.reason_en] for each in taken.refusals
    )
    return text.getvalue().encode("utf-8-sig")


def _taken_json(taken: ContactsTaken) -> dict[str, Any]:
    return {
        "kept": taken.kept,
        "known": taken.known,
        "refused": taken.refused,
        "without_case": taken.without_case,
        "reopened": taken.reopened,
        "refusals": [
            {
                "row": each.row,
                "recipient": each.recipient,
                "channel": each.channel,
                "reason": each.reason_en,
                "reason_zh": each.reason_zh,
            }
            for each in taken.refusals
        ],
    }


def _print_taken(screen: Screen, taken: ContactsTaken) -> None:
    screen.print(
        f"登记 {taken.kept:,} 条，已有 {taken.known:,} 条，未登记 {taken.refused:,} 行",
        f"took {taken.kept:,} addresses, {taken.known:,} were known; {taken.refused:,} rows were refused",
    )
    if taken.without_case:
        screen.print(
            f"其中 {taken.without_case:,} 家企业尚无事项", f"{taken.without_case:,} of the firms have no case yet"
        )
    if taken.reopened:
        screen.print(
            f"{taken.reopened:,} 项未送达的通知将重新送达",
            f"{taken.reopened:,} notices that reached nobody get another try",
        )
    if taken.refusals:
        columns = headings(
            screen,
            ("行", "row", "right"),
            ("收件人", "recipient", "left"),
            ("渠道", "channel", "left"),
            ("原因", "reason", "left"),
        )
        rows = [_refusal_cells(screen, each) for each in taken.refusals[:SHOWN]]
        screen.table(screen.say("未登记的行", "Refused rows"), columns, rows)
        if taken.refused > SHOWN:
            screen.print(
                f"……共 {taken.refused:,} 行，仅列出前 {SHOWN} 行；--report 写出全部",
                f"… {taken.refused:,} in all; --report writes them",
            )


def _refusal_cells(screen: Screen, each: RefusedContact) -> list[str]:
    return [str(each.row), each.recipient, each.channel, screen.say(each.reason_zh, each.reason_en)]


@click.command()
@recipient_option
@channel_option
@click.option("--older", is_flag=True, help="含已被替换的 / with those that newer ones replaced")
@after_option
@most_option
@screen_options
def contacts(recipient: str | None, channel: str | None, older: bool, after: int, most: int, screen: Screen) -> None:
    """列出联系方式（脱敏）/ list contacts, masked.

    \b
      policy-match notices contacts --recipient firm:91370212MA00000000
      policy-match notices contacts --channel sms --json
    """
    found = list_contacts(
        current_session().application.database,
        recipient=recipient,
        channel=channel_of(channel),
        older=older,
        after=after,
        most=most,
    )
    if screen.json:
        screen.result([_contact_json(line) for line in found])
        return
    columns = headings(
        screen,
        ("编号", "no.", "right"),
        ("收件人", "recipient", "left"),
        ("渠道", "channel", "left"),
        ("地址", "address", "left"),
        ("来源", "source", "left"),
        ("时间", "at", "left"),
        ("经办", "by", "left"),
        ("说明", "note", "left"),
    )
    rows = [
        [
            str(line.contact_id),
            line.recipient,
            screen.say(CHANNEL_WORDS[line.channel].zh, line.channel),
            line.masked,
            line.source,
            moment(line.at),
            line.by,
            _note(screen, line),
        ]
        for line in found
    ]
    listed(screen, ("联系方式", "Contacts"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--after {found[-1].contact_id}", f"go on with --after {found[-1].contact_id}")


def _note(screen: Screen, line: ContactLine) -> str:
    if not line.is_latest:
        return screen.say("已替换", "replaced")
    return screen.say("已停发", "suppressed") if line.is_suppressed else ""


def _contact_json(line: ContactLine) -> dict[str, Any]:
    return {
        "contact": line.contact_id,
        "recipient": line.recipient,
        "channel": line.channel.value,
        "address": line.masked,
        "source": line.source,
        "is_latest": line.is_latest,
        "is_suppressed": line.is_suppressed,
        "at": line.at.isoformat(),
        "by": line.by,
    }


@click.command()
@recipient_argument
@click.option(
    "--channel", "channels", type=CHANNEL, multiple=True, help="渠道，按顺序重复填写 / a channel; repeat in order"
)
@click.option("--only-inbox", is_flag=True, help="只要站内信 / nothing but the inbox")
@click.option("--language", type=click.Choice(["zh", "en"]), help="通知的语言 / the language of notices")
@click.option(
    "--without",
    "unwanted",
    type=click.Choice([each.value for each in Subscription]),
    multiple=True,
    help="不接收的消息，可重复；不填则不变 / what is not wanted; repeat; left out: as before",
)
@click.option("--with-all", is_flag=True, help="接收全部消息 / everything is wanted")
@firm_by_option
@screen_options
def prefer(
    recipient: str,
    channels: tuple[str, ...],
    only_inbox: bool,
    language: str | None,
    unwanted: tuple[str, ...],
    with_all: bool,
    by: str,
    screen: Screen,
) -> None:
    """登记收件人希望的渠道顺序与语言 / keep the order of channels and the language that somebody asks for.

    \b
    The last wish counts. Channels that are not named are not used; the inbox gets everything but what is not wanted.
    Only reminders of licences and news of one's own requests can be left out; all that has a last day always comes.

    \b
      policy-match notices prefer firm:91370212MA00000000 --channel email --channel sms --by wang.fang
      policy-match notices prefer li.ming --only-inbox --language en --by li.ming
    """
    if only_inbox == bool(channels):
        raise click.UsageError("give --channel in order, or --only-inbox / 请按顺序填写 --channel，或填写 --only-inbox")
    if with_all and unwanted:
        raise click.UsageError("give --without or --with-all / --without 与 --with-all 只能填写一种")
    chosen = frozenset(map(Subscription, unwanted))
    application = current_session().application
    set_preference(
        application.database,
        application.clock,
        recipient=recipient,
        channels=[Channel(name) for name in channels],
        language=None if language is None else ("zh" if language == "zh" else "en"),
        by=by,
        unwanted=chosen if chosen or with_all else None,
    )
    _show(screen, recipient)


@click.command("preferences")
@recipient_argument
@screen_options
def preferences_command(recipient: str, screen: Screen) -> None:
    """收件人希望的渠道顺序与语言，最近的在前 / what somebody asked for, the latest first.

    \b
      policy-match notices preferences firm:91370212MA00000000
    """
    _show(screen, recipient)


def _show(screen: Screen, recipient: str) -> None:
    found = preferences(current_session().application.database, recipient)
    if screen.json:
        screen.result([_preference_json(each) for each in found])
        return
    columns = headings(
        screen,
        ("时间", "at", "left"),
        ("渠道顺序", "channels", "left"),
        ("语言", "language", "left"),
        ("不接收", "unwanted", "left"),
        ("经办", "by", "left"),
    )
    rows = [
        [
            moment(each.at),
            ", ".join(screen.say(CHANNEL_WORDS[channel].zh, channel) for channel in each.channels)
            or screen.say("仅站内信", "only the inbox"),
            each.language or "",
            ", ".join(screen.say(SUBSCRIPTION_WORDS[what].zh, what) for what in sorted(each.unwanted)),
            each.by,
        ]
        for each in found
    ]
    listed(screen, ("偏好", "Preferences"), columns, rows)


def _preference_json(each: Preference) -> dict[str, Any]:
    return {
        "recipient": each.recipient,
        "channels": [channel.value for channel in each.channels],
        "language": each.language,
        "unwanted": sorted(each.unwanted),
        "at": each.at.isoformat(),
        "by": each.by,
    }
