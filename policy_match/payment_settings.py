"""The settings of payments, from one TOML file: the channel, the account that pays, the outbox, the year's cut-off.

Guarantees that a wrong file is one clear line before any money is touched, and that no value is repeated in it: one of
them is an account number. Which file it is, `config` says; what a channel needs, the channel.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policy_match.errors import InputError

CUT_OFF = "12-25"
"""The last day of the year on which orders are made, unless the file says otherwise: banks close their year later."""

_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
KEYS = ("channel", "outbox", "inbox", "cut_off", "settings")


class PaymentSettingsUnfit(InputError):
    """The file of payment settings cannot be used."""

    code = "config-payments"
    english = "{file}: {problem}; see docs/payments.md"
    chinese = "{file}：{problem_zh}；请参阅 docs/payments.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentSettings:
    """How money is paid. `settings` are the channel's own; `outbox` is where files for the bank are put.

    `inbox` is where the bank's files come in, if the scheduler shall take them.
    """

    channel: str
    outbox: Path
    inbox: Path | None = None
    cut_off: str = CUT_OFF
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def cut_off_in(self, year: int) -> date:
        """Return the last day of a year on which orders are made."""
        month, day = map(int, self.cut_off.split("-"))
        return date(year, month, day)


def read_payment_settings(path: Path) -> PaymentSettings:
    """Return the settings in a file. A relative folder is beside the file. Raises `PaymentSettingsUnfit`."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unfit(path, f"cannot be read: {type(error).__name__}", f"无法读取：{type(error).__name__}") from None
    unknown = sorted(content.keys() - set(KEYS))
    if unknown:
        known = ", ".join(KEYS)
        raise _unfit(path, f"`{unknown[0]}` is unknown; write {known}", f"未知项“{unknown[0]}”；可用：{known}")
    for key in ("channel", "outbox"):
        if not isinstance(content.get(key), str) or not content[key]:
            raise _unfit(path, f"`{key}` is missing", f"缺少“{key}”")
    inbox, cut_off, settings = content.get("inbox"), content.get("cut_off", CUT_OFF), content.get("settings", {})
    if inbox is not None and (not isinstance(inbox, str) or not inbox):
        raise _unfit(path, "`inbox` must be a folder in quotes", "“inbox”应为带引号的目录")
    if not _is_day(cut_off):
        raise _unfit(path, "`cut_off` must be a day as MM-DD", "“cut_off”应为 MM-DD 形式的日期")
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise _unfit(path, "[settings] holds texts only: put values in quotes", "[settings] 的值都应为带引号的文本")
    return PaymentSettings(
        channel=content["channel"],
        outbox=path.parent / content["outbox"],
        inbox=None if inbox is None else path.parent / inbox,
        cut_off=cut_off,
        settings=settings,
    )


def _is_day(text: object) -> bool:
    found = _MONTH_DAY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return False
    try:
        date(2001, int(found[1]), int(found[2]))  # no leap year: the day must be there every year
    except ValueError:
        return False
    return True


def _unfit(path: Path, problem: str, problem_zh: str) -> PaymentSettingsUnfit:
    return PaymentSettingsUnfit(file=path.name, problem=problem, problem_zh=problem_zh)
