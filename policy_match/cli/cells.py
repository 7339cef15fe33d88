"""How amounts, days and times stand in the cells of a table, and in JSON.

Guarantees one form for each: amounts in yuan with two decimals, times of Beijing, digests cut for people and whole for
programs. Drawing tables is `screen`.
"""

from collections.abc import Sequence
from datetime import date, datetime

from policy_match.cases.working_days import CHINA
from policy_match.cli.screen import Screen
from policy_match.values import Money

SHORT = 12
"""So many characters of a digest are shown to a person."""


def headings(screen: Screen, *columns: tuple[str, str, str]) -> list[tuple[str, str]]:
    """Return the columns of a table from Chinese heading, English heading and side."""
    return [(screen.say(chinese, english), side) for chinese, english, side in columns]


def money(fen: int | None) -> str:
    """Return an amount for a person, empty when there is none."""
    return "" if fen is None else str(Money(fen))


def yuan(fen: int | None) -> str | None:
    """Return an amount for a program: yuan as text, so that no reader rounds it."""
    return None if fen is None else str(Money(fen).yuan)


def moment(at: datetime | None) -> str:
    """Return a time for a person, in Beijing."""
    return "" if at is None else at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def day(found: date | None) -> str:
    """Return a day for a person."""
    return "" if found is None else found.isoformat()


def iso(found: date | None) -> str | None:
    """Return a day or a time for a program."""
    return None if found is None else found.isoformat()


def joined(parts: Sequence[str]) -> str:
    """Return several short texts in one cell."""
    return ", ".join(parts)


def listed(
    screen: Screen, title: tuple[str, str], columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]
) -> None:
    """Draw a table under its Chinese or English title; say so when there is nothing to list."""
    if rows:
        screen.table(screen.say(*title), columns, rows)
    else:
        screen.print(f"{title[0]}：无", f"{title[1]}: none")
