"""The settings of one run, and the only place that reads the environment.

Guarantees that each wrong setting is one clear error before any work starts, and that all are told at once. What is
done with a setting is left to `bootstrap`. Each setting is listed in `SETTINGS`.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast, get_args
from urllib.parse import urlsplit

from policy_match.errors import InputError, Language, SettingError, each_mistake, raise_mistakes
from policy_match.notice_settings import NoticeSettings, read_notice_settings
from policy_match.payment_settings import PaymentSettings, read_payment_settings
from policy_match.web_settings import WebSettings, read_web_settings

Setting = TypeVar("Setting")

PREFIX = "POLICY_MATCH_"
DATABASE_URL = "POLICY_MATCH_DATABASE_URL"
DATA_DIR = "POLICY_MATCH_DATA_DIR"
LANG = "POLICY_MATCH_LANG"
PAYMENTS = "POLICY_MATCH_PAYMENTS"
NOTICES = "POLICY_MATCH_NOTICES"
WORKDAYS = "POLICY_MATCH_WORKDAYS"
SCHEDULE = "POLICY_MATCH_SCHEDULE"
ACCOUNT_KEYS = "POLICY_MATCH_ACCOUNT_KEYS"
WEB = "POLICY_MATCH_WEB"

SETTINGS: Mapping[str, str] = {
    DATABASE_URL: "a PostgreSQL 15 or newer to use instead of the embedded one, as postgresql://user@host/database",
    DATA_DIR: "the directory of snapshots, truth files and the embedded database; by default policy-match under "
    "XDG_STATE_HOME (~/.local/state), and /var/lib/policy-match for root",
    PAYMENTS: "a TOML file that says how money is paid: channel, account that pays, outbox, the year's cut-off",
    NOTICES: "a TOML file that says how notices reach people: providers, order of channels, quiet hours, tries",
    WORKDAYS: "a TOML file of holidays and working days, for years that the built-in calendar does not know",
    SCHEDULE: "a TOML file that changes when standing jobs run and when they count as late",
    WEB: "a TOML file that says how the web serves: addresses, processes, proxies, limits, identity; without it the "
    "web serves this machine alone, for trying out",
    ACCOUNT_KEYS: "keys that seal account numbers, 64 hexadecimal digits each, separated by commas, the one in use "
    "first; by default the file account-keys in the data directory, made on first use",
    LANG: "the language of messages, zh or en; by default that of the system's locale (LC_ALL, LC_MESSAGES, LANG)",
}
"""Every variable that is read, and what it sets."""

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""POSIX: the first that is set decides."""

ROOT_DATA_DIR = Path("/var/lib/policy-match")
"""For root: the embedded server runs as another account, which must be able to reach its directory."""


class UnknownSetting(SettingError):
    """A variable with our prefix that means nothing, so that a typing mistake is not silently ignored."""

    code = "config-unknown"
    english = "{name} is not a setting; {advice}"
    chinese = "{name} 不是有效的配置项；{advice_zh}"


class WrongDatabaseUrl(SettingError):
    """The database address is not one of PostgreSQL. The address is not repeated: it may hold a password."""

    code = "config-database-url"
    english = "POLICY_MATCH_DATABASE_URL must look like postgresql://user@host/database; correct it or unset it"
    chinese = "POLICY_MATCH_DATABASE_URL 应形如 postgresql://user@host/database；请更正或取消该变量"


class WrongDataDir(SettingError):
    """The data directory is not a directory."""

    code = "config-data-dir"
    english = "POLICY_MATCH_DATA_DIR: {path} is not a directory; name a directory, or one that can be made"
    chinese = "POLICY_MATCH_DATA_DIR:{path} 不是目录；请指定一个目录（不存在时会自动创建）"


class NoDataDir(SettingError):
    """There is no home directory to put the data under."""

    code = "config-no-data-dir"
    english = "no home directory is known: set POLICY_MATCH_DATA_DIR to the directory that shall hold the data"
    chinese = "无法确定主目录：请设置 POLICY_MATCH_DATA_DIR 指定数据目录"


class WrongLanguage(SettingError):
    """The language is not one of ours."""

    code = "config-lang"
    english = "POLICY_MATCH_LANG is {value!r}; use zh or en"
    chinese = "POLICY_MATCH_LANG 的值为 {value!r}；请使用 zh 或 en"


class WrongAccountKeys(SettingError):
    """The keys are not keys. They are not repeated."""

    code = "config-account-keys"
    english = "{source}: key {number} is not 64 hexadecimal digits; correct it"
    chinese = "{source}：第 {number} 个密钥不是 64 位十六进制数；请更正"


class NoPaymentSettings(InputError):
    """Payments were asked for and nobody said how: no mistake, so whoever asks is told."""

    code = "config-no-payments"
    english = "how to pay is not set: write a file of payment settings (docs/payments.md) and name it in {name}"
    chinese = "未设置支付方式：请编写支付设置文件（见 docs/payments.md），并在 {name} 中指定"


class NoNoticeSettings(InputError):
    """Sending was asked for and nobody said how: no mistake, so whoever asks is told."""

    code = "config-no-notices"
    english = (
        "how notices are sent is not set: write a file of notice settings (docs/notification-channels.md)"
        " and name it in {name}"
    )
    chinese = "未设置通知方式：请编写通知设置文件（见 docs/notification-channels.md），并在 {name} 中指定"


