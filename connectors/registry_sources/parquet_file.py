"""A Parquet file, whatever types its columns have.

Guarantees that values reach the mapping as text that says the same: ISO dates, plain numbers, `true` and `false`,
lists as JSON; a NaN is an empty cell. Memory holds one chunk.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.registry_sources.file_evidence import file_input
from connectors.registry_sources.header import column_names
from policy_match.facts.canonical import PARQUET_BUFFER_BYTES
from policy_match.facts.defects import SourceUnreadable
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.source_rows import SourceChunk, SourceInput


class ParquetFile:
    """Rows of a Parquet file. The first row is row 1."""

    def __init__(self, mapping: SourceMapping, location: str) -> None:
        self._path = Path(location)

    @property
    def name(self) -> str:
        """The file as it was given."""
        return str(self._path)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return column_names(self._file.schema_arrow.names, str(self._path))

    def expected_rows(self) -> int:
        """Return the number of rows."""
        return int(self._file.metadata.num_rows)

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows in order."""
        names = list(self.columns())
        first = 1
        try:
            for batch in self._file.iter_batches(batch_size=max_rows):
                texts = [self._text(name, column) for name, column in zip(names, batch.columns, strict=True)]
                yield SourceChunk(
                    numbers=pa.array(range(first, first + batch.num_rows), pa.int64()),
                    rows=pa.RecordBatch.from_arrays(texts, names=names),
                )
                first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(f"damaged after row {first - 1}: {error}") from None

    def evidence(self) -> SourceInput:
        """Return what the rows were read from."""
        return file_input(self._path, self.expected_rows())

    @cached_property
    def _file(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path, pre_buffer=False, buffer_size=PARQUET_BUFFER_BYTES)
        except pa.ArrowException as error:
            raise self._unreadable(f"not a Parquet file, or cut short: {error}") from None
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from None

    def _text(self, name: str, column: pa.Array) -> pa.Array:
        kind = column.type
        if pa.types.is_floating(kind):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        if pa.types.is_nested(kind):
            cells = column.to_pylist()
            return pa.array(
                [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells],
                pa.string(),
            )
        try:
            text = column.cast(pa.string())
        except pa.ArrowException:
            raise self._unreadable(f"column {name}: {kind} cannot be read as text") from None
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)

    def _unreadable(self, detail: str) -> SourceUnreadable:
        return SourceUnreadable(file=self._path, detail=detail.partition("\n")[0])
