"""`policy-match notices suppress`, `lift-suppression`, `suppressions`: who, or which address, gets nothing."""

from collections.abc import Sequence
from typing import Any, TextIO

import click

from policy_match.cli.cells import headings, joined, listed, moment
from policy_match.cli.notice_options import channel_of, channel_option, recipient_option
from policy_match.cli.options import (
    NUMBER,
    after_option,
    by_option,
    most_option,
    reason_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.addresses import MOST_LETTERS
from policy_match.notices.contacts import SuppressionLine
from policy_match.notices.words import CHANNEL_WORDS
from policy_match.services.suppressions import (
    lift_suppression,
    list_suppressions,
    suppress_address,
    suppress_contact,
    suppress_recipient,
)


@click.command()
@recipient_option
@click.option("--contact", "contact_id", type=NUMBER, help="该联系方式的地址 / the address of this contact")
@click.option(
    "--address-from",
    "address_file",
    type=click.File("r", encoding="utf-8"),
    help="从文件（- 为标准输入）读地址，须同时给出 --channel / read the address from a file, - for standard input",
)
@channel_option
@reason_option
@by_option
@screen_options
def suppress(
    recipient: str | None,
    contact_id: int | None,
    address_file: TextIO | None,
    channel: str | None,
    reason: str,
    by: str,
    screen: Screen,
) -> None:
    """停发：某收件人（全部或某渠道），或某地址 / send nothing to a recipient, at all or by a channel, or to an address.

    \b
    The inbox of the portal gets everything all the same. An address is never written on the command line: name a
    contact, or give it by a file.

    \b
      policy-match notices suppress --recipient firm:91370212MA00000000 --channel sms --reason "本人要求" --by wang.fang
      policy-match notices suppress --contact 12 --reason "号码已转让" --by wang.fang
      policy-match notices suppress --address-from - --channel email --reason "投诉" --by wang.fang < address.txt
    """
    if sum(given is not None for given in (recipient, contact_id, address_file)) != 1:
        raise click.UsageError(
            "give one of --recipient, --contact, --address-from / 请填写 --recipient、--contact、--address-from 之一"
        )
    if contact_id is not None and channel is not None:
        raise click.UsageError(
            "a contact has its own channel: leave --channel out / 联系方式自有渠道，请去掉 --channel"
        )
    numbers = _suppress(recipient, contact_id, address_file, channel, reason, by)
    if screen.json:
        screen.result({"suppressions": list(numbers)})
    elif numbers:
        shown = ", ".join(map(str, numbers))
        screen.print(f"停发记录 {shown}", f"suppression {shown}")
    else:
        screen.print("此前已停发，未作改变", "this is suppressed already; nothing changed")


def _suppress(
    recipient: str | None,
    contact_id: int | None,
    address_file: TextIO | None,
    channel: str | None,
    reason: str,
    by: str,
) -> Sequence[int]:
    application = current_session().application
    database, sealer, clock = application.database, application.account_sealer, application.clock
    through = channel_of(channel)
    if recipient is not None:
        return suppress_recipient(database, clock, recipient=recipient, channel=through, reason=reason, by=by)
    if contact_id is not None:
        return suppress_contact(database, sealer, clock, contact_id=contact_id, reason=reason, by=by)
    assert address_file is not None, "one of the three is given"
    if through is None:
        raise click.UsageError("--address-from needs --channel / --address-from 须同时给出 --channel")
    address = address_file.read(MOST_LETTERS + 1)
    return suppress_address(database, sealer, clock, channel=through, address=address, reason=reason, by=by)


@click.command("lift-suppression")
@click.argument("suppression", type=NUMBER)
@reason_option
@by_option
@screen_options
def lift_suppression_command(suppression: int, reason: str, by: str, screen: Screen) -> None:
    """解除停发 / end a suppression.

    \b
      policy-match notices lift-suppression 3 --reason "地址已更正" --by wang.fang
    """
    application = current_session().application
    lift_suppression(application.database, application.clock, suppression_id=suppression, reason=reason, by=by)
    if screen.json:
        screen.result({"suppression": suppression, "lifted": True})
        return
    screen.print(f"停发记录 {suppression} 已解除", f"suppression {suppression} is lifted")


@click.command()
@recipient_option
@click.option("--lifted", is_flag=True, help="含已解除的 / with those that were lifted")
@after_option
@most_option
@screen_options
def suppressions(recipient: str | None, lifted: bool, after: int, most: int, screen: Screen) -> None:
    """列出停发记录 / list suppressions.

    \b
      policy-match notices suppressions --recipient firm:91370212MA00000000 --lifted
    """
    found = list_suppressions(
        current_session().application.database, recipient=recipient, lifted=lifted, after=after, most=most
    )
    if screen.json:
        screen.result([_line_json(line) for line in found])
        return
    columns = headings(
        screen,
        ("记录", "no.", "right"),
        ("收件人或地址", "who, or which address", "left"),
        ("渠道", "channel", "left"),
        ("理由", "reason", "left"),
        ("时间", "at", "left"),
        ("经办", "by", "left"),
        ("解除理由", "lifted because", "left"),
    )
    rows = [
        [
            str(line.suppression_id),
            line.recipient or joined(line.masked) or screen.say("（未登记的地址）", "(an address of no contact)"),
            screen.say("全部", "all")
            if line.channel is None
            else screen.say(CHANNEL_WORDS[line.channel].zh, line.channel),
            line.reason,
            moment(line.at),
            line.by,
            line.lifted or "",
        ]
        for line in found
    ]
    listed(screen, ("停发", "Suppressions"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--after {found[-1].suppression_id}", f"go on with --after {found[-1].suppression_id}")


def _line_json(line: SuppressionLine) -> dict[str, Any]:
    return {
        "suppression": line.suppression_id,
        "recipient": line.recipient,
        "addresses": list(line.masked),
        "channel": None if line.channel is None else line.channel.value,
        "reason": line.reason,
        "at": line.at.isoformat(),
        "by": line.by,
        "lifted": line.lifted,
    }
