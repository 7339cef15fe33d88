"""The process dies at any commit or call to a provider on the way of notices; it is started again, and the laws hold.

The default suite takes a seeded sample of the points, HYPOTHESIS_PROFILE=nightly takes every one.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from psycopg.conninfo import make_conninfo

from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.services.repair_notices import repair_notices
from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.unit_of_work import Database
from tests.fault.notices.killing import tell, tell_until_killed, tell_until_taken
from tests.support.notice_errand import FIRMS, errand, owe
from tests.support.notice_laws import broken
from tests.support.notice_street import Street, open_street
from tests.support.payment_flow import rows
from tests.support.payment_run import empty

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SAMPLE = 16
KNOWN_POINTS = 108
"""So many commits and calls to providers, before and after, the errand has when nobody dies."""

ENOUGH_ROUNDS = 4


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Where children come from: a server that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.fault.notices.killing"])
    return context


def points() -> Iterator[int]:
    """Yield the points to die at; all of them by night, and then one more than there are."""
    if NIGHTLY:
        yield from count(1)
    else:
        yield from sorted(Random(11).sample(range(1, KNOWN_POINTS + 1), SAMPLE))


def check_end(url: str, database: Database, street: Street, where: str, *, deaths: int) -> None:
    """Check that everybody was told, once where that is promised, and that our report knows of every second message."""
    assert broken(url) == [], where
    found = rows(
        url, "SELECT n.recipient, s.status FROM notice AS n JOIN notice_state AS s USING (notice_id) ORDER BY 1"
    )
    assert [row["status"] for row in found] == ["reached"] * (FIRMS - 1) + ["unreached"], where
    arrived = street.arrived()
    for provider in ("gate", "post"):
        assert set(arrived[provider].values()) <= {1}, where
    assert (len(arrived["mail"]), len(arrived["gate"]), len(arrived["post"])) == (2, 2, 2), where
    duplicates = street.mail.duplicates()
    repair = repair_notices(database, street.providers.channels(), DeliveryRules(), street.providers.clock)
    reported = repair.possible_duplicates
    assert duplicates <= reported.get("mail", 0) <= deaths, where
    assert reported.keys() <= {"mail"}, where


def test_notices_survive_a_kill_at_any_point(
    processes: multiprocessing.context.ForkServerContext, database: Database, database_url: str, tmp_path: Path
) -> None:
    superuser_url = make_conninfo(database_url, user=SUPERUSER)
    killed = 0
    for point in points():
        empty(superuser_url)
        owe(database)
        with open_street(tmp_path / str(point)) as street:
            child = processes.Process(target=tell_until_killed, args=(database_url, street.providers, point))
            child.start()
            child.join(60)
            assert child.exitcode in (0, -signal.SIGKILL), f"point {point}: exit {child.exitcode}"
            assert broken(database_url) == [], f"killed at {point}"
            street.providers.clock.move(timedelta(minutes=15))
            errand(database, street.providers.channels(), street.providers.clock, ENOUGH_ROUNDS)
            died = child.exitcode != 0
            check_end(database_url, database, street, f"killed at {point}", deaths=int(died))
        if not died:
            break
        killed += 1
    assert killed >= SAMPLE - 1


@pytest.mark.parametrize(("provider", "twice"), [("mail", 1), ("gate", 0), ("post", 0)])
def test_only_where_nobody_promises_does_a_message_come_twice_and_then_it_is_counted(
    processes: multiprocessing.context.ForkServerContext,
    database: Database,
    database_url: str,
    tmp_path: Path,
    provider: str,
    twice: int,
) -> None:
    owe(database)
    with open_street(tmp_path / "street") as street:
        child = processes.Process(target=tell_until_taken, args=(database_url, street.providers, provider))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        assert street.arrived()[provider].total() == 1
        street.providers.clock.move(timedelta(minutes=15))
        errand(database, street.providers.channels(), street.providers.clock, ENOUGH_ROUNDS)
        assert street.mail.duplicates() == twice
        check_end(database_url, database, street, provider, deaths=1)


def test_whoever_dies_again_and_again_ends_well_all_the_same(
    processes: multiprocessing.context.ForkServerContext, database: Database, database_url: str, tmp_path: Path
) -> None:
    chosen = Random(5)
    deaths = 0
    owe(database)
    with open_street(tmp_path / "street") as street:
        for _ in range(8):
            point = chosen.randint(1, 25)
            child = processes.Process(target=tell_until_killed, args=(database_url, street.providers, point))
            child.start()
            child.join(60)
            deaths += child.exitcode != 0
            assert broken(database_url) == []
            street.providers.clock.move(timedelta(minutes=15))
        errand(database, street.providers.channels(), street.providers.clock, ENOUGH_ROUNDS)
        assert broken(database_url) == []
        arrived = street.arrived()
        assert set(arrived["gate"].values()) | set(arrived["post"].values()) <= {1}
        left = rows(database_url, "SELECT DISTINCT status FROM notice_state ORDER BY 1")
        assert {row["status"] for row in left} <= {"reached", "unreached"}
        channels, clock = street.providers.channels(), street.providers.clock
        reported = repair_notices(database, channels, DeliveryRules(), clock).possible_duplicates
        assert street.mail.duplicates() <= reported.get("mail", 0) <= deaths


def test_two_runners_at_once_tell_everybody_once(
    processes: multiprocessing.context.ForkServerContext, database: Database, database_url: str, tmp_path: Path
) -> None:
    owe(database)
    with open_street(tmp_path / "street") as street:
        runners = [processes.Process(target=tell, args=(database_url, street.providers)) for _ in range(2)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join(120)
            assert runner.exitcode is not None
        assert broken(database_url) == []
        street.providers.clock.move(timedelta(minutes=15))
        errand(database, street.providers.channels(), street.providers.clock, ENOUGH_ROUNDS)
        check_end(database_url, database, street, "two runners", deaths=0)
