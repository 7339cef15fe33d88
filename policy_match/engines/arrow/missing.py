"""Which unknown facts keep an undetermined row open.

Guarantees the rule of `expressions.semantics`: the facts of the unknown operands; of the condition, or of the branch
that it chose; and all facts of a calculation that is impossible on known values. Every fact has a bitmap of the rows
in which it is missing, so that the facts of several conditions are united eight rows at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policy_match.engines.arrow.bitmaps import OCTET, Bitmap, BitPlaces, TruthBits, bits_at, places_in
from policy_match.engines.arrow.columns import Column, Truths
from policy_match.engines.arrow.masks import Mask, Places, places_of
from policy_match.engines.arrow.program import Program, Rows
from policy_match.engines.arrow.steps import Step, Unknowns
from policy_match.values import FactName

Missing = Mapping[FactName, Bitmap]
"""For every fact the rows in which it is missing; bits behind the last row mean nothing."""

REMEMBERED_LISTS = 2_048
"""Policies meet the same sets from batch to batch; this many lists of sets are kept."""

COUNTED = 2**16
"""Values below this are counted in a table; others are sorted."""


def missing_of(program: Program, rows: Rows, unknown: Bitmap, *, lost: bool) -> Missing:
    """Return the missing facts of a program of one root, which is unknown in the rows `unknown`.

    `lost` says that some of the rows did not fit int64.
    """
    if program.only_fact is not None:
        return {program.only_fact: unknown}
    if lost or not program.direct:
        return _walked_in(program, rows, unknown)
    missing: dict[FactName, Bitmap] = {}
    impossible = unknown
    for name in program.facts:
        bits = rows.unknown_bits(name)
        if bits is not None:
            missing[name] = unknown & bits
            impossible = impossible & ~bits
    return united([missing, _walked_in(program, rows, impossible)]) if impossible.any() else missing


def united(found: Iterable[Missing]) -> Missing:
    """Return what is missing for one reason or another."""
    every: dict[FactName, Bitmap] = {}
    for missing in found:
        for name, bitmap in missing.items():
            every[name] = every[name] | bitmap if name in every else bitmap
    return every


def truths_missing(program: Program, truth: TruthBits, rows: Rows, *, lost: bool) -> Missing:
    """Return the missing facts of a condition, given its truths."""
    if truth.certain is truth.possible:  # nothing is unknown
        return {}
    return missing_of(program, rows, truth.unknown, lost=lost)


def as_dictionary(missing: Missing, rows: BitPlaces) -> pa.DictionaryArray:
    """Return what is missing at some rows as sorted lists of names; each distinct list is there once."""
    names = tuple(sorted(missing))
    sets = FactSets.read([missing[name] for name in names], rows)
    lists = _lists(names, sets.members.tobytes(), len(sets.members))
    return pa.DictionaryArray.from_arrays(pa.array(sets.codes), lists, safe=False)


@lru_cache(maxsize=REMEMBERED_LISTS)
def _lists(names: tuple[FactName, ...], members: bytes, count: int) -> pa.ListArray:
    chosen = np.frombuffer(members, np.bool_).reshape(count, len(names))
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.count_nonzero(chosen, axis=1), out=offsets[1:])
    places = pa.array(np.nonzero(chosen)[1])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(names, pa.string()).take(places))


@dataclass(frozen=True, slots=True, eq=False)
class FactSets:
    """For every row the number of its set: the row of `members` that has a column per fact. Sets are distinct."""

    codes: NDArray[np.int32]
    members: NDArray[np.bool_]

    @classmethod
    def read(cls, bitmaps: Sequence[Bitmap], rows: BitPlaces) -> "FactSets":
        """Return the sets at some rows, of which each bitmap is a fact."""
        sets = cls(np.zeros(len(rows), np.int32), np.zeros((min(len(rows), 1), 0), np.bool_))
        for first in range(0, len(bitmaps), OCTET):
            part = cls._read(bitmaps[first : first + OCTET], rows)
            sets = sets._beside(part) if first else part
        return sets

    @classmethod
    def _read(cls, bitmaps: Sequence[Bitmap], rows: BitPlaces) -> "FactSets":
        distinct, codes = _numbered(rows.read(bitmaps), 1 << len(bitmaps))
        return cls(codes, (distinct[:, np.newaxis] >> np.arange(len(bitmaps)) & 1).astype(np.bool_))

    def _beside(self, other: "FactSets") -> "FactSets":
        pairs = self.codes.astype(np.int64) * len(other.members) + other.codes
        distinct, codes = _numbered(pairs, len(self.members) * len(other.members))
        left, right = np.divmod(distinct, max(len(other.members), 1))
        return FactSets(codes, np.hstack([self.members[left], other.members[right]]))


def _numbered(values: Places, limit: int) -> tuple[Places, NDArray[np.int32]]:
    """Return the distinct values, all below `limit`, and for every row the place of its value among them."""
    if limit > COUNTED:
        distinct, places = np.unique(values, return_inverse=True)
        return distinct, places.astype(np.int32)
    used = np.bincount(values, minlength=limit) > 0
    return places_of(used), (np.cumsum(used, dtype=np.int32) - np.int32(1)).take(values)


def _walked_in(program: Program, rows: Rows, unknown: Bitmap) -> Missing:
    places = places_in(unknown, rows.count)
    if not len(places):
        return {}
    walked = _walked(program, rows.take(places))
    return {name: bits_at(places[mask], rows.count) for name, mask in walked.items()}


def _walked(program: Program, rows: Rows) -> dict[FactName, Mask]:
    root, columns = program.roots[0], program.trace(rows)
    walk = _Walk(columns, rows.count)
    lost = columns[root.number].lost
    if lost is None or not lost.any():
        walk.visit(root, np.ones(rows.count, np.bool_))
        return walk.missing
    again = np.broadcast_to(lost, rows.count)
    walk.visit(root, ~again)
    places = places_of(again)
    for name, mask in _walked(program, rows.take(places).widened()).items():
        walk.add(name, np.isin(np.arange(rows.count), places[mask]))
    return walk.missing


class _Walk:
    """Collects, from the root down, the rows in which a fact matters."""

    def __init__(self, columns: dict[int, Column], count: int) -> None:
        self._columns = columns
        self._count = count
        self.missing: dict[FactName, Mask] = {}

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

    def add(self, name: FactName, rows: Mask) -> None:
        """Note that a fact is missing in `rows`."""
        self.missing[name] = self.missing[name] | rows if name in self.missing else rows

    def _add(self, facts: frozenset[FactName], rows: Mask) -> None:
        for name in facts:
            self.add(name, rows)

    def _unknown(self, step: Step) -> Mask:
        known = self._columns[step.number].known
        return np.zeros(1, np.bool_) if known is None else ~known

    def _true(self, step: Step) -> Mask:
        column = self._columns[step.number]
        assert isinstance(column, Truths), "a condition is a truth"
        return column.masks()[0]
