"""The process dies at any commit between the sweep and publicity; it is started again, and no case is lost or doubled.

The default suite takes a seeded sample of the points, HYPOTHESIS_PROFILE=nightly takes every one.
"""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

from psycopg.conninfo import make_conninfo

from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import carry_until_killed
from tests.support.case_errand import FIRMS, carry, case_world, prepare
from tests.support.payment_flow import rows
from tests.support.payment_laws import broken
from tests.support.payment_run import empty

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SAMPLE = 12
KNOWN_POINTS = 44
"""So many commits, before and after, the errand has when nobody dies."""


def points() -> Iterator[int]:
    """Yield the points to die at; all of them by night, and then one more than there are."""
    yield from count(1) if NIGHTLY else sorted(Random(3).sample(range(1, KNOWN_POINTS + 1), SAMPLE))


def test_cases_survive_a_kill_at_any_commit(database: Database, database_url: str, tmp_path: Path) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.fault.payments.killing"])
    superuser_url = make_conninfo(database_url, user=SUPERUSER)
    killed = 0
    for point in points():
        empty(superuser_url)
        folder = tmp_path / f"world-{point}"
        prepare(case_world(database, folder))
        child = processes.Process(target=carry_until_killed, args=(database_url, str(folder), point))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL), f"point {point}: exit {child.exitcode}"
        assert broken(database_url) == [], f"killed at {point}"
        carry(database, database_url, folder)
        assert broken(database_url) == [], f"killed at {point}"
        found = rows(database_url, "SELECT policy_id, status FROM case_state")
        ends = Counter((row["policy_id"], row["status"]) for row in found)
        assert ends == {("direct", "approved"): FIRMS, ("confirm", "published"): FIRMS}, f"killed at {point}: {ends}"
        ready = rows(
            database_url,
            "SELECT DISTINCT case_id FROM case_recheck JOIN recheck ON number = recheck"
            " WHERE purpose = 'payment' AND outcome = 'eligible'",
        )
        assert len(ready) == 2 * FIRMS, f"killed at {point}"
        if child.exitcode == 0:
            break
        killed += 1
    assert killed >= SAMPLE - 2
