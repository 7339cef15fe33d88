"""Somebody who reads published tables and computes what is hidden in them, by solving the equations that he knows.

Guarantees exact arithmetic: a hidden cell is found if and only if the equations leave one number for it.
"""

from collections.abc import Hashable, Iterable, Mapping, Set
from fractions import Fraction
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def computed(
    shown: Mapping[Cell, int], hidden: Set[Cell], equations: Iterable[Mapping[Cell, int]]
) -> Mapping[Cell, Fraction]:
    """Return every hidden cell whose number follows. Each equation is a sum of cells times numbers that is nothing."""
    unknown = {cell: place for place, cell in enumerate(sorted(hidden, key=repr))}
    names = list(unknown)
    rows: list[dict[int, Fraction]] = []
    for equation in equations:
        row: dict[int, Fraction] = {}
        for cell, times in equation.items():
            place = unknown.get(cell, len(names))
            known = Fraction(1) if cell in unknown else Fraction(-shown.get(cell, 0))
            row[place] = row.get(place, Fraction(0)) + times * known
        if any(row.get(place) for place in unknown.values()):
            rows.append({place: value for place, value in row.items() if value})
    return {names[place]: value for place, value in _solved(rows, len(names)).items()}


def _solved(rows: list[dict[int, Fraction]], width: int) -> Mapping[int, Fraction]:
    """Reduce the rows, as Gauss and Jordan do, and return what stands alone. The place `width` holds what is known."""
    pivots: dict[int, dict[int, Fraction]] = {}
    for row in rows:
        for place, pivot in pivots.items():
            _subtract(row, pivot, place)
        first = min((place for place in row if place != width), default=None)
        if first is None:
            continue
        row = {place: value / row[first] for place, value in row.items()}
        for pivot in pivots.values():
            _subtract(pivot, row, first)
        pivots[first] = row
    return {place: row.get(width, Fraction(0)) for place, row in pivots.items() if row.keys() <= {place, width}}


def _subtract(row: dict[int, Fraction], pivot: Mapping[int, Fraction], place: int) -> None:
    factor = row.get(place)
    if factor:
        for other, value in pivot.items():
            row[other] = row.get(other, Fraction(0)) - factor * value
            if not row[other]:
                del row[other]