class VariableNotSet(SettingError):
    """A mapping file, or the settings of a provider, names an environment variable that is not set."""

    code = "config-variable"
    english = "{asked_by}: the environment variable {name} is not set; set it and run again"
    chinese = "{asked_by}：环境变量 {name} 未设置；请设置后重试"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All settings. `database_url` is `None` for the embedded PostgreSQL, which lives in `data_dir`."""

    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    language: Language = "en"
    payments_file: Path | None = None
    notices_file: Path | None = None
    workdays_file: Path | None = None
    schedule_file: Path | None = None
    web_file: Path | None = None
    account_keys: tuple[bytes, ...] = field(default=(), repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Return the settings that `environ` makes. An empty variable counts as not set.

        Raises an `InputError` that names the wrong variable, `SeveralMistakes` when there is more than one.
        """
        config, mistakes = cls.read(environ)
        raise_mistakes(mistakes)
        return config

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> tuple["Config", Sequence[InputError]]:
        """Return the settings and what is wrong in `environ`.

        With a mistake the settings are good for nothing but for looking into the files that they name.
        """
        given = {name: value for name, value in environ.items() if value}
        mistakes: list[InputError] = [
            _unknown_setting(name) for name in sorted(given) if name.startswith(PREFIX) and name not in SETTINGS
        ]

        def right(setting: Callable[[Mapping[str, str]], Setting], otherwise: Setting) -> Setting:
            try:
                return setting(given)
            except InputError as mistake:
                mistakes.extend(each_mistake(mistake))
                return otherwise

        config = cls(
            data_dir=right(_data_dir, Path()),
            database_url=right(_database_url, None),
            language=right(_language, "en"),
            payments_file=_path(given.get(PAYMENTS)),
            notices_file=_path(given.get(NOTICES)),
            workdays_file=_path(given.get(WORKDAYS)),
            schedule_file=_path(given.get(SCHEDULE)),
            web_file=_path(given.get(WEB)),
            account_keys=right(_account_keys, ()),
            variables=given,
        )
        return config, mistakes

    @property
    def payments(self) -> PaymentSettings:
        """How money is paid. Raises `NoPaymentSettings`, `PaymentSettingsUnfit`, or `SeveralMistakes` of it."""
        if self.payments_file is None:
            raise NoPaymentSettings(name=PAYMENTS)
        return read_payment_settings(self.payments_file)

    @property
    def notices(self) -> NoticeSettings:
        """How notices reach people. Raises `NoNoticeSettings`, `NoticeSettingsUnfit`, or `SeveralMistakes` of it."""
        if self.notices_file is None:
            raise NoNoticeSettings(name=NOTICES)
        return read_notice_settings(self.notices_file)

    @property
    def web(self) -> WebSettings:
        """How the web serves. Raises `WebSettingsUnfit`, `IdentitySettingsUnfit`, or `SeveralMistakes` of them."""
        return WebSettings() if self.web_file is None else read_web_settings(self.web_file)

    def variable(self, name: str, asked_by: str) -> str:
        """Return a variable that a file names, for example a password. Raises `VariableNotSet`."""
        try:
            return self.variables[name]
        except KeyError:
            raise VariableNotSet(name=name, asked_by=asked_by) from None


def set_figures_folder(folder: Path) -> None:
    """Say where processes share their figures: prometheus-client looks for it in the environment."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def parse_account_keys(text: str, source: str) -> tuple[bytes, ...]:
    """Return the keys in a text, none if it is empty; `source` is for errors.

    Raises `WrongAccountKeys`, `SeveralMistakes` for more than one.
    """
    parts = [part for part in re.split(r"[\s,]+", text) if part]
    raise_mistakes(
        [
            WrongAccountKeys(source=source, number=number)
            for number, part in enumerate(parts, 1)
            if re.fullmatch(r"[0-9a-fA-F]{64}", part) is None
        ]
    )
    return tuple(map(bytes.fromhex, parts))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text).absolute()


def _language_of_locale(given: Mapping[str, str]) -> Language:
    locale = next((given[name] for name in LOCALE_VARIABLES if name in given), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _unknown_setting(name: str) -> UnknownSetting:
    nearest = difflib.get_close_matches(name, SETTINGS, n=1)
    if nearest:
        return UnknownSetting(name=name, advice=f"did you mean {nearest[0]}?", advice_zh=f"是否应为 {nearest[0]}?")
    known = ", ".join(SETTINGS)
    return UnknownSetting(name=name, advice=f"the settings are {known}", advice_zh=f"可用的配置项：{known}")


def _language(given: Mapping[str, str]) -> Language:
    language = given.get(LANG) or _language_of_locale(given)
    if language not in get_args(Language):
        raise WrongLanguage(value=language)
    return cast(Language, language)


def _account_keys(given: Mapping[str, str]) -> tuple[bytes, ...]:
    return parse_account_keys(given.get(ACCOUNT_KEYS, ""), ACCOUNT_KEYS)


def _database_url(given: Mapping[str, str]) -> str | None:
    text = given.get(DATABASE_URL)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        raise WrongDatabaseUrl from None
    if parts.scheme not in ("postgresql", "postgres") or not (parts.netloc or parts.query):
        raise WrongDatabaseUrl
    return text


def _data_dir(given: Mapping[str, str]) -> Path:
    if DATA_DIR in given:
        path = Path(given[DATA_DIR]).absolute()
        if path.exists() and not path.is_dir():
            raise WrongDataDir(path=path)
        return path
    if os.geteuid() == 0:
        return ROOT_DATA_DIR
    if "XDG_STATE_HOME" in given:
        return Path(given["XDG_STATE_HOME"]).absolute() / "policy-match"
    if "HOME" in given:
        return Path(given["HOME"]) / ".local" / "state" / "policy-match"
    raise NoDataDir
