"""The entries of many lists, one after another, so that each distinct entry is looked at once.

Guarantees that counting is exact. What an entry means is in `lists`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from policy_match.engines.arrow.masks import Mask, Places, places_of


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries as numbers into distinct `words`, each with the number of the list, of so many `lists`, that has it."""

    words: list[str]
    codes: Places
    owners: Places
    lists: int

    @classmethod
    def of(cls, array: pa.ListArray) -> "Entries":
        """Return the entries of lists of strings."""
        offsets = array.offsets.to_numpy()
        flat = array.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        encoded = pc.dictionary_encode(flat)
        assert encoded.null_count == 0, "a canonical list has no null entries"
        codes = encoded.indices.to_numpy().astype(np.intp)
        owners = np.repeat(np.arange(len(array)), np.diff(offsets))
        return cls(encoded.dictionary.to_pylist(), codes, owners, len(array))

    def __len__(self) -> int:
        return self.lists

    def count(self, counted: Mask) -> NDArray[np.int64]:
        """Return for every list how many of its entries are in `counted`, a mask over entries."""
        return np.bincount(self.owners.take(places_of(counted)), minlength=self.lists)

    def count_words(self, counted: Mask) -> NDArray[np.int64]:
        """Return for every list how many of its entries are among the words in `counted`, a mask over words."""
        return self.count(counted.take(self.codes))

    def per_entry(self, per_list: NDArray[Any]) -> NDArray[Any]:
        """Return values of lists as values of their entries."""
        return per_list.take(self.owners)
