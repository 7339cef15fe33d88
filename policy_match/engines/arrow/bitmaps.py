"""Kleene truths as two bitmaps: where a condition certainly holds, and where it possibly does.

Guarantees Kleene's conjunction: certain where all are certain, possible where all are possible, and unknown where
possible but not certain. Eight rows to a byte, so that joining conditions costs next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policy_match.engines.arrow.masks import Places, pack, places_of, truth_masks

Bitmap = NDArray[np.uint8]

SPARSE = 0.1
"""Share of set bits below which Arrow's filter, which skips empty words, finds them faster than numpy."""

REMEMBERED_LENGTHS = 8
"""Batches have few lengths: the row numbers of this many are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthBits:
    """The truths of `count` rows: unknown is possible but not certain. Bits behind the last row mean nothing."""

    count: int
    certain: Bitmap
    possible: Bitmap
    unknown: Bitmap

    @classmethod
    def joined(cls, count: int, certain: Bitmap, possible: Bitmap) -> "TruthBits":
        """Return the truths of two bitmaps, of which the first is within the second."""
        return cls(count, certain, possible, possible & ~certain)

    @classmethod
    def of(cls, array: pa.BooleanArray) -> "TruthBits":
        """Return the bitmaps of Arrow truths."""
        if array.offset:
            is_true, known = truth_masks(array)
            values = np.frombuffer(pack(is_true), np.uint8)
            valid = None if known is None else np.frombuffer(pack(known), np.uint8)
        else:
            validity, data = array.buffers()
            length = (len(array) + 7) // 8
            values = np.frombuffer(data, np.uint8)[:length]
            valid = None if array.null_count == 0 else np.frombuffer(validity, np.uint8)[:length]
        if valid is None:
            return cls(len(array), values, values, np.zeros_like(values))
        return cls(len(array), values & valid, values | ~valid, ~valid)

    @classmethod
    def all_of(cls, conditions: Sequence["TruthBits"]) -> "TruthBits":
        """Return Kleene's conjunction of at least one column."""
        certain, possible = conditions[0].certain, conditions[0].possible
        for condition in conditions[1:]:
            certain, possible = certain & condition.certain, possible & condition.possible
        return cls.joined(conditions[0].count, certain, possible)

    def without(self, places: Places) -> "TruthBits":
        """Return the same with these certain rows unknown."""
        removed = np.zeros(self.count, np.bool_)
        removed[places] = True
        return TruthBits.joined(self.count, self.certain & ~np.packbits(removed, bitorder="little"), self.possible)

    def array(self) -> pa.BooleanArray:
        """Return the truths as Arrow keeps them."""
        buffers = [pa.py_buffer(~self.unknown), pa.py_buffer(self.certain)]
        return pa.BooleanArray.from_buffers(pa.bool_(), self.count, buffers)

    def rows(self, bitmap: Bitmap) -> Places:
        """Return the numbers of the rows that are set in a bitmap of these rows."""
        packed = pa.BooleanArray.from_buffers(pa.bool_(), self.count, [None, pa.py_buffer(bitmap)])
        if packed.true_count < SPARSE * self.count:
            numbers: Places = _row_numbers(self.count).filter(packed).to_numpy()
            return numbers
        return places_of(np.unpackbits(bitmap, count=self.count, bitorder="little").view(np.bool_))


class BitPlaces:
    """Rows at which bitmaps are read."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._octets = places >> 3
        self._shifts = (places & 7).astype(np.uint8)

    def __len__(self) -> int:
        return len(self.places)

    def read(self, bitmap: Bitmap) -> Bitmap:
        """Return 1 for every row whose bit is set, else 0."""
        return (bitmap.take(self._octets) >> self._shifts) & np.uint8(1)


@lru_cache(maxsize=REMEMBERED_LENGTHS)
def _row_numbers(count: int) -> pa.Int64Array:
    return pa.array(np.arange(count))
