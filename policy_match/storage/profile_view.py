"""How the profile of a fact looks on the quality page: figures, and bars as long as the rows that they count.

Guarantees that every bar has its number as text, so that nothing is said by length or colour alone. What is counted
is `facts.profile`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import assert_never

from policy_match.facts.catalogue import FactType
from policy_match.facts.profile import (
    Bin,
    BooleanProfile,
    DateProfile,
    FactProfile,
    ListProfile,
    NumberProfile,
    TextProfile,
)
from policy_match.facts.quality import FactQuality

MAX_YEAR_BARS = 14
YEAR_SPANS = (1, 5, 10, 50, 100, 1000, 10_000)
MAX_WORD = 60
CHINESE = ((Decimal(100_000_000), "亿"), (Decimal(10_000), "万"))
ENGLISH = ((Decimal(1_000_000_000), "bn"), (Decimal(1_000_000), "m"), (Decimal(1_000), "k"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One number of a profile. `more` repeats it in a shorter form."""

    chinese: str
    english: str
    text: str
    more: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One line of a histogram; `percent` is its length. `None` rows stand for several empty lines."""

    chinese: str
    english: str = ""
    rows: int | None
    percent: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What the page shows of one fact."""

    fact: FactQuality
    figures: tuple[Figure, ...]
    bars: tuple[Bar, ...]
    notes: tuple[tuple[str, str], ...] = ()


def cards(facts: Iterable[FactQuality]) -> list[Card]:
    """Return a card for each fact of which a value is known."""
    return [_card(fact, fact.profile) for fact in facts if fact.profile is not None]


def _card(fact: FactQuality, profile: FactProfile) -> Card:
    match profile:
        case NumberProfile():
            return Card(
                fact=fact,
                figures=_figures(profile, fact.type),
                bars=_number_bars(profile, fact.type),
                notes=_sampled(profile),
            )
        case DateProfile():
            return Card(
                fact=fact,
                figures=(
                    _day("最早", "Earliest", profile.earliest),
                    _day("中位", "Median", profile.median),
                    _day("最晚", "Latest", profile.latest),
                ),
                bars=_scaled(_year_bars(profile)),
                notes=_sampled(profile),
            )
        case TextProfile():
            return _text_card(fact, profile)
        case BooleanProfile():
            yes = Bar(chinese="是", english="true", rows=profile.true)
            no = Bar(chinese="否", english="false", rows=profile.false)
            return Card(fact=fact, figures=(), bars=_scaled([yes, no]))
        case ListProfile():
            total = Figure(chinese="条目总数", english="Entries in all", text=f"{profile.entries:,}")
            empty = Figure(chinese="空名单", english="Empty lists", text=f"{profile.lengths.zeros:,}")
            longest = Figure(chinese="最多条目", english="Longest list", text=f"{profile.lengths.maximum:,}")
            note = ("条形按每个名单的条目数统计", "bars count lists by their number of entries")
            bars = _number_bars(profile.lengths, FactType.INTEGER)
            return Card(fact=fact, figures=(total, empty, longest), bars=bars, notes=(note,))
        case _:
            assert_never(profile)


def _figures(profile: NumberProfile, kind: FactType) -> tuple[Figure, ...]:
    named = (
        ("最小", "Minimum", profile.minimum),
        ("5% 分位", "5th percentile", profile.percentile_5),
        ("中位数", "Median", profile.median),
        ("95% 分位", "95th percentile", profile.percentile_95),
        ("最大", "Maximum", profile.maximum),
    )
    figures = [
        Figure(
            chinese=chinese, english=english, text=_plain(value), more=_in_wan(value) if kind is FactType.MONEY else ""
        )
        for chinese, english, value in named
    ]
    return (*figures, Figure(chinese="零值", english="Zeros", text=f"{profile.zeros:,}"))


def _sampled(profile: NumberProfile | DateProfile) -> tuple[tuple[str, str], ...]:
    if profile.every == 1:
        return ()
    chinese = f"分位数按每 {profile.every} 个已知值取 1 个计算，其余数字为全部已知值"
    return ((chinese, f"percentiles from one known value in {profile.every}; all else from every known value"),)


