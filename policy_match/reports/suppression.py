"""Which cells of published tables are hidden, so that no figure of too few firms can be computed again.

Guarantees that for every hidden cell other firms could have given exactly the same publication, with another number in
that cell: neither equations nor "none is negative" tell it. What is counted is `figures`; drawing is a page's.

Hiding the small cells (*primary*) is not enough, as totals give them back. The usual remedy hides further cells
(*complementary*) until the equations between cells and totals have no single solution. That cannot see that numbers
are not negative, so here each small cell gets a witness instead: two cases of different groups that could have changed
places, or one that could have been another. Every cell in which they differ is hidden, and so the publication does not
say which of the two it was. Rules for choosing cells: Hundepool and others, Statistical Disclosure Control, 2012,
chapter 4; one witness per small cell is ours. It hides somewhat more than the least that would do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy_match.reports.model import FEWEST_FIRMS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
"""Of whole numbers: as floats they are multiplied several times faster."""

Flags = NDArray[np.bool_]
Vector = tuple[int, ...]

TOTAL = ""
"""Stands for all groups of every cut; no group has this name."""

_NEVER = float("inf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Cases that count alike: how often each counts in every column, how many there are, and firms behind them.

    Of the firms no more than `FEWEST_FIRMS` need be named. `kinds` says for each cut, in the order of their names, what
    a reader knows of the case by its group: it could only be in groups that have a case of that kind. A reader knows,
    for example, which policies ask the firm and which do not.
    """

    vector: Vector
    cases: int
    firms: frozenset[str]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """One cell: the cut is empty for the total row, which all cuts share."""

    cut: str
    group: str
    column: int


def hidden_cells(
    cuts: Mapping[str, Mapping[str, Sequence[Counted]]], weights: Sequence[int], fewest: int = FEWEST_FIRMS
) -> frozenset[Cell]:
    """Return the cells not to be shown when these cuts of the same cases are published together, with their total.

    A cell is small when fewer than `fewest` firms are behind it, and at least one. `weights` says how much a reader
    misses each column. The same input gives the same answer, in whatever order it comes.
    """
    some = next(iter(cuts.values()))
    types = sorted({(each.vector, each.kinds) for counted in some.values() for each in counted})
    rows = {
        cut: _rows_of(place, groups, types, len(weights), fewest)
        for place, (cut, groups) in enumerate(sorted(cuts.items()))
    }
    vectors = np.array([vector for vector, _ in types], np.int64).reshape(len(types), len(weights))
    hiding = _Hiding(rows, vectors, np.array(weights, np.float64))
    hiding.protect_totals()
    for cut in rows:
        hiding.protect_groups(cut)
    return frozenset(hiding.cells())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """The groups of one cut. `there[group, type]` says which has cases of which type, `fits` which could have.

    `several` says which groups have more than one case: a group that is listed has at least one, as readers know.
    """

    groups: tuple[str, ...]
    there: Flags
    fits: Flags
    several: Flags
    values: Integers
    small: Flags
    total: Integers
    total_small: Flags


def _rows_of(
    place: int,
    groups: Mapping[str, Sequence[Counted]],
    types: Sequence[tuple[Vector, tuple[str, ...]]],
    width: int,
    fewest: int,
) -> _Rows:
    names = tuple(sorted(groups))
    assert TOTAL not in names
    numbers = {each: number for number, each in enumerate(types)}
    kinds = [kinds[place] if kinds else "" for _, kinds in types]
    there = np.zeros((len(names), len(types)), bool)
    fits = np.zeros((len(names), len(types)), bool)
    values = np.zeros((len(names), width), np.int64)
    small = np.zeros((len(names), width), bool)
    everybody: list[Counted] = []
    for row, name in enumerate(names):
        for each in groups[name]:
            there[row, numbers[each.vector, each.kinds]] = True
            values[row] += each.cases * np.array(each.vector, np.int64)
        had = {kinds[number] for number in np.flatnonzero(there[row])}
        fits[row] = [kind in had for kind in kinds]
        small[row] = _small(groups[name], width, fewest)
        everybody += groups[name]
    return _Rows(
        groups=names,
        there=there,
        fits=fits,
        several=np.array([sum(each.cases for each in groups[name]) > 1 for name in names]),
        values=values,
        small=small,
        total=values.sum(axis=0),
        total_small=_small(everybody, width, fewest),
    )


def _small(counted: Sequence[Counted], width: int, fewest: int) -> Flags:
    """Return for each column whether there are firms behind it, but too few."""
    firms: list[set[str]] = [set() for _ in range(width)]
    for each in counted:
        for column, times in enumerate(each.vector):
            if times and len(firms[column]) < fewest:
                firms[column] |= each.firms
    return np.array([0 < len(found) < fewest for found in firms])


