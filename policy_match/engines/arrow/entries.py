"""The entries of many lists, one after another, so that each distinct entry is looked at once.

Guarantees that counting is exact. What an entry means is in `lists`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from policy_match.engines.arrow.masks import Mask, Places


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries as numbers into distinct `words`; list n has those from `bounds[n]` to before `bounds[n + 1]`."""

    words: list[str]
    codes: Places
    bounds: Places

    @classmethod
    def of(cls, array: pa.ListArray) -> "Entries":
        """Return the entries of lists of strings."""
        offsets = array.offsets.to_numpy().astype(np.intp)
        flat = array.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        encoded = pc.dictionary_encode(flat)
        assert encoded.null_count == 0, "a canonical list has no null entries"
        codes = encoded.indices.to_numpy().astype(np.intp)
        return cls(encoded.dictionary.to_pylist(), codes, offsets - offsets[0])

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def count(self, counted: Mask) -> NDArray[np.int32]:
        """Return for every list how many of its entries are in `counted`, a mask over entries."""
        before = np.zeros(len(counted) + 1, np.int32)
        np.cumsum(counted.view(np.int8), dtype=np.int32, out=before[1:])
        return np.diff(before.take(self.bounds))

    def count_words(self, counted: Mask) -> NDArray[np.int32]:
        """Return for every list how many of its entries are among the words in `counted`, a mask over words."""
        return self.count(counted.take(self.codes))

    def per_entry(self, per_list: NDArray[Any]) -> NDArray[Any]:
        """Return values of lists as values of their entries."""
        return np.repeat(per_list, np.diff(self.bounds))
