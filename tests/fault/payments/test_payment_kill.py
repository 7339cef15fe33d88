"""The process dies at any commit or call to the bank on the way of payments; it is started again, and the laws hold.

The default suite takes a seeded sample of the points, HYPOTHESIS_PROFILE=nightly takes every one.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest
from psycopg.conninfo import make_conninfo

from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from tests.fault.payments.killing import pay, pay_until_killed
from tests.support.payment_errand import CASES, book, errand, paid_fen
from tests.support.payment_flow import fill, rows
from tests.support.payment_laws import broken, paid_twice
from tests.support.payment_run import empty

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SAMPLE = 24
KNOWN_POINTS = 70
"""So many commits and calls to the bank, before and after, the errand has when nobody dies."""


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Where children come from: a server that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.fault.payments.killing"])
    return context


def die_at(processes: multiprocessing.context.ForkServerContext, url: str, outbox: Path, point: int) -> bool:
    """Run the errand in a process of its own; return whether it was killed."""
    child = processes.Process(target=pay_until_killed, args=(url, str(outbox), point))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL), f"point {point}: exit {child.exitcode}"
    return child.exitcode != 0


def check_end(url: str, outbox: Path, where: str) -> None:
    """Check that everybody was paid once and everything closed."""
    wrong = broken(url) + paid_twice(book(outbox))
    assert not wrong, f"{where}: {wrong}"
    assert paid_fen(outbox) == sum(case.amount_fen for case in CASES), where
    (ledger,) = rows(url, "SELECT sum(balance_fen)::bigint AS fen FROM ledger_balance WHERE account = 'paid'")
    assert ledger["fen"] == paid_fen(outbox), where
    assert rows(url, "SELECT DISTINCT status FROM case_state") == [{"status": "closed"}], where


def points() -> Iterator[int]:
    """Yield the points to die at; all of them by night, and then one more than there are."""
    if NIGHTLY:
        yield from count(1)
    else:
        yield from sorted(Random(7).sample(range(1, KNOWN_POINTS + 1), SAMPLE))


def test_payments_survive_a_kill_at_any_point(
    processes: multiprocessing.context.ForkServerContext,
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> None:
    superuser_url = make_conninfo(database_url, user=SUPERUSER)
    killed = 0
    for point in points():
        outbox = tmp_path / f"outbox-{point}"
        outbox.mkdir()
        empty(superuser_url)
        fill(database, database_url, CASES)
        died = die_at(processes, database_url, outbox, point)
        wrong = broken(database_url) + paid_twice(book(outbox))
        assert not wrong, f"killed at {point}: {wrong}"
        errand(database, database_url, outbox)
        check_end(database_url, outbox, f"killed at {point}")
        if not died:
            break
        killed += 1
    assert killed >= SAMPLE - 1


def test_two_runners_at_once_pay_nothing_twice(
    processes: multiprocessing.context.ForkServerContext, database: Database, database_url: str, tmp_path: Path
) -> None:
    fill(database, database_url, CASES)
    runners = [processes.Process(target=pay, args=(database_url, str(tmp_path))) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(120)
        assert runner.exitcode is not None
    wrong = broken(database_url) + paid_twice(book(tmp_path))
    assert not wrong
    errand(database, database_url, tmp_path)
    check_end(database_url, tmp_path, "two runners")
