"""One sheet of an Excel workbook, read through pandas.

Guarantees that codes keep their leading zeros and dates their day: every cell is text. A sheet has at most 1,048,576
rows, so it is read whole; formulas count with the value that was stored with them.
"""

import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.registry_sources.file_evidence import file_input
from connectors.registry_sources.header import column_names
from policy_match.facts.defects import SourceEmpty, SourceUnreadable
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.source_rows import SourceChunk, SourceInput


class ExcelFile:
    """Rows of a sheet: the one that the mapping names, else the first. The header is the first row with cells."""

    def __init__(self, mapping: SourceMapping, location: str) -> None:
        self._path = Path(location)
        self._sheet = mapping.sheet

    @property
    def name(self) -> str:
        """The file as it was given."""
        return str(self._path)

    def columns(self) -> tuple[str, ...]:
        """Return the names in the header."""
        header = [None if pd.isna(cell) else str(cell) for cell in self._filled.iloc[0]]
        return column_names(header, str(self._path))

    def expected_rows(self) -> int:
        """Return the number of rows below the header that have cells."""
        return len(self._filled) - 1

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows in order, with the numbers that the workbook shows beside them."""
        names = self.columns()
        for start in range(1, len(self._filled), max_rows):
            frame = self._filled.iloc[start : start + max_rows]
            cells = [pa.Array.from_pandas(frame[column]).cast(pa.string()) for column in frame.columns]
            yield SourceChunk(
                numbers=pa.array(np.asarray(frame.index, dtype=np.int64) + 1),
                rows=pa.RecordBatch.from_arrays([_one(column) for column in cells], names=list(names)),
            )

    def evidence(self) -> SourceInput:
        """Return what the rows were read from."""
        return file_input(self._path, self.expected_rows())

    @cached_property
    def _filled(self) -> pd.DataFrame:
        """The rows that have cells; the index is the row of the sheet from 0."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # openpyxl, on styles and extensions that hold no data
                sheet = pd.read_excel(
                    self._path,
                    sheet_name=self._sheet or 0,
                    header=None,
                    dtype="string[pyarrow]",
                    keep_default_na=False,
                    na_values=[""],
                    engine="openpyxl",
                )
        except OSError as error:
            raise SourceUnreadable(file=self._path, detail=error.strerror or str(error)) from None
        except Exception as error:  # openpyxl lets errors of zipfile and of XML parsers through, which share no base
            raise SourceUnreadable(file=self._path, detail=f"not an Excel workbook (.xlsx): {error}") from None
        filled = sheet.dropna(how="all")
        if filled.empty:
            raise SourceEmpty(file=self._path)
        return filled


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
