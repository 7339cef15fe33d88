"""Which row stands for a firm (or record) when a source has several, and which rows of several sources belong together.

Guarantees that the choice depends only on the rows and their order in the source: the later observed row, then the
row that fills more facts, then the earlier row. Memory holds the keys of all rows, and no facts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.canonical import key_columns
from policy_match.facts.cleaning import OBSERVED, ROW_NUMBER

Places = npt.NDArray[np.int64]
"""Rows of one source, counted from 0 in the order in which they were kept."""


class Decided(StrEnum):
    """What decided between rows of one key."""

    OBSERVED = "later_observed"
    FILLED = "more_complete"
    ORDER = "earlier_row"


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """The rows that were not chosen, the row chosen in the place of each, and what decided how often."""

    places: Places
    instead: Places
    decided: dict[Decided, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One row per key: `keys` (sorted, distinct strings) and, for each, the place of its row."""

    keys: pa.Array
    places: Places
    superseded: Superseded


def row_keys(rows: pa.RecordBatch, grain: str) -> pa.Array:
    """Return one sortable string per row: the credit code, for records with the record id behind it."""
    columns = [rows[name] for name in key_columns(grain)]
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\0")


class KeyIndex:
    """The keys of one source, gathered chunk by chunk."""

    def __init__(self, grain: str) -> None:
        self._grain = grain
        self._parts: list[pa.RecordBatch] = []

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return sum(part.num_rows for part in self._parts)

    def add(self, rows: pa.RecordBatch) -> None:
        """Take note of the next rows that `cleaning` kept."""
        not_facts = {*key_columns(self._grain), ROW_NUMBER, OBSERVED}
        filled = np.zeros(rows.num_rows, dtype=np.int16)
        for name in rows.schema.names:
            if name not in not_facts:
                filled += pc.is_valid(rows[name]).to_numpy(zero_copy_only=False)
        self._parts.append(
            pa.record_batch(
                {"key": row_keys(rows, self._grain), "observed": rows[OBSERVED], "filled": pa.array(filled)}
            )
        )

    def choose(self) -> Chosen:
        """Return one row per key."""
        table = pa.Table.from_batches(self._parts).combine_chunks()
        table = table.append_column("place", pa.array(np.arange(table.num_rows, dtype=np.int64)))
        order = [("key", "ascending"), ("observed", "descending"), ("filled", "descending"), ("place", "ascending")]
        table = table.take(pc.sort_indices(table, sort_keys=order))
        keys, places = _whole(table["key"]), table["place"].to_numpy()
        first = np.ones(len(keys), dtype=bool)
        if len(keys) > 1:
            first[1:] = pc.not_equal(keys[1:], keys[:-1]).to_numpy(zero_copy_only=False)
        chosen_at = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
        later = np.flatnonzero(~first)
        observed = table["observed"].cast(pa.int32()).fill_null(-(2**31)).to_numpy()
        filled = table["filled"].to_numpy()
        return Chosen(
            keys=keys.filter(pa.array(first)),
            places=places[first],
            superseded=_superseded(places, observed, filled, later, chosen_at[later]),
        )


def _superseded(
    places: Places, observed: npt.NDArray[np.int32], filled: npt.NDArray[np.int16], later: Places, winner: Places
) -> Superseded:
    decided: Counter[Decided] = Counter()
    by_date = observed[later] != observed[winner]
    by_filled = ~by_date & (filled[later] != filled[winner])
    decided[Decided.OBSERVED] = int(by_date.sum())
    decided[Decided.FILLED] = int(by_filled.sum())
    decided[Decided.ORDER] = len(later) - decided[Decided.OBSERVED] - decided[Decided.FILLED]
    in_order = np.argsort(places[later])
    return Superseded(places=places[later][in_order], instead=places[winner][in_order], decided=dict(decided))


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePart:
    """The rows of one source that belong to a run of rows of the table.

    Row `places[i]` of the source is row `positions[i]` of the run.
    """

    places: Places
    positions: Places


class Join:
    """The rows of a table that several sources fill together; every key of every source has one row."""

    def __init__(self, chosen: Sequence[Chosen]) -> None:
        self._chosen = chosen
        self.keys = chosen[0].keys if len(chosen) == 1 else _sorted_union([each.keys for each in chosen])
        self._positions = [_positions(each.keys, self.keys) for each in chosen]

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return len(self.keys)

    def missing_in(self, source: int) -> int:
        """Return how many rows of the table the source does not have."""
        return self.rows - len(self._chosen[source].keys)

    def parts(self, start: int, stop: int) -> list[SourcePart]:
        """Return what each source has of the rows from `start` to before `stop`."""
        found = []
        for chosen, positions in zip(self._chosen, self._positions, strict=True):
            low, high = np.searchsorted(positions, (start, stop))
            found.append(SourcePart(places=chosen.places[low:high], positions=positions[low:high] - start))
        return found


def _sorted_union(keys: Sequence[pa.Array]) -> pa.Array:
    distinct = pc.unique(pa.concat_arrays(keys))
    return distinct.take(pc.sort_indices(distinct))


def _positions(keys: pa.Array, union: pa.Array) -> Places:
    if len(keys) == len(union):
        return np.arange(len(keys), dtype=np.int64)
    return np.asarray(pc.index_in(keys, value_set=union).to_numpy(), dtype=np.int64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined
