"""Truth files: what is written is read back, whole or not at all."""

import hashlib
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from policy_match.engines.reference import ReferenceEngine
from policy_match.policy.model import RuleBook
from policy_match.storage.truth_files import TruthDamaged, TruthFiles, TruthNotWritten
from policy_match.sweep.plan import SweepPlan, plan_sweep
from policy_match.sweep.truth import TruthCounts, count_truths, truths_of
from policy_match.values import Digest, PolicyId, SweepId
from tests.support.kept import DAY, FIRMS, LOANS, snapshot_of, write_rules
from tests.support.tables import FactRow

NAME = SweepId("5" * 64)


@pytest.fixture
def rules(tmp_path: Path) -> RuleBook:
    return write_rules(tmp_path / "rules")


@pytest.fixture
def plan(rules: RuleBook) -> SweepPlan:
    return plan_sweep(rules.in_force(DAY), rules.catalogue, DAY)


def write(files: TruthFiles, plan: SweepPlan, firms: Sequence[FactRow] = FIRMS, batch_rows: int = 2) -> Digest:
    with files.write(NAME, plan) as writer:
        for batch in ReferenceEngine().sweep(plan, snapshot_of(plan.catalogue, firms, LOANS, batch_rows)):
            writer.add(batch)
        return writer.finish()


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let no file grow beyond this size, which to a writer looks like a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_truths_are_read_back_by_policy_and_by_condition(data_dir: Path, plan: SweepPlan) -> None:
    files = TruthFiles(data_dir)
    reader = files.open(NAME, write(files, plan))
    truths = reader.truths("firm")
    size, age = truths.policies[PolicyId("refund")].conditions
    names = ["uscc", truths.conditions[size].column, truths.conditions[age].column, "policy:refund"]
    assert [list(row.values()) for row in reader.columns("firm", names).to_pylist()] == [
        ["A", True, True, True],
        ["B", False, True, False],
        ["C", True, True, None],
        ["D", None, True, None],
        ["E", True, False, False],
    ]
    assert truths.conditions[age].text == "months_between(founded, as_of) >= 12"
    assert truths.conditions[age].facts == ("founded",)
    assert truths == truths_of(plan, "firm")


def test_records_have_their_own_file(data_dir: Path, plan: SweepPlan) -> None:
    files = TruthFiles(data_dir)
    reader = files.open(NAME, write(files, plan))
    assert reader.rows("loan") == 3
    assert reader.columns("loan", ["loan_id", "policy:subsidy"]).to_pydict() == {
        "loan_id": ["1", "2", "1"],
        "policy:subsidy": [True, None, False],
    }


@pytest.mark.parametrize(("first_row", "rows"), [(0, 5), (0, 2), (1, 2), (1, 3), (2, 1), (4, 9), (5, 1), (0, 0)])
def test_a_range_of_rows_crosses_batches(data_dir: Path, plan: SweepPlan, first_row: int, rows: int) -> None:
    files = TruthFiles(data_dir)
    reader = files.open(NAME, write(files, plan))
    found = reader.columns("firm", ["uscc"], first_row, rows)["uscc"].to_pylist()
    assert found == list("ABCDE")[first_row : first_row + rows]


def test_a_table_without_rows_has_truths_without_rows(data_dir: Path, plan: SweepPlan) -> None:
    files = TruthFiles(data_dir)
    reader = files.open(NAME, write(files, plan, firms=()))
    assert reader.rows("firm") == reader.rows("truck") == 0
    assert reader.columns("firm", ["uscc", "policy:refund"]).num_rows == 0


def test_truths_survive_when_compression_finds_nothing_to_gain(data_dir: Path, plan: SweepPlan) -> None:
    random = Random(3)
    firms = [{**FIRMS[0], "uscc": f"{place:05}", "insured_headcount": random.choice((1, 99))} for place in range(4000)]
    files = TruthFiles(data_dir)
    column = files.open(NAME, write(files, plan, firms, batch_rows=4000)).columns("firm", ["policy:refund"])[0]
    assert column.to_pylist() == [firm["insured_headcount"] == 99 for firm in firms]


def test_counts_add_up_to_the_rows() -> None:
    truths = pa.chunked_array([[True, None, False], [], [None, True]], pa.bool_())
    assert count_truths(truths) == TruthCounts(true=2, false=1, unknown=2)


def test_writing_the_same_again_gives_the_same_digest(data_dir: Path, plan: SweepPlan) -> None:
    files = TruthFiles(data_dir)
    assert write(files, plan) == write(files, plan)


def test_the_digest_is_that_of_the_manifest(data_dir: Path, plan: SweepPlan) -> None:
    written = write(TruthFiles(data_dir), plan)
    assert hashlib.sha256((data_dir / NAME / "manifest.json").read_bytes()).hexdigest() == written


def test_leaving_early_leaves_nothing(data_dir: Path, plan: SweepPlan) -> None:
    files = TruthFiles(data_dir)
    batch = next(iter(ReferenceEngine().sweep(plan, snapshot_of(plan.catalogue))))
    with files.write(NAME, plan) as writer:
        writer.add(batch)
        assert len(list(data_dir.iterdir())) == 1
    assert list(data_dir.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(data_dir: Path, plan: SweepPlan) -> None:
    (data_dir / f".{'7' * 64}.draft").mkdir()
    (data_dir / NAME).mkdir()
    (data_dir / NAME / "orphan").write_text("")
    write(TruthFiles(data_dir), plan)
    assert [path.name for path in data_dir.iterdir()] == [NAME]
    assert sorted(path.name for path in (data_dir / NAME).iterdir()) == ["firm.arrow", "loan.arrow", "manifest.json"]


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(data_dir: Path, plan: SweepPlan) -> None:
    with largest_file(1000), pytest.raises(TruthNotWritten, match="free space"):
        write(TruthFiles(data_dir), plan)
    assert list(data_dir.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_one_clear_error(data_dir: Path, plan: SweepPlan) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(TruthNotWritten, match="cannot write the truth files"):
        write(TruthFiles(data_dir / "file"), plan)


@pytest.mark.parametrize("damage", ["manifest", "changed", "truncated", "removed", "everything"])
def test_damaged_files_are_refused(data_dir: Path, plan: SweepPlan, damage: str) -> None:
    files = TruthFiles(data_dir)
    written = write(files, plan)
    folder = data_dir / NAME
    content = (folder / "firm.arrow").read_bytes()
    match damage:
        case "manifest":
            (folder / "manifest.json").write_text("{}")
        case "changed":
            (folder / "firm.arrow").write_bytes(content[:-1] + b"x")
        case "truncated":
            (folder / "firm.arrow").write_bytes(content[:100])
        case "removed":
            (folder / "firm.arrow").unlink()
        case "everything":
            folder.rename(data_dir / "away")
    with pytest.raises(TruthDamaged, match="restore them from a backup"):
        files.open(NAME, written)
