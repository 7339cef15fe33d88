"""A plot has room for its numbers, and none for names without one."""

import pytest
from lxml import etree

from policy_match.reports.charts import Bar, Chart
from policy_match.storage.report_plots import MOST_BARS, chart_svg

DIGIT_POINTS, COMMA_POINTS = 5.73, 2.86
"""Of DejaVu Sans at nine points, as its own tables have them."""


def drawn(*series: tuple[str, list[Bar]]) -> etree._Element:
    return etree.fromstring(chart_svg(Chart(title="图", series=series)))


def words_of(picture: etree._Element) -> list[str]:
    return [each.text for each in picture.iter("{*}text")]


def height_of(picture: etree._Element) -> float:
    return float(picture.get("viewBox").split()[3])


@pytest.mark.parametrize("most", [7, 4_971_517, 123_456_789_012])
def test_the_longest_number_ends_within_the_picture(most: int) -> None:
    picture = drawn(("元", [Bar(name="多", value=most), Bar(name="少", value=1)]))
    width = float(picture.get("viewBox").split()[2])
    number = next(each for each in picture.iter("{*}text") if each.text == f"{most:,}")
    wide = sum(COMMA_POINTS if letter == "," else DIGIT_POINTS for letter in number.text)
    assert float(number.get("x")) + wide <= width


def test_a_name_without_a_number_takes_no_room() -> None:
    known = [Bar(name="甲", value=3), Bar(name="乙", value=0)]
    unknown = [Bar(name="隐", value=None, hidden=True), Bar(name="无", value=None)]
    alone, among = drawn(("件", known)), drawn(("件", [unknown[0], *known, unknown[1]]))
    assert words_of(among) == words_of(alone)
    assert {"甲", "乙", "0"} <= set(words_of(among))
    assert height_of(among) == height_of(alone) < height_of(drawn(("件", [*known, *known])))


def test_a_name_stays_when_one_of_its_bars_has_a_number() -> None:
    half = [Bar(name="甲", value=2), Bar(name="乙", value=None, hidden=True), Bar(name="丙", value=None, hidden=True)]
    whole = [Bar(name="甲", value=4), Bar(name="乙", value=9), Bar(name="丙", value=None, hidden=True)]
    words = words_of(drawn(("中位", half), ("九成不超过", whole)))
    assert "丙" not in words
    assert {"甲", "乙", "2", "4", "9", "*"} <= set(words)


def test_names_without_a_number_keep_no_other_from_the_plot() -> None:
    unknown = [Bar(name=f"隐{place}", value=None, hidden=True) for place in range(MOST_BARS)]
    assert "甲" in words_of(drawn(("件", [*unknown, Bar(name="甲", value=3)])))


def test_a_plot_of_no_number_says_so() -> None:
    assert words_of(drawn(("件", [Bar(name="隐", value=None, hidden=True)]))) == [
        "图",
        "没有可显示的数字 no figure to show",
    ]
