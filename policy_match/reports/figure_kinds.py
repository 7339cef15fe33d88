"""What kinds of figures there are: counts, amounts beside them, shares of them, days; their sections and units.

Guarantees only the shapes. Which figures there are is `counts`, `figures` and `notice_figures`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.reports.model import Profile


class Section(StrEnum):
    """Where a figure stands."""

    ENDS = "ends"
    MONEY = "money"
    REACH = "reach"
    ANSWERS = "answers"
    REASONS = "reasons"
    CORRECTIONS = "corrections"
    TIMES = "times"


SECTION_WORDS: Mapping[Section, Words] = {
    Section.ENDS: Words("应享与结果", "What was due, and what became of it"),
    Section.MONEY: Words("金额", "Money"),
    Section.REACH: Words("触达与兑现", "Reach"),
    Section.ANSWERS: Words("企业答复", "What firms answered"),
    Section.REASONS: Words("放弃原因", "Why firms declined"),
    Section.CORRECTIONS: Words("差错、更正与退票", "Errors, corrections and returns"),
    Section.TIMES: Words("从匹配到到账", "From match to money"),
}


class Unit(StrEnum):
    """What a figure is counted in."""

    CASES = "cases"
    FIRMS = "firms"
    PAYMENTS = "payments"
    FEN = "fen"
    SHARE = "share"
    DAYS = "days"


UNIT_WORDS: Mapping[Unit, Words] = {
    Unit.CASES: Words("件", "cases"),
    Unit.FIRMS: Words("家", "firms"),
    Unit.PAYMENTS: Words("笔", "payments"),
    Unit.FEN: Words("元", "yuan"),
    Unit.SHARE: Words("比例", "share"),
    Unit.DAYS: Words("天", "days"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """A figure that is added up: `of` says how often one case counts.

    `weight` says how much a reader would miss it, where one of several must be hidden.
    """

    name: str
    section: Section
    words: Words
    meaning: Words
    of: Callable[[Profile], int]
    weight: int = 1
    unit: Unit = Unit.CASES


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """Fen that stand beside a count, and are shown exactly when it is: as opened, or what the bank paid (`settled`)."""

    name: str
    beside: str
    words: Words
    meaning: Words
    settled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """The sum of some figures of the sum of others; shown when all of them are."""

    name: str
    section: Section
    words: Words
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    meaning: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A figure as it is shown: a count, an amount, a share of some others, firms, or days."""

    name: str
    section: Section
    words: Words
    meaning: Words
    unit: Unit
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
