"""`policy-match import`, `snapshots`, `sample-region` and `demo` on files as departments hand them over.

All firms are invented. Credit codes have a right check digit unless a test breaks it.
"""

import json
import re
from pathlib import Path

import pytest

from tests.functional.conftest import ROOT, Command, Ended
from tests.support.registry import code, refused_lines

DAY = "2025-06-30"

REGISTRY_MAPPING = """
source = "样例登记"
key = "信用代码"
observed = 2025-06-01
null_tokens = ["N/A", "无"]

[fact.ent_name]
column = "企业名称"
parse = "text"

[fact.establish_date]
column = "成立日期"
parse = "date"

[fact.employees]
column = "人数"
parse = "integer"

[fact.revenue_y1]
column = "营业收入(万元)"
parse = "money_wan"
"""

TAX_MAPPING = """
source = "样例税务"
key = "纳税人识别号"
observed = "数据日期"

[fact.revenue_y1]
column = "收入"
parse = "money_yuan"

[fact.annual_taxable_income]
column = "应纳税所得额"
parse = "money_yuan"
"""

REGISTRY = f"""信用代码,企业名称,成立日期,人数,营业收入(万元),备注
{code(1).lower()},样例甲(集团)有限公司,2019年1月2日,"1,200",300,
{code(2)},样例乙有限公司,2025-02-30,-5,,
{code(3)},样例丙有限公司,43467,30,300万元人民币,首次
,样例丁有限公司,2019-01-02,1,1,
无照,样例戊有限公司,2019-01-02,1,1,
{code(1)},样例甲(集团)有限公司,2019年1月2日,"1,200",300,
"""

TAX = f"""纳税人识别号,数据日期,收入,应纳税所得额
{code(1)},2025-05-31,2000000,1000000.50
{code(2)},2025-05-31,500000,0
{code(9)},2025-05-31,1,1
"""

NATIONAL_HEADER = "name,uscc,reg_date,etype_raw,capital_raw,province,city,area_code"
NATIONAL_ROW = "样例企业{number},{code},{day},有限责任公司,300万元人民币,样例省,样例市,{area}"


@pytest.fixture
def registry(tmp_path: Path) -> str:
    """A `--source` with a mapping of its own and a dirty file in GB18030."""
    (tmp_path / "registry.toml").write_text(REGISTRY_MAPPING, encoding="utf-8")
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="gb18030")
    return f"{tmp_path / 'registry.toml'}={tmp_path / 'registry.csv'}"


@pytest.fixture
def tax(tmp_path: Path) -> str:
    """A second `--source`."""
    (tmp_path / "tax.toml").write_text(TAX_MAPPING, encoding="utf-8")
    (tmp_path / "tax.csv").write_text(TAX, encoding="utf-8-sig")
    return f"{tmp_path / 'tax.toml'}={tmp_path / 'tax.csv'}"


def national(path: Path, firms: list[tuple[int, str, str]]) -> Path:
    """Write firms (number, day of founding, division) with the columns of the shipped national_registry mapping."""
    rows = [NATIONAL_ROW.format(number=number, code=code(number), day=day, area=area) for number, day, area in firms]
    path.write_text("\n".join([NATIONAL_HEADER, *rows, ""]), encoding="utf-8")
    return path


def imported(ended: Ended) -> dict[str, object]:
    """Return the machine output of an import that went well."""
    assert (ended.code, ended.err) == (0, "")
    result = json.loads(ended.out)
    assert isinstance(result, dict)
    return result


def quality_of(result: dict[str, object]) -> dict[str, dict[str, object]]:
    """Return what the report says of each fact."""
    report = json.loads(Path(str(result["directory"]), "quality.json").read_text(encoding="utf-8"))
    return {each["fact"]: each for each in report["facts"]}


# -- import ------------------------------------------------------------------------------------------------------------


def test_a_dirty_file_in_gb18030_is_imported(command: Command, registry: str, data_dir: Path) -> None:
    ended = command("import", "--source", registry, "--as-of", DAY)
    assert (ended.code, ended.err) == (0, "")
    assert "registry.csv" in ended.out
    assert "the row has no credit code 1" in ended.out
    assert "columns not used: 备注" in ended.out
    (snapshot,) = (data_dir / "snapshots").iterdir()
    assert f"snapshot {snapshot.name}" in ended.out
    assert str(snapshot / "quality.html") in ended.out
    report = json.loads((snapshot / "quality.json").read_text(encoding="utf-8"))
    assert report["sources"][0]["encoding"] == "gb18030"
    assert report["sources"][0]["columns_unused"] == ["备注"]


