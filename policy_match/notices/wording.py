"""How values are written in a notice: amounts, days, periods and names, in Chinese and English, on one line.

Guarantees that what others wrote (names, reasons) brings no line break, no invisible sign and no link into a notice,
and that a text is cut to its limit. Which values a notice has is `fields`; the sentences around them, the templates.
"""

import re
import unicodedata
from datetime import date

from policy_match.errors import Language
from policy_match.values import Money

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_SPACES = re.compile(r"\s+")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)[!-~]*", re.IGNORECASE)
"""A link to its end: Chinese words may go on right after it."""

LINK_LEFT_OUT = "(…)"
CUT = "…"

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE = frozenset({"Cf", "Cs", "Co"})
"""Unicode general categories: signs that break a line, and signs that change how others look without being seen."""


def units(text: str) -> int:
    """Return how many signs of a text message a text takes: UTF-16 code units (3GPP TS 23.038, UCS2)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_line(text: str) -> str:
    """Return a text of others on one line, without control signs, invisible signs and links."""
    if text.isascii() and text.isprintable():
        seen = text
    else:
        kinds = ((sign, unicodedata.category(sign)) for sign in text)
        seen = "".join(" " if kind in _BREAKS else sign for sign, kind in kinds if kind not in _INVISIBLE)
    return _LINK.sub(LINK_LEFT_OUT, _SPACES.sub(" ", seen)).strip()


def clause(text: str) -> str:
    """Return a text of others on one line and without its final stop, as the sentence around it has one."""
    return one_line(text).rstrip("。.；;，, ")


def cut(text: str, most: int) -> str:
    """Return a text of at most so many UTF-16 code units, which ends in `…` when something is left out."""
    if len(text) * 2 <= most or (len(text) <= most and units(text) <= most):
        return text
    kept = text[: most - len(CUT)]
    while units(kept) > most - len(CUT):
        kept = kept[:-1]
    return kept.rstrip() + CUT


def write_money(fen: int, language: Language) -> str:
    """Return an amount in yuan: `12,345.00元`, `12,345.00 yuan`."""
    return f"{Money(fen)}元" if language == "zh" else f"{Money(fen)} yuan"


def write_day(day: date, language: Language) -> str:
    """Return a day: `2026年7月10日`, `10 July 2026`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def write_period(period: str, language: Language) -> str:
    """Return a period of `cases.period`: `2026年第2季度`, `quarter 2 of 2026`; nothing for `once` and `event`."""
    year, _, part = period.partition("-")
    if not year.isdigit():
        return ""
    number = part.lstrip("HQ")
    match part[:1]:
        case "":
            return f"{year}年度" if language == "zh" else year
        case "H":
            return f"{year}年{'上下'[int(number) - 1]}半年" if language == "zh" else f"half {number} of {year}"
        case "Q":
            return f"{year}年第{number}季度" if language == "zh" else f"quarter {number} of {year}"
        case _:
            month = int(number)
            return f"{year}年{month}月" if language == "zh" else f"{MONTHS[month - 1]} {year}"


def write_list(parts: list[str], language: Language) -> str:
    """Return several texts as one."""
    return ("、" if language == "zh" else ", ").join(parts)
