"""What every registry source does alike, whatever it reads from.

Each source is made from the same rows, and must hand over the same text.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from connectors.registry_sources import SOURCES, open_source
from policy_match.facts.defects import ColumnTwice
from policy_match.facts.mapping import Query, SourceMapping
from policy_match.ports import RegistrySource
from tests.support.registry import code, mapping

Cells = Sequence[str | None]
HEADER = ["uscc", " 企业名称（全称）", "registered", "remark"]
ROWS: list[Cells] = [
    [code(1), "青岛甲,乙有限公司", "2019-01-02", 'says "yes"'],
    [code(2), None, "20190103", "007"],
    [None, "丙", None, "two\nlines"],
    [code(4), "丁", "2019年1月4日", " 300万元人民币 "],
    [code(5), "戊", None, None],
]
NAMES = ("uscc", "企业名称(全称)", "registered", "remark")

Maker = Callable[[Sequence[str], Sequence[Cells]], RegistrySource]


def make_csv(folder: Path, encoding: str) -> Maker:
    def make(header: Sequence[str], rows: Sequence[Cells]) -> RegistrySource:
        path = folder / "firms.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return open_source(mapping(), str(path))

    return make


def make_excel(folder: Path) -> Maker:
    def make(header: Sequence[str], rows: Sequence[Cells]) -> RegistrySource:
        path = folder / "firms.xlsx"
        pd.DataFrame([header, *rows]).to_excel(path, header=False, index=False)
        return open_source(mapping(), str(path))

    return make


def make_parquet(folder: Path) -> Maker:
    def make(header: Sequence[str], rows: Sequence[Cells]) -> RegistrySource:
        path = folder / "firms.parquet"
        columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
        pq.write_table(pa.Table.from_arrays(columns, names=list(header)), path)
        return open_source(mapping(), str(path))

    return make


def make_query(url: str) -> Maker:
    def make(header: Sequence[str], rows: Sequence[Cells]) -> RegistrySource:
        names = [sql.Identifier(f"c{place}") for place in range(len(header))]
        table = sql.SQL(", ").join(sql.SQL("{} text").format(name) for name in names)
        with psycopg.connect(url) as connection:
            connection.execute(sql.SQL("CREATE TABLE firms (place serial, {})").format(table))
            with connection.cursor() as cursor:
                cursor.executemany(
                    sql.SQL("INSERT INTO firms ({}) VALUES ({})").format(
                        sql.SQL(", ").join(names), sql.SQL(", ").join([sql.Placeholder()] * len(names))
                    ),
                    rows,
                )
        shown = sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(name, sql.Identifier(title)) for name, title in zip(names, header, strict=True)
        )
        with psycopg.connect(url) as connection:
            text = sql.SQL("SELECT {} FROM firms ORDER BY place;").format(shown).as_string(connection)
        return open_source(with_query(text), url)

    return make


def with_query(text: str) -> SourceMapping:
    return mapping(query=Query(sql=text, connection="REGISTRY_URL"))


KINDS = ["csv utf-8", "csv utf-8-sig", "csv gb18030", "excel", "parquet", "postgresql"]


def test_every_source_is_tested() -> None:
    assert {kind.split()[0] for kind in KINDS} == set(SOURCES)


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    match request.param.split():
        case ["csv", encoding]:
            return make_csv(tmp_path, encoding)
        case ["excel"]:
            return make_excel(tmp_path)
        case ["parquet"]:
            return make_parquet(tmp_path)
        case _:
            return make_query(request.getfixturevalue("empty_url"))


def read(source: RegistrySource, max_rows: int) -> tuple[list[Mapping[str, str | None]], list[int]]:
    rows, numbers = [], []
    for chunk in source.chunks(max_rows):
        assert 0 < chunk.rows.num_rows + len(chunk.broken) <= max_rows
        assert set(chunk.rows.schema.types) == {pa.string()}
        rows += chunk.rows.to_pylist()
        numbers += chunk.numbers.to_pylist()
    return rows, numbers


def test_rows_come_as_text_with_empty_cells_null(make: Maker) -> None:
    source = make(HEADER, ROWS)
    assert source.columns() == NAMES
    rows, _ = read(source, 100)
    assert [tuple(row.values()) for row in rows] == [tuple(row) for row in ROWS]


def test_chunks_are_bounded_and_can_be_asked_for_again(make: Maker) -> None:
    source = make(HEADER, ROWS)
    assert read(source, 2) == read(source, 2) == read(source, 100)


def test_rows_are_numbered_as_a_person_finds_them(make: Maker) -> None:
    source = make(HEADER, ROWS)
    _, numbers = read(source, 3)
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert numbers[0] in (1, 2)


def test_evidence_has_a_digest_that_changes_with_the_rows(make: Maker) -> None:
    source = make(HEADER, ROWS)
    read(source, 3)
    found = source.evidence()
    assert (found.rows, len(found.sha256)) == (5, 64)
    assert "/" not in found.name
    read(source, 100)
    assert source.evidence() == found


def test_the_number_of_rows_is_known_beforehand(make: Maker) -> None:
    assert make(HEADER, ROWS).expected_rows() >= 5


def test_a_column_named_twice_is_refused(make: Maker) -> None:
    source = make(["uscc", "name", "name ", "x"], ROWS)
    with pytest.raises(ColumnTwice, match="two columns are named `name`"):
        source.columns()


def test_a_column_without_a_name_is_called_by_its_place(make: Maker) -> None:
    assert make(["uscc", "　", "b", "c"], ROWS).columns() == ("uscc", "column 2", "b", "c")
