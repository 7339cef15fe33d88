"""The settings of notices, from one TOML file: order of channels, quiet hours, tries, demotion, and the providers.

Guarantees that every mistake of the file is one clear line, all at once, before anything is sent, and that no value is
repeated in it: one may be a password that somebody put where the name of a variable belongs. What a provider needs,
its connector says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, cast, get_args

from policy_match.errors import Language
from policy_match.notices.delivery_rules import ORDER, QUIET, RECEIPT_WITHIN, DeliveryRules
from policy_match.notices.health import DemotionRule
from policy_match.notices.model import Channel
from policy_match.notices.timing import EVENING, Backoff, QuietHours
from policy_match.settings_file import FileUnfit, SettingsFile

OUTSIDE = tuple(channel for channel in Channel if channel is not Channel.INBOX)
"""The channels that need a provider; the inbox is the portal's own and always gets everything."""

KEYS = ("language", "order", "templates", "quiet", "retry", "demotion", "receipts", "provider")
QUIET_KEYS = ("from", "to", "channels")
RETRY_KEYS = ("delays", "most_tries")
DEMOTION_KEYS = ("failures", "percent", "within", "lasts")
RECEIPTS_KEYS = ("within",)
PROVIDER_KEYS = ("name", "channel", "connector", "settings")

MOST_PROVIDERS = 50
MOST_DELAYS = 20
MOST_TRIES = 20
LONGEST = timedelta(days=14)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
_DURATION = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class NoticeSettingsUnfit(FileUnfit):
    """The file of notice settings cannot be used."""

    code = "config-notices"
    english = "{file}: {problem}; see docs/notification-channels.md"
    chinese = "{file}：{problem_zh}；请参阅 docs/notification-channels.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderSettings:
    """One provider: `settings` are its connector's own; a name that ends in `_env` holds the name of a variable."""

    name: str
    channel: Channel
    connector: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeSettings:
    """How notices reach people. Relative paths in the settings of a provider are beside `folder`.

    `language` is for recipients who asked for none. `templates` is a folder of own wordings; without it the built-in
    ones are used.
    """

    folder: Path
    language: Language = "zh"
    templates: Path | None = None
    rules: DeliveryRules = field(default_factory=DeliveryRules)
    providers: Sequence[ProviderSettings] = ()


def read_notice_settings(path: Path) -> NoticeSettings:
    """Return the settings in a file. Relative paths are beside it.

    Raises `NoticeSettingsUnfit` for one mistake, `SeveralMistakes` for more.
    """
    file = SettingsFile(path, NoticeSettingsUnfit)
    content = file.content()
    table = _Table(file, "", content, KEYS)
    language = content.get("language", "zh")
    if language not in get_args(Language):
        file.note("`language` must be zh or en", "“language”应为 zh 或 en")
    templates = table.text("templates") if "templates" in content else None
    settings = NoticeSettings(
        folder=path.parent,
        language=cast(Language, language),
        templates=None if templates is None else path.parent / templates,
        rules=DeliveryRules(
            order=table.channels("order", ORDER),
            quiet=_quiet(table.table("quiet", QUIET_KEYS)),
            backoff=_backoff(table.table("retry", RETRY_KEYS)),
            demotion=_demotion(table.table("demotion", DEMOTION_KEYS)),
            receipt_within=table.table("receipts", RECEIPTS_KEYS).duration("within", RECEIPT_WITHIN),
        ),
        providers=_providers(file, content.get("provider", [])),
    )
    file.tell()
    return settings


def _quiet(table: "_Table") -> Mapping[Channel, QuietHours]:
    begins, ends = table.hour("from", EVENING.begins), table.hour("to", EVENING.ends)
    channels = table.channels("channels", tuple(QUIET))
    if begins == ends:
        if table.is_good:
            table.note("`from` and `to` are the same", "“from”与“to”相同")
        return {}
    return dict.fromkeys(channels, QuietHours(begins=begins, ends=ends))


def _backoff(table: "_Table") -> Backoff:
    default = Backoff()
    return Backoff(
        delays=table.durations("delays", default.delays),
        most_tries=table.whole("most_tries", default.most_tries, most=MOST_TRIES),
    )


def _demotion(table: "_Table") -> DemotionRule:
    default = DemotionRule()
    percent = table.whole("percent", int(default.share * 100), most=100)
    return DemotionRule(
        failures=table.whole("failures", default.failures, most=10_000),
        share=Fraction(percent, 100),
        within=table.duration("within", default.within),
        lasts=table.duration("lasts", default.lasts),
    )


