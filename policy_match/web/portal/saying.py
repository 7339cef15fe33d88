"""How values are said on pages: money, days, moments, the words of every enumeration.

Guarantees one form for each, in Chinese and in English; no page writes its own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from policy_match.cases.model import Event, NoticeKind, Route, Status
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS, Words
from policy_match.errors import Language
from policy_match.notices.model import Channel, NoticeStatus
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.notices.words import STATUS_WORDS as NOTICE_STATUS_WORDS
from policy_match.supervision.colours import Colour

CHINA = ZoneInfo("Asia/Shanghai")

COLOUR_WORDS: Mapping[Colour, Words] = {
    Colour.BLUE: Words("蓝", "blue"),
    Colour.YELLOW: Words("黄", "yellow"),
    Colour.RED: Words("红", "red"),
}

WORDS: Mapping[type[StrEnum], Mapping[Any, Words]] = {
    Status: STATUS_WORDS,
    Event: EVENT_WORDS,
    Route: ROUTE_WORDS,
    NoticeKind: KIND_WORDS,
    NoticeStatus: NOTICE_STATUS_WORDS,
    Channel: CHANNEL_WORDS,
    Colour: COLOUR_WORDS,
}
"""The words of each enumeration that pages show."""


class Saying:
    """Says values in one language. Templates use it as `say`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, zh: str, en: str) -> str:
        """Return the text in the language of the page."""
        return zh if self.language == "zh" else en

    def words(self, words: Words) -> str:
        """Return the same for a pair."""
        return self(words.zh, words.en)

    def word(self, value: StrEnum) -> str:
        """Return the word for a member of an enumeration."""
        return self.words(WORDS[type(value)][value])

    def yuan(self, fen: int | None) -> str:
        """Return an amount, `—` when there is none: 12,345.67 元, or CNY 12,345.67."""
        if fen is None:
            return "—"
        sign, whole = "-" if fen < 0 else "", abs(fen)
        number = f"{sign}{whole // 100:,}.{whole % 100:02d}"
        return self(f"{number} 元", f"CNY {number}")

    def day(self, day: date | None) -> str:
        """Return a day, `—` when there is none: 2026年3月2日, or 2 March 2026."""
        if day is None:
            return "—"
        return self(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}")

    def moment(self, moment: datetime | None) -> str:
        """Return a moment in China: 2026年3月2日 09:30."""
        if moment is None:
            return "—"
        local = moment.astimezone(CHINA)
        return f"{self.day(local.date())} {local:%H:%M}"

    def count(self, number: int) -> str:
        """Return a number of things."""
        return f"{number:,}"
