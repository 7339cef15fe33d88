"""The settings of payments, from one TOML file: the channel, the account that pays, the outbox, the year's cut-off.

Guarantees that every mistake of the file is one clear line, all at once, before any money is touched, and that no value
is repeated in it: one of them is an account number. Which file it is, `config` says; what a channel needs, the channel.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policy_match.settings_file import FileUnfit, SettingsFile

CUT_OFF = "12-25"
"""The last day of the year on which orders are made, unless the file says otherwise: banks close their year later."""

_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
KEYS = ("channel", "outbox", "inbox", "cut_off", "settings")


class PaymentSettingsUnfit(FileUnfit):
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
    """Return the settings in a file. A relative folder is beside the file.

    Raises `PaymentSettingsUnfit` for one mistake, `SeveralMistakes` for more.
    """
    file = SettingsFile(path, PaymentSettingsUnfit)
    content = file.content()
    file.check_keys("", content, KEYS)
    for key in ("channel", "outbox"):
        if not isinstance(content.get(key), str) or not content[key]:
            file.note(f"`{key}` is missing", f"缺少“{key}”")
    inbox, cut_off, settings = content.get("inbox"), content.get("cut_off", CUT_OFF), content.get("settings", {})
    if inbox is not None and (not isinstance(inbox, str) or not inbox):
        file.note("`inbox` must be a folder in quotes", "“inbox”应为带引号的目录")
    if not _is_day(cut_off):
        file.note("`cut_off` must be a day as MM-DD", "“cut_off”应为 MM-DD 形式的日期")
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        file.note("[settings] holds texts only: put values in quotes", "[settings] 的值都应为带引号的文本")
    file.tell()
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
