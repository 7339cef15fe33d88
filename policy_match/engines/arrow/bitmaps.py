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

from policy_match.engines.arrow.masks import Mask, Places, pack, places_of, truth_masks

Bitmap = NDArray[np.uint8]

SPARSE = 0.06
"""Share of set bits below which Arrow's filter, which skips empty words, finds them faster than numpy."""

OCTET = 8
LOWEST_BITS = np.uint64(0x0101010101010101)
GATHERED = np.uint64(0x0102040810204080)
HIGHEST_BYTE = np.uint64(56)
"""In a word with one bit at the bottom of each of its eight bytes, `word * GATHERED` has these bits in its highest
byte, that of the lowest byte lowest (chess programs read the files of a bitboard so)."""

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

    def without(self, rows: Bitmap) -> "TruthBits":
        """Return the same with these certain rows unknown."""
        return TruthBits.joined(self.count, self.certain & ~rows, self.possible)

    def array(self) -> pa.BooleanArray:
        """Return the truths as Arrow keeps them."""
        buffers = [pa.py_buffer(~self.unknown), pa.py_buffer(self.certain)]
        return pa.BooleanArray.from_buffers(pa.bool_(), self.count, buffers)

    def split(self) -> tuple[Places, Mask]:
        """Return the numbers of the possible rows, and which of these are certain."""
        places = places_in(self.possible, self.count)
        return places, _mask(self.certain, self.count).take(places)


class BitPlaces:
    """Rows at which bitmaps are read."""

    def __init__(self, places: Places) -> None:
        self._octets = places >> 3
        self._shifts = (places & 7).view(np.uint64)

    def __len__(self) -> int:
        return len(self._octets)

    def read(self, bitmaps: Sequence[Bitmap]) -> Places:
        """Return for every row the bits that up to eight bitmaps have there, the first bitmap's lowest.

        The octets of all bitmaps lie side by side, so that a row finds its own eight bits in one word, a bit in each
        byte; the product moves them into the highest byte.
        """
        octets = np.zeros((len(bitmaps[0]), OCTET), np.uint8)
        for place, bitmap in enumerate(bitmaps):
            octets[:, place] = bitmap
        words = octets.view("<u8").ravel().take(self._octets)
        words >>= self._shifts
        words &= LOWEST_BITS
        words *= GATHERED
        words >>= HIGHEST_BYTE
        return words.view(np.int64)


def places_in(bitmap: Bitmap, count: int) -> Places:
    """Return the numbers of the rows that are set in a bitmap of so many rows."""
    packed = pa.BooleanArray.from_buffers(pa.bool_(), count, [None, pa.py_buffer(bitmap)])
    if packed.true_count < SPARSE * count:
        numbers: Places = _row_numbers(count).filter(packed).to_numpy()
        return numbers
    return places_of(_mask(bitmap, count))


def bits_at(places: Places, count: int) -> Bitmap:
    """Return a bitmap of so many rows in which these are set."""
    rows = np.zeros(count, np.bool_)
    rows[places] = True
    return np.packbits(rows, bitorder="little")


def _mask(bitmap: Bitmap, count: int) -> Mask:
    return np.unpackbits(bitmap, count=count, bitorder="little").view(np.bool_)


@lru_cache(maxsize=REMEMBERED_LENGTHS)
def _row_numbers(count: int) -> pa.Int64Array:
    return pa.array(np.arange(count))
