"""One sheet of an Excel workbook, read with openpyxl.

Guarantees that codes keep their leading zeros and dates their day: every cell is text. A sheet has at most 1,048,576
rows, so it is read whole, into as much memory as its filled cells take; formulas count with the value that was stored
with them.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import load_workbook

from connectors.registry_sources.file_evidence import file_input
from connectors.registry_sources.header import column_names
from policy_match.facts.defects import SourceEmpty, SourceUnreadable
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.source_rows import SourceChunk, SourceInput

BLOCK_ROWS = 8_192
MOST_ROWS = 1 << 20
"""As many as a sheet has; a file may number a row as it likes."""
MOST_COLUMNS = 1_000
"""No table of a department is so wide; a small file may say that it is 16,384 wide in every row."""

ERROR, NUMBER = "e", "n"
"""Kinds of cells (ECMA-376, 18.18.11)."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows that have cells: their numbers in the sheet, from 1, and their columns."""

    numbers: Sequence[int]
    columns: Sequence[pa.Array]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row that has cells, and all rows below it that have."""

    header: Sequence[str | None]
    blocks: Sequence[Block]

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(len(self.header), *(len(block.columns) for block in self.blocks), 0)


class ExcelFile:
    """Rows of a sheet: the one that the mapping names, else the first. The header is the first row with cells."""

    def __init__(self, mapping: SourceMapping, location: str) -> None:
        self._path = Path(location)
        self._wanted = mapping.sheet

    @property
    def name(self) -> str:
        """The file as it was given."""
        return str(self._path)

    def columns(self) -> tuple[str, ...]:
        """Return the names in the header."""
        header = self._sheet.header
        return column_names([*header, *[None] * (self._sheet.width - len(header))], str(self._path))

    def expected_rows(self) -> int:
        """Return the number of rows below the header that have cells."""
        return sum(len(block.numbers) for block in self._sheet.blocks)

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows in order, with the numbers that the workbook shows beside them."""
        names = self.columns()
        for block in self._sheet.blocks:
            missing = pa.nulls(len(block.numbers), pa.string())
            columns = [*block.columns, *[missing] * (len(names) - len(block.columns))]
            numbers = pa.array(block.numbers, pa.int64())
            rows = pa.RecordBatch.from_arrays(columns, names=list(names))
            for start in range(0, len(numbers), max_rows):
                yield SourceChunk(numbers=numbers.slice(start, max_rows), rows=rows.slice(start, max_rows))

    def evidence(self) -> SourceInput:
        """Return what the rows were read from."""
        return file_input(self._path, self.expected_rows())

    @cached_property
    def _sheet(self) -> Sheet:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # openpyxl, on styles and extensions that hold no data
                found = _read(self._path, self._wanted)
        except OSError as error:
            raise SourceUnreadable(file=self._path, detail=error.strerror or str(error)) from None
        except Exception as error:  # openpyxl lets errors of zipfile and of XML parsers through, which share no base
            raise SourceUnreadable(file=self._path, detail=f"not an Excel workbook (.xlsx): {error}") from None
        if found is None:
            raise SourceEmpty(file=self._path)
        return found


def _read(path: Path, wanted: str | None) -> Sheet | None:
    """Return the sheet, `None` when no row has a cell. Raises `ValueError`, and what openpyxl raises."""
    with closing(load_workbook(path, read_only=True, data_only=True, keep_links=False)) as book:
        if wanted is not None and wanted not in book.sheetnames:
            raise ValueError(f"Worksheet named '{wanted}' not found")
        sheet = book.worksheets[0] if wanted is None else book[wanted]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        filled = _filled(sheet.iter_rows())
        first = next(filled, None)
        if first is None:
            return None
        return Sheet(header=first[1], blocks=list(_blocks(filled)))


def _filled(rows: Iterator[Sequence[Any]]) -> Iterator[tuple[int, Sequence[str | None]]]:
    """Yield the rows that have cells, each with its number and without empty cells at its end."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise ValueError(f"a row beyond {MOST_ROWS:,}")
        if len(row) > MOST_COLUMNS:
            raise ValueError(f"row {number} has {len(row):,} columns, more than {MOST_COLUMNS:,}")
        cells = [_text(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _blocks(rows: Iterator[tuple[int, Sequence[str | None]]]) -> Iterator[Block]:
    numbers: list[int] = []
    cells: list[Sequence[str | None]] = []
    for number, row in rows:
        numbers.append(number)
        cells.append(row)
        if len(cells) == BLOCK_ROWS:
            yield _block(numbers, cells)
            numbers, cells = [], []
    if cells:
        yield _block(numbers, cells)


def _block(numbers: Sequence[int], cells: Sequence[Sequence[str | None]]) -> Block:
    return Block(numbers, [pa.array(column, pa.string()) for column in zip_longest(*cells)])


def _text(cell: Any) -> str | None:
    """Return what a cell holds, as text; a whole number without a point. An error of a formula is no value."""
    value = cell.value
    if value is None or value == "" or cell.data_type == ERROR:
        return None
    if cell.data_type == NUMBER and not isinstance(value, str) and value == int(value):
        return str(int(value))
    return str(value)
