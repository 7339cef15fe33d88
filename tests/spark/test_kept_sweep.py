"""A sweep on Spark that is kept in the database."""

from pathlib import Path

from policy_match.engines.arrow import ArrowEngine
from policy_match.ports import SweepEngine
from policy_match.services.keep_sweep import keep_sweep
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.totals import Totals
from policy_match.sweep.truth import POLICY, meaning_of
from tests.support import spark as _needs_spark  # noqa: F401
from tests.support.kept import DAY, snapshot_of, write_rules


def test_it_is_kept_with_the_decisions_and_truths_of_the_arrow_engine(
    small_ranges: SweepEngine, database: Database, data_dir: Path, tmp_path: Path
) -> None:
    rules = write_rules(tmp_path / "rules")
    snapshot = snapshot_of(rules.catalogue, batch_rows=1_000)
    truth_files = TruthFiles(data_dir / "truth")
    kept = keep_sweep(rules, snapshot, small_ranges, database, truth_files, as_of=DAY)
    plan = kept.planned.plan
    judged = Totals(plan)
    reader = truth_files.open(kept.sweep.sweep_id, kept.sweep.truth)
    for batch in judged.watch(ArrowEngine().sweep(plan, snapshot)):
        assert reader.rows(batch.grain) == batch.rows
        expected = {f"{POLICY}{result.policy.policy_id}": result.truth for result in batch.results}
        meanings = [meaning_of(condition) for condition in plan.conditions_of(batch.grain)]
        named = [reader.truths(batch.grain).conditions[meaning].column for meaning in meanings]
        expected |= dict(zip(named, batch.conditions, strict=True))
        found = reader.columns(batch.grain, list(expected))
        assert {name: found[name].to_pylist() for name in expected} == {
            name: truth.to_pylist() for name, truth in expected.items()
        }
    assert kept.sweep.engine == "spark"
    assert kept.totals.policies == judged.policies
