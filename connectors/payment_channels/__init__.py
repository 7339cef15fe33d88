"""How batches reach a bank and its answers come back: each channel is a form of file, written and read.

Guarantees that no channel, and no library of one, is imported before it is asked for. Moving the files is left to
whoever runs the payments; what an answer does to an attempt is `policy_match.payments`.
"""

from collections.abc import Mapping
from importlib import import_module

from connectors.payment_channels.settings import ChannelUnknown
from policy_match.ports.payments import PaymentChannel

CHANNELS = {
    "iso20022": "connectors.payment_channels.iso20022.Iso20022",
    "treasury_file": "connectors.payment_channels.treasury_file.TreasuryFile",
}
"""The class of each channel. Each is made from its settings."""


def open_channel(name: str, settings: Mapping[str, str]) -> PaymentChannel:
    """Return the channel of that short name; README.md lists its settings.

    Raises `ChannelUnknown`, and `SettingUnfit` for settings that the channel lacks, does not know or cannot use.
    """
    if name not in CHANNELS:
        raise ChannelUnknown(name=name, known=", ".join(CHANNELS))
    module, _, kind = CHANNELS[name].rpartition(".")
    channel: PaymentChannel = getattr(import_module(module), kind)(settings)
    return channel
