"""Values of one record of a bank's XML message: texts, amounts, days and times, each read strictly or refused.

Guarantees that a value that is not what its element asks for is an error with file and place, and that none is
repeated in it. What the values mean is left to the readers of each message.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from lxml import etree

from connectors.payment_channels.yuan import fen_of
from policy_match.payments.file_defects import Place, ValueMissing, ValueUnreadable, WrongCurrency

BEIJING = timezone(timedelta(hours=8))
"""The zone of times that a bank writes without one."""

CURRENCY = "CNY"
MAX_ID_LENGTH = 35
NO_END_TO_END_ID = "NOTPROVIDED"
"""What ISO 20022 writes where no end-to-end id was given."""

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_COUNT = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One element with its place in a file. Paths are local names with `/` between them."""

    file: str
    place: Place
    element: etree._Element
    namespace: str

    def all(self, path: str) -> list["Record"]:
        """Return every element at the path."""
        return [self._at(element) for element in self.element.iterfind(self._path(path))]

    def first(self, path: str) -> "Record | None":
        """Return the first element at the path, if any."""
        element = self.element.find(self._path(path))
        return None if element is None else self._at(element)

    def text(self, *paths: str) -> str:
        """Return the text at the first of the paths that has one, without spaces around it; else nothing."""
        for path in paths:
            element = self.element.find(self._path(path))
            if element is not None and element.text is not None and element.text.strip():
                return str(element.text).strip()
        return ""

    def texts(self, path: str) -> str:
        """Return all texts at the path in one, with spaces between."""
        elements = self.element.iterfind(self._path(path))
        return " ".join(element.text.strip() for element in elements if element.text is not None).strip()

    def id(self, path: str) -> str:
        """Return an identification of at most 35 characters, or nothing."""
        text = self.text(path)
        if len(text) > MAX_ID_LENGTH:
            raise self._unreadable(path, f"at most {MAX_ID_LENGTH} characters long", f"至多 {MAX_ID_LENGTH} 个字符")
        return text

    def needed_id(self, path: str) -> str:
        """Return an identification. Raises `ValueMissing`."""
        self.needed(path)
        return self.id(path)

    def end_to_end_id(self, path: str) -> str | None:
        """Return the attempt id as the bank repeats it, or `None` where it was given none."""
        text = self.id(path)
        return text if text not in ("", NO_END_TO_END_ID) else None

    def needed(self, *paths: str) -> str:
        """Return the text at the first of the paths that has one. Raises `ValueMissing`."""
        text = self.text(*paths)
        if not text:
            raise ValueMissing(file=self.file, place=self.place, name=paths[0])
        return text

    def amount(self, *paths: str) -> int | None:
        """Return the fen of the amount at the first of the paths that is there, `None` when none is.

        Raises `WrongCurrency` unless it is in CNY, and `ValueUnreadable` for more than two decimals.
        """
        for path in paths:
            element = self.element.find(self._path(path))
            if element is not None:
                if element.get("Ccy") != CURRENCY:
                    raise WrongCurrency(file=self.file, place=self.place, name=path)
                return self._fen(path, element.text or "")
        return None

    def needed_amount(self, *paths: str) -> int:
        """Return the amount as `amount` does. Raises `ValueMissing` too."""
        fen = self.amount(*paths)
        if fen is None:
            raise ValueMissing(file=self.file, place=self.place, name=paths[0])
        return fen

    def total(self, path: str) -> int | None:
        """Return the fen of a control sum, which has no currency, or `None` when it is not there."""
        text = self.text(path)
        return self._fen(path, text) if text else None

    def count(self, path: str) -> int | None:
        """Return a declared number, or `None` when it is not there."""
        text = self.text(path)
        if not text:
            return None
        if _COUNT.fullmatch(text) is None:
            raise self._unreadable(path, "a whole number", "整数")
        return int(text)

    def one_of(self, path: str, words: Sequence[str]) -> str:
        """Return the text at the path, which must be one of the words."""
        text = self.needed(path)
        if text not in words:
            listed = ", ".join(words)
            raise self._unreadable(path, f"one of {listed}", f"以下之一：{listed}")
        return text

    def day(self, path: str) -> date | None:
        """Return the day of a date-and-time choice (`Dt` or `DtTm`) or of a plain time, or `None`."""
        text = self.text(f"{path}/Dt")
        if text:
            match = _DAY.fullmatch(text)
            try:
                return date.fromisoformat(match[1] if match is not None else "")
            except ValueError:
                raise self._unreadable(path, "a day such as 2025-06-30", "形如 2025-06-30 的日期") from None
        time = self.text(f"{path}/DtTm", path)
        return self._time(path, time).date() if time else None

    def time(self, path: str) -> datetime:
        """Return the time at the path, in Beijing's zone."""
        return self._time(path, self.needed(path))

    def _time(self, path: str, text: str) -> datetime:
        try:
            time = datetime.fromisoformat(text if _TIME.fullmatch(text) is not None else "")
            return time.replace(tzinfo=BEIJING) if time.tzinfo is None else time.astimezone(BEIJING)
        except (ValueError, OverflowError):
            raise self._unreadable(
                path, "a time such as 2025-06-30T09:30:00", "形如 2025-06-30T09:30:00 的时间"
            ) from None

    def _fen(self, path: str, text: str) -> int:
        fen = fen_of(text.strip())
        if fen is None:
            raise self._unreadable(path, "an amount in yuan with at most two decimals", "至多两位小数的元金额")
        return fen

    def _unreadable(self, path: str, wanted: str, wanted_zh: str) -> ValueUnreadable:
        return ValueUnreadable(file=self.file, place=self.place, name=path, wanted=wanted, wanted_zh=wanted_zh)

    def _at(self, element: etree._Element) -> "Record":
        return Record(file=self.file, place=self.place, element=element, namespace=self.namespace)

    def _path(self, path: str) -> str:
        return _qualified(self.namespace, path)


@lru_cache(maxsize=256)
def _qualified(namespace: str, path: str) -> str:
    return "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))
