"""Exact integer columns: when int64 is enough, and what happens where it is not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.engines.arrow.integers import SAFE, Integers

NUMBERS = st.integers(-SAFE, SAFE)
COLUMNS = st.lists(NUMBERS, min_size=1, max_size=20)
OPERATIONS: dict[str, Callable[[Integers, Integers], Integers]] = {
    "plus": lambda left, right: left + right,
    "minus": lambda left, right: left - right,
    "times": lambda left, right: left * right,
}
ON_PYTHON: dict[str, Callable[[int, int], int]] = {
    "plus": lambda left, right: left + right,
    "minus": lambda left, right: left - right,
    "times": lambda left, right: left * right,
}


def test_small_bounds_prove_that_nothing_is_lost() -> None:
    product = Integers.of(10**9, -3) * Integers.of(4 * 10**8, 7)
    assert product.values.tolist() == [4 * 10**17, -21]
    assert product.lost is None
    assert not product.exact


def test_only_the_rows_that_do_not_fit_are_lost() -> None:
    product = Integers.of(10**10, 3, -(10**12)) * Integers.of(10**10, 4, 10**12)
    assert product.lost is not None
    assert product.lost.tolist() == [True, False, True]
    assert product.values[1] == 12


def test_bounds_shrink_again_once_the_large_rows_are_lost() -> None:
    product = Integers.of(10**10, 3) * Integers.of(10**10, 4)
    assert (product.low, product.high) == (1, 12)
    assert (product + Integers.of(1)).lost is product.lost


def test_python_integers_lose_nothing() -> None:
    product = Integers.of(10**30, 3).widened() * Integers.of(10**30, 4).widened()
    assert product.values.tolist() == [10**60, 12]
    assert product.lost is None


def test_a_constant_too_large_for_int64_is_kept_exactly() -> None:
    large = Integers.of(10**40)
    assert large.exact
    assert (large + Integers.of(1)).values.tolist() == [10**40 + 1]


def test_a_lost_row_stays_lost_in_what_is_calculated_from_it() -> None:
    lost = Integers.of(10**10, 3) * Integers.of(10**10, 4)
    for result in (lost + Integers.of(1), -lost, lost // Integers.of(2), lost.at_most(Integers.of(5))):
        assert result.lost is not None
        assert result.lost.tolist() == [True, False]


def test_quotients_are_rounded_down() -> None:
    assert (Integers.of(7, -7) // Integers.of(2)).values.tolist() == [3, -4]


@pytest.mark.parametrize("name", OPERATIONS)
@given(left=COLUMNS, right=NUMBERS)
def test_every_row_that_is_not_lost_is_exact(name: str, left: list[int], right: int) -> None:
    result = OPERATIONS[name](Integers.of(*left), Integers.of(right))
    lost = np.zeros(len(left), np.bool_) if result.lost is None else result.lost
    for value, found, is_lost in zip(left, result.values.tolist(), lost.tolist(), strict=True):
        expected = ON_PYTHON[name](value, right)
        assert is_lost or found == expected
        assert not is_lost or abs(expected) > SAFE // 2
        assert is_lost or result.low <= found <= result.high


@given(COLUMNS, COLUMNS)
def test_a_choice_between_two_columns_is_exact_at_any_distance(left: list[int], right: list[int]) -> None:
    count = min(len(left), len(right))
    chosen = np.arange(count) % 2 == 0
    mixed = Integers.of(*left[:count]).where(chosen, Integers.of(*right[:count]))
    assert mixed.values.tolist() == [left[place] if place % 2 == 0 else right[place] for place in range(count)]
