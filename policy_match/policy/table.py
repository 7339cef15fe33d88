"""Strict reading of one TOML table: every key is asked for by name, and what is left over is a defect.

Guarantees that all defects of a file are found in one pass: a getter records its defect and gives a fallback, so
the caller builds nothing once `defects` is not empty.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

from policy_match.errors import PolicyMatchError
from policy_match.policy.defects import MissingKey, NotOneOf, RuleDefect, Said, UnknownKey, WrongType
from policy_match.policy.toml_document import Key, TomlDocument

Word = TypeVar("Word", bound=StrEnum)

TOML_TYPES: Mapping[type, Said] = {
    str: ("a string", "文本"),
    bool: ("true or false", "真假"),
    int: ("a whole number", "整数"),
    Decimal: ("a number", "数字"),
    date: ("a date", "日期"),
    datetime: ("a date with a time", "带时刻的日期"),
    time: ("a time", "时刻"),
    list: ("a list", "列表"),
    dict: ("a table", "表"),
}
OTHER_VALUES: Said = ("other values", "其他值")
MOST = 1_000_000
"""The largest whole number that a rules file counts with: days, decimals."""


MAX_DIGITS = 36
"""Digits before and after the point: as in expressions, a larger number is a mistake."""
SHOWN_DIGITS = 20
USABLE: Said = (
    f"a number below 1e{MAX_DIGITS} with at most {MAX_DIGITS} decimals",
    f"小于 1e{MAX_DIGITS}、最多 {MAX_DIGITS} 位小数的数字",
)


def usable(number: int | Decimal) -> bool:
    """Return whether a number can be computed with: neither `inf` nor `nan`, nor of absurd size or length."""
    exponent = Decimal(number).as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DIGITS and Decimal(number).adjusted() < MAX_DIGITS


def shortened(number: int | Decimal) -> Said:
    """Return the beginning of a number, for a message."""
    text = str(Decimal(number))
    text = text if len(text) <= SHOWN_DIGITS else text[:SHOWN_DIGITS] + "…"
    return text, f" {text}"


class Table:
    """One table of a document. `defects` is shared by all tables of a load."""

    def __init__(self, document: TomlDocument, data: dict[str, Any], key: Key, defects: list[RuleDefect]) -> None:
        self._document = document
        self._data = data
        self._key = key
        self._asked: set[str] = set()
        self.defects = defects

    @classmethod
    def root(cls, document: TomlDocument, defects: list[RuleDefect]) -> "Table":
        """Return the table of the whole document."""
        return cls(document, document.data, (), defects)

    @property
    def path(self) -> str:
        """The file as named in messages."""
        return self._document.path

    def line(self, key: str | None = None) -> int:
        """Return the line of the key, or of the table."""
        return self._document.line(self._key if key is None else (*self._key, key))

    def report(self, error: PolicyMatchError, key: str | None = None) -> None:
        """Record a defect at the key, or at the table."""
        self.defects.append(RuleDefect(self.path, self.line(key), error))

    def names(self) -> Sequence[str]:
        """Return every key in the order of the file."""
        return list(self._data)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def raw(self, key: str) -> Any:
        """Return the value as read, or `None`."""
        self._asked.add(key)
        return self._data.get(key)

    def typed(self, key: str, *expected: type, required: bool = False) -> Any:
        """Return the value if it has one of the TOML types; otherwise record the defect and return `None`."""
        value = self.raw(key)
        if value is None:
            if required:
                self.report(MissingKey(key))
            return None
        if type(value) not in expected:
            english, chinese = zip(*(TOML_TYPES[kind] for kind in expected), strict=True)
            named = (" or ".join(english), "或".join(chinese))
            self.report(WrongType(key=key, expected=named, found=TOML_TYPES[type(value)]), key)
            return None
        if type(value) in (int, Decimal) and not usable(value):
            self.report(WrongType(key=key, expected=USABLE, found=shortened(value)), key)
            return None
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; it is required, and not empty, unless a default is given."""
        value = self.typed(key, str, required=default is None)
        if value == "" and default is None:
            self.report(MissingKey(key, "it is empty", "内容为空"), key)
        return (default or "") if value is None else value

    def integer(self, key: str, default: int, least: int = 0) -> int:
        """Return a whole number of at least `least`."""
        value = self.typed(key, int)
        if value is None:
            return default
        if not least <= value <= MOST:
            bounds = (f"at least {least}", f"至少 {least}") if value < least else (f"at most {MOST}", f"至多 {MOST}")
            self.report(WrongType(key=key, expected=bounds, found=shortened(value)), key)
        return int(value)

    def falling(self, key: str, default: tuple[int, ...], *, least: int, most: int, count: int) -> tuple[int, ...]:
        """Return at most `count` whole numbers from `most` down to `least`, each below the one before."""
        value = self.typed(key, list)
        if value is None:
            return default
        fits = all(type(item) is int and least <= item <= most for item in value)
        if not fits or len(value) > count or any(later >= earlier for earlier, later in pairwise(value)):
            expected = (
                f"a list of at most {count} whole numbers from {most} down to {least}, each below the one before",
                f"至多 {count} 个整数的列表，取值 {most} 至 {least}，由大到小",
            )
            self.report(WrongType(key=key, expected=expected, found=OTHER_VALUES), key)
            return default
        return tuple(value)

    def number(self, key: str) -> Decimal | None:
        """Return a number as an exact decimal, or `None` when absent."""
        value = self.typed(key, int, Decimal)
        return None if value is None else Decimal(value)

    def day(self, key: str, required: bool = False) -> date | None:
        """Return a date without a time, or `None` when absent."""
        value = self.typed(key, date, required=required)
        assert value is None or isinstance(value, date)
        return value

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """Return a word of an enumeration; it is required unless a default is given."""
        value = self.typed(key, str, required=default is None)
        choices = [member.value for member in words]
        if value is not None and value not in choices:
            self.report(NotOneOf(key, value, choices), key)
            value = None
        return words(value) if value is not None else default or next(iter(words))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty when absent."""
        value = self.typed(key, list)
        if value is None:
            return ()
        if any(type(item) is not str for item in value):
            self.report(WrongType(key=key, expected=("a list of strings", "文本列表"), found=OTHER_VALUES), key)
            return ()
        return tuple(value)

    def table(self, key: str) -> "Table | None":
        """Return the table under the key, or `None` when absent."""
        value = self.typed(key, dict)
        return None if value is None else Table(self._document, value, (*self._key, key), self.defects)

    def tables(self, key: str) -> "Iterator[Table]":
        """Yield each table of an array of tables."""
        value = self.typed(key, list) or []
        for place, item in enumerate(value):
            if type(item) is dict:
                yield Table(self._document, item, (*self._key, key, place), self.defects)
            else:
                self.report(WrongType(key=key, expected=("tables `[[…]]`", "表 [[…]]"), found=OTHER_VALUES), key)

    def words_and_tables(self, key: str) -> "Iterator[str | Table]":
        """Yield each item of a list that holds strings and inline tables."""
        value = self.typed(key, list) or []
        for place, item in enumerate(value):
            if type(item) is str:
                yield item
            elif type(item) is dict:
                yield Table(self._document, item, (*self._key, key, place), self.defects)
            else:
                expected = ("a list of strings and tables", "由文本和表组成的列表")
                self.report(WrongType(key=key, expected=expected, found=OTHER_VALUES), key)

    def close(self, also: Sequence[str] = ()) -> None:
        """Record every key that was never asked for as unknown. `also` names keys that were absent this time."""
        known = self._asked | set(also)
        for key in self._data:
            if key not in known:
                self.report(UnknownKey(key, known), key)
