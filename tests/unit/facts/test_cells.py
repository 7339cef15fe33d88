"""What single cells mean, as clerks write them."""

from datetime import date

import pytest

from policy_match.facts import cells
from policy_match.facts.reasons import Reason


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("300万元人民币", 3_000_000),
        ("1,000(万)", 10_000_000),
        ("183.8000(万人民币元)", 1_838_000),
        ("50(万元人民币)", 500_000),
        ("0(万元人民币)", 0),
        ("100(万元(人民币))", 1_000_000),
        ("12万人民币元", 120_000),
        ("681,000(人民币元)", 681_000),
        ("5元人民币", 5),
        ("人民币300万元", 3_000_000),
        ("2亿元", 200_000_000),
        ("5000( 万元人民币)", 50_000_000),
    ],
)
def test_an_amount_with_its_unit_is_read_in_yuan(text: str, yuan: int) -> None:
    assert cells.read_chinese_money(text) == yuan * 100


def test_an_amount_smaller_than_a_fen_is_rounded_half_up() -> None:
    assert cells.read_chinese_money("1E-06万人民币") == 1
    assert cells.read_chinese_money("0.0000005万元") == 1
    assert cells.read_chinese_money("0.0000004万元") == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("104()", Reason.NO_UNIT),
        ("60", Reason.NO_UNIT),
        ("9(万美元)", Reason.FOREIGN_CURRENCY),
        ("9(万元(港币))", Reason.FOREIGN_CURRENCY),
        ("9(万德国马克)", Reason.FOREIGN_CURRENCY),
        ("-", Reason.NOT_A_NUMBER),
        ("壹佰万元", Reason.NOT_A_NUMBER),
        ("10,1520000(万元人民币)", Reason.NOT_A_NUMBER),
        ("300万股", Reason.OTHER_UNIT),
        ("99999999999999999万元", Reason.TOO_LARGE),
    ],
)
def test_an_amount_that_must_be_guessed_is_refused_with_its_reason(text: str, reason: Reason) -> None:
    assert cells.read_chinese_money(text) is reason


def test_a_unit_other_than_the_mapped_one_is_refused() -> None:
    assert cells.read_yuan("300万元") is Reason.OTHER_UNIT
    assert cells.read_wan("300元") is Reason.OTHER_UNIT
    assert cells.read_wan("300万元") == cells.read_wan("300") == 300_000_000
    assert cells.read_yuan("¥1,234.50元") == 123_450
    assert cells.read_yuan("3万美元") is Reason.FOREIGN_CURRENCY
    assert cells.read_yuan("N/A") is Reason.NOT_A_NUMBER


@pytest.mark.parametrize(
    "text",
    ["2019-01-02", "2019/1/2", "2019.1.2", "20190102", "2019年1月2日", "43467", "2019-01-02 00:00:00", "43467.5"],
)
def test_a_day_is_read_in_every_usual_form(text: str) -> None:
    assert cells.read_date(text) == date(2019, 1, 2)


@pytest.mark.parametrize("text", ["2019-02-30", "20191301", "2019年2月29日", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    assert cells.read_date(text) is Reason.IMPOSSIBLE_DATE


@pytest.mark.parametrize("text", ["2019", "201901", "19-01-02", "长期", "1/2/2019", "2019-1/2", "2019-01-02Z"])
def test_text_that_names_no_day_is_refused(text: str) -> None:
    assert cells.read_date(text) is Reason.NOT_A_DATE


def test_yes_and_no_are_read_in_their_usual_forms() -> None:
    assert [cells.read_boolean(text) for text in ("是", "Y", "1", "true", "Yes")] == [True] * 5
    assert [cells.read_boolean(text) for text in ("否", "N", "0", "FALSE", "no")] == [False] * 5
    assert cells.read_boolean("有") is Reason.NOT_A_BOOLEAN


def test_a_whole_number_may_have_separators_but_no_fraction() -> None:
    assert cells.read_integer("1,234") == 1234
    assert cells.read_integer("12.0") == 12
    assert cells.read_integer("12.5") is Reason.NOT_WHOLE
    assert cells.read_integer("12人") is Reason.NOT_A_NUMBER


def test_a_percentage_is_a_hundredth() -> None:
    assert cells.read_decimal("5.5%", 6) == 55_000
    assert cells.read_decimal("0.055", 6) == 55_000


def test_a_list_cell_is_split_and_the_word_for_nothing_is_an_empty_list() -> None:
    read = cells.list_reader("、", frozenset({"无"}))
    assert read("甲、乙") == ("甲", "乙")
    assert read("无") == ()
    assert read('["a;b"]') == ("a;b",)
    assert read("[1]") is Reason.NOT_A_LIST
    assert read("[") is Reason.NOT_A_LIST
