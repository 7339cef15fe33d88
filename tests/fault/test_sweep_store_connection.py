"""A connection that is cut in the middle of a COPY leaves nothing half-visible, and the sweep can be run again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from policy_match.engines.reference import ReferenceEngine
from policy_match.policy.model import RuleBook
from policy_match.ports import FactTables, Progress
from policy_match.services.keep_sweep import keep_sweep
from policy_match.storage.driver_errors import DatabaseUnreachable
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.plan import SweepPlan
from tests.support.kept import DAY, keep, snapshot_of, write_rules


class Cut:
    """Cuts every connection to a database, and waits until the server has ended them."""

    def __init__(self, superuser_url: str, database_url: str) -> None:
        self._superuser_url = superuser_url
        self._name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]

    def __call__(self) -> None:
        with psycopg.connect(self._superuser_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [self._name]
            )


class CuttingResults(Sequence[PolicyResult]):
    """The results of a batch, with a cut after the first when they are read for the second time.

    They are read once for the totals and then by COPY, which is under way at the cut.
    """

    def __init__(self, results: Sequence[PolicyResult], cut: Cut) -> None:
        self._results, self._cut, self._reads = results, cut, 0

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return self._results[place]

    def __iter__(self) -> Iterator[PolicyResult]:
        self._reads += 1
        yield self._results[0]
        if self._reads == 2:
            self._cut()
        yield from self._results[1:]


class CuttingEngine:
    """The reference engine, with a cut inside one batch."""

    name = "reference"

    def __init__(self, cut: Cut, batch_of_the_cut: int) -> None:
        self._cut, self._place = cut, batch_of_the_cut

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        for place, batch in enumerate(ReferenceEngine().sweep(plan, tables, progress)):
            yield replace(batch, results=CuttingResults(batch.results, self._cut)) if place == self._place else batch


@pytest.fixture
def rules(tmp_path: Path) -> RuleBook:
    return write_rules(tmp_path / "rules")


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_a_connection_cut_during_a_copy_keeps_nothing_and_the_sweep_is_run_again(
    rules: RuleBook, database: Database, database_url: str, superuser_url: str, data_dir: Path, batch: int
) -> None:
    snapshot = snapshot_of(rules.catalogue)
    engine = CuttingEngine(Cut(superuser_url, database_url), batch)
    truth_files = TruthFiles(data_dir / "truth")
    with pytest.raises(DatabaseUnreachable) as lost:
        keep_sweep(rules, snapshot, engine, database, truth_files, as_of=DAY)
    assert lost.value.retry_helps
    assert "copy_csv" in [frame.name for frame in lost.traceback]
    with database.unit_of_work() as work:
        assert work.sweeps.recent(10) == []
        assert work.snapshots.manifest(snapshot.snapshot_id) is None
    assert list((data_dir / "truth").iterdir()) == []
    assert not keep(rules, snapshot, database, data_dir).repeated
