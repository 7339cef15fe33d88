"""Draws the report: bars as SVG, in which text is text, so that a browser shows Chinese with its own fonts.

Guarantees that the same report gives the same bytes, that every number has room at the end of its bar, and that a name
without a number, hidden or of nothing, is left to the table behind the plot. matplotlib was chosen because its SVG
backend documents both: `svg.fonttype: none` keeps text as text, and a fixed `svg.hashsalt` without date makes the
output reproducible. It measures text by its own font, which lacks Chinese, so no margin rests on what it measures.
"""

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any
from unicodedata import east_asian_width

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.typing import RcKeyType

from policy_match.cases.words import STATUS_WORDS, Words
from policy_match.reports.charts import Bar, Chart
from policy_match.reports.figures import FIGURES
from policy_match.reports.model import Cut, EndState
from policy_match.reports.report import Report, StageLine, Titles, label
from policy_match.reports.tables import Row

STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "policy-match",
    "font.family": "sans-serif",
    # The first is what matplotlib measures by; a browser takes the first that has the character.
    "font.sans-serif": ["DejaVu Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC"],
    "font.size": 10,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "axes.spines.top": False,
    "axes.spines.right": False,
}
NO_METADATA = {"Date": None, "Creator": None}
COLOURS = ("#2c5282", "#a0aec0", "#c05621")
WIDTH_INCHES = 8.0
PAGE_WIDTH_INCHES = 6.0
"""Of a chart on a page, where two stand beside each other."""

BAR_INCHES = 0.42
HEAD_INCHES = 0.9
LEGEND_INCHES = 0.3
NAMES_SHARE = 0.42
"""Of the width, left of the bars."""

BARS_SHARE = 0.56
"""Of the width, for the bars with their numbers."""

NUMBER_POINTS = 9
DIGIT_POINTS = 6.0
"""How wide a digit of a number is, in the widest of the fonts."""

POINTS_PER_INCH = 72

MOST_BARS = 30
"""Of more names, the first are drawn, of policies those with most cases; the table has all."""

NO_NUMBERS = Words("没有可显示的数字", "no figure to show")

Series = Sequence[tuple[str, Sequence[Bar]]]
"""Bars side by side, with what they are; all have the same names."""

MOST_WIDTH = 40
"""A longer name is cut in a plot; a Chinese character is as wide as two letters."""

FUNNEL = ("eligible", "reached", "read", "confirmed", "paid")
ENDS = tuple(state.value for state in EndState)
ANSWERS = ("confirm_rate", "silence_rate", "decline_rate")

WORDS: Mapping[str, Words] = {figure.name: figure.words for figure in FIGURES}


def report_plots(report: Report, titles: Titles) -> Mapping[str, bytes]:
    """Return the plots by name, as SVG; the report has all cuts."""
    of_policies = report.tables[Cut.POLICY]
    owing = _largest(of_policies.rows, "owed")
    asking = _largest(of_policies.rows, "asked")
    stages = [stage for stage in report.stages if not stage.policy_id]
    return {
        "reach": _bars("触达与兑现（件） · Reach, cases", _of_row(of_policies.total, FUNNEL)),
        "ends": _bars("应享事项的结果（件） · What became of what was due, cases", _of_row(of_policies.total, ENDS)),
        "coverage": _bars("各政策受惠面 · Coverage by policy", _of_rows(owing, "coverage", titles), most=1),
        "answers": _side_by_side(
            "各政策答复情况 · Answers by policy",
            [(_both(WORDS[name]), _of_rows(asking, name, titles)) for name in ANSWERS],
        ),
        "stages": _side_by_side(
            "各环节天数 · Days in each stage",
            [
                (_both(words), [_of_stage(stage, days) for stage, days in zip(stages, values, strict=True)])
                for words, values in (
                    (Words("中位", "median"), [stage.median_days for stage in stages]),
                    (Words("九成不超过", "nine of ten"), [stage.slow_days for stage in stages]),
                )
            ],
        ),
    }


def chart_svg(chart: Chart) -> bytes:
    """Return one chart as SVG; of more names than fit, the first are drawn."""
    series = [(_cut(words), [replace(bar, name=_cut(bar.name)) for bar in bars]) for words, bars in chart.series]
    return _drawn(chart.title, series, chart.most, PAGE_WIDTH_INCHES)


