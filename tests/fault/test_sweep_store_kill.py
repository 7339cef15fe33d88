"""A process that is killed while it keeps a sweep leaves nothing half-visible, and the sweep can be run again."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from policy_match.policy.model import RuleBook
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from tests.fault.sweep_child import Point
from tests.support.kept import keep, snapshot_of, write_rules

ROOT = Path(__file__).parents[2]
NAMED = {Point.AFTER_THE_TRUTH_IS_NAMED, Point.BEFORE_THE_COMMIT, Point.AFTER_THE_COMMIT}


@pytest.fixture
def rules(tmp_path: Path) -> RuleBook:
    return write_rules(tmp_path / "rules")


def kill_at(point: Point, url: str, data_dir: Path, rules_dir: Path) -> None:
    """Keep a sweep in a process of its own and kill that at the point."""
    command = [sys.executable, "-m", "tests.fault.sweep_child", url, str(data_dir), str(rules_dir), point]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "reached\n"
        child.kill()


FILLED_BY_MIGRATIONS = {
    "migration",
    "case_transition",
    "ledger_transfer_kind",
    "attempt_transition",
    "notice_rule",
    "notice_transition",
    "notice_overtaking",
    "delivery_transition",
    "stage_rule",
    "order_to_act_transition",
    "webhook_transition",
}
"""The program's own rules, which are there before any work."""


def rows_of_every_table(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'policy_match'::regnamespace"
            " AND relkind IN ('r', 'p')"
            " ORDER BY relname"
        ).fetchall()
        counts = {}
        for (name,) in names:
            if name in FILLED_BY_MIGRATIONS:
                continue
            row = connection.execute(f"SELECT count(*) FROM policy_match.{name}".encode()).fetchone()
            assert row is not None
            counts[name] = row[0]
    return counts


@pytest.mark.parametrize("point", [point for point in Point if point is not Point.AFTER_THE_COMMIT])
def test_a_killed_sweep_leaves_nothing_visible_and_is_run_again(
    rules: RuleBook, database: Database, database_url: str, tmp_path: Path, data_dir: Path, point: Point
) -> None:
    clean = keep(rules, snapshot_of(rules.catalogue), database, tmp_path / "elsewhere")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA policy_match, policy_match_firm CASCADE")
    kill_at(point, database_url, data_dir, tmp_path / "rules")
    counts = rows_of_every_table(database_url)
    assert set(counts.values()) == {0}
    assert "decision_1" not in counts
    folders = [path.name for path in (data_dir / "truth").glob("*") if not path.name.startswith(".")]
    assert folders == ([clean.sweep.sweep_id] if point in NAMED else [])
    with Database(database_url) as fresh:  # the connections of the first remember types of the dropped schema
        again = keep(rules, snapshot_of(rules.catalogue), fresh, data_dir)
    assert not again.repeated
    assert again.sweep.policies == clean.sweep.policies
    assert again.sweep.truth == clean.sweep.truth
    assert [path.name for path in (data_dir / "truth").iterdir()] == [again.sweep.sweep_id]
    assert TruthFiles(data_dir / "truth").open(again.sweep.sweep_id, again.sweep.truth).rows("firm") == 5


def test_a_sweep_whose_process_dies_after_the_commit_is_kept(
    rules: RuleBook, database: Database, database_url: str, tmp_path: Path, data_dir: Path
) -> None:
    kill_at(Point.AFTER_THE_COMMIT, database_url, data_dir, tmp_path / "rules")
    again = keep(rules, snapshot_of(rules.catalogue), database, data_dir)
    assert again.repeated
    assert TruthFiles(data_dir / "truth").open(again.sweep.sweep_id, again.sweep.truth).rows("firm") == 5
