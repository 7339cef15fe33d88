"""How well the service does, on pages: coverage, money and time by policy, district, industry, size, channel and month.

Guarantees that every chart stands before the table that it is drawn from, and that figures for publication hide what
few firms stand behind. What the figures mean is `reports.figures`.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from policy_match.cases.words import STATUS_WORDS, Words
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.reports.charts import Bar
from policy_match.reports.figure_kinds import Figure, Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.groups import CUT_WORDS
from policy_match.reports.model import FEWEST_FIRMS, Cut
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.values import Digest
from policy_match.web.api.v1 import report as api
from policy_match.web.bureau.allowed import everywhere
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Query
from policy_match.web.operation import File
from policy_match.web.portal.charts import ShownChart, shown_chart
from policy_match.web.portal.page import Door, Pages, View
from policy_match.web.portal.saying import Saying
from policy_match.web.problems import NotFound

PAGES = Pages(Door.BUREAU)

SVG = "image/svg+xml"
FEN = 100
DIGITS = 10_000
"""Shares come with four decimals."""

BY_NAME: Mapping[str, Figure] = {figure.name: figure for figure in FIGURES}

HEADLINES = ("firm_coverage", "paid_fen", "money_coverage", "median_days", "firms", "paid_firms")
"""What stands at the top, of all together."""

COLUMNS = (
    *("firms", "paid_firms", "firm_coverage", "owed", "paid", "coverage", "owed_fen", "paid_fen", "money_coverage"),
    *("median_days", "slow_days"),
)
"""The figures of each group in the table; the file has all."""

CHARTS: Sequence[tuple[str, ...]] = (("firm_coverage",), ("paid_fen",), ("median_days", "slow_days"))

CHART_WORDS: Mapping[tuple[str, ...], Words] = {
    ("firm_coverage",): Words("企业受惠面：已兑付企业 ÷ 应享企业", "Coverage: firms paid of firms eligible"),
    ("paid_fen",): Words("兑付金额（元）", "Yuan paid"),
    ("median_days", "slow_days"): Words("从匹配到到账的天数", "Days from match to money"),
}

MOST_DRAWN = 20
"""Of more groups, those with the most firms are drawn; the table has all."""


STAGE_FIGURES = ((Words("中位", "median"), "median_days"), (Words("九成不超过", "nine of ten"), "slow_days"))
NOTICES = Words("通知到了哪一步（件）", "How far notices got")


class ChartKey(Query):
    """Which chart."""

    name: Annotated[str, Field(pattern=r"^[0-9a-f]{64}\.svg$")]


@PAGES.shows("/bureau/statistics", "统计", "Statistics", like="show_figures", nav=True, collects=True)
def statistics(call: Call, query: api.FiguresQuery) -> View:
    """Show coverage, money and time by a cut."""
    found = api.show_figures(call, query)
    return View(
        "bureau/statistics.html",
        {
            "found": found,
            "query": query,
            "cuts": list(CUT_WORDS.items()),
            "headlines": [BY_NAME[name] for name in HEADLINES],
            "columns": [BY_NAME[name] for name in COLUMNS],
            "charts": [_chart(call, query.by, found.groups, names) for names in CHARTS] if found.groups else [],
            "written": Written(call),
            "fewest": FEWEST_FIRMS,
            "may_see_all": everywhere(call, "show_figures"),
        },
    )


@PAGES.shows("/bureau/statistics/figures.csv", "统计", "Statistics", like="export_figures", collects=True)
def statistics_file(call: Call, query: api.FiguresQuery) -> File:
    """Export every figure."""
    return api.export_figures(call, query)


@PAGES.shows("/bureau/statistics/stages", "各环节天数", "Days in each stage", like="show_stage_days", collects=True)
def stage_days(call: Call, query: api.DaysQuery) -> View:
    """Show how long cases stand in each status, of all and by policy."""
    found = api.show_stage_days(call, query)
    of_all = [each for each in found.stages if each.policy is None]
    chart = None
    if of_all:
        say = Saying(call.language)
        series = [
            (
                words,
                [
                    Bar(name=say.words(STATUS_WORDS[each.status]), value=getattr(each, field), hidden=each.hidden)
                    for each in of_all
                ],
            )
            for words, field in STAGE_FIGURES
        ]
        chart = shown_chart(call, Words("事项在各环节停留的天数", "Days that cases stand in each stage"), series)
    return View(
        "bureau/stage_days.html",
        {
            "found": found,
            "query": query,
            "chart": chart,
            "named": Named(call),
            "may_see_all": everywhere(call, "show_stage_days"),
            "fewest": FEWEST_FIRMS,
        },
    )


@PAGES.shows(
    "/bureau/statistics/stages.csv", "各环节天数", "Days in each stage", like="export_stage_days", collects=True
)
def stage_days_file(call: Call, query: api.DaysQuery) -> File:
    """Export the days in each status."""
    return api.export_stage_days(call, query)


@PAGES.shows("/bureau/statistics/notices", "通知送达", "Notices", like="show_notice_figures", collects=True)
def notice_figures(call: Call, query: api.DaysQuery) -> View:
    """Show how far notices got, and what became of deliveries."""
    found = api.show_notice_figures(call, query)
    say = Saying(call.language)
    total = found.all_notices
    bars = [
        Bar(name=say.words(words), value=_whole(total.figures[name]), hidden=name in total.hidden)
        for name, words in NOTICE_COUNTS
    ]
    return View(
        "bureau/notice_figures.html",
        {
            "found": found,
            "query": query,
            "chart": shown_chart(call, NOTICES, [(Words("件", "notices"), bars)]),
            "notice_counts": NOTICE_COUNTS,
            "delivery_counts": DELIVERY_COUNTS,
            "kinds": {kind.value: words for kind, words in KIND_WORDS.items()},
            "channels": {channel.value: words for channel, words in CHANNEL_WORDS.items()},
            "may_see_all": everywhere(call, "show_notice_figures"),
            "fewest": FEWEST_FIRMS,
        },
    )


@PAGES.shows("/bureau/statistics/notices.csv", "通知送达", "Notices", like="export_notice_figures", collects=True)
def notice_figures_file(call: Call, query: api.DaysQuery) -> File:
    """Export how far notices got."""
    return api.export_notice_figures(call, query)


@PAGES.shows("/bureau/statistics/charts/{name}", "图", "Chart", like="show_figures")
def chart_file(call: Call, path: ChartKey) -> File:
    """Return a chart that a page shows."""
    found = call.desk.charts.find(Digest(path.name.removesuffix(".svg")))
    if found is None:
        raise NotFound
    return File(content=found, media_type=SVG, name=path.name)


class Written:
    """Figures as people read them: `*` for hidden, `–` for none."""

    def __init__(self, call: Call) -> None:
        self._say = Saying(call.language)

    def __call__(self, item: api.FiguresItem, figure: Figure) -> str:
        """Return one figure of a group."""
        if figure.name in item.hidden:
            return "*"
        value = item.figures[figure.name]
        if value is None:
            return "–"
        if figure.unit is Unit.FEN:
            return self._say.yuan(int(value))
        if figure.unit is Unit.SHARE:
            return f"{value:.1%}"
        return self._say.count(int(value))


def _chart(call: Call, cut: Cut, groups: Sequence[api.FigureGroupItem], names: Sequence[str]) -> ShownChart:
    """Return a chart of some figures; months in their order, other groups by their firms."""
    drawn = list(groups)
    if cut is not Cut.MONTH:
        drawn.sort(key=lambda each: (-(each.figures["firms"] or 0), each.group))
    say = Saying(call.language)
    series = [
        (
            BY_NAME[name].words,
            [
                Bar(name=say(each.zh, each.en), value=_drawn(each, BY_NAME[name]), hidden=name in each.hidden)
                for each in drawn[-MOST_DRAWN if cut is Cut.MONTH else 0 :][:MOST_DRAWN]
            ],
        )
        for name in names
    ]
    return shown_chart(call, CHART_WORDS[tuple(names)], series, most=1 if BY_NAME[names[0]].unit is Unit.SHARE else 0)


def _drawn(item: api.FiguresItem, figure: Figure) -> int | Fraction | None:
    """Return a figure as it is drawn: fen as yuan, a share as a fraction."""
    value = item.figures[figure.name]
    if value is None:
        return None
    if figure.unit is Unit.SHARE:
        return Fraction(round(value * DIGITS), DIGITS)
    return round(Fraction(int(value), FEN)) if figure.unit is Unit.FEN else int(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
