"""Which row stands for a firm, and which rows of several sources belong together."""

from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.cleaning import OBSERVED, ROW_NUMBER
from policy_match.facts.joining import Chosen, Decided, Join, KeyIndex

Row = tuple[str, date | None, int | None]


def rows(*given: Row) -> pa.RecordBatch:
    keys, days, facts = zip(*given, strict=True)
    return pa.record_batch(
        {
            "uscc": pa.array(keys, pa.string()),
            ROW_NUMBER: pa.array(range(len(given)), pa.int64()),
            OBSERVED: pa.array(days, pa.date32()),
            "employees": pa.array(facts, pa.int64()),
        }
    )


def choose(*given: Row) -> Chosen:
    index = KeyIndex("firm")
    for start in range(0, len(given), 2):
        index.add(rows(*given[start : start + 2]))
    return index.choose()


EARLY, LATE = date(2024, 1, 1), date(2025, 1, 1)


def test_the_later_row_wins_then_the_fuller_then_the_earlier() -> None:
    chosen = choose(
        ("B", EARLY, 1), ("A", LATE, None), ("A", EARLY, 1), ("B", EARLY, None), ("B", EARLY, 2), ("A", None, 3)
    )
    assert chosen.keys.to_pylist() == ["A", "B"]
    assert chosen.places.tolist() == [1, 0]
    assert chosen.superseded.places.tolist() == [2, 3, 4, 5]
    assert chosen.superseded.instead.tolist() == [1, 0, 0, 1]
    assert chosen.superseded.decided == {Decided.OBSERVED: 2, Decided.FILLED: 1, Decided.ORDER: 1}


days = st.none() | st.sampled_from([EARLY, LATE])


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), days, st.none() | st.integers(0, 3)), min_size=1, max_size=30))
def test_every_row_is_chosen_or_superseded_by_a_chosen_one(given: list[Row]) -> None:
    chosen = choose(*given)
    assert chosen.keys.to_pylist() == sorted({key for key, _, _ in given})
    assert sorted([*chosen.places.tolist(), *chosen.superseded.places.tolist()]) == list(range(len(given)))
    assert sum(chosen.superseded.decided.values()) == len(chosen.superseded.places)
    for key, place in zip(chosen.keys.to_pylist(), chosen.places.tolist(), strict=True):
        best = max(
            (row for row in enumerate(given) if row[1][0] == key),
            key=lambda row: (row[1][1] or date.min, row[1][2] is not None, -row[0]),
        )
        assert place == best[0]
    for place, instead in zip(chosen.superseded.places, chosen.superseded.instead, strict=True):
        assert given[place][0] == given[instead][0]
        assert instead in chosen.places


@given(st.lists(st.sets(st.sampled_from("ABCDEFGH"), min_size=1), min_size=1, max_size=3), st.integers(1, 5))
def test_a_join_has_every_key_once_and_finds_the_rows_of_each_source(sources: list[set[str]], step: int) -> None:
    ordered = [sorted(keys, reverse=True) for keys in sources]
    join = Join([choose(*((key, None, 1) for key in keys)) for keys in ordered])
    assert join.keys.to_pylist() == sorted(set().union(*sources))
    for start in range(0, join.rows, step):
        stop = min(start + step, join.rows)
        for keys, part in zip(ordered, join.parts(start, stop), strict=True):
            expected = [
                (place, keys.index(key)) for place, key in enumerate(join.keys.to_pylist()[start:stop]) if key in keys
            ]
            assert list(zip(part.positions.tolist(), part.places.tolist(), strict=True)) == expected
    assert [join.missing_in(place) for place in range(len(sources))] == [join.rows - len(keys) for keys in sources]


def test_places_are_whole_numbers_of_eight_bytes() -> None:
    assert choose(("A", None, 1)).places.dtype == np.int64
