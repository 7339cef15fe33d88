"""Columns taken exactly as they are, or refused."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.canonical import DICTIONARY
from policy_match.facts.catalogue import FactType
from policy_match.facts.reasons import Reason
from policy_match.facts.strict import convert
from policy_match.values import round_half_up
from tests.support.registry import fact

COUNT = fact("count", FactType.INTEGER, minimum=Decimal(0), maximum=Decimal(1000))
MONEY = fact("money", FactType.MONEY)
RATIO = fact("ratio", FactType.DECIMAL)
DAY = fact("day", FactType.DATE)
FLAG = fact("flag", FactType.BOOLEAN)
WORD = fact("word", FactType.STRING, values=("large", "small"))
LIST = fact("list", FactType.STRING_LIST)


def refusals(column: pa.Array | None) -> list[str | None]:
    return [] if column is None else column.to_pylist()


def test_text_that_is_no_number_is_refused_and_empty_text_is_unknown() -> None:
    column = convert(pa.array(["1", "", None, "300万元人民币", "N/A", "1,000", "-3", "1001", "12.5", "1e2"]), COUNT)
    assert column.values.to_pylist() == [1, None, None, None, None, None, None, None, None, 100]
    no, out, part = Reason.NOT_A_NUMBER.value, Reason.OUT_OF_RANGE.value, Reason.NOT_WHOLE.value
    assert refusals(column.refused) == [None, None, None, no, no, no, out, out, part, None]


def test_a_good_column_carries_no_reasons() -> None:
    assert convert(pa.array([1, 2, None]), COUNT).refused is None


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(["12.345"]),
        pa.array([12.345]),
        pa.array([Decimal("12.345")]),
        pa.array(["12.345"]).dictionary_encode(),
        pa.array(["12.345"], pa.large_string()),
    ],
)
def test_money_is_rounded_half_up_to_the_fen_whatever_the_column_holds(cells: pa.Array) -> None:
    assert convert(cells, MONEY).values.to_pylist() == [1235]


def test_a_number_that_is_not_finite_or_too_large_is_refused() -> None:
    column = convert(pa.array([float("nan"), float("inf"), 1e300, 2.0]), MONEY)
    assert column.values.to_pylist() == [None, None, None, 200]
    assert refusals(column.refused) == ["not_a_number", "not_a_number", "too_large", None]
    assert convert(pa.array([2**64 - 1], pa.uint64()), COUNT).values.to_pylist() == [None]
    assert refusals(convert(pa.array(["1" + "0" * 30]), MONEY).refused) == ["too_large"]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8).map(float))
def test_a_float_rounds_as_its_shortest_text_does(number: float) -> None:
    expected = round_half_up(Fraction(repr(number)) * 10**6)
    assert convert(pa.array([number]), RATIO).values.to_pylist() == [expected]


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_text_and_decimals_round_half_up_exactly(number: Decimal) -> None:
    expected = round_half_up(Fraction(number) * 100)
    assert convert(pa.array([str(number)]), MONEY).values.to_pylist() == [expected]
    assert convert(pa.array([number]), MONEY).values.to_pylist() == [expected]


def test_days_are_iso_days_that_exist() -> None:
    column = convert(pa.array(["2023-02-28", "2023-02-30", "2023/2/3", ""]), DAY)
    assert column.values.to_pylist() == [date(2023, 2, 28), None, None, None]
    assert refusals(column.refused) == [None, "impossible_date", "not_a_date", None]


def test_a_timestamp_is_a_day_only_at_midnight_and_without_a_zone() -> None:
    column = convert(pa.array([datetime(2023, 2, 28), datetime(2023, 2, 28, 1)]), DAY)  # noqa: DTZ001
    assert column.values.to_pylist() == [date(2023, 2, 28), None]
    zoned = pa.array([datetime(2023, 2, 28)], pa.timestamp("us", "UTC"))  # noqa: DTZ001
    assert refusals(convert(zoned, DAY).refused) == ["wrong_type"]


def test_a_day_outside_the_calendar_is_refused() -> None:
    assert refusals(convert(pa.array([10_000_000], pa.date32()), DAY).refused) == ["impossible_date"]


def test_a_boolean_is_true_or_false() -> None:
    column = convert(pa.array(["true", "FALSE", "是", "1"]), FLAG)
    assert column.values.to_pylist() == [True, False, None, None]
    assert refusals(convert(pa.array([1]), FLAG).refused) == ["wrong_type"]


def test_strings_become_dictionaries_and_only_allowed_values_stay() -> None:
    column = convert(pa.array(["large", "huge", None, ""]), WORD)
    assert column.values.type == DICTIONARY
    assert column.values.to_pylist() == ["large", None, None, None]
    assert refusals(column.refused) == [None, "not_allowed", None, None]


def test_a_dictionary_value_that_no_row_has_is_not_refused() -> None:
    cells = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["large", "huge"]))
    assert convert(cells, WORD).refused is None


def test_a_number_is_never_a_code() -> None:
    assert refusals(convert(pa.array([370212]), fact("code", FactType.STRING)).refused) == ["wrong_type"]


def test_lists_come_as_lists_as_json_or_between_semicolons() -> None:
    column = convert(pa.array(["[]", "a;b", '["x;y"]', "", "[1]"]), LIST)
    assert column.values.to_pylist() == [[], ["a", "b"], ["x;y"], None, None]
    assert refusals(column.refused) == [None, None, None, None, "not_a_list"]
    natural = convert(pa.array([["a"], [], None, [None]]), LIST)
    assert natural.values.to_pylist() == [["a"], [], None, None]
    assert refusals(convert(pa.array([[1]]), LIST).refused) == ["wrong_type"]


def test_a_column_of_nulls_is_unknown_for_every_type() -> None:
    for each in (COUNT, MONEY, RATIO, DAY, FLAG, WORD, LIST):
        column = convert(pa.nulls(2), each)
        assert (column.values.null_count, column.refused) == (2, None)
