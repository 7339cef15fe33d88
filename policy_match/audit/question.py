"""What an auditor types into one box, read as what it can mean.

Guarantees that a text is read by its form alone, and that nothing is lost: what has no form of its own stays a word.
Whether there is such a thing is `storage`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from policy_match.values import Uscc

MOST_LETTERS = 100

_FIRM = re.compile(r"[0-9A-Z]{18}")
_PAYMENT = re.compile(r"PM[A-Z0-9]{6,33}")
_NUMBER = re.compile(r"(?:事项|case)?\s*[#:：]?\s*([0-9]{1,15})(?:\s*号)?", re.IGNORECASE)
_LIST = re.compile(r"(?:名单|审批名单|list)\s*[#:：]?\s*([0-9]{1,9})(?:\s*号)?", re.IGNORECASE)
_DAY = r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?|年(?:([0-9]{1,2})月(?:([0-9]{1,2})[日号])?)?)"
_DAYS = re.compile(rf"{_DAY}(?:\s*(?:\.\.|至|到|~|—|–|to)\s*{_DAY})?", re.IGNORECASE)
_LINE = re.compile(r"[a-z0-9][a-z0-9-]*-[1-9][0-9]{3}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a text can mean; several at once, or none but a word. `first` and `last` are days in China."""

    text: str
    case_id: int | None = None
    list_id: int | None = None
    uscc: Uscc | None = None
    attempt_id: str | None = None
    line: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_word(self) -> bool:
        """Whether it has no form of its own: it may be a policy, a fund, a person, or a part of a firm's name."""
        return not any((self.case_id, self.list_id, self.uscc, self.attempt_id, self.line, self.first))


def read_question(text: str) -> Question:
    """Return what a text can mean. Days are 2025-07-01, 2025-07, 2025年7月, or two of them with `..` or 至 between."""
    text = text.strip()[:MOST_LETTERS]
    upper = text.upper()
    if _FIRM.fullmatch(upper):
        return Question(text=text, uscc=Uscc(upper))
    if _PAYMENT.fullmatch(upper):
        return Question(text=text, attempt_id=upper)
    if found := _LIST.fullmatch(text):
        return Question(text=text, list_id=int(found[1]))
    if found := _NUMBER.fullmatch(text):
        return Question(text=text, case_id=int(found[1]) or None)
    if _LINE.fullmatch(text):
        return Question(text=text, line=text)
    if (found := _DAYS.fullmatch(text)) and (days := _days(found)):
        return Question(text=text, first=days[0], last=days[1])
    return Question(text=text)


def _days(found: re.Match[str]) -> tuple[date, date] | None:
    """Return the first and the last day that are meant; none when there is no such day."""
    parts = found.groups()
    try:
        first, last = _span(parts[:5]), _span(parts[5:])
    except ValueError:
        return None
    if first is None:
        return None
    return (first[0], (last or first)[1]) if last is None or first[0] <= last[1] else None


def _span(parts: tuple[str | None, ...]) -> tuple[date, date] | None:
    year, month, day, month_zh, day_zh = parts
    if year is None:
        return None
    the_year, the_month, the_day = int(year), int(month or month_zh or 0), int(day or day_zh or 0)
    if not the_month:
        return date(the_year, 1, 1), date(the_year, 12, 31)
    if not the_day:
        return date(the_year, the_month, 1), date(the_year, the_month, monthrange(the_year, the_month)[1])
    only = date(the_year, the_month, the_day)
    return only, only
