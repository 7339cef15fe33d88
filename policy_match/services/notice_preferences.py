"""What a recipient asks for: through which channels, in which order, in which language, and what it does not want.

Guarantees that the last wish counts, that earlier ones stay on record, and that the inbox gets everything all the same.
Choosing a channel by it is `plan_deliveries`.
"""

from collections.abc import Collection, Sequence

from policy_match.errors import InputError, Language
from policy_match.notices.contacts import Preference, recipient_of
from policy_match.notices.model import Channel
from policy_match.notices.subscriptions import Subscription
from policy_match.ports import Clock, Database
from policy_match.services.contacts import known_recipient


class WrongPreference(InputError):
    """The channels asked for make no order."""

    code = "preference.channels"
    english = "channel {channel} is named twice, or is the inbox, which gets everything; name each other channel once"
    chinese = "渠道 {channel} 重复，或为站内信（站内信总会收到）；其他渠道各写一次"


def set_preference(
    database: Database,
    clock: Clock,
    *,
    recipient: str,
    channels: Sequence[Channel],
    language: Language | None,
    by: str,
    unwanted: Collection[Subscription] | None = None,
) -> None:
    """Keep what a recipient asks for; no channel at all means the inbox alone.

    `unwanted` is what it does not want to hear of, among what it may choose; `None` leaves that as it was.
    Raises `NoSuchRecipient` or `WrongPreference`.
    """
    for place, channel in enumerate(channels):
        if channel is Channel.INBOX or channel in channels[:place]:
            raise WrongPreference(channel=channel.value)
    with database.unit_of_work() as work:
        known = known_recipient(work, recipient)
        if unwanted is None:
            unwanted = next((each.unwanted for each in work.contacts.preferences(known)), frozenset())
        work.contacts.prefer(known, channels, language, clock.now(), by, unwanted=unwanted)
        work.commit()


def preferences(database: Database, recipient: str) -> Sequence[Preference]:
    """Return what a recipient asked for, the latest first; empty when nothing. Raises `NoSuchRecipient`."""
    with database.unit_of_work() as work:
        return work.contacts.preferences(recipient_of(recipient))
