"""Registry files imported with the real adapters, and the snapshots read back."""

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.facts.catalogue import FactCatalogue, FactType
from policy_match.facts.defects import MappingsDisagree, SnapshotDamaged, SnapshotOutdated
from policy_match.facts.joining import Decided
from policy_match.facts.mapping import Parse
from policy_match.facts.reading import FactState
from policy_match.facts.reasons import Reason
from policy_match.storage.refused_file import restored
from policy_match.storage.snapshots import open_snapshot
from policy_match.values import Digest, FactName, Uscc
from tests.support.registry import (
    AS_OF,
    CATALOGUE,
    OBSERVED,
    code,
    column,
    csv_text,
    fact,
    mapping,
    refused_lines,
    run_import,
)

FIRMS = csv_text(
    ["uscc", "ent_name", "size_class", "employees", "revenue", "ratio", "arrears", "founded", "lists"],
    [
        [code(3), "丙有限公司", "small", "30", "300.5", "0.3", "是", "2019-01-03", "[]"],
        [code(1), "甲有限公司", "large", "1000", "100", "0.1", "否", "2019-01-01", "2023-05-01/2024-06-30"],
        [code(2), "乙有限公司", "", "", "", "", "", "", ""],
    ],
)
LOANS = csv_text(
    ["firm", "contract", "amount", "purpose"],
    [
        [code(1), "L2", "2万元", "stock"],
        [code(1), "L1", "1万元", "stock"],
        [code(9), "L3", "3万元", "machines"],
    ],
)
LOAN_MAPPING = mapping(
    column("loan_principal", Parse.CHINESE_MONEY, at="amount"),
    column("loan_purpose", Parse.TEXT, at="purpose"),
    source="bank",
    grain="loan",
    key="firm",
    record="contract",
)


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(FIRMS, encoding="utf-8")
    return path


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    path = tmp_path / "loans.csv"
    path.write_text(LOANS, encoding="gb18030")
    return path


def rows_of(
    directory: Path, grain: str, facts: Sequence[str], as_of: date = AS_OF, max_rows: int = 1000
) -> list[dict[str, object]]:
    snapshot = open_snapshot(directory, CATALOGUE)
    batches = list(snapshot.batches(grain, [FactName(name) for name in facts], as_of, max_rows))
    assert all(0 < batch.num_rows <= max_rows for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()]


def test_rows_come_back_sorted_and_in_canonical_columns(tmp_path: Path, firms: Path) -> None:
    result = run_import(tmp_path / "snapshots", (mapping(), firms))
    assert rows_of(result.snapshot.directory, "firm", ["ent_name", "employees", "revenue", "ratio", "lists"]) == [
        {
            "uscc": code(1),
            "ent_name": "甲有限公司",
            "employees": 1000,
            "revenue": 10_000,
            "ratio": 100_000,
            "lists": ["2023-05-01/2024-06-30"],
        },
        {"uscc": code(2), "ent_name": "乙有限公司", "employees": None, "revenue": None, "ratio": None, "lists": None},
        {"uscc": code(3), "ent_name": "丙有限公司", "employees": 30, "revenue": 30_050, "ratio": 300_000, "lists": []},
    ]
    assert result.quality.rows == {"firm": 3}


