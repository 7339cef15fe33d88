"""The settings of one channel: texts by name, secrets by the name of their environment variable.

Guarantees that a setting that is missing, unknown or unusable is named before anything is sent, and that no value is
repeated in the error. Where the file and the variables come from is left to whoever opens the channel.
"""

import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from policy_match.errors import InputError
from policy_match.ports import Clock

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Only on this machine may anything go without TLS that must not be read by others."""

_WHOLE = re.compile(r"[0-9]{1,9}")
_VISIBLE = re.compile(r"[!-~]{1,500}")


class ChannelUnknown(InputError):
    """A channel that is not there."""

    code = "notices.connector"
    english = "no notification channel is called `{name}`; use {known}"
    chinese = "没有名为“{name}”的通知通道；可用：{known}"


class SettingUnfit(InputError):
    """A setting that a channel lacks, does not know or cannot use."""

    code = "notices.channel-setting"
    english = "provider {provider}: setting `{setting}` {problem}"
    chinese = "服务商 {provider}：设置项“{setting}”{problem_zh}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelSettings:
    """What a channel is made from.

    `secret` gives the value of an environment variable and raises an `InputError` that names it when it is not set.
    A relative path is beside `folder`, where the file of settings is.
    """

    provider: str
    values: Mapping[str, str] = field(repr=False)
    secret: Callable[[str], str] = field(repr=False)
    clock: Clock
    folder: Path

    def check_names(self, required: Sequence[str], optional: Sequence[str]) -> None:
        """Raise `SettingUnfit` for the first setting that is missing, empty or unknown."""
        for setting in required:
            if not self.values.get(setting):
                raise self.unfit(setting, "is missing; give it", "缺失；请提供")
        known = (*required, *optional)
        for setting in self.values:
            if setting not in known:
                names = ", ".join(known)
                raise self.unfit(setting, f"is unknown; the settings are {names}", f"未知；可用：{names}")

    def whole(self, setting: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number within limits."""
        text = self.values.get(setting, str(default))
        if _WHOLE.fullmatch(text) is None or not least <= int(text) <= most:
            raise self.unfit(
                setting, f"is not a whole number from {least} to {most}; correct it", f"不是 {least} 至 {most} 的整数"
            )
        return int(text)

    def choice(self, setting: str, default: str, choices: Sequence[str]) -> str:
        """Return one of a few words."""
        text = self.values.get(setting, default)
        if text not in choices:
            words = ", ".join(choices)
            raise self.unfit(setting, f"is none of {words}; use one", f"无效；可用：{words}")
        return text

    def secret_of(self, setting: str) -> str:
        """Return the secret in the environment variable that a setting names."""
        return self.secret(self.values[setting])

    def path(self, setting: str) -> Path:
        """Return a path; a relative one is beside the file of settings."""
        return self.folder / self.values[setting]

    def base_url(self, setting: str, default: str = "") -> str:
        """Return an address to which paths are added: https, or http to this machine."""
        text = self.values.get(setting, default)
        try:
            parts = urlsplit(text)
            good = _VISIBLE.fullmatch(text) is not None and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.query or parts.fragment or parts.username:
            raise self.unfit(setting, "is no address such as https://host/path; correct it", "不是有效的 https 地址")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise self.unfit(
                setting,
                "must begin with https://, as others can read what goes without it; correct it",
                "必须以 https:// 开头，否则内容可能被他人读取；请更正",
            )
        return text.rstrip("/")

    def tls_context(self) -> ssl.SSLContext:
        """Return the rules of TLS: at least 1.2, certificate and name checked, by `ca_file` if it is set."""
        if "ca_file" not in self.values:
            return ssl.create_default_context()
        try:
            return ssl.create_default_context(cafile=str(self.path("ca_file")))
        except OSError:
            raise self.unfit(
                "ca_file", "names no file of certificates in PEM; correct it", "不是 PEM 证书文件"
            ) from None

    def unfit(self, setting: str, problem: str, problem_zh: str) -> SettingUnfit:
        """Return the error for a setting of this provider."""
        return SettingUnfit(provider=self.provider, setting=setting, problem=problem, problem_zh=problem_zh)
