"""A facts file, opened strictly for a sweep."""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from policy_match.errors import InputError
from policy_match.facts.canonical import DICTIONARY
from policy_match.facts.defects import (
    ColumnMissing,
    ColumnTwice,
    DuplicateKey,
    SourceEmpty,
    SourceUnreadable,
    UnknownColumn,
    WrongEncoding,
    WrongKey,
    WrongValue,
)
from policy_match.facts.reading import FactState
from policy_match.ports import FactTables
from policy_match.storage.facts_file import open_facts_file
from policy_match.values import FactName, Uscc
from tests.support.registry import AS_OF, CATALOGUE, code, mapping, run_import

HEADER = "uscc,ent_name,size_class,employees,revenue,ratio,arrears,founded,lists\n"
FIRM_3 = f'{code(3)},丙,small,30,300.505,0.3,true,2019-01-03,"[""a;b""]"\n'
FIRM_1 = f"{code(1)},甲,large,1000,100,0.1,False,2019-01-01,a;b\n"
FIRM_2 = f"{code(2)},乙,,,,,,,[]\n"
A, B = code(1), code(2)
FIRM_FACTS = [each.name for each in CATALOGUE.of_grain("firm")]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def all_rows(
    tables: FactTables, grain: str = "firm", facts: Sequence[str] = FIRM_FACTS, max_rows: int = 1000
) -> list[dict[str, object]]:
    batches = list(tables.batches(grain, [FactName(name) for name in facts], AS_OF, max_rows))
    assert all(batch.num_rows <= max_rows for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()]


def as_parquet(csv_path: Path) -> Path:
    table = pa_csv.read_csv(csv_path)
    path = csv_path.with_suffix(".parquet")
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_values_are_taken_as_they_are_in_the_order_of_the_file(tmp_path: Path, encoding: str) -> None:
    tables = open_facts_file(write(tmp_path / "f.csv", HEADER + FIRM_3 + FIRM_1 + FIRM_2, encoding), CATALOGUE)
    assert (tables.grains, tables.rows("firm")) == (("firm",), 3)
    assert all_rows(tables) == [
        {
            "uscc": code(3),
            "ent_name": "丙",
            "size_class": "small",
            "employees": 30,
            "revenue": 30_051,
            "ratio": 300_000,
            "arrears": True,
            "founded": date(2019, 1, 3),
            "lists": ["a;b"],
        },
        {
            "uscc": code(1),
            "ent_name": "甲",
            "size_class": "large",
            "employees": 1000,
            "revenue": 10_000,
            "ratio": 100_000,
            "arrears": False,
            "founded": date(2019, 1, 1),
            "lists": ["a", "b"],
        },
        {
            "uscc": code(2),
            **dict.fromkeys(FIRM_FACTS, None),
            "ent_name": "乙",
            "lists": [],
        },
    ]
    assert all_rows(tables, max_rows=1) == all_rows(tables)


def test_parquet_of_natural_types_gives_the_same_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "lists": pa.array([["a", "b"], [], None]),
            "uscc": [code(1), code(2), code(3)],
            "size_class": pa.array(["large", None, "small"]).dictionary_encode(),
            "employees": pa.array([1.0, None, 3.0]),
            "revenue": pa.array([Decimal("1.005"), None, Decimal(2)]),
            "ratio": pa.array([0.1, None, 0.25]),
            "arrears": pa.array([True, None, False]),
            "founded": pa.array([date(2019, 1, 1), None, None]),
        }
    )
    pq.write_table(table, tmp_path / "f.parquet")
    tables = open_facts_file(tmp_path / "f.parquet", CATALOGUE)
    (batch,) = tables.batches("firm", [FactName("size_class"), FactName("revenue"), FactName("ent_name")], AS_OF)
    assert batch.schema.types == [pa.string(), DICTIONARY, pa.int64(), DICTIONARY]
    assert batch["revenue"].to_pylist() == [101, None, 200]
    assert batch["ent_name"].null_count == 3
    assert [row["employees"] for row in all_rows(tables)] == [1, None, 3]
    assert [row["lists"] for row in all_rows(tables)] == [["a", "b"], [], None]


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", HEADER + FIRM_1)
    assert open_facts_file(path, CATALOGUE).digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_column_of_days_makes_values_stale(tmp_path: Path) -> None:
    text = "uscc,employees,employees__observed\n"
    text += f"{code(1)},1,2025-06-01\n{code(2)},2,2025-05-01\n{code(3)},3,\n"
    tables = open_facts_file(write(tmp_path / "f.csv", text), CATALOGUE)
    assert [row["employees"] for row in all_rows(tables, facts=["employees"])] == [1, None, 3]
    readings = tables.firm(Uscc(code(2)), AS_OF)
    assert readings is not None
    employees = readings[FactName("employees")]
    assert (employees.state, employees.value, employees.observed, employees.source) == (
        FactState.STALE,
        Fraction(2),
        date(2025, 5, 1),
        "f.csv",
    )


