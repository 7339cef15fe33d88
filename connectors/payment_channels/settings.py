"""The settings of a channel: texts by name, as a configuration file or the environment gives them.

Guarantees that a setting that is missing, unknown or unusable is named before anything is written or read, and that
no value is repeated in the error: one of them is the account that pays.
"""

import re
from collections.abc import Mapping, Sequence

from policy_match.errors import InputError

MAX_FILE_BYTES = 20 * 1024 * 1024
"""A larger file from a bank is refused unless the channel's setting `max_bytes` says otherwise."""

_BYTES = re.compile(r"[1-9][0-9]{0,11}")


class ChannelUnknown(InputError):
    """A channel that is not there."""

    code = "payments.channel"
    english = "no payment channel is called `{name}`; use {known}"
    chinese = "没有名为“{name}”的支付通道；可用：{known}"


class SettingUnfit(InputError):
    """A setting that a channel lacks, does not know or cannot use."""

    code = "payments.channel-setting"
    english = "payment channel {channel}: setting `{setting}` {problem}"
    chinese = "支付通道 {channel}：设置项“{setting}”{problem_zh}"


def check_names(channel: str, settings: Mapping[str, str], required: Sequence[str], optional: Sequence[str]) -> None:
    """Raise `SettingUnfit` for the first setting that is missing, empty or unknown."""
    for setting in required:
        if not settings.get(setting):
            raise SettingUnfit(
                channel=channel, setting=setting, problem="is missing; give it", problem_zh="缺失；请提供"
            )
    known = (*required, *optional)
    for setting in settings:
        if setting not in known:
            names = ", ".join(known)
            raise SettingUnfit(
                channel=channel,
                setting=setting,
                problem=f"is unknown; the settings are {names}",
                problem_zh=f"未知；可用：{names}",
            )


def max_bytes_of(channel: str, settings: Mapping[str, str]) -> int:
    """Return the largest file, in bytes, that the channel reads."""
    text = settings.get("max_bytes", str(MAX_FILE_BYTES))
    if _BYTES.fullmatch(text) is None:
        raise SettingUnfit(
            channel=channel,
            setting="max_bytes",
            problem="is not a whole number of bytes, at least 1; correct it",
            problem_zh="不是正整数（字节）；请更正",
        )
    return int(text)