def test_an_import_speaks_chinese_too(command: Command, registry: str) -> None:
    ended = command("import", "--source", registry, "--as-of", DAY, "--lang", "zh")
    assert ended.code == 0
    assert "没有信用代码 1" in ended.out
    assert "未用到的列 备注" in ended.out
    assert "数据质量报告" in ended.out


def test_refused_rows_and_values_are_named_with_their_reason(command: Command, registry: str) -> None:
    result = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    refused = refused_lines(Path(str(result["directory"])))
    assert {(line["row"], line["what"], line["fact"], line["reason"]) for line in refused} == {
        ("3", "value", "establish_date", "impossible_date"),
        ("3", "value", "employees", "out_of_range"),
        ("5", "row", "", "no_key"),
        ("6", "row", "", "unusable_key"),
        ("7", "row", "", "duplicate_superseded"),
    }
    (row,) = (line for line in refused if line["reason"] == "no_key")
    assert json.loads(row["content"])["企业名称"] == "样例丁有限公司"
    assert row["reason_zh"] == "没有信用代码"


def test_the_machine_output_says_what_was_read_kept_and_refused(command: Command, registry: str) -> None:
    result = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    assert result["rows"] == {"firm": 3}
    assert result["was_there"] is False
    assert result["sources"] == [
        {
            "source": "样例登记",
            "columns_unused": ["备注"],
            "rows_read": 6,
            "rows_kept": 3,
            "rows_refused": {"no_key": 1, "unusable_key": 1, "duplicate_superseded": 1},
            "values_refused": 2,
        }
    ]


def test_two_sources_are_joined_by_credit_code_and_the_first_decides(command: Command, registry: str, tax: str) -> None:
    result = imported(command("import", "--source", registry, "--source", tax, "--as-of", DAY, "--json"))
    assert result["rows"] == {"firm": 4}
    facts = quality_of(result)
    assert facts["revenue_y1"]["given_by"] == {"样例登记": 2, "样例税务": 2}
    assert facts["revenue_y1"]["conflicts"] == 1
    profile = facts["revenue_y1"]["profile"]
    assert isinstance(profile, dict)
    assert (profile["minimum"], profile["maximum"]) == ("1.00", "3000000.00")
    other = imported(command("import", "--source", tax, "--source", registry, "--as-of", DAY, "--json"))
    assert quality_of(other)["revenue_y1"]["given_by"] == {"样例税务": 3, "样例登记": 1}
    assert other["snapshot"] != result["snapshot"]


def test_the_same_input_twice_is_one_snapshot_and_says_so(command: Command, registry: str, data_dir: Path) -> None:
    first = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    again = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    assert (again["snapshot"], again["was_there"]) == (first["snapshot"], True)
    ended = command("import", "--source", registry, "--as-of", DAY)
    assert "the same inputs were imported before; that snapshot stays" in ended.out
    assert [path.name for path in (data_dir / "snapshots").iterdir()] == [first["snapshot"]]


