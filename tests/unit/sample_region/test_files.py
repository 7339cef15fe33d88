"""What the written files hold, before any import."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from stdnum.cn import uscc

from policy_match.services.sample_region.defects import DEFECTS
from policy_match.services.sample_region.writing import (
    DEPARTMENTS,
    SampleRegionOutOfRange,
    sample_region_files,
    write_sample_region,
)

FIRMS, DAY = 2_000, date(2025, 12, 31)

Rows = list[dict[str, str]]


def contents(firms: int = FIRMS, seed: int = 1, as_of: date = DAY) -> dict[str, bytes]:
    return {name: content for name, _, content in sample_region_files(firms=firms, seed=seed, as_of=as_of)}


def rows(content: bytes, encoding: str = "utf-8") -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    return contents()


@pytest.fixture(scope="module")
def registry(files: Mapping[str, bytes]) -> Rows:
    return rows(files["registry.csv"], "gb18030")


def test_the_same_seed_and_day_give_the_same_bytes(files: Mapping[str, bytes]) -> None:
    assert contents() == files


def test_another_seed_gives_another_district(files: Mapping[str, bytes]) -> None:
    other = contents(seed=2)
    assert all(other[name] != files[name] for name in DEPARTMENTS)


def test_an_earlier_day_shows_the_same_firms(registry: Rows) -> None:
    earlier = rows(contents(as_of=date(2025, 6, 30))["registry.csv"], "gb18030")
    founded = {row["企业名称"]: row["成立日期"] for row in registry}
    both = [row for row in earlier if row["企业名称"] in founded]
    same = [row for row in both if founded[row["企业名称"]] == row["成立日期"]]
    assert len(both) > 0.97 * len(earlier)
    assert len(same) > 0.98 * len(both)  # the others are the defects, which fall on other rows


def test_the_notice_comes_first_and_says_that_all_is_invented(files: Mapping[str, bytes]) -> None:
    assert next(iter(files)) == "README.txt"
    first_line = files["README.txt"].decode().splitlines()[0]
    assert "虚构" in first_line
    assert "INVENTED" in first_line


def test_every_name_says_that_the_firm_is_invented(registry: Rows) -> None:
    assert all("样例" in row["企业名称"] for row in registry)


def test_only_the_listed_defects_have_no_valid_code(registry: Rows) -> None:
    wrong = [row for row in registry if not uscc.is_valid(row["统一社会信用代码"])]
    listed = [defect for defect in DEFECTS if defect.header == "统一社会信用代码"]
    assert len(wrong) == sum(defect.count for defect in listed)


def test_no_firm_is_founded_after_the_day(registry: Rows) -> None:
    days = [
        row["成立日期"] for row in registry if row["成立日期"].startswith(("1", "2")) and "年" not in row["成立日期"]
    ]
    assert max(days) <= DAY.isoformat()


@pytest.mark.parametrize("name", [name for name in DEPARTMENTS if name.endswith(".csv") and name != "registry.csv"])
def test_no_row_is_observed_after_the_day(files: Mapping[str, bytes], name: str) -> None:
    observed = [row["数据日期"] for row in rows(files[name], "utf-8-sig")]
    assert max(day for day in observed if day != "上周") <= DAY.isoformat()


def test_the_registry_is_in_gb18030(files: Mapping[str, bytes]) -> None:
    with pytest.raises(UnicodeDecodeError):
        files["registry.csv"].decode("utf-8")


def test_the_insurance_office_writes_a_byte_order_mark(files: Mapping[str, bytes]) -> None:
    assert files["social-insurance.csv"].startswith(b"\xef\xbb\xbf")


def test_the_workbook_says_nothing_about_when_it_was_written(files: Mapping[str, bytes]) -> None:
    properties = load_workbook(io.BytesIO(files["power.xlsx"]), read_only=True).properties
    assert (properties.created.year, properties.modified.year) == (2000, 2000)


def test_only_manufacturers_have_electricity(files: Mapping[str, bytes], registry: Rows) -> None:
    sections = {row["统一社会信用代码"]: row["行业门类"] for row in registry}
    sheet = load_workbook(io.BytesIO(files["power.xlsx"]), read_only=True)["一季度用电"]
    codes = [str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert {sections.get(code, "") for code in codes} <= {"C", ""}


def test_electricity_of_a_year_is_unknown_before_april() -> None:
    early = contents(firms=500, as_of=date(2026, 3, 31))["power.xlsx"]
    sheet = load_workbook(io.BytesIO(early), read_only=True)["一季度用电"]
    assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} == {None}


@pytest.mark.parametrize(("day", "known"), [(date(2026, 3, 30), False), (date(2026, 3, 31), True)])
def test_sums_of_a_year_are_unknown_before_its_first_quarter_has_ended(day: date, known: bool) -> None:
    table = pq.read_table(io.BytesIO(contents(firms=500, as_of=day)["tax.parquet"]))
    for column in ("本年累计应纳税所得额", "印花税"):
        assert (table[column].null_count < table.num_rows) is known


def test_a_few_large_firms_have_much_of_the_revenue(files: Mapping[str, bytes]) -> None:
    column = pq.read_table(io.BytesIO(files["tax.parquet"]))["上年营业收入"].to_pylist()
    revenue = sorted((yuan for yuan in column if yuan is not None), reverse=True)
    assert 0.15 < sum(revenue[: len(revenue) // 100]) / sum(revenue) < 0.6


def test_insured_persons_agree_with_persons_employed(files: Mapping[str, bytes]) -> None:
    insured = {row["单位统一信用代码"]: row["参保职工人数"] for row in rows(files["social-insurance.csv"], "utf-8-sig")}
    employed = {row["统一社会信用代码"]: row["从业人员期末人数"] for row in rows(files["statistics.csv"])}
    both = [
        (int(insured[code]), int(employed[code]))
        for code in insured
        if _number(insured[code]) and _number(employed.get(code))
    ]
    assert len(both) > FIRMS / 2
    assert all(persons <= employees for persons, employees in both)


def _number(cell: str | None) -> bool:
    return cell is not None and cell.isdecimal()


def test_the_notice_counts_each_defect(files: Mapping[str, bytes]) -> None:
    text = files["README.txt"].decode()
    assert "- registry.csv 统一社会信用代码: 6 × 校验码错误" in text


@pytest.mark.parametrize(
    ("firms", "as_of"), [(99, DAY), (1_000_001, DAY), (FIRMS, date(2022, 12, 31)), (FIRMS, date(2027, 1, 1))]
)
def test_a_district_that_is_out_of_range_is_refused_before_anything_is_written(
    tmp_path: Path, firms: int, as_of: date
) -> None:
    written: list[Path] = []
    with pytest.raises(SampleRegionOutOfRange):
        write_sample_region(tmp_path, lambda path, _: written.append(path), firms=firms, as_of=as_of)
    assert written == []


def test_the_smallest_district_can_be_written() -> None:
    assert contents(firms=100).keys() == {"README.txt", *DEPARTMENTS}


def test_progress_is_told_of_every_file(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_sample_region(
        tmp_path, lambda _path, _content: None, firms=100, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(done, len(DEPARTMENTS) + 1) for done in range(1, len(DEPARTMENTS) + 2)]


def test_each_file_is_told_with_the_mapping_of_its_name(tmp_path: Path) -> None:
    files = write_sample_region(tmp_path, lambda _path, _content: None, firms=100)
    assert [(file.path.name, file.mapping) for file in files] == [
        (name, f"{name.rpartition('.')[0]}.toml") for name in DEPARTMENTS
    ]
