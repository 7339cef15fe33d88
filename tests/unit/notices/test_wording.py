"""How values are written: on one line, without what others could smuggle in, within their limit."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.cases.period import period_of
from policy_match.notices.wording import (
    CUT,
    clause,
    cut,
    one_line,
    units,
    write_day,
    write_money,
    write_period,
)
from policy_match.policy.model import Benefit, Rhythm

ANY_TEXT = st.text(st.characters(), max_size=200)


def test_amounts_are_written_in_yuan_with_both_decimals() -> None:
    assert write_money(123_456_789, "zh") == "1,234,567.89元"
    assert write_money(5, "en") == "0.05 yuan"


def test_days_are_written_as_people_write_them() -> None:
    assert write_day(date(2026, 7, 9), "zh") == "2026年7月9日"
    assert write_day(date(2026, 7, 9), "en") == "9 July 2026"


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("2025", "2025年度", "2025"),
        ("2025-H2", "2025年下半年", "half 2 of 2025"),
        ("2025-Q3", "2025年第3季度", "quarter 3 of 2025"),
        ("2025-06", "2025年6月", "June 2025"),
        ("once", "", ""),
        ("event", "", ""),
    ],
)
def test_a_period_is_written_in_words(period: str, zh: str, en: str) -> None:
    assert (write_period(period, "zh"), write_period(period, "en")) == (zh, en)


@pytest.mark.parametrize("rhythm", Rhythm)
def test_every_period_that_a_case_can_have_is_written(rhythm: Rhythm) -> None:
    for month in range(1, 13):
        for benefit in (Benefit.GRANT, Benefit.REMINDER):
            found = write_period(period_of(rhythm, benefit, date(2025, month, 28)), "zh")
            assert ("2025年" in found) == (found != "")


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("  甲\t乙 \n 丙 ", "甲 乙 丙"),
        ("一\r\nBcc: invented@example.com", "一 Bcc: invented@example.com"),
        ("\u202e倒\u200b写\ufeff", "倒写"),
        ("A\u2028B\u2029C", "A B C"),
        ("\x00\x1b[31m红", "[31m红"),
    ],
)
def test_a_text_of_others_stands_on_one_line_and_shows_all_that_it_has(given: str, seen: str) -> None:
    assert one_line(given) == seen


@pytest.mark.parametrize(
    "given",
    ["见https://invented.example/x?y=1有限公司", "见WWW.invented.example/x有限公司", "见ftp://invented有限公司"],
)
def test_a_link_is_left_out_of_what_others_wrote(given: str) -> None:
    assert one_line(given) == "见(…)有限公司"


@given(ANY_TEXT)
def test_no_text_breaks_a_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert one_line(one_line(text)) == one_line(text)


@given(ANY_TEXT, st.integers(2, 100))
def test_a_cut_text_keeps_its_limit_and_says_that_it_was_cut(text: str, most: int) -> None:
    found = cut(text, most)
    assert units(found) <= most
    assert found == text if units(text) <= most else found.endswith(CUT)


def test_a_sign_outside_the_basic_plane_takes_two_signs_of_a_message() -> None:
    assert units("𠮷国") == 3
    assert cut("𠮷" * 5, 6) == "𠮷𠮷…"


def test_the_last_stop_of_a_reason_is_left_to_the_sentence_around_it() -> None:
    assert clause("资料不全。") == "资料不全"
    assert clause("not complete. ") == "not complete"
