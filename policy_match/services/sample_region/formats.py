"""The bytes of the invented files: CSV as different offices save it, Parquet, and an Excel workbook.

Guarantees that the same sheet gives the same bytes: nothing in a file says when it was written.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from policy_match.services.sample_region.sheets import Cell, Sheet

FIXED_TIME: Final = datetime(2000, 1, 1)  # noqa: DTZ001 a workbook's times have no zone
"""What a workbook says about when it was made."""

SAVED_AT: Final = re.compile(rb"(?<=dcterms:W3CDTF\">)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=</dcterms:modified>)")
"""The time of saving, among the properties of a workbook."""

EXCEL_SHEET: Final = "一季度用电"

MONEY: Final = pa.decimal128(18, 2)


def file_bytes(sheet: Sheet, encoding: str) -> bytes:
    """Return the file of a sheet in the format that its name ends in; `encoding` is for CSV."""
    return _FORMATS[PurePath(sheet.file_name).suffix](sheet, encoding)


def _csv(sheet: Sheet, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows(zip(*sheet.columns.values(), strict=True))
    return text.getvalue().encode(encoding)


def _parquet(sheet: Sheet, _: str) -> bytes:
    table = pa.table({header: _column(cells) for header, cells in sheet.columns.items()})
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    return bytes(buffer.getvalue())


def _column(cells: Sequence[Cell]) -> pa.Array:
    kinds = {type(cell) for cell in cells} - {type(None)}
    return pa.array(cells, MONEY if kinds == {Decimal} else pa.int64() if kinds == {int} else pa.string())


def _excel(sheet: Sheet, _: str) -> bytes:
    workbook = Workbook(write_only=True)
    workbook.properties.created = FIXED_TIME
    page = workbook.create_sheet(EXCEL_SHEET)
    page.append(list(sheet.columns))
    for row in zip(*sheet.columns.values(), strict=True):
        page.append(row)
    written = io.BytesIO()
    workbook.save(written)
    return _without_times(written)


def _without_times(archive: io.BytesIO) -> bytes:
    """Return the same workbook without the time of saving, which openpyxl writes in two ways."""
    result = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = SAVED_AT.sub(FIXED_TIME.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), old.read(entry))
            new.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return result.getvalue()


_FORMATS: dict[str, Callable[[Sheet, str], bytes]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _excel}