REFUSED = {
    "a mapping that is not there": ("national_registri=firms.csv", "did you mean `national_registry`?"),
    "no shipped mapping of that name": ("柜台=firms.csv", "sample_region/loans"),
    "a mapping file that is not there": ("mine.toml=firms.csv", "there is no mapping mine.toml"),
    "a file without a mapping": ("firms.csv", "write MAPPING=FILE"),
    "a mapping without a file": ("national_registry", "no file is named"),
    "a file that is not there": ("national_registry=firms.csv", "firms.csv: cannot be read: No such file"),
    "a kind of file that is not read": ("national_registry=firms.doc", "ends in .csv, .xlsx, .xlsm, .parquet"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_source_that_cannot_be_read_is_one_line(command: Command, data_dir: Path, kind: str) -> None:
    source, message = REFUSED[kind]
    ended = command("import", "--source", source, "--as-of", DAY)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert message in ended.err
    assert ended.out == ""
    assert not list((data_dir / "snapshots").glob("*"))


def test_a_file_of_another_department_is_one_line_that_names_the_columns(
    command: Command, tmp_path: Path, registry: str, data_dir: Path
) -> None:
    (tmp_path / "tax.csv").write_text(TAX, encoding="utf-8")
    source = f"{registry.partition('=')[0]}={tmp_path / 'tax.csv'}"
    ended = command("import", "--source", source, "--as-of", DAY, "--lang", "zh")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "没有“信用代码”列" in ended.err
    assert "纳税人识别号" in ended.err
    assert not list((data_dir / "snapshots").glob("*"))


def test_an_error_is_an_object_in_machine_output(command: Command) -> None:
    ended = command("import", "--source", "national_registri=firms.csv", "--as-of", DAY, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "import.no-such-mapping"


# -- snapshots ---------------------------------------------------------------------------------------------------------


def test_kept_snapshots_are_listed(command: Command, registry: str) -> None:
    assert "there is no snapshot yet" in command("snapshots", "list").out
    result = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    listed = [{"snapshot": result["snapshot"], "directory": result["directory"]}]
    assert json.loads(command("snapshots", "list", "--json").out) == listed
    assert str(result["snapshot"]) in command("snapshots", "list").out


def test_a_sound_snapshot_is_verified_by_the_beginning_of_its_id(command: Command, registry: str) -> None:
    snapshot = str(imported(command("import", "--source", registry, "--as-of", DAY, "--json"))["snapshot"])
    ended = command("snapshots", "verify", snapshot[:12])
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"snapshot {snapshot} is sound\n"
    assert json.loads(command("snapshots", "verify", snapshot, "--json").out) == {"snapshot": snapshot, "sound": True}


@pytest.mark.parametrize("name", ["firm.parquet", "refused.csv", "manifest.json"])
def test_one_altered_byte_is_found(command: Command, registry: str, name: str) -> None:
    result = imported(command("import", "--source", registry, "--as-of", DAY, "--json"))
    file = Path(str(result["directory"]), name)
    content = bytearray(file.read_bytes())
    middle = content.index(b'"rows": 3') + 8 if name == "manifest.json" else len(content) // 2
    content[middle] ^= 1
    file.write_bytes(content)
    ended = command("snapshots", "verify", str(result["snapshot"]))
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert str(file) in ended.err
    assert "import the registry again or restore the snapshot" in ended.err
    assert ended.out == ""


def test_a_snapshot_that_is_not_there_is_one_line(command: Command) -> None:
    ended = command("snapshots", "verify", "0123456789ab")
    assert ended.code == 2
    assert "`policy-match snapshots list` shows them" in ended.err


# -- sample-region -----------------------------------------------------------------------------------------------------


def test_the_sample_region_is_written_says_that_it_is_invented_and_can_be_imported(
    command: Command, tmp_path: Path
) -> None:
    ended = command("sample-region", "--out", tmp_path / "region", "--firms", "300", "--as-of", "2025-12-31")
    assert (ended.code, ended.err) == (0, "")
    assert "every firm is invented" in ended.out
    assert "虚构" in (tmp_path / "region" / "README.txt").read_text(encoding="utf-8")
    written = json.loads(
        command("sample-region", "--out", tmp_path / "again", "--firms", "300", "--as-of", "2025-12-31", "--json").out
    )
    for each in written:
        name = Path(each["file"]).name
        assert (tmp_path / "region" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    sources = [f"sample_region/{Path(each['mapping']).stem}={each['file']}" for each in written]
    options = [option for source in sources for option in ("--source", source)]
    result = imported(command("import", *options, "--as-of", "2025-12-31", "--json"))
    assert len(result["sources"]) == len(written)  # type: ignore[arg-type]


# -- demo --------------------------------------------------------------------------------------------------------------

SEALS = "First set of seals free for new firms"
NEW, OLD, ELSEWHERE = "2025-03-10", "2015-03-10", "370212"


def test_demo_reads_a_registry_file_by_the_shipped_mapping_and_keeps_the_sweep(
    command_with_database: Command, tmp_path: Path
) -> None:
    firms = [(1, NEW, "441602"), (2, OLD, "441602"), (3, NEW, "441602"), (4, "2025-02-30", "441602")]
    file = national(tmp_path / "firms.csv", [*firms, (5, NEW, "350400"), (6, NEW, "")])
    ended = command_with_database("demo", "--facts", file, "--as-of", "2025-04-01")
    assert (ended.code, ended.err) == (0, "")
    assert "read by the mapping `national_registry.toml`" in ended.out
    assert "columns not used: province, city" in ended.out
    (line,) = (line for line in ended.out.splitlines() if SEALS in line)
    assert line.split()[-5:] == ["firm", "2", "2", "2", "0.00"]
    assert "kept as sweep" in ended.out
    (kept,) = json.loads(command_with_database("sweeps", "list", "--json").out)
    assert kept["as_of"] == "2025-04-01"


def test_demo_asks_about_a_policy_that_matches_none_and_keeps_nothing(
    command_with_database: Command, tmp_path: Path
) -> None:
    file = national(tmp_path / "firms.csv", [(1, OLD, ELSEWHERE), (2, OLD, ELSEWHERE)])
    ended = command_with_database("demo", "--facts", file, "--as-of", "2025-04-01")
    assert (ended.code, ended.err) == (0, "")
    assert "matches none?" in ended.out
    assert "policy-match sweeps confirm" in ended.out
    assert "kept as sweep" not in ended.out
    assert json.loads(command_with_database("sweeps", "list", "--json").out) == []
    (snapshot,) = json.loads(command_with_database("snapshots", "list", "--json").out)
    again = command_with_database("sweeps", "run", "--snapshot", snapshot["snapshot"], "--as-of", "2025-04-01")
    assert again.code == 4
    assert len(again.err.splitlines()) == 1


def test_demo_reads_a_file_whose_columns_are_facts(command_with_database: Command, tmp_path: Path) -> None:
    file = tmp_path / "facts.csv"
    rows = ["uscc,ent_name,employees,employes", f"{code(1)},样例甲,30,", f"{code(2)},样例乙,N人,", f"{code(1)},,5,"]
    file.write_text("\n".join([*rows, ""]), encoding="utf-8")
    ended = command_with_database("demo", "--facts", file, "--as-of", DAY)
    assert (ended.code, ended.err) == (0, "")
    assert "read by the mapping `facts`" in ended.out
    assert "columns not used: employes" in ended.out
    assert "another row of the same code was kept" in ended.out
    assert "kept as sweep" in ended.out


BAD_COLUMNS = {
    "columns that fit nothing": ("甲,乙\n1,2\n", "no mapping fits its columns (甲, 乙)"),
    "facts without the key": ("code,employees\n1,2\n", "with the key `uscc`"),
    "a key without facts": ("uscc,headcount\n1,2\n", "no mapping fits its columns (uscc, headcount)"),
    "a day for one fact": (f"uscc,employees,employees__observed\n{code(1)},2,2020-01-01\n", "`employees__observed`"),
}


@pytest.mark.parametrize("kind", BAD_COLUMNS)
def test_demo_refuses_columns_that_it_would_have_to_guess_in_one_line(
    command: Command, tmp_path: Path, data_dir: Path, kind: str
) -> None:
    content, message = BAD_COLUMNS[kind]
    file = tmp_path / "firms.csv"
    file.write_text(content, encoding="utf-8")
    ended = command("demo", "--facts", file, "--as-of", DAY)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert message in ended.err
    assert "docs/importing.md" in ended.err
    assert ended.out == ""
    assert not list((data_dir / "snapshots").glob("*"))


def test_the_mapping_in_the_manual_reads_a_file(command: Command, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "tax.toml").write_text(text, encoding="utf-8")
    rows = [
        "纳税人识别号,数据日期,应纳税所得额(万元),季度平均人数,严重违法名单",
        f"{code(1)},2025-06-01,12.5,30.25,无",
        f"{code(2)},2025-06-01,-,N/A,",
    ]
    (tmp_path / "tax.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    source = f"{tmp_path / 'tax.toml'}={tmp_path / 'tax.csv'}"
    facts = quality_of(imported(command("import", "--source", source, "--as-of", DAY, "--json")))
    assert {name: (each["known"], each["missing"]) for name, each in facts.items()} == {
        "annual_taxable_income": (1, 1),
        "avg_employees_tax": (1, 1),
        "serious_illegal_list": (1, 1),
    }
    assert facts["annual_taxable_income"]["profile"]["median"] == "125000.00"  # type: ignore[index]
