"""Keeps a sweep in a process of its own and stops at a stated point, to be killed there.

Run as `python -m tests.fault.sweep_child URL DATA_DIR RULES_DIR POINT`. It prints `reached` at the point and waits. The
stops are put around the real database, engine and truth files, which are unchanged.
"""

import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from policy_match.engines.reference import ReferenceEngine
from policy_match.policy.loader import load_rules
from policy_match.ports import FactTables, Progress
from policy_match.services.keep_sweep import keep_sweep
from policy_match.storage.transactions import OwnTransaction
from policy_match.storage.truth_files import TruthFiles, TruthWriter
from policy_match.storage.unit_of_work import Database, PostgresUnitOfWork
from policy_match.sweep.decision import SweepBatch
from policy_match.sweep.plan import SweepPlan
from policy_match.values import Digest, SweepId
from tests.support.kept import DAY, snapshot_of


class Point(StrEnum):
    """Where the process stops."""

    BEFORE_THE_FIRST_BATCH = "before-the-first-batch"
    AFTER_TWO_BATCHES = "after-two-batches"
    AFTER_ALL_BATCHES = "after-all-batches"
    BEFORE_THE_TRUTH_IS_NAMED = "before-the-truth-is-named"
    AFTER_THE_TRUTH_IS_NAMED = "after-the-truth-is-named"
    BEFORE_THE_COMMIT = "before-the-commit"
    AFTER_THE_COMMIT = "after-the-commit"


@dataclass(frozen=True, slots=True)
class Stop:
    """Stops the process when its point is reached."""

    point: Point

    def at(self, point: Point) -> None:
        """Say so and wait to be killed, if this is the point."""
        if point is self.point:
            sys.stdout.write("reached\n")
            sys.stdout.flush()
            signal.pause()


class StoppingEngine:
    """The reference engine, with stops between its batches."""

    name = "reference"

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def sweep(self, plan: SweepPlan, tables: FactTables, progress: Progress | None = None) -> Iterator[SweepBatch]:
        """Yield what the reference engine yields."""
        self._stop.at(Point.BEFORE_THE_FIRST_BATCH)
        for place, batch in enumerate(ReferenceEngine().sweep(plan, tables, progress)):
            if place == 2:
                self._stop.at(Point.AFTER_TWO_BATCHES)
            yield batch
        self._stop.at(Point.AFTER_ALL_BATCHES)


class StoppingWriter(TruthWriter):
    """A truth writer that stops around the giving of the name."""

    def __init__(self, root: Path, sweep_id: SweepId, plan: SweepPlan, stop: Stop) -> None:
        super().__init__(root, sweep_id, plan)
        self._stop = stop

    def finish(self) -> Digest:
        """Finish the files."""
        self._stop.at(Point.BEFORE_THE_TRUTH_IS_NAMED)
        digest = super().finish()
        self._stop.at(Point.AFTER_THE_TRUTH_IS_NAMED)
        return digest


class StoppingTruthFiles(TruthFiles):
    """Truth files whose writer stops."""

    def __init__(self, root: Path, stop: Stop) -> None:
        super().__init__(root)
        self._folder, self._stop = root, stop

    def write(self, sweep_id: SweepId, plan: SweepPlan) -> TruthWriter:
        """Return the writer that stops."""
        return StoppingWriter(self._folder, sweep_id, plan, self._stop)


class StoppingDatabase(Database):
    """A database whose units of work stop around the commit."""

    def __init__(self, url: str, stop: Stop) -> None:
        super().__init__(url)
        self._stop = stop

    def unit_of_work(self) -> PostgresUnitOfWork:
        """Return a unit of work that stops."""
        stop = self._stop

        class Stopping(PostgresUnitOfWork):
            def commit(self) -> None:
                stop.at(Point.BEFORE_THE_COMMIT)
                super().commit()
                stop.at(Point.AFTER_THE_COMMIT)

        return Stopping(OwnTransaction(self._pool))


def main(url: str, data_dir: str, rules_dir: str, point: str) -> None:
    """Keep the sweep of the support registry, and stop at the point."""
    stop = Stop(Point(point))
    rules = load_rules(Path(rules_dir))
    snapshot = snapshot_of(rules.catalogue)
    truth_files = StoppingTruthFiles(Path(data_dir) / "truth", stop)
    with StoppingDatabase(url, stop) as database:
        keep_sweep(rules, snapshot, StoppingEngine(stop), database, truth_files, as_of=DAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
