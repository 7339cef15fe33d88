"""A workbook takes the memory of its filled cells, whatever it says of its size."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.registry_sources import open_source
from connectors.registry_sources.excel_file import BLOCK_ROWS, MOST_COLUMNS, MOST_ROWS
from policy_match.facts.defects import SourceUnreadable
from policy_match.ports import RegistrySource
from tests.support.registry import mapping

SHEET = "xl/worksheets/sheet1.xml"


def workbook(folder: Path, *rows: tuple[object, ...]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def opened(path: Path) -> RegistrySource:
    return open_source(mapping(), str(path))


def rewritten(path: Path, before: str, after: str) -> Path:
    """Return the workbook with something else in its sheet, as an attacker writes it."""
    made = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == SHEET:
                assert before.encode() in content
                content = content.replace(before.encode(), after.encode())
            new.writestr(name, content)
    return made


def test_rows_of_different_width_are_one_table(tmp_path: Path) -> None:
    source = opened(workbook(tmp_path, ("a",), (), (1, None, 2.5), (None,), ("007",)))
    assert source.columns() == ("a", "column 2", "column 3")
    (chunk,) = source.chunks(10)
    assert chunk.numbers.to_pylist() == [3, 5]
    assert chunk.rows.to_pylist() == [
        {"a": "1", "column 2": None, "column 3": "2.5"},
        {"a": "007", "column 2": None, "column 3": None},
    ]


def test_a_block_ends_where_a_chunk_does_not(tmp_path: Path) -> None:
    source = opened(workbook(tmp_path, ("a",), *((place,) for place in range(BLOCK_ROWS + 2))))
    chunks = list(source.chunks(BLOCK_ROWS - 1))
    assert [chunk.rows.num_rows for chunk in chunks] == [BLOCK_ROWS - 1, 1, 2]
    assert [number for chunk in chunks for number in chunk.numbers.to_pylist()] == list(range(2, BLOCK_ROWS + 4))


def test_a_row_that_is_too_wide_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("a",), ("wide",))
    with pytest.raises(SourceUnreadable, match=f"16,384 columns, more than {MOST_COLUMNS:,}"):
        opened(rewritten(path, 'r="A2"', 'r="XFD2"')).columns()


def test_a_row_number_that_no_sheet_has_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("a",), ("far",))
    with pytest.raises(SourceUnreadable, match=f"beyond {MOST_ROWS:,}"):
        opened(rewritten(path, '<row r="2"', '<row r="99999999999"')).columns()
