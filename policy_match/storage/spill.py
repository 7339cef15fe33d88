"""Rows set aside on disk while an import runs, found again by their place.

Guarantees that memory holds the rows asked for and no others: the file is mapped, not read. Which rows are wanted is
left to the import.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from policy_match.facts.joining import Places


class Spill:
    """Record batches of one schema, written one after the other and then taken from at any place."""

    def __init__(self, path: Path, *, compressed: bool) -> None:
        self._path = path
        self._options = pa.ipc.IpcWriteOptions(compression="lz4" if compressed else None)
        self._writer: pa.RecordBatchFileWriter | None = None
        self._reader: pa.RecordBatchFileReader | None = None
        self._starts = [0]

    def add(self, rows: pa.RecordBatch) -> None:
        """Append rows; not allowed once some were taken."""
        assert self._reader is None
        if self._writer is None:
            self._writer = pa.ipc.new_file(str(self._path), rows.schema, options=self._options)
        self._writer.write_batch(rows)
        self._starts.append(self._starts[-1] + rows.num_rows)

    def take(self, places: Places) -> pa.RecordBatch:
        """Return the rows at `places`, counted from 0, in the order of `places`."""
        reader = self._opened()
        order = np.argsort(places, kind="stable")
        ordered = places[order]
        starts = np.asarray(self._starts)
        batches = np.searchsorted(starts, ordered, side="right") - 1
        parts = [
            reader.get_batch(int(batch)).take(pa.array(ordered[batches == batch] - starts[batch]))
            for batch in np.unique(batches)
        ]
        if not parts:
            return pa.RecordBatch.from_pylist([], schema=reader.schema)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return pa.concat_batches(parts).take(pa.array(back))

    def close(self) -> None:
        """Let go of the file."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is not None:
            writer.close()

    def _opened(self) -> "pa.RecordBatchFileReader":
        if self._reader is None:
            assert self._writer is not None
            self._writer.close()
            self._writer = None
            self._reader = pa.ipc.open_file(pa.memory_map(str(self._path)))
        return self._reader