def _number_bars(profile: NumberProfile, kind: FactType) -> tuple[Bar, ...]:
    if profile.values:
        return _scaled([Bar(chinese=_plain(Decimal(each.value)), rows=each.rows) for each in profile.values])
    bars: list[Bar] = []
    for empty, run in groupby(profile.bins, key=lambda each: each.rows == 0):
        group = list(run)
        if empty and len(group) > 1:
            bars.append(Bar(chinese="⋮", rows=None))
        else:
            bars += [_bin(each, kind) for each in group]
    return _scaled(bars)


def _bin(each: Bin, kind: FactType) -> Bar:
    lower, upper = each.lower, each.upper
    if lower == upper:
        return Bar(chinese="0", rows=each.rows)
    if kind is FactType.INTEGER:
        lower, upper = (lower, upper - 1) if lower > 0 else (lower + 1, upper)
    plain = _plain(lower) if lower == upper else f"{_plain(lower)} – {_plain(upper)}"
    if kind is FactType.MONEY:
        chinese, english = (f"{_short(lower, units)} – {_short(upper, units)}" for units in (CHINESE, ENGLISH))
        return Bar(chinese=chinese, english=english, rows=each.rows)
    return Bar(chinese=plain, rows=each.rows)


def _year_bars(profile: DateProfile) -> Iterator[Bar]:
    """Yield a bar for each year, or for spans of years when there would be too many; spans without rows are gaps."""
    span = next(span for span in YEAR_SPANS if len({year // span for year in profile.years}) <= MAX_YEAR_BARS)
    last = None
    for start, years in groupby(sorted(profile.years), key=lambda year: year // span * span):
        if last is not None and start > last + span:
            yield Bar(chinese="⋮", rows=None)
        last = start
        rows = sum(profile.years[year] for year in years)
        yield Bar(chinese=str(start) if span == 1 else f"{start} – {start + span - 1}", rows=rows)


def _text_card(fact: FactQuality, profile: TextProfile) -> Card:
    about = "" if profile.distinct_exact else "≈ "
    figures = (Figure(chinese="不同的值", english="Different values", text=f"{about}{profile.distinct:,}"),)
    bars = [Bar(chinese=_cut(each.value), rows=each.rows) for each in profile.top]
    if not profile.rows_not_shown:
        return Card(fact=fact, figures=figures, bars=_scaled(bars))
    note = (
        f"只列出多行共有的常见值；其他值共 {profile.rows_not_shown:,} 行",
        f"only frequent values that several rows share are shown; {profile.rows_not_shown:,} rows have others",
    )
    return Card(fact=fact, figures=figures, bars=_scaled(bars), notes=(note,))


def _day(chinese: str, english: str, day: date) -> Figure:
    return Figure(chinese=chinese, english=english, text=day.isoformat())


def _scaled(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Return the bars with their lengths: the longest has 100 %."""
    given = list(bars)
    most = max((bar.rows or 0 for bar in given), default=0)
    return tuple(replace(bar, percent=round(100 * bar.rows / most, 1)) if bar.rows else bar for bar in given)


def _plain(number: Decimal) -> str:
    """Return all digits, in groups of three, without zeros at the end of the fraction."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _in_wan(yuan: Decimal) -> str:
    """Return about as many 万 or 亿 of yuan, to four digits; nothing below one 万."""
    for unit, name in CHINESE:
        if abs(yuan) >= unit:
            count = yuan / unit
            return f"{_plain(round(count, max(0, 3 - count.adjusted())))} {name}元"
    return ""


def _short(edge: Decimal, units: Iterable[tuple[Decimal, str]]) -> str:
    """Return a round number in the largest unit that it reaches."""
    unit, name = next(((unit, name) for unit, name in units if abs(edge) >= unit), (Decimal(1), ""))
    return f"{_plain(edge / unit)}{name}"


def _cut(word: str) -> str:
    return word if len(word) <= MAX_WORD else f"{word[: MAX_WORD - 1]}…"
