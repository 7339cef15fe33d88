"""Sets of missing facts: read from bitmaps at some rows, each distinct set once."""

import numpy as np
import pytest

from policy_match.engines.arrow.bitmaps import BitPlaces, bits_at, places_in
from policy_match.engines.arrow.missing import FactSets, as_dictionary, united
from policy_match.values import FactName

ROWS = 2_003
PLACES = np.arange(1, ROWS, 3)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_rows_set_in_a_bitmap_are_found_however_many_there_are(share: float) -> None:
    places = np.flatnonzero(np.random.default_rng(1).random(ROWS) < share)
    assert places_in(bits_at(places, ROWS), ROWS).tolist() == places.tolist()


@pytest.mark.parametrize("facts", [1, 2, 7, 8, 9, 16, 17, 40])
def test_every_row_has_the_set_of_the_facts_whose_bit_it_has(facts: int) -> None:
    present = np.random.default_rng(facts).random((ROWS, facts)) < 0.3
    bitmaps = [bits_at(np.flatnonzero(column), ROWS) for column in present.T]
    sets = FactSets.read(bitmaps, BitPlaces(PLACES))
    assert (sets.members[sets.codes] == present[PLACES]).all()
    assert len(np.unique(sets.members, axis=0)) == len(sets.members) == len(np.unique(sets.codes))


def test_no_fact_is_missing_where_no_condition_names_one() -> None:
    assert as_dictionary({}, BitPlaces(PLACES[:2])).to_pylist() == [[], []]
    assert as_dictionary({}, BitPlaces(PLACES[:0])).to_pylist() == []


def test_facts_that_are_missing_for_several_reasons_are_named_once_and_sorted() -> None:
    first, second = bits_at(np.array([3, 4]), ROWS), bits_at(np.array([4, 5]), ROWS)
    missing = united([{FactName("b"): first, FactName("a"): second}, {FactName("b"): second}])
    assert as_dictionary(missing, BitPlaces(np.array([3, 4, 5]))).to_pylist() == [["b"], ["a", "b"], ["a", "b"]]