def test_one_firm_is_found(tmp_path: Path) -> None:
    tables = open_facts_file(write(tmp_path / "f.csv", HEADER + FIRM_3 + FIRM_1), CATALOGUE)
    readings = tables.firm(Uscc(code(1)), AS_OF)
    assert readings is not None
    assert readings[FactName("lists")].usable == ("a", "b")
    assert readings[FactName("size_class")].usable == "large"
    assert tables.firm(Uscc(code(7)), AS_OF) is None


def test_records_come_from_files_of_their_own_and_see_firm_facts(tmp_path: Path) -> None:
    firms = write(tmp_path / "f.csv", HEADER + FIRM_3 + FIRM_1)
    loans = write(
        tmp_path / "l.csv",
        f"loan_id,uscc,loan_principal\nL1,{code(1)},10.5\nL1,{code(9)},7\nL2,{code(1)},\nL3,{code(3)},1\n",
    )
    tables = open_facts_file(firms, CATALOGUE, {"loan": loans})
    assert (tables.grains, tables.rows("loan")) == (("firm", "loan"), 4)
    expected = [
        {"uscc": code(1), "loan_id": "L1", "loan_principal": 1050, "size_class": "large"},
        {"uscc": code(9), "loan_id": "L1", "loan_principal": 700, "size_class": None},
        {"uscc": code(1), "loan_id": "L2", "loan_principal": None, "size_class": "large"},
        {"uscc": code(3), "loan_id": "L3", "loan_principal": 100, "size_class": "small"},
    ]
    for max_rows in (1, 3, 100):
        assert all_rows(tables, "loan", ["loan_principal", "size_class"], max_rows) == expected
    assert list(tables.records("loan", Uscc(code(1)), AS_OF)) == ["L1", "L2"]
    assert tables.digest != open_facts_file(firms, CATALOGUE).digest


def test_a_snapshot_directory_is_a_facts_file_too(tmp_path: Path) -> None:
    firms = write(tmp_path / "f.csv", HEADER + FIRM_3 + FIRM_1)
    snapshot = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot
    tables = open_facts_file(snapshot.directory, CATALOGUE)
    assert tables.digest == snapshot.id
    assert [row["revenue"] for row in all_rows(tables)] == [10_000, 30_051]
    with pytest.raises(SourceUnreadable, match="give the snapshot's directory"):
        open_facts_file(snapshot.directory / "firm.parquet", CATALOGUE)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            f"uscc,employes\n{A},1\n",
            UnknownColumn,
            "`employes` is not a fact of the firm table; did you mean `employees`?",
        ),
        (f"uscc,loan_principal\n{A},1\n", UnknownColumn, "`loan_principal` is not a fact of the firm table"),
        (f"USCC,employees\n{A},1\n", ColumnMissing, "no column `uscc`"),
        (f"uscc,employees\n{A},1\n{B},2\n{A},3\n", DuplicateKey, rf"rows \d and \d are both {A} \(2 such rows\)"),
        (f"uscc,employees\n,1\n{B},2\n", WrongKey, r"row \d, column uscc: (None|'') is no credit code \(1 such"),
        (f"uscc,employees\n{A.lower()},1\nx,2\n", WrongKey, r"\(2 such rows\)"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_when_opened(
    tmp_path: Path, kind: str, text: str, error: type[InputError], message: str
) -> None:
    path = write(tmp_path / "f.csv", text)
    with pytest.raises(error, match=message) as caught:
        open_facts_file(path if kind == "csv" else as_parquet(path), CATALOGUE)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in caught.value.message("zh")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("employees", "-3", "outside the range"),
        ("employees", "300万元人民币", "not a number"),
        ("employees", "12.5", "not a whole number"),
        ("revenue", "300万元人民币", "not a number"),
        ("revenue", "N/A", "not a number"),
        ("revenue", "-0.01", "outside the range"),
        ("ratio", "1.000001", "outside the range"),
        ("size_class", "huge", "not one of the values"),
        ("arrears", "是", "neither yes nor no"),
        ("founded", "2023-02-30", "a day that does not exist"),
        ("founded", "2023/2/3", "not a date"),
        ("lists", "[1]", "not a list"),
    ],
)
def test_a_wrong_value_names_its_place_and_how_many_there_are(
    tmp_path: Path, column: str, cell: str, problem: str
) -> None:
    rows = "".join(f"{code(number)},{cell if number in (4, 6) else ''},\n" for number in range(1, 8))
    path = write(tmp_path / "f.csv", f"uscc,{column},ent_name\n" + rows)
    tables = open_facts_file(path, CATALOGUE)
    for max_rows in (1, 1000):
        with pytest.raises(WrongValue) as caught:
            all_rows(tables, facts=["ent_name"], max_rows=max_rows)
        message = str(caught.value)
        assert f"row 5, column {column}: '{cell}': {problem}" in message
        assert "(2 such values in the file)" in message
        assert "policy-match import" in message
        assert "第 5 行" in caught.value.message("zh")