def _providers(file: SettingsFile, given: object) -> Sequence[ProviderSettings]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        file.note("providers are written as [[provider]]", "服务商应写作 [[provider]]")
        return ()
    if len(given) > MOST_PROVIDERS:
        file.note(f"more than {MOST_PROVIDERS} providers", f"服务商超过 {MOST_PROVIDERS} 个")
        return ()
    providers = [_provider(_Table(file, f"[[provider]] {n} ", each, PROVIDER_KEYS)) for n, each in enumerate(given, 1)]
    names = [each.get("name") for each in given]
    for number, name in enumerate(names, 1):
        if isinstance(name, str) and name in names[: number - 1]:
            file.note(f"[[provider]] {number} has the name of another one", f"第 {number} 个服务商与其他重名")
    return tuple(each for each in providers if each is not None)


def _provider(table: "_Table") -> ProviderSettings | None:
    """Return the provider of a table; `None` when it is wrong."""
    name, channel, connector = (table.text(key) for key in ("name", "channel", "connector"))
    if name and (_NAME.fullmatch(name) is None or name == Channel.INBOX):
        table.note(
            "`name` must be small letters, digits, - and _, and not inbox",
            "“name”只能用小写字母、数字、- 和 _，且不能为 inbox",
        )
    if channel and channel not in OUTSIDE:
        table.note(f"`channel` is none of {', '.join(OUTSIDE)}", "“channel”无效")
    settings = table.settings()
    if not table.is_good:
        return None
    return ProviderSettings(name=name, channel=Channel(channel), connector=connector, settings=settings)


class _Table:
    """Reads values of one table; a wrong one is noted, and the default taken so that reading goes on."""

    def __init__(self, file: SettingsFile, where: str, content: Mapping[str, Any], keys: Sequence[str]) -> None:
        self._file, self._where, self._content = file, where, content
        self.is_good = content.keys() <= set(keys)
        file.check_keys(where, content, keys)

    def note(self, problem: str, problem_zh: str) -> None:
        self.is_good = False
        self._file.note(f"{self._where}{problem}", f"{self._where}{problem_zh}")

    def table(self, key: str, keys: Sequence[str]) -> "_Table":
        return _Table(self._file, f"[{key}] ", self._file.table(key, self._content), keys)

    def text(self, key: str) -> str:
        found = self._content.get(key)
        if isinstance(found, str) and found:
            return found
        self.note(f"`{key}` is missing or no text", f"缺少“{key}”或不是文本")
        return ""

    def settings(self) -> Mapping[str, str]:
        found = self._content.get("settings", {})
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            self.note("settings hold texts only: put values in quotes", "的设置值都应为带引号的文本")
            return {}
        for key, value in found.items():
            if key.endswith("_env") and _VARIABLE.fullmatch(value) is None:
                self.note(f"`{key}` is not the name of an environment variable", f"的“{key}”不是环境变量名")
        return found

    def whole(self, key: str, default: int, *, most: int) -> int:
        found = self._content.get(key, default)
        if type(found) is int and 1 <= found <= most:
            return found
        self.note(f"`{key}` is no whole number from 1 to {most}", f"“{key}”应为 1 至 {most} 的整数")
        return default

    def duration(self, key: str, default: timedelta) -> timedelta:
        given = self._content.get(key)
        return default if given is None else self._length(key, given) or default

    def durations(self, key: str, default: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        found = self._content.get(key)
        if found is None:
            return default
        if isinstance(found, list) and 0 < len(found) <= MOST_DELAYS:
            return tuple(self._length(key, each) or LONGEST for each in found)
        self.note(f"`{key}` is no list of 1 to {MOST_DELAYS} times", f"的“{key}”应为时长列表")
        return default

    def _length(self, key: str, given: object) -> timedelta | None:
        found = _matched(_DURATION, given)
        length = None if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])})
        if length is not None and length <= LONGEST:
            return length
        self.note(
            f"`{key}` is no time such as 90s, 5m, 2h or 3d, at most {LONGEST.days}d",
            f"“{key}”应为 90s、5m、2h、3d 形式的时长，最长 {LONGEST.days}d",
        )
        return None

    def hour(self, key: str, default: time) -> time:
        if key not in self._content:
            return default
        found = _matched(_HOUR, self._content[key])
        if found is None:
            self.note(f"`{key}` is no time of day as HH:MM", f"的“{key}”应为 HH:MM 形式的时刻")
            return default
        return time(int(found[1]), int(found[2]))

    def channels(self, key: str, default: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if key not in self._content:
            return default
        found = self._content[key]
        good = isinstance(found, list) and all(each in OUTSIDE for each in found)
        if good and len(set(found)) == len(found):
            return tuple(map(Channel, found))
        known = ", ".join(OUTSIDE)
        self.note(f"`{key}` is no list of different channels of {known}", f"“{key}”应为不重复的通道列表：{known}")
        return default


def _matched(pattern: re.Pattern[str], value: object) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None
