"""What one cell of a registry extract says, as clerks write it.

Guarantees a value that fits the fact's column, or the reason why there is none: nothing is guessed. Text comes in
trimmed and with full-width signs made ordinary (`text.plain`); bounds and allowed values are checked by `cleaning`.
"""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from policy_match.facts.canonical import NUMBER_LIMIT
from policy_match.facts.reasons import Reason
from policy_match.values import round_half_up

NUMBER = re.compile(
    r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,38})(?:\.\d{0,38})?|\.\d{1,38})(?:[eE][+-]?\d{1,2})?", re.ASCII
)
DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"|年(?P<month2>\d{1,2})月(?P<day2>\d{1,2})日?|(?P<month3>\d{2})(?P<day3>\d{2}))"
    r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
EXCEL_SERIAL = re.compile(r"(?P<days>\d{5})(?:\.\d+)?", re.ASCII)
EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheets that count 1900 as a leap year. Five digits are the days from 1927 to 2173, so that a year
or a day written as eight digits is never taken for a serial number."""

BOOLEANS: Final = {
    **dict.fromkeys(("是", "y", "yes", "1", "true", "t"), True),
    **dict.fromkeys(("否", "n", "no", "0", "false", "f"), False),
}

WAN: Final = 10_000
YI: Final = 100_000_000
CURRENCY_WORDS = re.compile(r"人民币|元|圆|RMB|CNY|¥")
FOREIGN = re.compile(
    r"美|港|日|欧|英|德|法|澳|加|新|韩|台|瑞|丹|挪|意|俄|泰|澳门|马克|法郎|里拉|USD|HKD|JPY|EUR|GBP|\$|€|£"
)


def read_plain_number(text: str, scale: int, *, whole: bool) -> int | Reason:
    """Return the number times 10**scale from digits with an optional point and exponent, and nothing else."""
    return Reason.NOT_A_NUMBER if "," in text else _scaled(text, scale, 1, exact=whole)


def read_integer(text: str) -> int | Reason:
    """Return a whole number; `1,000` and `12.0` are whole."""
    return _scaled(text, 0, 1, exact=True)


def read_decimal(text: str, scale: int) -> int | Reason:
    """Return the number times 10**scale, rounded half up; `5.5%` is 0.055."""
    if text.endswith("%"):
        return _scaled(text[:-1].rstrip(), scale, Fraction(1, 100))
    return _scaled(text, scale, 1)


def read_yuan(text: str) -> int | Reason:
    """Return fen from an amount in yuan, with or without `元`."""
    return _amount_in(text, 1)


def read_wan(text: str) -> int | Reason:
    """Return fen from an amount in units of ten thousand yuan, with or without `万元`."""
    return _amount_in(text, WAN)


def read_chinese_money(text: str) -> int | Reason:
    """Return fen from an amount that names its unit, such as `300万元人民币`, `1,000(万)` or `183.8(万人民币元)`.

    An amount without a unit and an amount in a foreign currency are refused. `万` alone is ten thousand yuan, as
    registers write it.
    """
    number, unit = _split_unit(text)
    if number is None:
        return Reason.NOT_A_NUMBER
    if not unit:
        return Reason.NO_UNIT
    size = _unit_size(unit)
    return size if isinstance(size, Reason) else _scaled(number, 2, size)


def read_date(text: str) -> date | Reason:
    """Return the day of `2019-01-02`, `2019/1/2`, `2019.1.2`, `20190102`, `2019年1月2日` or a spreadsheet's serial.

    A time of day behind it is left out.
    """
    if serial := EXCEL_SERIAL.fullmatch(text):
        return EXCEL_EPOCH + timedelta(days=int(serial["days"]))
    found = DATE.fullmatch(text)
    if found is None:
        return Reason.NOT_A_DATE
    month = found["month"] or found["month2"] or found["month3"]
    day = found["day"] or found["day2"] or found["day3"]
    try:
        return date(int(found["year"]), int(month), int(day))
    except ValueError:
        return Reason.IMPOSSIBLE_DATE


def read_boolean(text: str) -> bool | Reason:
    """Return yes or no from 是/否, Y/N, yes/no, 1/0 or true/false."""
    return BOOLEANS.get(text.lower(), Reason.NOT_A_BOOLEAN)


def list_reader(separator: str, empty: frozenset[str]) -> Callable[[str], tuple[str, ...] | Reason]:
    """Return a reader of lists. A cell that is one of `empty` says that there is nothing: a known, empty list.

    A cell that begins with `[` is a JSON array of strings.
    """

    def read_list(text: str) -> tuple[str, ...] | Reason:
        if text in empty:
            return ()
        if text.startswith("["):
            return read_json_list(text)
        return tuple(entry for part in text.split(separator) if (entry := part.strip()))

    return read_list


def read_json_list(text: str) -> tuple[str, ...] | Reason:
    """Return the strings of a JSON array."""
    try:
        entries = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return Reason.NOT_A_LIST
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        return Reason.NOT_A_LIST
    return tuple(entries)


def _amount_in(text: str, size: int) -> int | Reason:
    number, unit = _split_unit(text)
    if number is None:
        return Reason.NOT_A_NUMBER
    if unit:
        named = _unit_size(unit)
        if isinstance(named, Reason):
            return named
        if named != size:
            return Reason.OTHER_UNIT
    return _scaled(number, 2, size)


def _split_unit(text: str) -> tuple[str | None, str]:
    """Return the number and the unit around it, without brackets and spaces; no number gives `None`."""
    bare = re.sub(r"[()\[\]\s]", "", text)
    leading = re.match(r"(?:人民币|RMB|CNY|¥)", bare)
    front = leading.group() if leading else ""
    number = NUMBER.match(bare, len(front))
    if number is None or bare[number.end() : number.end() + 1] in tuple(",.0123456789"):
        return None, ""
    return number.group(), front + bare[number.end() :]


def _unit_size(unit: str) -> int | Reason:
    """Return how many yuan the unit is."""
    rest = CURRENCY_WORDS.sub("", unit.upper())
    if rest in ("", "万", "亿"):
        return {"": 1, "万": WAN, "亿": YI}[rest]
    return Reason.FOREIGN_CURRENCY if FOREIGN.search(rest) else Reason.OTHER_UNIT


def _scaled(text: str, scale: int, factor: int | Fraction, *, exact: bool = False) -> int | Reason:
    if not NUMBER.fullmatch(text):
        return Reason.NOT_A_NUMBER
    number = Fraction(Decimal(text.replace(",", ""))) * factor * 10**scale
    if exact and number.denominator != 1:
        return Reason.NOT_WHOLE
    rounded = round_half_up(number)
    return rounded if abs(rounded) < NUMBER_LIMIT else Reason.TOO_LARGE
