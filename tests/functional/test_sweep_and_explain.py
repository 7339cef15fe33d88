"""`policy-match sweep` and `explain` on a facts file, without a database. All firms are invented."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.functional.conftest import ROOT, Command

HEADER = (
    "uscc,entity_type,vat_taxpayer_type,annual_taxable_income,avg_employees_tax,avg_total_assets_tax,"
    "restricted_industry"
)
SMALL = "91370268WWW000001A,company,general,1000000,30,8000000,false"
LARGE = "91370268WWW000002B,company,general,4000000,30,8000000,false"
OPEN = "91370268WWW000003C,company,general,1000000,,8000000,false"
POLICY = "cit-small-low-profit"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Three invented firms: one eligible, one not, one of which the number of employees is missing."""
    path = tmp_path / "facts.csv"
    path.write_text("\n".join([HEADER, SMALL, LARGE, OPEN, ""]), encoding="utf-8")
    return path


def test_decisions_and_summary_are_written(command: Command, facts: Path, tmp_path: Path) -> None:
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    rows = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    of_policy = {row["uscc"]: row for row in rows if row["policy_id"] == POLICY}
    assert of_policy["91370268WWW000001A"]["outcome"] == "eligible"
    assert str(of_policy["91370268WWW000001A"]["amount"]) == "200000.00"
    assert of_policy["91370268WWW000003C"]["missing"] == ["avg_employees_tax"]
    assert "91370268WWW000002B" not in of_policy
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    counts = next(policy for policy in summary["policies"] if policy["policy_id"] == POLICY)
    assert (counts["eligible"], counts["ineligible"], counts["undetermined"]) == (1, 1, 1)
    assert counts["amount"] == "200000.00"


def test_the_decisions_have_the_promised_columns(command: Command, facts: Path, tmp_path: Path) -> None:
    command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out")
    schema = pq.read_schema(tmp_path / "out" / "decisions.parquet")
    assert schema.names[:6] == ["policy_id", "version", "uscc", "outcome", "amount", "missing"]
    assert schema.field("amount").type == pa.decimal128(18, 2)
    assert pa.types.is_list(schema.field("missing").type)


def test_all_writes_the_ineligible_too(command: Command, facts: Path, tmp_path: Path) -> None:
    command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out", "--all")
    rows = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    assert {"uscc": "91370268WWW000002B", "outcome": "ineligible"}.items() <= next(
        row for row in rows if row["policy_id"] == POLICY and row["outcome"] == "ineligible"
    ).items()


def test_both_engines_write_the_same_decisions(command: Command, facts: Path, tmp_path: Path) -> None:
    written = []
    for engine in ("arrow", "reference"):
        out = tmp_path / engine
        command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", out, "--engine", engine, "--all")
        written.append(pq.read_table(out / "decisions.parquet"))
    assert written[0].equals(written[1])


def test_without_pyspark_the_spark_engine_is_one_line_that_names_the_extra(facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    hidden = "import sys; sys.modules['pyspark'] = None; from policy_match.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", hidden, "sweep", "--facts", str(facts), "--as-of", "2025-06-30", "--out", str(out)]
    for language, word in (("en", "or use --engine arrow"), ("zh", "或改用 --engine arrow")):
        ended = subprocess.run(
            [*command, "--engine", "spark", "--lang", language],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 2
        assert len(ended.stderr.splitlines()) == 1
        assert "pip install 'policy-match[spark]'" in ended.stderr and word in ended.stderr
    assert not out.exists()


def test_the_same_facts_as_parquet_give_the_same_decisions(command: Command, facts: Path, tmp_path: Path) -> None:
    table = pa.table(
        {
            "uscc": ["91370268WWW000001A", "91370268WWW000002B", "91370268WWW000003C"],
            "entity_type": ["company"] * 3,
            "vat_taxpayer_type": ["general"] * 3,
            "annual_taxable_income": [1_000_000.0, 4_000_000.0, 1_000_000.0],
            "avg_employees_tax": pa.array([30, 30, None], pa.int32()),
            "avg_total_assets_tax": [8_000_000] * 3,
            "restricted_industry": [False] * 3,
        }
    )
    pq.write_table(table, tmp_path / "facts.parquet")
    for name in ("facts.csv", "facts.parquet"):
        command("sweep", "--facts", tmp_path / name, "--as-of", "2025-06-30", "--out", tmp_path / name[6:])
    left, right = (pq.read_table(tmp_path / kind / "decisions.parquet") for kind in ("csv", "parquet"))
    assert left.equals(right)


def test_the_summary_is_the_machine_output(command: Command, facts: Path, tmp_path: Path) -> None:
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out", "--json")
    assert json.loads(ended.out) == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))


