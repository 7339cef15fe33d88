"""What a chapter of the language page is made of.

Guarantees that whatever the page shows as an example is data that a test can run. Running is `test_tables`,
printing is `render`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

AS_OF = date(2025, 6, 30)
"""The date of every decision on the page, unless a table says another."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Missing:
    """An unknown result, and the facts that keep it unknown."""

    facts: tuple[str, ...]


def unknown(*facts: str) -> Missing:
    """Return the expectation *unknown, because these facts are missing or cannot be calculated with*."""
    return Missing(tuple(sorted(facts)))


Given = Decimal | int | str | bool | date | Sequence[str] | None
Gives = Decimal | int | str | bool | date | Missing
NOT_PAID = "ineligible"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Expressions side by side over a few rows of facts.

    Each line is the facts in the order of `columns`, then the result of each expression. A result that is written as
    a string starting with `=` is an expression for a number that has no finite decimal form.
    """

    title: Words
    columns: tuple[str, ...]
    expressions: tuple[str, ...]
    lines: tuple[tuple[Sequence[Given], Sequence[Gives]], ...]
    text: Words | None = None
    as_of: date = AS_OF


@dataclass(frozen=True, kw_only=True, slots=True)
class Award:
    """A whole policy: conditions, amount, minimum, cap.

    Each line is the facts, then the yuan paid to an eligible firm, or `NOT_PAID`, or what is missing.
    """

    title: Words
    columns: tuple[str, ...]
    amount: str
    lines: tuple[tuple[Sequence[Given], Decimal | str | Missing], ...]
    conditions: tuple[str, ...] = ("true",)
    cap: str | None = None
    minimum: Decimal = Decimal(0)
    grain: str = "firm"
    text: Words | None = None
    as_of: date = AS_OF


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An expression that is refused when the rules are loaded, with the message that the author sees."""

    expression: str
    message: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """A table of refused expressions."""

    title: Words
    lines: tuple[Refusal, ...]
    text: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question on which other engines disagree, and our answer with its proof.

    `asked` is the row of the survey. The proof is an expression over `facts` that gives `gives`, or the refusal.
    """

    asked: str
    words: Words
    expression: str
    gives: Gives | Words
    facts: dict[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """All such questions."""

    title: Words
    lines: tuple[Question, ...]
    text: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One of the twenty shapes that policies take, with an example, or with the stage that does it.

    `stage` names what lies outside the language, if anything does.
    """

    number: int
    title: Words
    text: Words
    parts: tuple[Table | Award, ...] = ()
    stage: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GlanceLine:
    """One thing that can be written, and its sense."""

    written: str
    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """The overview of everything that can be written."""

    lines: tuple[GlanceLine, ...]


Part = Glance | Table | Award | Refusals | Questions | Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """One chapter of the page."""

    title: Words
    text: Words
    parts: tuple[Part, ...]
