"""What only one kind of source has: types, broken rows, formulas, damage."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.registry_sources import open_source
from policy_match.facts.defects import SourceEmpty, SourceUnreadable, WrongEncoding, WrongKindOfFile
from policy_match.facts.mapping import Query
from policy_match.facts.source_rows import SourceChunk
from tests.support.registry import mapping


def only_chunk(path: Path, **options: object) -> SourceChunk:
    (chunk,) = open_source(mapping(**options), str(path)).chunks(1000)
    return chunk


def test_csv_rows_with_another_number_of_cells_are_handed_over_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n\n3\n4,5,6\n7,8\n")
    chunk = only_chunk(path)
    assert chunk.rows.to_pylist() == [{"a": "1", "b": "2"}, {"a": "7", "b": "8"}]
    assert chunk.numbers.to_pylist() == [2, 6]
    assert [(row.number, row.cells) for row in chunk.broken] == [(4, ("3",)), (5, ("4", "5", "6"))]


def test_csv_evidence_names_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称\n甲\n", encoding="gb18030")
    source = open_source(mapping(), str(path))
    assert sum(chunk.rows.num_rows for chunk in source.chunks(10)) == 1
    assert source.evidence().encoding == "gb18030"


def test_csv_in_another_encoding_than_declared_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称\n甲\n", encoding="gb18030")
    with pytest.raises(WrongEncoding, match="line 1, byte 0: not utf-8"):
        open_source(mapping(encoding="utf-8"), str(path)).columns()


def test_csv_with_an_endless_quote_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"4\n' + "5,6\n" * 50_000)
    with pytest.raises(SourceUnreadable, match=r"row 3: .*is a quote missing"):
        only_chunk(path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_csv_without_a_header_is_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceEmpty, match="the file is empty"):
        open_source(mapping(), str(path)).columns()


def test_excel_keeps_codes_days_and_row_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["other sheet"])
    sheet = book.create_sheet("企业")
    sheet.append([])
    sheet.append(["code", "day", "amount", "flag"])
    sheet.append(["007", date(2019, 1, 2), 300.5, True])
    sheet.append([])
    sheet.append(["370212228012345", datetime(2019, 1, 3), 300, False])  # noqa: DTZ001
    path = tmp_path / "a.xlsx"
    book.save(path)
    chunk = only_chunk(path, sheet="企业")
    assert chunk.numbers.to_pylist() == [3, 5]
    assert chunk.rows.to_pylist() == [
        {"code": "007", "day": "2019-01-02 00:00:00", "amount": "300.5", "flag": "True"},
        {"code": "370212228012345", "day": "2019-01-03 00:00:00", "amount": "300", "flag": "False"},
    ]


def test_excel_that_is_no_workbook_or_lacks_the_sheet_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("not a workbook")
    with pytest.raises(SourceUnreadable, match="not an Excel workbook"):
        open_source(mapping(), str(path)).columns()
    openpyxl.Workbook().save(path)
    with pytest.raises(SourceEmpty):
        open_source(mapping(), str(path)).columns()
    with pytest.raises(SourceUnreadable, match="企业"):
        open_source(mapping(sheet="企业"), str(path)).columns()


def test_parquet_types_become_text_that_says_the_same(tmp_path: Path) -> None:
    table = pa.table(
        {
            "whole": pa.array([1, None]),
            "float": pa.array([1.5, float("nan")]),
            "money": pa.array([Decimal("12.50"), None]),
            "day": pa.array([date(2019, 1, 2), None]),
            "time": pa.array([datetime(2019, 1, 2), None]),  # noqa: DTZ001
            "flag": pa.array([True, None]),
            "words": pa.array([["甲", "乙"], None]),
            "coded": pa.array(["x", ""]).dictionary_encode(),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    first, second = only_chunk(path).rows.to_pylist()
    assert list(first.values()) == [
        "1",
        "1.5",
        "12.50",
        "2019-01-02",
        "2019-01-02 00:00:00.000000",
        "true",
        '["甲", "乙"]',
        "x",
    ]
    assert set(second.values()) == {None}


def test_parquet_with_bytes_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([b"\xff\xfe"])}), path)
    with pytest.raises(SourceUnreadable, match="column a: binary cannot be read as text"):
        only_chunk(path)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_truncated_parquet_is_one_error(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x"] * 1000}), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SourceUnreadable, match="not a Parquet file, or cut short"):
        open_source(mapping(), str(path)).columns()


def test_a_parquet_damaged_within_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [str(number) for number in range(1000)]}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[60:400] = bytes(340)
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="damaged after row 0"):
        only_chunk(path)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_a_file_that_is_not_there_is_one_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceUnreadable, match="No such file"):
        open_source(mapping(), str(tmp_path / name)).columns()


def test_a_kind_of_file_that_is_not_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(WrongKindOfFile, match=r"\.csv, \.xlsx, \.xlsm, \.parquet"):
        open_source(mapping(), str(tmp_path / "a.doc"))


def test_a_query_hands_over_types_as_text_and_numbers_its_rows(empty_url: str) -> None:
    query = """SELECT 1::int AS whole, 12.50::numeric AS money, 'NaN'::float8 AS gap, date '2019-01-02' AS day,
        true AS flag, ARRAY['甲', '乙'] AS words, ''::text AS empty"""
    source = open_source(mapping(query=Query(sql=query, connection="REGISTRY_URL")), empty_url)
    (chunk,) = source.chunks(10)
    assert chunk.numbers.to_pylist() == [1]
    assert list(chunk.rows.to_pylist()[0].values()) == ["1", "12.50", None, "2019-01-02", "true", '["甲", "乙"]', None]


def test_a_query_cannot_write(empty_url: str) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("CREATE TABLE kept (a int)")
    for query in ("DELETE FROM kept RETURNING a", "SELECT nothing FROM kept"):
        source = open_source(mapping(query=Query(sql=query, connection="REGISTRY_URL")), empty_url)
        with pytest.raises(SourceUnreadable, match="the query failed"):
            source.columns()


def test_the_address_of_a_database_is_never_shown() -> None:
    address = "postgresql://reader:geheim@127.0.0.1:1/none"
    for wrong in (address, "postgresql://geheim:geheim@[", "geheim"):
        source = open_source(mapping(query=Query(sql="SELECT 1", connection="REGISTRY_URL")), wrong)
        with pytest.raises(SourceUnreadable, match="check the address in REGISTRY_URL") as caught:
            source.columns()
        assert "geheim" not in str(caught.value)
        assert caught.value.__cause__ is None