def test_a_value_goes_stale_on_the_day_after_its_last_fresh_day(tmp_path: Path, firms: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    facts = ["ent_name", "employees", "lists"]
    last_fresh, stale = date(2025, 7, 1), date(2025, 7, 2)
    assert [row["employees"] for row in rows_of(directory, "firm", facts, last_fresh)] == [1000, None, 30]
    assert [row["employees"] for row in rows_of(directory, "firm", facts, stale)] == [None, None, None]
    assert [row["lists"] for row in rows_of(directory, "firm", facts, stale)] == [None, None, None]
    assert rows_of(directory, "firm", facts, stale)[0]["ent_name"] == "甲有限公司"


def test_readings_show_stale_values_with_day_and_source(tmp_path: Path, firms: Path) -> None:
    snapshot = open_snapshot(run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory, CATALOGUE)
    readings = snapshot.firm(Uscc(code(3)), date(2026, 1, 1))
    assert readings is not None
    assert set(readings) == {each.name for each in CATALOGUE.of_grain("firm")}
    employees = readings[FactName("employees")]
    assert (employees.state, employees.value, employees.observed, employees.source) == (
        FactState.STALE,
        Fraction(30),
        OBSERVED,
        "registry",
    )
    assert readings[FactName("revenue")].usable == Fraction(601, 2)
    assert readings[FactName("size_class")].usable == "small"
    missing = snapshot.firm(Uscc(code(2)), AS_OF)
    assert missing is not None
    assert missing[FactName("revenue")].state is FactState.MISSING
    assert snapshot.firm(Uscc(code(8)), AS_OF) is None


def test_the_same_inputs_give_the_same_snapshot_and_nothing_new(tmp_path: Path, firms: Path) -> None:
    first = run_import(tmp_path / "snapshots", (mapping(), firms))
    written = (first.snapshot.directory / "manifest.json").stat()
    second = run_import(tmp_path / "snapshots", (mapping(), firms), as_of=date(2020, 1, 1))
    other = run_import(tmp_path / "elsewhere", (mapping(), firms))
    assert (first.snapshot.was_there, second.snapshot.was_there) == (False, True)
    assert first.snapshot.id == second.snapshot.id == other.snapshot.id
    still = (first.snapshot.directory / "manifest.json").stat()
    assert (still.st_ino, still.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [first.snapshot.id]
    for name in ("firm.parquet", "manifest.json", "refused.csv", "quality.json", "quality.html"):
        assert (other.snapshot.directory / name).read_bytes() == (first.snapshot.directory / name).read_bytes()


def test_another_mapping_or_file_gives_another_snapshot(tmp_path: Path, firms: Path) -> None:
    ids = {run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.id}
    ids.add(run_import(tmp_path / "snapshots", (mapping(digest=Digest("1" * 64)), firms)).snapshot.id)
    firms.write_text(FIRMS.replace("1000", "1001"), encoding="utf-8")
    ids.add(run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.id)
    assert len(ids) == 3


def test_the_kind_of_file_does_not_change_the_table(tmp_path: Path, firms: Path) -> None:
    frame = pd.read_csv(firms, dtype=str, keep_default_na=False)
    frame.to_excel(tmp_path / "firms.xlsx", index=False)
    frame.to_parquet(tmp_path / "firms.parquet", index=False)
    frame.to_csv(tmp_path / "gb.csv", index=False, encoding="gb18030")
    tables = {
        run_import(tmp_path / "snapshots", (mapping(), tmp_path / name))
        .snapshot.directory.joinpath("firm.parquet")
        .read_bytes()
        for name in ("firms.csv", "firms.xlsx", "firms.parquet", "gb.csv")
    }
    assert len(tables) == 1


def test_the_manifest_names_its_inputs_and_no_place_on_this_machine(tmp_path: Path, firms: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    text = (directory / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    manifest = json.loads(text)
    assert manifest["id"] == directory.name
    assert manifest["inputs"][0]["input"] == {
        "name": "firms.csv",
        "sha256": manifest["inputs"][0]["input"]["sha256"],
        "rows": 3,
        "size_bytes": len(FIRMS.encode()),
        "encoding": "utf-8",
    }
    assert manifest["facts"]["employees"] == {"sources": ["registry"], "observed": "2025-06-01"}


def test_the_first_source_that_knows_a_fact_gives_it_with_its_own_day(tmp_path: Path, firms: Path) -> None:
    tax = tmp_path / "tax.csv"
    tax.write_text(
        csv_text(
            ["code", "staff", "income", "day"],
            [[code(1), "999", "100", "2025-06-20"], [code(2), "20", "200", "2025-06-21"], [code(4), "40", "", ""]],
        )
    )
    columns = (column("employees", Parse.INTEGER, at="staff"), column("revenue", Parse.MONEY_YUAN, at="income"))
    tax_mapping = mapping(*columns, source="tax", key="code", observed="day")
    result = run_import(tmp_path / "snapshots", (mapping(), firms), (tax_mapping, tax))
    rows = rows_of(result.snapshot.directory, "firm", ["employees", "revenue", "ent_name"])
    assert [(row["uscc"], row["employees"], row["revenue"]) for row in rows] == [
        (code(1), 1000, 10_000),
        (code(2), 20, 20_000),
        (code(3), 30, 30_050),
        (code(4), None, None),
    ]
    quality = {each.fact: each for each in result.quality.facts}
    assert (quality["employees"].conflicts, quality["revenue"].conflicts) == (1, 0)
    assert quality["employees"].given_by == {"registry": 2, "tax": 1}
    assert (quality["employees"].first_observed, quality["employees"].last_observed) == (OBSERVED, date(2025, 6, 21))
    assert result.quality.rows_missing_in_source == {"registry": 1, "tax": 1}
    assert [line["reason"] for line in refused_lines(result.snapshot.directory)] == [Reason.UNDATED]
    readings = open_snapshot(result.snapshot.directory, CATALOGUE).firm(Uscc(code(2)), AS_OF)
    assert readings is not None
    assert (readings[FactName("employees")].source, readings[FactName("employees")].observed) == (
        "tax",
        date(2025, 6, 21),
    )
    late = rows_of(result.snapshot.directory, "firm", ["employees"], date(2025, 7, 15))
    assert [row["employees"] for row in late] == [None, 20, None, None]


def test_words_and_lists_go_stale_by_their_own_day_and_can_conflict(tmp_path: Path, firms: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(
        csv_text(
            ["uscc", "size_class", "lists", "day"],
            [[code(1), "small", "x", "2025-06-01"], [code(2), "small", "y", "2020-01-01"], [code(3), "small", "", ""]],
        )
    )
    columns = (column("size_class", Parse.TEXT), column("lists", Parse.LIST))
    first = (mapping(*columns, source="other", observed="day"), other)
    result = run_import(tmp_path / "snapshots", first, (mapping(), firms))
    rows = rows_of(result.snapshot.directory, "firm", ["size_class", "lists"])
    assert [(row["size_class"], row["lists"]) for row in rows] == [("small", ["x"]), (None, None), ("small", [])]
    conflicts = {each.fact: (each.conflicts, each.stale) for each in result.quality.facts}
    assert (conflicts["size_class"], conflicts["lists"]) == ((1, 1), (1, 1))


def test_records_can_be_imported_without_firms(tmp_path: Path, loans: Path) -> None:
    result = run_import(tmp_path / "snapshots", (LOAN_MAPPING, loans))
    assert result.quality.records_without_firm == {"loan": 3}
    snapshot = open_snapshot(result.snapshot.directory, CATALOGUE)
    assert snapshot.grains == ("loan",)
    assert snapshot.rows("loan") == 3
    assert snapshot.firm(Uscc(code(1)), AS_OF) is None
    assert [row["employees"] for row in rows_of(snapshot.directory, "loan", ["employees"])] == [None] * 3


def test_sources_need_names_of_their_own(tmp_path: Path, firms: Path) -> None:
    with pytest.raises(MappingsDisagree, match="registry, registry"):
        run_import(tmp_path / "snapshots", (mapping(), firms), (mapping(), firms))


def test_records_keep_their_rows_also_without_a_firm_and_see_firm_facts(
    tmp_path: Path, firms: Path, loans: Path
) -> None:
    result = run_import(tmp_path / "snapshots", (mapping(), firms), (LOAN_MAPPING, loans))
    directory = result.snapshot.directory
    assert result.quality.rows == {"firm": 3, "loan": 3}
    assert result.quality.records_without_firm == {"loan": 1}
    expected = [
        {"uscc": code(1), "loan_id": "L1", "loan_principal": 1_000_000, "size_class": "large", "employees": 1000},
        {"uscc": code(1), "loan_id": "L2", "loan_principal": 2_000_000, "size_class": "large", "employees": 1000},
        {"uscc": code(9), "loan_id": "L3", "loan_principal": 3_000_000, "size_class": None, "employees": None},
    ]
    for max_rows in (1, 2, 100):
        assert rows_of(directory, "loan", ["loan_principal", "size_class", "employees"], max_rows=max_rows) == expected
    snapshot = open_snapshot(directory, CATALOGUE)
    records = snapshot.records("loan", Uscc(code(1)), AS_OF)
    assert list(records) == ["L1", "L2"]
    assert records["L2"][FactName("loan_principal")].usable == 20_000
    assert snapshot.records("loan", Uscc(code(2)), AS_OF) == {}


def test_a_fact_that_no_source_gives_is_unknown(tmp_path: Path, firms: Path) -> None:
    only_names = mapping(column("ent_name", Parse.TEXT))
    directory = run_import(tmp_path / "snapshots", (only_names, firms)).snapshot.directory
    rows = rows_of(directory, "firm", ["employees", "size_class", "lists"])
    assert [set(row.values()) - {row["uscc"]} for row in rows] == [{None}] * 3
    readings = open_snapshot(directory, CATALOGUE).firm(Uscc(code(1)), AS_OF)
    assert readings is not None
    assert readings[FactName("employees")].state is FactState.MISSING


def test_duplicates_are_kept_apart_with_what_decided(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    name = column("ent_name", Parse.TEXT)
    path.write_text(
        csv_text(
            ["uscc", "ent_name", "employees", "day"],
            [
                [code(1), "旧名", "5", "2025-01-01"],
                [code(1), "新名", "", "2025-06-01"],
                [code(2), "甲", "", "2025-06-01"],
                [code(2), "甲", "7", "2025-06-01"],
                [code(3), "乙", "8", "2025-06-01"],
                [f" {code(3).lower()}", "乙", "8", "2025-06-01"],
                [code(3), "乙", "8", "2025-06-01"],
            ],
        )
    )
    result = run_import(
        tmp_path / "snapshots", (mapping(name, column("employees", Parse.INTEGER), observed="day"), path)
    )
    rows = rows_of(result.snapshot.directory, "firm", ["ent_name", "employees"])
    assert [(row["ent_name"], row["employees"]) for row in rows] == [("新名", None), ("甲", 7), ("乙", 8)]
    (source,) = result.quality.sources
    assert source.rows_refused == {Reason.DUPLICATE_SUPERSEDED: 3, Reason.DUPLICATE_IDENTICAL: 1}
    assert source.duplicates_decided == {Decided.OBSERVED: 1, Decided.FILLED: 1, Decided.ORDER: 2}
    lines = refused_lines(result.snapshot.directory)
    assert [(line["row"], line["reason"], json.loads(line["content"])["ent_name"]) for line in lines] == [
        ("2", "duplicate_superseded", "旧名"),
        ("4", "duplicate_superseded", "甲"),
        ("7", "duplicate_superseded", "乙"),
        ("8", "duplicate_identical", "乙"),
    ]


def test_refused_cells_are_never_run_as_formulas_and_can_be_restored(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    risky = ['=HYPERLINK("http://x")', "+1+1", "-3", "@SUM(A1)", "'quoted", "plain"]
    frame = pd.DataFrame({"uscc": [code(number) for number in range(6)], "employees": risky})
    frame.to_csv(path, index=False)
    result = run_import(tmp_path / "snapshots", (mapping(column("employees", Parse.INTEGER)), path))
    lines = refused_lines(result.snapshot.directory)
    assert not any(line["value"].startswith(("=", "+", "-", "@")) for line in lines)
    assert [restored(line["value"]) for line in lines] == risky


def test_the_report_adds_up_and_is_a_page_for_people(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    rows = [
        [code(1), "甲", "-5"],
        [code(1), "甲", "-5"],
        ["无", "乙", "1"],
        ["", "丙", "1"],
        [code(2), "<script>alert(1)</script>", "300万元人民币"],
        ["370212228012345", "丁", "<b>"],
    ]
    path.write_text(csv_text(["uscc", "ent_name", "employees"], rows) + "a,b\n")
    each = mapping(column("ent_name", Parse.TEXT), column("employees", Parse.INTEGER))
    result = run_import(tmp_path / "snapshots", (each, path))
    (source,) = result.quality.sources
    assert (source.rows_read, source.rows_kept) == (7, 3)
    assert source.rows_refused == {
        Reason.CELL_COUNT: 1,
        Reason.NO_KEY: 1,
        Reason.UNUSABLE_KEY: 1,
        Reason.DUPLICATE_IDENTICAL: 1,
    }
    assert (source.keys.check_digit_failed, source.keys.legacy_15_digits) == (0, 1)
    assert [(kind.reason, kind.count) for kind in source.values_refused] == [
        (Reason.NOT_A_NUMBER, 2),
        (Reason.OUT_OF_RANGE, 2),
    ]
    report = json.loads((result.snapshot.directory / "quality.json").read_text(encoding="utf-8"))
    assert report["snapshot"] == result.snapshot.id
    assert report["sources"][0]["rows_refused"]["no_key"] == 1
    assert report["as_of"] == "2025-06-30"
    page = (result.snapshot.directory / "quality.html").read_text(encoding="utf-8")
    assert "没有信用代码" in page
    assert "the row has no credit code" in page
    assert "&lt;b&gt;" in page
    assert "<script" not in page
    assert len(refused_lines(result.snapshot.directory)) == 8


def test_the_report_shows_how_the_values_are_spread(tmp_path: Path, firms: Path, loans: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms), (LOAN_MAPPING, loans)).snapshot.directory
    report = json.loads((directory / "quality.json").read_text(encoding="utf-8"))
    profiles = {each["fact"]: each["profile"] for each in report["facts"]}
    assert (profiles["revenue"]["minimum"], profiles["revenue"]["maximum"]) == ("100.00", "300.50")
    assert (profiles["ratio"]["minimum"], profiles["ratio"]["maximum"]) == ("0.100000", "0.300000")
    assert profiles["founded"]["years"] == {"2019": 2}
    assert profiles["arrears"] == {"true": 1, "false": 1}
    assert profiles["lists"]["entries"] == 1
    assert profiles["loan_principal"]["median"] == "20000.00"
    assert [each["value"] for each in profiles["size_class"]["top"]] == ["large", "small"]
    assert profiles["ent_name"] == {"distinct": 3, "distinct_exact": True, "top": [], "rows_not_shown": 3}
    page = (directory / "quality.html").read_text(encoding="utf-8")
    assert "300.5" in page
    assert "3 万元" in page
    assert "甲有限公司" not in page
    assert "nan" not in page.casefold()


def test_stale_values_are_counted_for_the_day_of_the_report(tmp_path: Path, firms: Path) -> None:
    quality = run_import(tmp_path / "snapshots", (mapping(), firms), as_of=date(2025, 8, 1)).quality
    counted = {each.fact: (each.known, each.missing, each.stale) for each in quality.facts}
    assert counted["employees"] == (2, 1, 2)
    assert counted["size_class"] == (2, 1, 0)
    assert counted["ent_name"] == (3, 0, 0)


def test_progress_is_told_in_rows(tmp_path: Path, firms: Path, loans: Path) -> None:
    told: list[tuple[int, int]] = []
    run_import(
        tmp_path / "snapshots",
        (mapping(), firms),
        (LOAN_MAPPING, loans),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(3, 6), (6, 6)]
    firms.write_text(FIRMS.replace("甲有限公司", '"甲\n有限公司"'), encoding="utf-8")
    run_import(tmp_path / "snapshots", (mapping(), firms), progress=lambda done, total: told.append((done, total)))
    assert told[2:] == [(3, 4), (3, 3)]


def test_a_snapshot_that_was_changed_is_noticed(tmp_path: Path, firms: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    open_snapshot(directory, CATALOGUE).verify()
    table = directory / "firm.parquet"
    content = bytearray(table.read_bytes())
    content[20] ^= 1
    table.write_bytes(content)
    with pytest.raises(SnapshotDamaged, match=r"firm\.parquet: not the file that was written"):
        open_snapshot(directory, CATALOGUE).verify()
    with pytest.raises(SnapshotDamaged):
        run_import(tmp_path / "snapshots", (mapping(), firms))
    table.unlink()
    with pytest.raises(SnapshotDamaged, match="No such file"):
        open_snapshot(directory, CATALOGUE).verify()


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.95])
def test_a_truncated_table_is_one_error(tmp_path: Path, firms: Path, kept: float) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    content = (directory / "firm.parquet").read_bytes()
    (directory / "firm.parquet").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SnapshotDamaged, match="import the registry again"):
        rows_of(directory, "firm", ["employees"])


def test_a_changed_or_missing_manifest_is_one_error(tmp_path: Path, firms: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    path = directory / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace("2025-06-01", "2026-06-01"), encoding="utf-8")
    with pytest.raises(SnapshotDamaged, match="id does not belong"):
        open_snapshot(directory, CATALOGUE)
    path.unlink()
    with pytest.raises(SnapshotDamaged, match="No such file"):
        open_snapshot(directory, CATALOGUE)


def test_a_fact_whose_type_has_changed_is_not_misread(tmp_path: Path, firms: Path) -> None:
    directory = run_import(tmp_path / "snapshots", (mapping(), firms)).snapshot.directory
    changed = {**CATALOGUE, FactName("revenue"): fact("revenue", FactType.INTEGER)}
    with pytest.raises(SnapshotOutdated, match=r"`revenue` is kept as money \(scale 2\) per firm"):
        open_snapshot(directory, FactCatalogue(changed))


def test_firms_of_several_row_groups_stay_sorted_and_join_their_records(tmp_path: Path) -> None:
    count = 300_000
    codes = [f"91999900MA{number:07d}X" for number in range(count)]
    pq.write_table(
        pa.table({"uscc": codes[::-1], "employees": [str(number) for number in range(count)][::-1]}),
        tmp_path / "firms.parquet",
    )
    (tmp_path / "loans.csv").write_text(
        csv_text(
            ["firm", "contract", "amount", "purpose"], [[codes[at], "L", "1万元", ""] for at in (0, 150_000, count - 1)]
        )
    )
    result = run_import(
        tmp_path / "snapshots",
        (mapping(column("employees", Parse.INTEGER)), tmp_path / "firms.parquet"),
        (LOAN_MAPPING, tmp_path / "loans.csv"),
    )
    directory = result.snapshot.directory
    assert pq.ParquetFile(directory / "firm.parquet").metadata.num_row_groups == 2
    employees = pq.read_table(directory / "firm.parquet", columns=["employees"])["employees"]
    assert employees.to_pylist() == list(range(count))
    loans = rows_of(directory, "loan", ["employees"])
    assert [row["employees"] for row in loans] == [0, 150_000, count - 1]
    readings = open_snapshot(directory, CATALOGUE).firm(Uscc(codes[280_000]), AS_OF)
    assert readings is not None
    assert readings[FactName("employees")].usable == 280_000
