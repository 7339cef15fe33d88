"""No hidden cell can be computed again: not by equations, and not by trying every population that there could be."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from policy_match.reports.suppression import TOTAL, Cell, Counted, Vector, hidden_cells
from tests.support.table_attack import computed

KINDS: Sequence[Vector] = ((1, 1, 0, 0, 0), (1, 0, 1, 0, 1), (1, 0, 1, 0, 0), (1, 0, 0, 1, 0))
"""Columns: all; the three parts of all; something besides. The first is the sum of the next three."""

WEIGHTS = (4, 1, 1, 1, 1)
RELATIONS: Sequence[tuple[int, tuple[int, ...]]] = ((0, (1, 2, 3)),)
Case = tuple[str, str, Vector]
"""The groups of a case in two cuts, and how it counts."""

Cases = Sequence[Case]


def counted(cases: Cases, cut: int, *, kinds: bool = False) -> Mapping[str, Sequence[Counted]]:
    """Return cases, each of a firm of its own, by group; in cut "a" the last column may say of which kind one is."""
    groups: dict[str, dict[Vector, set[str]]] = {}
    for number, case in enumerate(cases):
        groups.setdefault(case[cut], {}).setdefault(case[2], set()).add(f"firm {number}")
    return {
        group: [
            Counted(
                vector=vector,
                cases=len(firms),
                firms=frozenset(sorted(firms)[:3]),
                kinds=(str(vector[-1]), "") if kinds else (),
            )
            for vector, firms in of_group.items()
        ]
        for group, of_group in groups.items()
    }


def hidden_of(cases: Cases, *, kinds: bool = False) -> frozenset[Cell]:
    return hidden_cells({"a": counted(cases, 0, kinds=kinds), "b": counted(cases, 1, kinds=kinds)}, WEIGHTS)


def values_of(cases: Cases) -> Mapping[Cell, int]:
    """Return every cell of both cuts and of the total."""
    found: dict[Cell, int] = {}
    for a, b, vector in cases:
        for cut, group in (("a", a), ("b", b), (TOTAL, TOTAL)):
            for column, times in enumerate(vector):
                cell = Cell(cut, group, column)
                found[cell] = found.get(cell, 0) + times
    return found


def equations(values: Mapping[Cell, int]) -> Iterator[Mapping[Cell, int]]:
    """Yield what a reader knows to add up to nothing: rows, and columns of each cut with their total."""
    rows = {(cell.cut, cell.group) for cell in values}
    for cut, group in rows:
        for whole, parts in RELATIONS:
            yield {Cell(cut, group, whole): 1, **{Cell(cut, group, part): -1 for part in parts}}
    for cut in {cut for cut, _ in rows} - {TOTAL}:
        for column in range(len(WEIGHTS)):
            groups = [group for other, group in rows if other == cut]
            yield {Cell(TOTAL, TOTAL, column): 1, **{Cell(cut, group, column): -1 for group in groups}}


def found_again(values: Mapping[Cell, int], hidden: frozenset[Cell]) -> Mapping[Cell, Fraction]:
    shown = {cell: value for cell, value in values.items() if cell not in hidden}
    return computed(shown, hidden, equations(values))


GROUPS = ("x", "y", "z")
populations = st.lists(
    st.tuples(st.sampled_from(GROUPS), st.sampled_from(GROUPS[:2]), st.sampled_from(KINDS)), min_size=1, max_size=40
)


def small_of(cases: Cases) -> set[Cell]:
    """Return the cells with one or two cases, each of a firm of its own."""
    firms: dict[Cell, int] = {}
    for a, b, vector in cases:
        for cut, group in (("a", a), ("b", b), (TOTAL, TOTAL)):
            for column, times in enumerate(vector):
                if times:
                    cell = Cell(cut, group, column)
                    firms[cell] = firms.get(cell, 0) + 1
    return {cell for cell, number in firms.items() if number < 3}


@given(populations)
def test_equations_give_back_no_hidden_cell(cases: Cases) -> None:
    assert found_again(values_of(cases), hidden_of(cases)) == {}


@given(populations)
def test_every_small_cell_is_hidden(cases: Cases) -> None:
    assert small_of(cases) <= hidden_of(cases)


@given(populations, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(cases: Cases, chance: Random) -> None:
    shuffled = list(cases)
    chance.shuffle(shuffled)
    assert hidden_of(shuffled) == hidden_of(cases)


OPTIONS = tuple(product(("x", "y"), ("p", "q"), KINDS[:3]))
CELLS = tuple(
    Cell(cut, group, column)
    for cut, groups in (("a", ("x", "y")), ("b", ("p", "q")), (TOTAL, (TOTAL,)))
    for group in groups
    for column in range(len(WEIGHTS))
)


@cache
def every_population(most: int) -> NDArray[np.int64]:
    """Return the cells of every population of at most so many cases, one row each."""
    of_option = np.array([[values_of([option]).get(cell, 0) for cell in CELLS] for option in OPTIONS])
    rows = [
        of_option[list(chosen)].sum(axis=0)
        for number in range(1, most + 1)
        for chosen in combinations_with_replacement(range(len(OPTIONS)), number)
    ]
    return np.array(rows)


def alike(cases: Cases, hidden: frozenset[Cell]) -> NDArray[np.int64]:
    """Return the cells of every population that gives the same publication: the same cells, in the same groups."""
    values = values_of(cases)
    there = np.array([values.get(cell, 0) for cell in CELLS])
    shown = np.array([cell not in hidden for cell in CELLS])
    listed = np.array([cell.column == 0 and values.get(cell, 0) > 0 for cell in CELLS])
    possible = every_population(len(cases) + 1)
    return possible[(possible[:, shown] == there[shown]).all(axis=1) & (possible[:, listed] > 0).all(axis=1)]


@given(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4))
def test_for_every_hidden_cell_another_population_gives_the_same_publication(cases: Cases) -> None:
    """All that a reader could know: no number is negative or broken, and every group that is listed has a case."""
    hidden = hidden_of(cases)
    found = alike(cases, hidden)
    for place, cell in enumerate(CELLS):
        if cell in hidden:
            assert len(set(found[:, place])) > 1, cell


@given(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4))
def test_so_it_is_for_who_knows_which_kinds_of_cases_a_group_has(cases: Cases) -> None:
    hidden, values = hidden_of(cases, kinds=True), values_of(cases)
    found = alike(cases, hidden)
    for group in ("x", "y"):
        every, of_kind = (CELLS.index(Cell("a", group, column)) for column in (0, len(WEIGHTS) - 1))
        if not values.get(CELLS[of_kind], 0):
            found = found[found[:, of_kind] == 0]
        if values.get(CELLS[every], 0) == values.get(CELLS[of_kind], 0):
            found = found[found[:, of_kind] == found[:, every]]
    for place, cell in enumerate(CELLS):
        if cell in hidden:
            assert len(set(found[:, place])) > 1, cell


def test_the_attack_works_where_only_small_cells_are_hidden() -> None:
    cases = [("x", "p", KINDS[0])] * 5 + [("x", "p", KINDS[3])] + [("y", "p", KINDS[0])] * 4
    values = values_of(cases)
    small = frozenset(small_of(cases))
    assert found_again(values, small)[Cell("a", "x", 3)] == 1
    assert found_again(values, hidden_of(cases)) == {}


@pytest.mark.parametrize("number", [1, 2])
def test_of_one_or_two_firms_nothing_is_shown(number: int) -> None:
    hidden = hidden_of([("x", "p", KINDS[0])] * number)
    assert {cell for cell, value in values_of([("x", "p", KINDS[0])] * number).items() if value} <= hidden


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    cases = [(group, "p", kind) for group in GROUPS for kind in (KINDS[0], KINDS[1])] * 3
    assert hidden_of(cases) == frozenset()


def test_many_cases_of_two_firms_are_small() -> None:
    many = {"x": [Counted(vector=KINDS[0], cases=500, firms=frozenset({"one", "two"}))]}
    others = {"y": [Counted(vector=KINDS[0], cases=3, firms=frozenset({"a", "b", "c"}))]}
    assert Cell("a", "x", 0) in hidden_cells({"a": {**many, **others}}, WEIGHTS)


def test_of_no_cases_nothing_is_hidden() -> None:
    assert hidden_cells({"a": {}, "b": {}}, WEIGHTS) == frozenset()
