"""How notices leave the portal: each channel hands messages to one provider, and reads what that says afterwards.

Guarantees that no channel, and no library of one, is imported before it is asked for. Which channel a notice takes,
when it is tried again and when it is not is left to the services.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from connectors.notification_channels.settings import ChannelSettings, ChannelUnknown
from policy_match.notices.model import Channel
from policy_match.ports import Clock
from policy_match.ports.notices import NotificationChannel

CONNECTORS: Mapping[str, tuple[Channel, str]] = {
    "smtp": (Channel.EMAIL, "connectors.notification_channels.smtp_mail.SmtpMail"),
    "sms_gateway": (Channel.SMS, "connectors.notification_channels.sms_gateway.SmsGateway"),
    "wechat_work": (Channel.WECHAT_WORK, "connectors.notification_channels.wechat_work.WechatWork"),
    "dingtalk": (Channel.DINGTALK, "connectors.notification_channels.dingtalk.DingTalk"),
    "letter_file": (Channel.LETTER, "connectors.notification_channels.letter_file.LetterFile"),
}
"""The channel that each connector serves, and its class. Each is made from its settings."""


def open_channel(
    connector: str,
    *,
    channel: Channel,
    provider: str,
    values: Mapping[str, str],
    secret: Callable[[str], str],
    clock: Clock,
    folder: Path,
) -> NotificationChannel:
    """Return the channel of a provider; README.md lists the settings of each connector.

    `secret` gives the value of an environment variable. A relative path in a setting is beside `folder`. Nothing is
    connected yet. Raises `ChannelUnknown`, and `SettingUnfit` for settings that the connector lacks, does not know or
    cannot use, and for a channel that it does not serve.
    """
    if connector not in CONNECTORS:
        raise ChannelUnknown(name=connector, known=", ".join(CONNECTORS))
    served, path = CONNECTORS[connector]
    settings = ChannelSettings(provider=provider, values=values, secret=secret, clock=clock, folder=folder)
    if channel is not served:
        raise settings.unfit("channel", f"is not {served}, which {connector} serves; correct it", f"应为 {served}")
    module, _, kind = path.rpartition(".")
    opened: NotificationChannel = getattr(import_module(module), kind)(settings)
    return opened


def promises_once(connector: str) -> bool:
    """Return whether a connector never makes a second message of one; it needs no settings. Raises `ChannelUnknown`."""
    if connector not in CONNECTORS:
        raise ChannelUnknown(name=connector, known=", ".join(CONNECTORS))
    module, _, kind = CONNECTORS[connector][1].rpartition(".")
    promised: bool = getattr(import_module(module), kind).promises_once
    return promised