def _of_row(row: Row, names: Sequence[str]) -> list[Bar]:
    return [Bar(name=_both(WORDS[name]), value=row.figures[name], hidden=name in row.hidden) for name in names]


def _largest(rows: Sequence[Row], figure: str) -> list[Row]:
    """Return the rows in which a figure is not nothing, those with most cases, the largest first."""
    there = [row for row in rows if row.figures[figure] != 0]
    return sorted(there, key=lambda row: (-(row.figures["eligible"] or 0), row.group))[:MOST_BARS]


def _of_rows(rows: Sequence[Row], figure: str, titles: Titles) -> list[Bar]:
    return [
        Bar(
            name=_both(label(Cut.POLICY, row.group, titles)),
            value=row.figures[figure],
            hidden=figure in row.hidden,
        )
        for row in rows
    ]


def _of_stage(stage: StageLine, days: int | None) -> Bar:
    return Bar(name=_both(STATUS_WORDS[stage.status]), value=days, hidden=stage.hidden)


def _bars(title: str, bars: Sequence[Bar], most: float = 0) -> bytes:
    """Draw one bar per name; the scale ends at `most` or later."""
    return _drawn(title, [("", bars)], most)


def _side_by_side(title: str, series: Series) -> bytes:
    """Draw several bars per name, one of each series; all series have the same names."""
    return _drawn(title, series, 0)


def _drawn(title: str, given: Series, most: float, width: float = WIDTH_INCHES) -> bytes:
    """Return the picture: names on the left, bars, and at the end of each its number, or that there is none."""
    series = _with_numbers(given)
    lines = sum(len(bars) for _, bars in series)
    head = HEAD_INCHES + (LEGEND_INCHES if lines and len(series) > 1 else 0)
    height = head + BAR_INCHES * max(lines, 1)
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(width, height))
        canvas.text(0.01, 1 - 0.25 / height, title, va="top", size=12, weight="bold")
        if lines:
            axes = canvas.add_axes((NAMES_SHARE, 0.35 / height, BARS_SHARE, 1 - head / height))
            _draw_bars(axes, series, most, BARS_SHARE * width * POINTS_PER_INCH)
        else:
            canvas.text(0.01, 0.35 / height, _both(NO_NUMBERS))
        if lines and len(series) > 1:
            canvas.legend(
                loc="upper left", bbox_to_anchor=(0, 1 - 0.5 / height), ncols=len(series), frameon=False, fontsize=9
            )
        return _svg(canvas)


def _with_numbers(series: Series) -> Series:
    """Return the bars of the first names that have a number in some series."""
    numbered = [any(bar.value is not None for bar in bars) for bars in zip(*(bars for _, bars in series), strict=True)]
    return [(words, list(compress(bars, numbered))[:MOST_BARS]) for words, bars in series]


def _draw_bars(axes: Axes, series: Series, most: float, points: float) -> None:
    """Draw the bars on so many points of width, of which the longest number has its room behind the longest bar."""
    names = [bar.name for bar in series[0][1]]
    top = max([most, *(bar.length for _, bars in series for bar in bars)]) or 1
    room = (1 + max(len(bar.written) for _, bars in series for bar in bars)) * DIGIT_POINTS / points
    thick = 0.8 / len(series)
    for number, (words, bars) in enumerate(series):
        places = [place + (number - (len(series) - 1) / 2) * thick for place in range(len(bars))]
        axes.barh(places, [bar.length for bar in bars], color=COLOURS[number], height=thick * 0.9, label=words)
        for place, bar in zip(places, bars, strict=True):
            axes.text(bar.length + top * 0.01, place, bar.written, va="center", size=NUMBER_POINTS)
    axes.set_xlim(0, top / (1 - room))
    axes.set_xticks([])  # each bar says its number
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _svg(canvas: Canvas) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings():
        # The font that text is measured by lacks Chinese; the browser's fonts have it, and no margin rests on it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.savefig(sink, format="svg", metadata=NO_METADATA)
    return sink.getvalue()


def _both(words: Words) -> str:
    return _cut(words.zh if words.zh == words.en else f"{words.zh} {words.en}")


def _cut(text: str) -> str:
    width = 0
    for place, letter in enumerate(text):
        width += 2 if east_asian_width(letter) in "WF" else 1
        if width > MOST_WIDTH:
            return f"{text[:place]}…"
    return text
