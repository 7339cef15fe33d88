"""What holds for all deliveries of one installation: order of channels, quiet hours, waits, demotion.

Guarantees sound defaults for everything. Reading them from a file is `notice_settings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from policy_match.notices.health import DemotionRule
from policy_match.notices.model import Channel
from policy_match.notices.outcomes import Terms
from policy_match.notices.timing import EVENING, Backoff, QuietHours

ORDER = (Channel.SMS, Channel.EMAIL, Channel.LETTER)
"""The order of channels for whoever asked for none."""

QUIET: Mapping[Channel, QuietHours] = MappingProxyType(
    dict.fromkeys((Channel.SMS, Channel.WECHAT_WORK, Channel.DINGTALK), EVENING)
)
"""Channels that make a telephone sound are quiet at night."""

RECEIPT_WITHIN = timedelta(hours=72)
"""So long a receipt may take: a gateway goes on trying while a telephone is off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRules:
    """The rules of one installation."""

    order: tuple[Channel, ...] = ORDER
    quiet: Mapping[Channel, QuietHours] = field(default_factory=lambda: QUIET)
    backoff: Backoff = field(default_factory=Backoff)
    demotion: DemotionRule = field(default_factory=DemotionRule)
    receipt_within: timedelta = RECEIPT_WITHIN

    def terms(self, channel: Channel, *, promises_once: bool, gives_receipts: bool) -> Terms:
        """Return what holds at a provider of a channel."""
        return Terms(
            promises_once=promises_once,
            backoff=self.backoff,
            quiet=self.quiet.get(channel),
            receipt_within=self.receipt_within if gives_receipts else None,
        )
