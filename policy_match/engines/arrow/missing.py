"""Which unknown facts keep an undetermined row open.

Guarantees the rule of `expressions.semantics`: the facts of the unknown operands; of the condition, or of the branch
that it chose; and all facts of a calculation that is impossible on known values. Rows share few distinct sets, so a
row holds a small number and each set is made once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policy_match.engines.arrow.columns import Column, Truths
from policy_match.engines.arrow.masks import Mask, Places, places_of
from policy_match.engines.arrow.program import Program, Rows
from policy_match.engines.arrow.steps import Step, Unknowns
from policy_match.values import FactName

FactSet = int
"""A set of facts, one bit each, as numbered by `FactNames`."""

MAX_COMBINATIONS = 2**16
"""Sets are counted in a table of at most this size; beyond it, they are sorted."""

SMALL_SETS = 256
"""As many sets as one byte per row can number."""

REMEMBERED_SETS = 65_536
"""Sets repeat from batch to batch; the facts of this many are kept."""

INT64_FACTS = 62
"""Sets of up to this many facts fit an int64; larger ones are Python integers."""


@dataclass(frozen=True, slots=True, eq=False)
class FactSets:
    """For every row the place of its set in `sets`."""

    codes: NDArray[Any]
    sets: Sequence[FactSet]

    def spread(self, places: Places, rows: int) -> "FactSets":
        """Return these sets at the given places of so many rows, and the empty set elsewhere."""
        codes = np.zeros(rows, np.uint8 if len(self.sets) < SMALL_SETS else np.int64)
        codes[places] = self.codes + 1
        return FactSets(codes, (0, *self.sets))

    def take(self, places: Places) -> "FactSets":
        """Return the given rows."""
        return FactSets(self.codes.take(places), self.sets)


class FactNames:
    """The facts of a plan, each with its bit, in the order of their names."""

    def __init__(self, names: Iterable[FactName]) -> None:
        ordered = sorted(names)
        self._array = pa.array(ordered, pa.string())
        self._bits = {name: 1 << place for place, name in enumerate(ordered)}

    def set_of(self, names: Iterable[FactName]) -> FactSet:
        """Return the set of these facts."""
        return sum(self._bits[name] for name in names)

    def lists(self, sets: Iterable[FactSet]) -> pa.ListArray:
        """Return each set as the list of its names, sorted."""
        places = [*map(_bits, sets)]
        offsets = np.cumsum([0, *map(len, places)], dtype=np.int32)
        flat = np.fromiter(chain.from_iterable(places), np.int32, count=int(offsets[-1]))
        return pa.ListArray.from_arrays(pa.array(offsets), self._array.take(pa.array(flat)))


@lru_cache(maxsize=REMEMBERED_SETS)
def _bits(facts: FactSet) -> tuple[int, ...]:
    return tuple(place for place in range(facts.bit_length()) if facts >> place & 1)


def missing_of(program: Program, rows: Rows, names: FactNames, *, lost: bool) -> FactSets:
    """Return the missing facts of a program of one root on rows where that root is unknown.

    `lost` says that some of the rows did not fit int64.
    """
    if program.only_fact is not None:
        return FactSets(np.zeros(rows.count, np.uint8), (names.set_of([program.only_fact]),))
    single = [names.set_of([name]) for name in program.facts]
    distinct, codes = _numbered(_patterns(program, rows, lost=lost), 1 << len(single))
    sets = [sum(bit for place, bit in enumerate(single) if pattern >> place & 1) for pattern in distinct]
    return FactSets(codes, sets)


def _numbered(patterns: NDArray[Any], limit: int) -> tuple[list[int], NDArray[Any]]:
    """Return the distinct values, all below `limit`, and for every row the place of its value among them."""
    if limit > MAX_COMBINATIONS:
        distinct, codes = np.unique(patterns, return_inverse=True)
        return distinct.tolist(), codes
    used = np.bincount(patterns, minlength=limit) > 0
    return np.flatnonzero(used).tolist(), (np.cumsum(used) - 1).take(patterns)


def _patterns(program: Program, rows: Rows, *, lost: bool) -> NDArray[Any]:
    """Return one bit per missing fact, in the order of `program.facts`."""
    if lost or not program.direct:
        return _walked(program, rows)
    patterns: NDArray[Any] = np.zeros(rows.count, _pattern_type(len(program.facts)))
    for place, name in enumerate(program.facts):
        known = rows.known(name)
        if known is not None:
            patterns |= (~known).astype(patterns.dtype) << patterns.dtype.type(place)
    impossible = places_of(patterns == 0)
    if len(impossible):
        patterns[impossible] = _walked(program, rows.take(impossible))
    return patterns


def _pattern_type(facts: int) -> type[Any]:
    return np.uint8 if facts <= 8 else np.int64 if facts <= INT64_FACTS else object


def _walked(program: Program, rows: Rows) -> NDArray[Any]:
    root, columns = program.roots[0], program.trace(rows)
    walk = _Walk(columns, rows.count, program.facts)
    lost = columns[root.number].lost
    if lost is None or not lost.any():
        walk.visit(root, np.ones(rows.count, np.bool_))
        return walk.patterns
    again = np.broadcast_to(lost, rows.count)
    walk.visit(root, ~again)
    places = places_of(again)
    walk.patterns[places] = _walked(program, rows.take(places).widened())
    return walk.patterns


class _Walk:
    """Collects, from the root down, one bit per fact that matters."""

    def __init__(self, columns: dict[int, Column], count: int, facts: Sequence[FactName]) -> None:
        self._columns = columns
        self._bits = {name: 1 << place for place, name in enumerate(facts)}
        self.patterns: NDArray[Any] = np.zeros(count, _pattern_type(len(facts)))

    def visit(self, step: Step, rows: Mask) -> None:
        """Add what matters in `rows`, where `step` is unknown."""
        if not rows.any():
            return
        if step.unknowns is Unknowns.ITSELF:
            self._add(step.facts, rows)
        elif step.unknowns is Unknowns.CHOSEN_BRANCH:
            condition, when_true, when_false = step.operands
            undecided = rows & self._unknown(condition)
            chosen = self._true(condition)
            self.visit(condition, undecided)
            self.visit(when_true, rows & ~undecided & chosen)
            self.visit(when_false, rows & ~undecided & ~chosen)
        else:
            impossible = rows
            for operand in step.operands:
                unknown = self._unknown(operand)
                self.visit(operand, rows & unknown)
                impossible = impossible & ~unknown
            if impossible.any():
                self._add(step.facts, impossible)

    def _add(self, facts: frozenset[FactName], rows: Mask) -> None:
        bits = np.array(sum(self._bits[name] for name in facts), self.patterns.dtype)
        self.patterns |= np.where(rows, bits, 0)

    def _unknown(self, step: Step) -> Mask:
        known = self._columns[step.number].known
        return np.zeros(1, np.bool_) if known is None else ~known

    def _true(self, step: Step) -> Mask:
        column = self._columns[step.number]
        assert isinstance(column, Truths), "a condition is a truth"
        return column.masks()[0]


class Combined:
    """The union of sets of facts, row by row, over several conditions."""

    def __init__(self, count: int) -> None:
        self._codes: NDArray[Any] = np.zeros(count, np.uint16)
        self._factors: list[Sequence[FactSet]] = []
        self._combinations = 1

    def add(self, found: FactSets) -> None:
        """Unite each row's set with the one found for it."""
        if not any(found.sets):
            return
        if self._combinations * len(found.sets) > MAX_COMBINATIONS and self._factors:
            united = self.united()
            self._codes = united.codes
            self._factors, self._combinations = [united.sets], len(united.sets)
        if self._combinations * len(found.sets) > MAX_COMBINATIONS:
            self._codes = self._codes.astype(np.int64)
        self._codes = self._codes + found.codes.astype(self._codes.dtype) * self._combinations
        self._factors.append(found.sets)
        self._combinations *= len(found.sets)

    def united(self) -> FactSets:
        """Return the unions; a set may be there more than once."""
        used, codes = _numbered(self._codes, self._combinations)
        rest = np.array(used, np.int64)
        facts: NDArray[Any] = np.zeros(len(used), np.int64)
        for sets in self._factors:
            rest, place = np.divmod(rest, len(sets))
            facts = facts | np.array(sets, np.int64 if max(sets) < 1 << INT64_FACTS else object)[place]
        return FactSets(codes, facts.tolist())


def as_dictionary(found: FactSets, names: FactNames) -> pa.DictionaryArray:
    """Return the sets as sorted lists of names, each distinct list once."""
    numbers = {facts: number for number, facts in enumerate(dict.fromkeys(found.sets))}
    places = np.fromiter(map(numbers.__getitem__, found.sets), np.int32, count=len(found.sets))
    return pa.DictionaryArray.from_arrays(pa.array(places.take(found.codes)), names.lists(numbers), safe=False)
