"""Charts on pages: pictures of bars from the figures that stand in the table behind them.

Guarantees that a chart is drawn once for the same figures, and that its picture says in words what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.words import Words
from policy_match.reports.charts import Bar, Chart
from policy_match.web.call import Call
from policy_match.web.portal.saying import Saying

CHARTS = "/bureau/statistics/charts"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownChart:
    """A chart as a template shows it: where its picture is, and the same as names and written numbers."""

    address: str
    title: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]

    @property
    def in_words(self) -> str:
        """The picture in words, for those who do not see it."""
        return f"{self.title}: " + "; ".join(f"{name} {', '.join(values)}" for name, values in self.rows)


def shown_chart(
    call: Call, title: Words, series: Sequence[tuple[Words, Sequence[Bar]]], *, most: int = 0
) -> ShownChart:
    """Return a chart, drawn and kept; all series have the same names."""
    say = Saying(call.language)
    chart = Chart(title=say.words(title), series=[(say.words(words), bars) for words, bars in series], most=most)
    bars_of = [bars for _, bars in chart.series]
    return ShownChart(
        address=f"{CHARTS}/{call.desk.charts.keep(chart)}.svg",
        title=chart.title,
        series=[words for words, _ in chart.series],
        rows=[(bars[0].name, [bar.written for bar in bars]) for bars in zip(*bars_of, strict=True)],
    )
