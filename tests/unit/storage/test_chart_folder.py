"""Charts are drawn once for the same figures, and the folder holds so many."""

from pathlib import Path

from policy_match.reports.charts import Bar, Chart
from policy_match.storage.chart_folder import MOST_CHARTS, ChartFolder
from policy_match.storage.report_plots import MOST_BARS, chart_svg
from policy_match.values import Digest


def chart(value: int, *, hidden: bool = False) -> Chart:
    return Chart(title="图", series=[("件", [Bar(name="一", value=None if hidden else value, hidden=hidden)])])


class Drawer:
    """Draws, and says how often."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, wanted: Chart) -> bytes:
        self.drawn += 1
        return wanted.title.encode()


def test_the_same_figures_are_drawn_once(tmp_path: Path) -> None:
    drawer = Drawer()
    digests = {ChartFolder(tmp_path / "charts", drawer).keep(chart(7)) for _ in range(3)}
    assert (len(digests), drawer.drawn) == (1, 1)
    assert ChartFolder(tmp_path / "charts", drawer).find(digests.pop()) == "图".encode()


def test_other_figures_are_another_chart() -> None:
    assert len({chart(7).digest, chart(8).digest, chart(0).digest, chart(0, hidden=True).digest}) == 4


def test_a_chart_that_was_not_drawn_is_not_there(tmp_path: Path) -> None:
    assert ChartFolder(tmp_path, Drawer()).find(Digest("0" * 64)) is None


def test_the_folder_does_not_grow_without_end(tmp_path: Path) -> None:
    folder = ChartFolder(tmp_path, Drawer())
    for place in range(MOST_CHARTS):
        (tmp_path / f"{place}.svg").touch()
    digest = folder.keep(chart(1))
    assert len(list(tmp_path.iterdir())) <= MOST_CHARTS
    assert folder.find(digest) is not None


def test_a_picture_holds_its_words_and_no_more_bars_than_fit() -> None:
    bars = [Bar(name=f"名称{place}", value=place) for place in range(MOST_BARS + 1)]
    drawn = chart_svg(Chart(title="按政策", series=[("件", bars)])).decode()
    assert "按政策" in drawn
    assert f"名称{MOST_BARS - 1}" in drawn
    assert f"名称{MOST_BARS}" not in drawn