class _Hiding:
    """What is hidden so far. Every hidden cell has a witness, so that one that is hidden needs nothing more."""

    def __init__(self, rows: Mapping[str, _Rows], vectors: Integers, weights: Floats) -> None:
        self._rows = rows
        self._vectors = vectors
        # The last stands for no case at all.
        self._others = np.vstack([vectors, np.zeros((1, len(weights)), np.int64)])
        self._total = next(iter(rows.values()))
        assert all((each.total == self._total.total).all() for each in rows.values()), "cuts of the same cases"
        # What is hidden costs nothing more; of the others a large number is missed more than a small one.
        self._hidden = {cut: np.zeros(each.values.shape, bool) for cut, each in rows.items()}
        self._costs = {cut: weights * (1 + _bits(each.values)) for cut, each in rows.items()}
        self._total_hidden = np.zeros(len(weights), bool)
        self._total_costs = weights * (1 + _bits(self._total.total))

    def protect_totals(self) -> None:
        """Hide what is small in all cases together: one might have been another, or there might be one more."""
        for column in np.flatnonzero(self._total.total_small):
            if not self._total_hidden[column]:
                self._change_one(int(column), {})

    def protect_groups(self, cut: str) -> None:
        """Hide what is small in a group: a case of it and one of another group might have changed places."""
        for group, column in np.argwhere(self._rows[cut].small):
            if self._hidden[cut][group, column]:
                continue
            if not self._exchange(cut, int(group), int(column)):
                self._change_one(int(column), {cut: int(group)})

    def cells(self) -> Iterator[Cell]:
        """Yield every hidden cell."""
        for column in np.flatnonzero(self._total_hidden):
            yield Cell(TOTAL, TOTAL, int(column))
        for cut, hidden in self._hidden.items():
            for group, column in np.argwhere(hidden):
                yield Cell(cut, self._rows[cut].groups[group], int(column))

    def _exchange(self, cut: str, group: int, column: int) -> bool:
        """Find the cheapest exchange of two cases that changes this cell, and hide all it changes; `False` without one.

        Each must fit where the other was. The other case may be no case at all: then the one simply belongs to the
        other group, which must not leave a group without any.
        """
        rows, costs = self._rows[cut], self._costs[cut]
        best = _NEVER
        for one in np.flatnonzero(rows.there[group] & (self._vectors[:, column] != 0)):
            differs = self._others != self._vectors[one]
            possible = np.zeros((len(rows.groups), len(self._others)), bool)
            possible[:, :-1] = rows.there & rows.fits[group] & rows.fits[:, [one]]
            possible[:, -1] = (rows.fits[:, one] & rows.several[group]) | (rows.there[:, one] & rows.several)
            possible[group] = False
            price = np.where(
                possible & differs[:, column], (differs @ costs[group])[None, :] + costs @ differs.T, _NEVER
            )
            other, place = divmod(int(price.argmin()), len(self._others))
            if price[other, place] < best:
                best, chosen = price[other, place], (other, differs[place])
        if best == _NEVER:
            return False
        for each in (group, chosen[0]):
            self._hide(cut, each, chosen[1])
        return True

    def _change_one(self, column: int, fixed: Mapping[str, int]) -> None:
        """Find the cheapest change of one case, or one more like it, that changes this column; hide all it changes.

        The case is one of the groups in `fixed`. It is a case of some group in every cut, and must fit there changed.
        """
        possible = self._vectors[:, column] != 0
        for cut, group in fixed.items():
            possible = possible & self._rows[cut].there[group]
        best = _NEVER
        for one in np.flatnonzero(possible):
            differs = self._others != self._vectors[one]
            price = np.where(differs[:, column], differs @ self._total_costs, _NEVER)
            where = {}
            for cut, rows in self._rows.items():
                groups = np.array([fixed[cut]]) if cut in fixed else np.flatnonzero(rows.there[:, one])
                fits = np.hstack([rows.fits[groups], np.ones((len(groups), 1), bool)])
                of_groups = np.where(fits, self._costs[cut][groups] @ differs.T, _NEVER)
                where[cut] = groups[of_groups.argmin(axis=0)]
                price = price + of_groups.min(axis=0)
            place = int(price.argmin())
            if price[place] < best:
                best = price[place]
                chosen = differs[place], {cut: int(groups[place]) for cut, groups in where.items()}
        assert best < _NEVER, "one more case always differs"
        self._total_hidden |= chosen[0]
        self._total_costs[chosen[0]] = 0
        for cut, group in chosen[1].items():
            self._hide(cut, group, chosen[0])

    def _hide(self, cut: str, group: int, columns: Flags) -> None:
        self._hidden[cut][group] |= columns
        self._costs[cut][group][columns] = 0


def _bits(values: Integers) -> Floats:
    bits: Floats = np.ceil(np.log2(values + 1))
    return bits
