"""Tables as files: CSV for spreadsheets and Parquet for programs, from the same columns.

Guarantees that both hold the same rows, that no text in a CSV file begins as a formula, and that numbers stay whole
numbers of fen. Which rows there are is the caller's to say; too many are refused, never cut.
"""

import io
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from policy_match.errors import InputError

MOST_EXPORTED = 100_000
"""The most rows in one file."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to spreadsheets."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Tells spreadsheets that a file is in UTF-8."""

Columns = Mapping[str, pa.DataType]


class FileFormat(StrEnum):
    """What a file is written as."""

    CSV = "csv"
    PARQUET = "parquet"


class TooManyRows(InputError):
    """A file would hold more rows than one request gives."""

    code = "table.too-many-rows"
    english = "there are more than {most} rows; narrow the list, for example to one budget year"
    chinese = "行数超过 {most}；请缩小范围，例如限定某个预算年度"


def table_of(rows: Sequence[Any], columns: Columns) -> pa.Table:
    """Return records as a table: each column is the attribute of its name. Raises `TooManyRows`."""
    if len(rows) > MOST_EXPORTED:
        raise TooManyRows(most=MOST_EXPORTED)

    def values(name: str, kind: pa.DataType) -> pa.Array:
        found = [getattr(row, name) for row in rows]
        if pa.types.is_string(kind):
            found = [None if each is None else str(each) for each in found]
        return pa.array(found, kind)

    return pa.table({name: values(name, kind) for name, kind in columns.items()})


def written(table: pa.Table, format: FileFormat) -> bytes:
    """Return the table as a file; CSV in UTF-8 with a mark for spreadsheets."""
    out = io.BytesIO()
    if format is FileFormat.PARQUET:
        pyarrow.parquet.write_table(table, out, compression="zstd")
        return out.getvalue()
    out.write(BYTE_ORDER_MARK)
    pyarrow.csv.write_csv(_without_formulas(table), out)
    return out.getvalue()


def _without_formulas(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(place)
            is_formula = pc.match_substring_regex(column, f"^[{''.join(map(_escaped, FORMULA_SIGNS))}]")
            guarded = pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)
            table = table.set_column(place, field, guarded)
    return table


def _escaped(sign: str) -> str:
    return {"\t": r"\t", "\r": r"\r"}.get(sign, f"\\{sign}")
