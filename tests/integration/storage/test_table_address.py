"""By what other processes read parts of a table: any rows of it, as the one that opened it reads them."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.defects import NotReadInParts, NotTheSameFile, SnapshotDamaged, SourceUnreadable, WrongValue
from policy_match.facts.mapping import Parse
from policy_match.ports import FactTables, RowReader
from policy_match.storage.facts_file import open_facts_file
from policy_match.storage.parquet_rows import read_rows
from policy_match.storage.snapshots import open_snapshot
from policy_match.values import FactName
from tests.support.registry import AS_OF, CATALOGUE, FACTS, code, column, csv_text, mapping, run_import

FIRMS = 9
LOANS = 7
GRAINS = {"firm": FIRMS, "loan": LOANS}
KINDS = ("a snapshot", "Parquet files")
ALL_FACTS = {
    "firm": [each.name for each in FACTS if each.grain == "firm"],
    "loan": [each.name for each in FACTS],
}
"""Of a loan also the facts of its firm."""

EMPLOYEES = column("employees", Parse.INTEGER)


def write_parquet(folder: Path, row_group_size: int = 4) -> dict[str, Path]:
    """Write firms, some facts of which are old or missing, and loans, one of a firm that is not there."""
    number = range(FIRMS)
    firms = pa.table(
        {
            "uscc": [code(each) for each in number],
            "ent_name": [f"企业{each % 4}" if each % 3 else None for each in number],
            "employees": [each * 10 if each != 5 else None for each in number],
            "employees__observed": [AS_OF.replace(year=2025 if each % 4 else 2020) for each in number],
            "revenue": pa.array([f"{each}.25" for each in number]),
            "lists": [[f"甲 {each}"] if each % 2 else [] for each in number],
        }
    )
    loans = pa.table(
        {
            "uscc": [code(each + 3) for each in range(LOANS)],
            "loan_id": [f"L{each}" for each in range(LOANS)],
            "loan_principal": [each * 100 for each in range(LOANS)],
            "loan_purpose": ["设备" if each % 2 else "厂房" for each in range(LOANS)],
        }
    )
    paths = {"firm": folder / "firms.parquet", "loan": folder / "loans.parquet"}
    pq.write_table(firms, paths["firm"], row_group_size=row_group_size)
    pq.write_table(loans, paths["loan"], row_group_size=row_group_size)
    return paths


def write_snapshot(folder: Path) -> Path:
    """Import the same kind of facts."""
    (folder / "firms.csv").write_text(
        csv_text(
            ["uscc", "ent_name", "employees"], [[code(each), f"企业{each % 4}", str(each)] for each in range(FIRMS)]
        ),
        encoding="utf-8",
    )
    (folder / "loans.csv").write_text(
        csv_text(["uscc", "loan_id", "loan_principal"], [[code(each + 3), f"L{each}", "10"] for each in range(LOANS)]),
        encoding="utf-8",
    )
    firms = mapping(column("ent_name", Parse.TEXT), EMPLOYEES)
    principal = column("loan_principal", Parse.MONEY_YUAN)
    loans = mapping(principal, source="bank", grain="loan", record="loan_id", file_name="loans.toml")
    sources = ((firms, folder / "firms.csv"), (loans, folder / "loans.csv"))
    return run_import(folder / "snapshots", *sources).snapshot.directory


@pytest.fixture
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> FactTables:
    """The tables of one kind."""
    if request.param == "a snapshot":
        return open_snapshot(write_snapshot(tmp_path), CATALOGUE)
    paths = write_parquet(tmp_path)
    return open_facts_file(paths["firm"], CATALOGUE, {"loan": paths["loan"]})


def elsewhere(tables: FactTables, grain: str, facts: Sequence[FactName] | None = None) -> RowReader:
    """Return the reader that another process opens."""
    address = tables.address(grain, ALL_FACTS[grain] if facts is None else facts, AS_OF)
    return pickle.loads(pickle.dumps(address)).open()


@pytest.mark.parametrize("tables", KINDS, indirect=True)
@pytest.mark.parametrize("grain", GRAINS)
def test_every_range_is_what_the_batches_hold(tables: FactTables, grain: str) -> None:
    reader = elsewhere(tables, grain)
    whole = pa.Table.from_batches(tables.batches(grain, ALL_FACTS[grain], AS_OF))
    assert whole.num_rows == GRAINS[grain]
    for first in range(whole.num_rows):
        for rows in range(1, whole.num_rows - first + 1):
            found = reader.read(first, rows)
            assert found.schema == whole.schema
            assert found.to_pylist() == whole.slice(first, rows).to_pylist()


@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=6), data=st.data())
def test_rows_are_found_whatever_the_row_groups(sizes: list[int], data: st.DataObject) -> None:
    total = sum(sizes)
    schema = pa.schema([("number", pa.int64()), ("word", pa.string())])
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema) as writer:
        for place, size in enumerate(sizes):
            first = sum(sizes[:place])
            numbers = list(range(first, first + size))
            writer.write_table(pa.table([numbers, [f"w{each % 3}" for each in numbers]], schema=schema))
    file = pq.ParquetFile(pa.BufferReader(sink.getvalue()), read_dictionary=["word"])
    first = data.draw(st.integers(0, total - 1))
    rows = data.draw(st.integers(1, total - first))
    found = read_rows(file, ["number", "word"], first, rows)
    assert found["number"].to_pylist() == list(range(first, first + rows))
    assert found["word"].to_pylist() == [f"w{each % 3}" for each in range(first, first + rows)]


def test_a_csv_file_has_no_address(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(f"uscc,employees\n{code(1)},3\n", encoding="utf-8")
    with pytest.raises(NotReadInParts, match=r"firms\.csv.*Parquet.*import"):
        open_facts_file(path, CATALOGUE).address("firm", [FactName("employees")], AS_OF)


def test_records_in_csv_have_no_address_and_do_not_hinder_the_firms(tmp_path: Path) -> None:
    paths = write_parquet(tmp_path)
    loans = tmp_path / "loans.csv"
    loans.write_text(f"uscc,loan_id\n{code(1)},L1\n", encoding="utf-8")
    tables = open_facts_file(paths["firm"], CATALOGUE, {"loan": loans})
    assert elsewhere(tables, "firm").read(0, FIRMS).num_rows == FIRMS
    with pytest.raises(NotReadInParts, match=r"loans\.csv"):
        tables.address("loan", [FactName("loan_principal")], AS_OF)


def test_every_value_of_the_range_is_checked_whichever_facts_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    employees = [1, 2, -3, 4, -5, 6]
    pq.write_table(
        pa.table({"uscc": [code(each) for each in range(6)], "ent_name": ["甲"] * 6, "employees": employees}),
        path,
        row_group_size=2,
    )
    reader = elsewhere(open_facts_file(path, CATALOGUE), "firm", [FactName("ent_name")])
    assert reader.read(0, 2).num_rows == 2
    with pytest.raises(WrongValue) as caught:
        reader.read(1, 3)
    assert (caught.value.fields["row"], caught.value.fields["count"]) == (3, 1)


def test_another_facts_file_under_the_path_is_refused(tmp_path: Path) -> None:
    paths = write_parquet(tmp_path)
    address = open_facts_file(paths["firm"], CATALOGUE).address("firm", [FactName("employees")], AS_OF)
    changed = pq.read_table(paths["firm"]).slice(1)
    pq.write_table(changed, paths["firm"])
    with pytest.raises(NotTheSameFile, match=r"firms\.parquet"):
        address.open()


def test_another_file_of_firms_is_refused_when_their_facts_stand_beside_records(tmp_path: Path) -> None:
    paths = write_parquet(tmp_path)
    tables = open_facts_file(paths["firm"], CATALOGUE, {"loan": paths["loan"]})
    joined = tables.address("loan", [FactName("loan_principal"), FactName("employees")], AS_OF)
    alone = tables.address("loan", [FactName("loan_principal")], AS_OF)
    pq.write_table(pq.read_table(paths["firm"]).slice(1), paths["firm"])
    with pytest.raises(NotTheSameFile, match=r"firms\.parquet"):
        joined.open()
    assert alone.open().read(0, LOANS).num_rows == LOANS


def test_a_facts_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    paths = write_parquet(tmp_path)
    address = open_facts_file(paths["firm"], CATALOGUE).address("firm", [FactName("employees")], AS_OF)
    paths["firm"].unlink()
    with pytest.raises(SourceUnreadable, match=r"firms\.parquet"):
        address.open()


def test_another_snapshot_in_the_directory_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    directory = write_snapshot(one)
    address = open_snapshot(directory, CATALOGUE).address("firm", [FactName("employees")], AS_OF)
    other.mkdir()
    (other / "firms.csv").write_text(csv_text(["uscc", "employees"], [[code(1), "4"]]), encoding="utf-8")
    second = run_import(other / "snapshots", (mapping(EMPLOYEES), other / "firms.csv")).snapshot.directory
    directory.rename(tmp_path / "aside")
    second.rename(directory)
    with pytest.raises(NotTheSameFile):
        address.open()


def test_a_snapshot_that_is_not_there_is_named(tmp_path: Path) -> None:
    directory = write_snapshot(tmp_path)
    address = open_snapshot(directory, CATALOGUE).address("firm", [FactName("employees")], AS_OF)
    directory.rename(tmp_path / "aside")
    with pytest.raises(SnapshotDamaged, match="manifest"):
        address.open()


def test_a_relative_path_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(tmp_path)
    monkeypatch.chdir(tmp_path)
    address = open_facts_file(Path("firms.parquet"), CATALOGUE).address("firm", [FactName("employees")], AS_OF)
    monkeypatch.chdir("/")
    assert address.open().read(0, 1)["employees"].to_pylist() == [None]


def test_a_catalogue_is_the_same_in_another_process() -> None:
    found = pickle.loads(pickle.dumps(CATALOGUE))
    assert isinstance(found, FactCatalogue)
    assert dict(found) == dict(CATALOGUE) and list(found) == list(CATALOGUE)
