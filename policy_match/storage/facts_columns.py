"""The columns of a facts file, CSV or Parquet, batch by batch as they are.

Guarantees one way to read both: names first, then batches of any types, the same again each time. Memory holds one
batch. Whether a value is right is left to `facts_file`.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from policy_match.facts.canonical import PARQUET_BUFFER_BYTES
from policy_match.facts.defects import ColumnTwice, NotReadInParts, SourceEmpty, SourceUnreadable
from policy_match.facts.encoding import GB18030, UTF_8, TextFound, find_encoding
from policy_match.facts.strict import is_text
from policy_match.storage.parquet_rows import footer_digest, read_rows
from policy_match.storage.snapshot_files import SNAPSHOT_MARK
from policy_match.values import Digest

CSV_BLOCK_BYTES = 8 << 20
BYTE_ORDER_MARK = "\ufeff"


class FactsColumns(Protocol):
    """One table of a facts file. Raises an `InputError` when the file cannot be read."""

    first_row: int
    """The number of the first row of values: 2 below a header line, else 1."""

    def names(self) -> Sequence[str]:
        """Return the names of the columns, each different."""

    def batches(self, names: Sequence[str], max_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield these columns of all rows in order."""

    def rows(self, names: Sequence[str], first_row: int, rows: int) -> pa.RecordBatch:
        """Return these columns of consecutive rows, the first of all being 0. Raises `NotReadInParts`."""

    def footer(self) -> Digest:
        """Return what tells this file from another one under its path. Raises `NotReadInParts`."""


def facts_columns(path: Path, strings: Sequence[str]) -> FactsColumns:
    """Return the columns of a file; `strings` names those that hold text. Raises `SourceUnreadable`."""
    match path.suffix.lower():
        case ".parquet":
            return ParquetColumns(path, strings)
        case ".csv":
            return CsvColumns(path)
    raise SourceUnreadable(file=path, detail="a facts file is named .csv or .parquet, or is a snapshot's directory")


class ParquetColumns:
    """The columns of a Parquet file, in its own types; text columns arrive as dictionaries."""

    first_row = 1

    def __init__(self, path: Path, strings: Sequence[str]) -> None:
        self._path = path
        self._strings = set(strings)

    def names(self) -> Sequence[str]:
        names: list[str] = self._file.schema_arrow.names
        _refuse_twice(names, self._path)
        return names

    def batches(self, names: Sequence[str], max_rows: int) -> Iterator[pa.RecordBatch]:
        with _unreadable(self._path):
            yield from self._file.iter_batches(max_rows, columns=list(names), use_threads=False)

    def rows(self, names: Sequence[str], first_row: int, rows: int) -> pa.RecordBatch:
        with _unreadable(self._path):
            return read_rows(self._file, names, first_row, rows)

    def footer(self) -> Digest:
        return footer_digest(self._file)

    @cached_property
    def _file(self) -> pq.ParquetFile:
        with _unreadable(self._path):
            schema = pq.read_schema(self._path)
            if SNAPSHOT_MARK in (schema.metadata or {}):
                detail = "this is one table of a snapshot; give the snapshot's directory instead"
                raise SourceUnreadable(file=self._path, detail=detail)
            return pq.ParquetFile(
                self._path,
                read_dictionary=[each.name for each in schema if each.name in self._strings and is_text(each.type)],
                pre_buffer=False,
                buffer_size=PARQUET_BUFFER_BYTES,
            )


class CsvColumns:
    """The columns of a CSV file in UTF-8 or GB18030, all of them text."""

    first_row = 2

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> Sequence[str]:
        try:
            with self._path.open(encoding=self._text.encoding, newline="") as file:
                header = next((cells for cells in csv.reader(file) if cells), None)
        except csv.Error as error:
            raise SourceUnreadable(file=self._path, detail=f"the header: {error}") from None
        if header is None:
            raise SourceEmpty(file=self._path)
        names = [header[0].removeprefix(BYTE_ORDER_MARK).strip('"'), *header[1:]]
        _refuse_twice(names, self._path)
        return names

    def batches(self, names: Sequence[str], max_rows: int) -> Iterator[pa.RecordBatch]:
        with _unreadable(self._path):
            reader = pa_csv.open_csv(
                self._path,
                read_options=pa_csv.ReadOptions(
                    block_size=CSV_BLOCK_BYTES, encoding="utf8" if self._text.encoding == UTF_8 else GB18030
                ),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=list(names),
                    null_values=[""],
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
            for batch in reader:
                for start in range(0, batch.num_rows, max_rows):
                    yield batch.slice(start, max_rows)

    def rows(self, names: Sequence[str], first_row: int, rows: int) -> pa.RecordBatch:
        raise NotReadInParts(file=self._path)

    def footer(self) -> Digest:
        raise NotReadInParts(file=self._path)

    @cached_property
    def _text(self) -> TextFound:
        def blocks() -> Iterator[bytes]:
            with _unreadable(self._path), self._path.open("rb") as file:
                while block := file.read(CSV_BLOCK_BYTES):
                    yield block

        return find_encoding(blocks, str(self._path), None)


def _refuse_twice(names: Sequence[str], path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ColumnTwice(file=path, column=name)


@contextmanager
def _unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or str(error).partition("\n")[0][:200]
        raise SourceUnreadable(file=path, detail=detail) from None
