"""The settings of notices, from one TOML file: order of channels, quiet hours, tries, demotion, and the providers.

Guarantees that a wrong file is one clear line before anything is sent, and that no value is repeated in it: one may be
a password that somebody put where the name of a variable belongs. What a provider needs, its connector says.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, cast, get_args

from policy_match.errors import InputError, Language
from policy_match.notices.delivery_rules import ORDER, QUIET, RECEIPT_WITHIN, DeliveryRules
from policy_match.notices.health import DemotionRule
from policy_match.notices.model import Channel
from policy_match.notices.timing import EVENING, Backoff, QuietHours

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


class NoticeSettingsUnfit(InputError):
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
    """Return the settings in a file. Relative paths are beside it. Raises `NoticeSettingsUnfit`."""
    file = _File(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise file.unfit(f"cannot be read: {type(error).__name__}", f"无法读取：{type(error).__name__}") from None
    file.check_keys("", content, KEYS)
    language = content.get("language", "zh")
    if language not in get_args(Language):
        raise file.unfit("`language` must be zh or en", "“language”应为 zh 或 en")
    templates = file.text("templates", content) if "templates" in content else None
    return NoticeSettings(
        folder=path.parent,
        language=cast(Language, language),
        templates=None if templates is None else path.parent / templates,
        rules=DeliveryRules(
            order=file.channels("order", content, ORDER),
            quiet=_quiet(file, file.table("quiet", content, QUIET_KEYS)),
            backoff=_backoff(file, file.table("retry", content, RETRY_KEYS)),
            demotion=_demotion(file, file.table("demotion", content, DEMOTION_KEYS)),
            receipt_within=file.duration("within", file.table("receipts", content, RECEIPTS_KEYS), RECEIPT_WITHIN),
        ),
        providers=_providers(file, content.get("provider", [])),
    )


def _quiet(file: "_File", table: Mapping[str, Any]) -> Mapping[Channel, QuietHours]:
    begins, ends = file.hour("from", table, EVENING.begins), file.hour("to", table, EVENING.ends)
    if begins == ends:
        raise file.unfit("[quiet] `from` and `to` are the same", "[quiet] 的“from”与“to”相同")
    return dict.fromkeys(file.channels("channels", table, tuple(QUIET)), QuietHours(begins=begins, ends=ends))


def _backoff(file: "_File", table: Mapping[str, Any]) -> Backoff:
    default = Backoff()
    delays = table.get("delays")
    if delays is None:
        found = default.delays
    elif isinstance(delays, list) and 0 < len(delays) <= MOST_DELAYS:
        found = tuple(file.duration("delays", {"delays": delay}, LONGEST) for delay in delays)
    else:
        raise file.unfit(f"[retry] `delays` is no list of 1 to {MOST_DELAYS} times", "[retry] 的“delays”应为时长列表")
    return Backoff(delays=found, most_tries=file.whole("most_tries", table, default.most_tries, most=MOST_TRIES))


def _demotion(file: "_File", table: Mapping[str, Any]) -> DemotionRule:
    default = DemotionRule()
    percent = file.whole("percent", table, int(default.share * 100), most=100)
    return DemotionRule(
        failures=file.whole("failures", table, default.failures, most=10_000),
        share=Fraction(percent, 100),
        within=file.duration("within", table, default.within),
        lasts=file.duration("lasts", table, default.lasts),
    )


def _providers(file: "_File", given: object) -> Sequence[ProviderSettings]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise file.unfit("providers are written as [[provider]]", "服务商应写作 [[provider]]")
    if len(given) > MOST_PROVIDERS:
        raise file.unfit(f"more than {MOST_PROVIDERS} providers", f"服务商超过 {MOST_PROVIDERS} 个")
    providers = [_provider(file, number, each) for number, each in enumerate(given, 1)]
    names = [each.name for each in providers]
    for number, name in enumerate(names, 1):
        if name in names[: number - 1]:
            raise file.unfit(f"[[provider]] {number} has the name of another one", f"第 {number} 个服务商与其他重名")
    return tuple(providers)


def _provider(file: "_File", number: int, given: Mapping[str, Any]) -> ProviderSettings:
    where = f"[[provider]] {number} "
    file.check_keys(where, given, PROVIDER_KEYS)
    name, channel, connector = (file.text(key, given, where) for key in ("name", "channel", "connector"))
    if _NAME.fullmatch(name) is None or name == Channel.INBOX:
        raise file.unfit(
            f"{where}`name` must be small letters, digits, - and _, and not inbox",
            f"{where}的“name”只能用小写字母、数字、- 和 _，且不能为 inbox",
        )
    if channel not in OUTSIDE:
        raise file.unfit(f"{where}`channel` is none of {', '.join(OUTSIDE)}", f"{where}的“channel”无效")
    settings = given.get("settings", {})
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise file.unfit(f"{where}settings hold texts only: put values in quotes", f"{where}的设置值都应为带引号的文本")
    for key, value in settings.items():
        if key.endswith("_env") and _VARIABLE.fullmatch(value) is None:
            raise file.unfit(
                f"{where}`{key}` is not the name of an environment variable", f"{where}的“{key}”不是环境变量名"
            )
    return ProviderSettings(name=name, channel=Channel(channel), connector=connector, settings=settings)


class _File:
    """Reads values of the file, each with the error that names where it stands."""

    def __init__(self, path: Path) -> None:
        self._name = path.name

    def unfit(self, problem: str, problem_zh: str) -> NoticeSettingsUnfit:
        return NoticeSettingsUnfit(file=self._name, problem=problem, problem_zh=problem_zh)

    def check_keys(self, where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        unknown = sorted(table.keys() - set(keys))
        if unknown:
            known = ", ".join(keys)
            raise self.unfit(
                f"{where}`{unknown[0]}` is unknown; write {known}", f"{where}未知项“{unknown[0]}”；可用：{known}"
            )

    def table(self, key: str, content: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
        found = content.get(key, {})
        if not isinstance(found, dict):
            raise self.unfit(f"`{key}` is written as [{key}]", f"“{key}”应写作 [{key}]")
        self.check_keys(f"[{key}] ", found, keys)
        return found

    def text(self, key: str, table: Mapping[str, Any], where: str = "") -> str:
        found = table.get(key)
        if not isinstance(found, str) or not found:
            raise self.unfit(f"{where}`{key}` is missing or no text", f"{where}缺少“{key}”或不是文本")
        return found

    def whole(self, key: str, table: Mapping[str, Any], default: int, *, most: int) -> int:
        found = table.get(key, default)
        if type(found) is not int or not 1 <= found <= most:
            raise self.unfit(f"`{key}` is no whole number from 1 to {most}", f"“{key}”应为 1 至 {most} 的整数")
        return found

    def duration(self, key: str, table: Mapping[str, Any], default: timedelta) -> timedelta:
        if key not in table:
            return default
        found = _matched(_DURATION, table[key])
        length = None if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])})
        if length is None or length > LONGEST:
            raise self.unfit(
                f"`{key}` is no time such as 90s, 5m, 2h or 3d, at most {LONGEST.days}d",
                f"“{key}”应为 90s、5m、2h、3d 形式的时长，最长 {LONGEST.days}d",
            )
        return length

    def hour(self, key: str, table: Mapping[str, Any], default: time) -> time:
        if key not in table:
            return default
        found = _matched(_HOUR, table[key])
        if found is None:
            raise self.unfit(f"[quiet] `{key}` is no time of day as HH:MM", f"[quiet] 的“{key}”应为 HH:MM 形式的时刻")
        return time(int(found[1]), int(found[2]))

    def channels(self, key: str, table: Mapping[str, Any], default: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if key not in table:
            return default
        found = table[key]
        good = isinstance(found, list) and all(each in OUTSIDE for each in found)
        if not good or len(set(found)) < len(found):
            known = ", ".join(OUTSIDE)
            raise self.unfit(
                f"`{key}` is no list of different channels of {known}", f"“{key}”应为不重复的通道列表：{known}"
            )
        return tuple(map(Channel, found))


def _matched(pattern: re.Pattern[str], value: object) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None
