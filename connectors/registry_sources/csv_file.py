"""A CSV file in UTF-8 or GB18030, with or without a byte-order mark.

Guarantees that every row is handed over, also one with too many or too few cells: `csv` from the standard library
does the splitting, because pandas does not hand over the rows that it cannot place. Memory holds one chunk.
"""

import csv
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc

from connectors.registry_sources.file_evidence import file_blocks, file_input
from connectors.registry_sources.header import column_names
from policy_match.facts.defects import SourceEmpty, SourceUnreadable
from policy_match.facts.encoding import TextFound, find_encoding
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.source_rows import BrokenRow, SourceChunk, SourceInput

BYTE_ORDER_MARK = "\ufeff"


class CsvFile:
    """Rows of a comma-separated file. The header is row 1; blank lines are counted but are no rows."""

    def __init__(self, mapping: SourceMapping, location: str) -> None:
        self._path = Path(location)
        self._declared = mapping.encoding
        self._rows = 0

    @property
    def name(self) -> str:
        """The file as it was given."""
        return str(self._path)

    def columns(self) -> tuple[str, ...]:
        """Return the names in the header."""
        with self._open() as file:
            return self._header(self._numbered(csv.reader(file)))

    def expected_rows(self) -> int:
        """Return the number of lines below the header; cells with line breaks make it too many."""
        return max(self._text.line_ends - 1, 0)

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows in order."""
        self._rows = 0
        with self._open() as file:
            numbered = self._numbered(csv.reader(file))
            names = self._header(numbered)
            chunk = _Rows(names)
            for number, cells in numbered:
                chunk.add(number, cells)
                if len(chunk) == max_rows:
                    self._rows += len(chunk)
                    yield chunk.close()
                    chunk = _Rows(names)
            if len(chunk):
                self._rows += len(chunk)
                yield chunk.close()

    def evidence(self) -> SourceInput:
        """Return what the rows were read from."""
        return file_input(self._path, self._rows, self._text.encoding)

    @cached_property
    def _text(self) -> TextFound:
        return find_encoding(lambda: file_blocks(self._path), str(self._path), self._declared)

    def _open(self) -> TextIO:
        encoding = self._text.encoding
        file = self._path.open(encoding=encoding, newline="")
        if file.read(1) != BYTE_ORDER_MARK:
            file.seek(0)
        return file

    def _header(self, numbered: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
        for _, cells in numbered:
            return column_names(cells, str(self._path))
        raise SourceEmpty(file=self._path)

    def _numbered(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that has cells, with its number."""
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise SourceUnreadable(file=self._path, detail=f"row {number + 1}: {error}; is a quote missing?") from None


class _Rows:
    """The rows of one chunk as they are read."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._numbers: list[int] = []
        self._cells: list[list[str]] = []
        self._broken: list[BrokenRow] = []

    def __len__(self) -> int:
        return len(self._cells) + len(self._broken)

    def add(self, number: int, cells: list[str]) -> None:
        if len(cells) == len(self._names):
            self._numbers.append(number)
            self._cells.append(cells)
        else:
            self._broken.append(BrokenRow(number=number, cells=tuple(cells)))

    def close(self) -> SourceChunk:
        columns = zip(*self._cells, strict=True) if self._cells else [()] * len(self._names)
        arrays = [_text_column(column) for column in columns]
        return SourceChunk(
            numbers=pa.array(self._numbers, pa.int64()),
            rows=pa.RecordBatch.from_arrays(arrays, names=list(self._names)),
            broken=tuple(self._broken),
        )


def _text_column(cells: tuple[str, ...]) -> pa.Array:
    column = pa.array(cells, pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