BAD_FACTS = {
    "a missing key column": (HEADER.replace("uscc", "code"), SMALL),
    "an unknown column": (HEADER.replace("avg_employees_tax", "avg_employes_tax"), SMALL),
    "a code that comes twice": (HEADER, f"{SMALL}\n{SMALL}"),
    "a headcount below zero": (HEADER, SMALL.replace(",30,", ",-3,")),
    "an amount with a unit": (HEADER, SMALL.replace("8000000", "300万元人民币")),
    "a marker for nothing": (HEADER, SMALL.replace(",30,", ",N/A,")),
    "a word that the fact never has": (HEADER, SMALL.replace("general", "generall")),
    "no rows": (HEADER, ""),
    "nothing at all": ("", ""),
}


@pytest.mark.parametrize("kind", BAD_FACTS)
def test_bad_facts_are_one_line_and_leave_nothing(command: Command, tmp_path: Path, kind: str) -> None:
    header, row = BAD_FACTS[kind]
    facts = tmp_path / "facts.csv"
    facts.write_text(f"{header}\n{row}\n" if header else "", encoding="utf-8")
    out = tmp_path / "out"
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", out)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "facts.csv" in ended.err
    assert ended.out == ""
    assert not list(out.glob("*")) and not list(out.glob(".*"))


def test_an_impossible_date_is_one_line(command: Command, tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("uscc,establish_date\n91370268WWW000001A,2025-02-30\n", encoding="utf-8")
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out")
    assert ended.code == 2
    assert "2025-02-30" in ended.err


def test_a_wrong_encoding_is_one_line(command: Command, tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_bytes("uscc,ent_name\n91370268WWW000001A,样例企业\n".encode("utf-16"))
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_a_truncated_parquet_is_one_line(command: Command, tmp_path: Path) -> None:
    facts = tmp_path / "facts.parquet"
    pq.write_table(pa.table({"uscc": ["91370268WWW000001A"], "ent_name": ["样例企业"]}), facts)
    facts.write_bytes(facts.read_bytes()[:-20])
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-30", "--out", tmp_path / "out")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_explain_shows_conditions_articles_values_and_the_sum(command: Command, facts: Path) -> None:
    ended = command("explain", "91370268WWW000001A", "--facts", facts, "--as-of", "2025-06-30", "--policy", POLICY)
    assert ended.code == 0
    assert "eligible · 200,000.00 yuan" in ended.out
    assert "财政部 税务总局公告2023年第12号" in ended.out
    assert "1,000,000" in ended.out


def test_explain_says_what_would_have_to_change(command: Command, facts: Path) -> None:
    ended = command("explain", "91370268WWW000002B", "--facts", facts, "--as-of", "2025-06-30", "--policy", POLICY)
    assert "must be at most 3,000,000 (now 4,000,000, short by 1,000,000)" in ended.out


def test_explain_in_chinese(command: Command, facts: Path) -> None:
    ended = command(
        "explain", "91370268WWW000003C", "--facts", facts, "--as-of", "2025-06-30", "--policy", POLICY, "--lang", "zh"
    )
    assert "无法判定" in ended.out
    assert "缺少的事实：季度平均从业人数" in ended.out


def test_explain_as_json_is_the_whole_record(command: Command, facts: Path) -> None:
    ended = command("explain", "91370268WWW000001A", "--facts", facts, "--as-of", "2025-06-30", "--json")
    record = next(record for record in json.loads(ended.out) if record["policy_id"] == POLICY)
    assert record["amount"] == "200000.00"
    assert all(condition["article"] for condition in record["conditions"])
    assert {"name", "value", "source", "observed", "state"} <= record["facts"][0].keys()
    assert record["arithmetic"]["rounded"] == "200000.00"
    assert all(value["reference"] for value in record["values"])


def test_a_firm_that_is_not_there_is_one_line(command: Command, facts: Path) -> None:
    ended = command("explain", "91370268WWW000009Z", "--facts", facts, "--as-of", "2025-06-30")
    assert ended.code == 2
    assert "91370268WWW000009Z" in ended.err


def test_a_policy_that_is_not_there_names_the_nearest(command: Command, facts: Path) -> None:
    ended = command(
        "explain", "91370268WWW000001A", "--facts", facts, "--as-of", "2025-06-30", "--policy", "cit-smal-low-profit"
    )
    assert ended.code == 2
    assert "did you mean `cit-small-low-profit`?" in ended.err


def test_a_policy_not_in_force_names_its_periods(command: Command, facts: Path) -> None:
    ended = command("explain", "91370268WWW000001A", "--facts", facts, "--as-of", "2019-06-30", "--policy", POLICY)
    assert ended.code == 2
    assert "2023-01-01" in ended.err


def test_a_day_that_is_none_is_a_usage_error(command: Command, facts: Path, tmp_path: Path) -> None:
    ended = command("sweep", "--facts", facts, "--as-of", "2025-06-31", "--out", tmp_path / "out")
    assert ended.code == 2
    assert "2025-06-30" in ended.err
