"""Options that the commands of notices share: whom, and through which channel."""

import click

from policy_match.cli.screen import Screen
from policy_match.notices.addresses import CHANNELS_WITH_ADDRESS
from policy_match.notices.channel_choice import NoWay
from policy_match.notices.model import Channel
from policy_match.notices.words import NO_WAY_WORDS

recipient_option = click.option(
    "--recipient",
    "recipient",
    metavar="WHO",
    help="收件人：firm:信用代码，或工作人员账号 / firm:CODE, or the account of a member of staff",
)
recipient_argument = click.argument("recipient", metavar="WHO")

CHANNEL = click.Choice([channel.value for channel in CHANNELS_WITH_ADDRESS])
channel_option = click.option("--channel", "channel", type=CHANNEL, help="渠道 / the channel")


def channel_of(name: str | None) -> Channel | None:
    """Return the channel that an option names, if any."""
    return None if name is None else Channel(name)


def reason_words(screen: Screen, reason: str) -> str:
    """Return the reason of a notice's step for a person: a code of ours in words, all else as it was written."""
    return screen.say(*NO_WAY_WORDS[NoWay(reason)]) if reason in list(NoWay) else reason
