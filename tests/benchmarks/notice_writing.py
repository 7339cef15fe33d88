"""Firms that are to be told, for the benchmark of notices, and what writes the texts for them.

Guarantees that the cases were opened and their firms asked by the services alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_match.cases.working_days import WorkingDays
from policy_match.engines.arrow import ArrowEngine
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.notify_cases import notify_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.prepare_notices import NoticesPrepared, Wording, prepare_notices
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.migrate import migrate
from policy_match.storage.notice_templates import load_templates
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from tests.benchmarks.payment_use import ServerUse
from tests.benchmarks.payment_world import AS_OF, POLICIES, REFUND, firms_for, write_rules, write_snapshot
from tests.support.cases import MovableClock

CLERK = "wang.fang"


@contextmanager
def notices_due(folder: Path, count: int) -> Iterator[tuple[ServerUse, Callable[[], NoticesPrepared]]]:
    """Ask so many firms to confirm; give the use of the server, and what writes the notices of it."""
    with EmbeddedPostgres(folder) as server, ServerUse(folder / "postgres") as use:
        migrate(server.url)
        rules, clock = write_rules(folder / "rules"), MovableClock()
        snapshot = write_snapshot(folder / "snapshots", rules, firms_for(count * len(POLICIES)))
        with Database(server.url) as database:
            kept = keep_sweep(rules, snapshot, ArrowEngine(), database, TruthFiles(folder / "truth"), as_of=AS_OF)
            open_cases(database, lambda _, __: snapshot, kept.sweep, clock=clock, by=CLERK)
            notify_cases(database, WorkingDays(), clock=clock, by=CLERK, policy=REFUND)
            wording = Wording(templates=load_templates(), calendar=WorkingDays())
            yield use, lambda: prepare_notices(database, wording, clock=clock)
