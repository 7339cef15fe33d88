"""Profiles of facts: exact figures, bounded memory, nobody's own values shown. All values are invented."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.canonical import NUMBER_LIMIT, stored_type
from policy_match.facts.catalogue import Fact, FactType
from policy_match.facts.profile import (
    BooleanProfile,
    DateProfile,
    FactProfile,
    ListProfile,
    NumberProfile,
    TextProfile,
)
from policy_match.services.fact_profiles import COUNTED_WORDS, SAMPLED_VALUES, TableProfiles
from tests.support.registry import fact

MONEY = fact("revenue", FactType.MONEY)
INTEGER = fact("employees", FactType.INTEGER)
DECIMAL = fact("ratio", FactType.DECIMAL)
STRING = fact("industry", FactType.STRING)
DATE = fact("founded", FactType.DATE)

scaled = st.integers(1 - NUMBER_LIMIT, NUMBER_LIMIT - 1)


def profile_of(what: Fact, values: Sequence[object], batch_rows: int = 100_000) -> FactProfile | None:
    profiles = TableProfiles([what])
    column = pa.array(values, stored_type(what))
    for start in range(0, len(column), batch_rows):
        profiles.add(pa.record_batch({what.name: column.slice(start, batch_rows)}))
    return profiles.profiles()[what.name]


def numbers_of(what: Fact, values: Sequence[object], batch_rows: int = 100_000) -> NumberProfile:
    found = profile_of(what, values, batch_rows)
    assert isinstance(found, NumberProfile)
    return found


def words_of(values: Sequence[object], what: Fact = STRING, batch_rows: int = 100_000) -> TextProfile:
    found = profile_of(what, values, batch_rows)
    assert isinstance(found, TextProfile)
    return found


def test_money_is_profiled_in_yuan() -> None:
    found = numbers_of(MONEY, [None, 0, 150, 30_050, 10_000_000_000])
    assert (found.minimum, found.median, found.maximum) == (Decimal("0.00"), Decimal("1.50"), Decimal("100000000.00"))
    assert format(found.maximum, "f") == "100000000.00"
    assert found.zeros == 1


def test_amounts_in_ten_thousand_yuan_stand_four_bins_away_from_amounts_in_yuan() -> None:
    found = numbers_of(MONEY, [300 * 100] * 10 + [3_000_000 * 100] * 90)
    assert [each.rows for each in found.bins] == [10, 0, 0, 0, 90]
    assert (int(found.bins[0].lower), int(found.bins[0].upper)) == (100, 1_000)
    assert (int(found.bins[-1].lower), int(found.bins[-1].upper)) == (1_000_000, 10_000_000)


def test_an_edge_belongs_to_the_bin_above_it_and_below_zero_to_the_bin_below_it() -> None:
    bins = {(each.lower, each.upper): each.rows for each in numbers_of(INTEGER, [-20, -19, 0, 19, 20]).bins}
    assert bins[Decimal(-50), Decimal(-20)] == 1
    assert bins[Decimal(-20), Decimal(-10)] == 1
    assert bins[Decimal(0), Decimal(0)] == 1
    assert bins[Decimal(10), Decimal(20)] == 1
    assert bins[Decimal(20), Decimal(50)] == 1
    assert sum(bins.values()) == 5


@given(st.lists(st.one_of(st.none(), scaled), max_size=40), st.integers(1, 40))
def test_numbers_are_exact_and_every_known_value_is_in_one_bin(values: list[int | None], batch_rows: int) -> None:
    known = sorted(value for value in values if value is not None)
    if not known:
        assert profile_of(DECIMAL, values, batch_rows) is None
        return
    found = numbers_of(DECIMAL, values, batch_rows)
    unit = Fraction(1, 10**DECIMAL.scale)
    assert Fraction(found.minimum) == known[0] * unit
    assert Fraction(found.maximum) == known[-1] * unit
    assert Fraction(found.median) == known[(len(known) - 1) // 2] * unit
    assert found.zeros == known.count(0)
    for each in found.bins:
        low, high = Fraction(each.lower) / unit, Fraction(each.upper) / unit
        inside = [value for value in known if low <= value < high] if low > 0 else []
        inside = [value for value in known if low < value <= high] if high < 0 else inside
        inside = [value for value in known if value == 0] if low == high == 0 else inside
        assert each.rows == len(inside)
    assert sum(each.rows for each in found.bins) == len(known)
    assert found.bins[0].rows and found.bins[-1].rows


@given(st.lists(st.one_of(st.none(), scaled), max_size=30), st.integers(1, 30))
def test_batches_do_not_change_a_profile(values: list[int | None], batch_rows: int) -> None:
    assert profile_of(INTEGER, values, batch_rows) == profile_of(INTEGER, values)


def test_few_different_numbers_are_counted_each() -> None:
    found = numbers_of(INTEGER, [12] * 30 + [0] * 2 + [11], batch_rows=7)
    assert [(each.value, each.rows) for each in found.values] == [("0", 2), ("11", 1), ("12", 30)]
    assert numbers_of(INTEGER, list(range(20)), batch_rows=7).values == ()


@pytest.mark.parametrize("batch_rows", [10_000, 262_144])
def test_beyond_the_limit_percentiles_come_from_evenly_spaced_values(batch_rows: int) -> None:
    rows = 5 * SAMPLED_VALUES
    found = numbers_of(INTEGER, list(range(rows)), batch_rows)
    assert found.every == 8
    assert found.median % 8 == 0
    assert abs(found.median - rows // 2) <= 8
    assert abs(found.percentile_5 - rows // 20) <= 8
    assert (int(found.minimum), int(found.maximum)) == (0, rows - 1)
    assert sum(each.rows for each in found.bins) == rows


def test_dates_have_their_range_and_years() -> None:
    found = profile_of(DATE, [date(2019, 5, 1), None, date(1, 1, 1), date(2019, 12, 31), date(9999, 12, 31)])
    assert isinstance(found, DateProfile)
    assert (found.earliest, found.median, found.latest) == (date(1, 1, 1), date(2019, 5, 1), date(9999, 12, 31))
    assert dict(found.years) == {1: 1, 2019: 2, 9999: 1}
    days = [date(2019, 1, 1) + timedelta(days=number) for number in range(31)]
    assert profile_of(DATE, days, batch_rows=7) == profile_of(DATE, days)


def test_words_that_rows_share_are_ranked() -> None:
    found = words_of(["F"] * 20 + ["C"] * 30 + ["A"] * 20 + ["Q"] * 4, batch_rows=9)
    assert [(each.value, each.rows) for each in found.top] == [("C", 30), ("A", 20), ("F", 20)]
    assert (found.distinct, found.distinct_exact, found.rows_not_shown) == (4, True, 4)


def test_names_are_counted_and_never_shown() -> None:
    found = words_of([f"样例企业{number}" for number in range(100)] + ["连锁店"] * 20)
    assert (found.distinct, found.top, found.rows_not_shown) == (101, (), 120)


def test_words_of_the_catalogue_are_shown_however_rare() -> None:
    listed = fact("size_class", FactType.STRING, values=("large", "small"))
    assert [each.value for each in words_of(["large", "small", "small"], listed).top] == ["small", "large"]


def test_very_many_different_words_are_estimated_within_one_in_a_hundred() -> None:
    words = [f"样例企业{number}" for number in range(3 * COUNTED_WORDS)] * 2
    found = words_of(words)
    assert not found.distinct_exact
    assert abs(found.distinct - 3 * COUNTED_WORDS) <= 3 * COUNTED_WORDS // 100
    assert (found.top, found.rows_not_shown) == ((), len(words))
    assert found == words_of(words, batch_rows=262_144)


def test_booleans_are_counted_and_unknown_is_neither() -> None:
    assert profile_of(fact("arrears", FactType.BOOLEAN), [True, None, False, True]) == BooleanProfile(true=2, false=1)


def test_lists_are_counted_by_their_entries() -> None:
    found = profile_of(fact("lists", FactType.STRING_LIST), [["a", "b"], [], None, ["a"]])
    assert isinstance(found, ListProfile)
    assert (found.entries, found.lengths.zeros, int(found.lengths.maximum)) == (3, 1, 2)
    assert [(each.value, each.rows) for each in found.lengths.values] == [("0", 1), ("1", 1), ("2", 1)]


@pytest.mark.parametrize("kind", FactType)
def test_a_fact_without_known_values_has_no_profile(kind: FactType) -> None:
    assert profile_of(fact("nothing", kind), [None, None]) is None
    assert profile_of(fact("nothing", kind), []) is None
