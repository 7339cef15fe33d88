"""`policy-match sweeps` on a small invented region: keep, list, repeat, question, confirm, compare."""

import json
import shutil
from pathlib import Path

import pytest

from tests.functional.conftest import ROOT, Command

DEPARTMENTS = (
    "registry.csv",
    "tax.parquet",
    "social-insurance.csv",
    "statistics.csv",
    "science.csv",
    "joint-check.csv",
    "power.xlsx",
    "loans.csv",
    "licences.csv",
)


@pytest.fixture
def my_rules(tmp_path: Path) -> Path:
    """A copy of the rules that a test may change."""
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


def import_region(command: Command, folder: Path, rules: Path, as_of: str, firms: int = 3_000) -> str:
    """Write and import the sample region; return the snapshot's id."""
    assert command("sample-region", "--out", folder, "--as-of", as_of, "--firms", firms).code == 0
    sources = [
        word for name in DEPARTMENTS for word in ("--source", f"sample_region/{Path(name).stem}={folder / name}")
    ]
    ended = command("import", *sources, "--as-of", as_of, "--rules", rules, "--json")
    assert ended.code == 0, ended.err
    return str(json.loads(ended.out)["snapshot"])


def run_sweep(command: Command, snapshot: str, rules: Path, as_of: str) -> dict[str, object]:
    ended = command("sweeps", "run", "--snapshot", snapshot, "--as-of", as_of, "--rules", rules, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, object] = json.loads(ended.out)
    return found


def test_a_sweep_is_kept_once_and_listed(command_with_database: Command, tmp_path: Path, my_rules: Path) -> None:
    command = command_with_database
    snapshot = import_region(command, tmp_path / "region", my_rules, "2025-12-31")
    first = run_sweep(command, snapshot, my_rules, "2025-12-31")
    again = run_sweep(command, snapshot[:12], my_rules, "2025-12-31")
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["sweep"] == again["sweep"]
    assert first["policies"] == again["policies"]
    listed = json.loads(command("sweeps", "list", "--json").out)
    assert [sweep["sweep"] for sweep in listed] == [first["sweep"]]
    assert str(first["sweep"])[:12] in command("sweeps", "list").out
    coverage = ("sweeps", "coverage", "cit-small-low-profit", "--rules", my_rules)
    counts = json.loads(command(*coverage, "--json").out)
    for condition in counts["conditions"]:
        assert condition["true"] + condition["false"] + condition["unknown"] == counts["rows"]
        assert condition["only_false"] <= condition["false"]
    assert "only this fails" in command(*coverage).out
    assert command("sweeps", "coverage", "sm-tech-contract").code == 2
    report = command("sweeps", "run", "--snapshot", snapshot, "--as-of", "2025-12-31", "--rules", my_rules).out
    assert "Which missing facts hold back most money" in report


def test_a_policy_that_matches_none_asks_and_keeps_nothing_until_confirmed(
    command_with_database: Command, tmp_path: Path, my_rules: Path
) -> None:
    command = command_with_database
    policy = my_rules / "000000" / "taxation" / "cit-small-low-profit.toml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace('when = "', 'when = "1 > 2 and ', 1), encoding="utf-8")
    snapshot = import_region(command, tmp_path / "region", my_rules, "2025-12-31")
    run = ("sweeps", "run", "--snapshot", snapshot, "--as-of", "2025-12-31", "--rules", my_rules)
    asked = command(*run)
    assert asked.code == 4
    assert "cit-small-low-profit matches none" in asked.err
    assert json.loads(command("sweeps", "list", "--json").out) == []
    confirm = ("sweeps", "confirm", "cit-small-low-profit", "none", "--as-of", "2025-12-31", "--rules", my_rules)
    assert command(*confirm, "--by", " ").code == 2
    assert command(*confirm, "--by", "样例责任人").code == 0
    assert command(*run).code == 0


def test_two_sweeps_are_compared_with_the_reason_of_each_change(
    command_with_database: Command, tmp_path: Path, my_rules: Path
) -> None:
    command = command_with_database
    snapshot = import_region(command, tmp_path / "region", my_rules, "2025-12-31")
    before = run_sweep(command, snapshot, my_rules, "2025-12-31")
    parameters = my_rules / "parameters" / "tax.toml"
    text = parameters.read_text(encoding="utf-8")
    assert text.count("3000000") + text.count("3_000_000") >= 1
    parameters.write_text(text.replace("3_000_000", "2_000_000").replace("3000000", "2000000"), encoding="utf-8")
    after = run_sweep(command, snapshot, my_rules, "2025-12-31")
    compare = ("sweeps", "compare", str(before["sweep"])[:12], str(after["sweep"])[:12], "--rules", my_rules)
    counts = json.loads(command(*compare, "--json").out)["policies"]
    lost = next(policy for policy in counts if policy["policy_id"] == "cit-small-low-profit")
    assert lost["lost"] > 0
    assert lost["newly_eligible"] == 0
    page = json.loads(command(*compare, "--policy", "cit-small-low-profit", "--json", "--most", "5").out)
    reasons = [reason for row in page["rows"] for reason in row["reasons"]]
    assert {reason.get("parameter") for reason in reasons} >= {"small_low_profit_income_limit"}
    assert "small_low_profit_income_limit" in command(*compare, "--policy", "cit-small-low-profit", "--most", "5").out
    assert "lost" in command(*compare).out


@pytest.mark.parametrize("name", ["latest", "abcdef", "ab"])
def test_a_sweep_that_is_not_kept_is_one_line(command_with_database: Command, name: str) -> None:
    ended = command_with_database("sweeps", "compare", name, "latest")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_a_snapshot_that_is_not_kept_is_one_line(command_with_database: Command) -> None:
    ended = command_with_database("sweeps", "run", "--snapshot", "abcdef123456", "--as-of", "2025-12-31")
    assert ended.code == 2
    assert "snapshots list" in ended.err