def test_a_wrong_value_of_parquet_is_named_alike(tmp_path: Path) -> None:
    pq.write_table(pa.table({"uscc": [code(1), code(2)], "employees": [5, -3]}), tmp_path / "f.parquet")
    with pytest.raises(WrongValue, match=r"row 2, column employees: -3: outside the range"):
        all_rows(open_facts_file(tmp_path / "f.parquet", CATALOGUE))


def test_one_firm_of_a_file_with_a_wrong_value_is_not_explained(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", f"uscc,employees\n{code(1)},1\n{code(2)},N/A\n")
    with pytest.raises(WrongValue):
        open_facts_file(path, CATALOGUE).firm(Uscc(code(1)), AS_OF)


def test_sorted_and_shuffled_files_of_distinct_keys_are_accepted(tmp_path: Path) -> None:
    for name, numbers in {"up": range(500), "down": range(500, 0, -1)}.items():
        path = write(tmp_path / f"{name}.csv", "uscc\n" + "".join(f"{code(number)}\n" for number in numbers))
        assert open_facts_file(path, CATALOGUE).rows("firm") == 500


@pytest.mark.parametrize("content", [b"", b"uscc,employees\n"])
def test_an_empty_csv_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(SourceEmpty, match="the file is empty"):
        open_facts_file(tmp_path / "f.csv", CATALOGUE)


def test_an_empty_parquet_is_one_error(tmp_path: Path) -> None:
    pq.write_table(pa.table({"uscc": pa.array([], pa.string())}), tmp_path / "f.parquet")
    with pytest.raises(SourceEmpty):
        open_facts_file(tmp_path / "f.parquet", CATALOGUE)
    (tmp_path / "f.parquet").write_bytes(b"")
    with pytest.raises(SourceUnreadable):
        open_facts_file(tmp_path / "f.parquet", CATALOGUE)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_truncated_parquet_is_one_error(tmp_path: Path, kept: float) -> None:
    path = as_parquet(write(tmp_path / "f.csv", HEADER + FIRM_1))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SourceUnreadable, match=r"f\.parquet: cannot be read") as caught:
        open_facts_file(path, CATALOGUE)
    assert "\n" not in str(caught.value)


def test_wrong_encoding_is_one_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"uscc,ent_name\n" + code(1).encode() + b",\xff\xff\n")
    with pytest.raises(WrongEncoding, match="line 2, byte 33"):
        open_facts_file(tmp_path / "f.csv", CATALOGUE)


def test_rows_with_other_numbers_of_cells_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="Expected 2 columns, got 3"):
        open_facts_file(write(tmp_path / "f.csv", f"uscc,employees\n{code(1)},1,2\n"), CATALOGUE)


def test_a_column_named_twice_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ColumnTwice):
        open_facts_file(write(tmp_path / "f.csv", f"uscc,employees,employees\n{code(1)},1,2\n"), CATALOGUE)


def test_another_kind_of_file_or_none_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"named \.csv or \.parquet"):
        open_facts_file(tmp_path / "f.xlsx", CATALOGUE)
    for name in ("f.csv", "f.parquet"):
        with pytest.raises(SourceUnreadable, match="No such file"):
            open_facts_file(tmp_path / name, CATALOGUE)
