"""One process leads; when its connection ends, the next one leads, and it comes back as another runner."""

from collections.abc import Callable
from threading import Barrier, Thread

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from policy_match.services.job_reports import live_runners
from policy_match.storage.driver_errors import DatabaseUnreachable
from policy_match.storage.embedded import SUPERUSER
from policy_match.storage.runner_lease import PostgresRunnerLease
from tests.support.cases import OPENED
from tests.support.job_bench import MINUTE, Bench, job, look

Make = Callable[..., Bench]


def end_sessions(url: str) -> int:
    """End every session of a scheduler, as a firewall or an administrator would; return how many there were."""
    with psycopg.connect(make_conninfo(url, user=SUPERUSER), autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'policy-match scheduler' AND datname = current_database()"
        ).fetchall()
    return len(found)


def test_of_many_processes_one_leads(bench: Make) -> None:
    made = bench(job("a"))
    runners = [made.runner() for _ in range(5)]
    together = Barrier(5)

    def ask(index: int) -> None:
        together.wait()
        runners[index].tick()

    threads = [Thread(target=ask, args=(index,)) for index in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [runner.leads for runner in runners].count(True) == 1
    alive = live_runners(made.application.database)
    assert len(alive) == 5
    assert [each.leads for each in alive].count(True) == 1


def test_a_standby_does_nothing_and_leads_when_the_leader_is_gone(bench: Make) -> None:
    made = bench(job("a"))
    first, second = made.runner(), made.runner()
    look(first)
    made.clock.move(60 * MINUTE)
    look(second)
    assert made.runs() == []
    made.lose(first)
    look(second)
    assert made.told() == [("01 10:00", "done", 1)]
    assert [each.leads for each in live_runners(made.application.database)] == [True]


def test_who_lost_the_connection_comes_back_as_another_runner(bench: Make, database_url: str) -> None:
    made = bench(job("a"))
    first = made.runner()
    look(first)
    (before,) = live_runners(made.application.database)
    assert end_sessions(database_url) == 1
    assert live_runners(made.application.database) == []
    look(first)
    (after,) = live_runners(made.application.database)
    assert after.runner_id > before.runner_id
    assert after.leads
    assert made.lines.events == ["runner", "lead", "lead.lost", "runner", "lead"]


def test_who_lost_the_connection_to_another_leader_stands_by(bench: Make, database_url: str) -> None:
    made = bench(job("a"))
    first, second = made.runner(), made.runner()
    look(first)
    look(second)
    end_sessions(database_url)
    look(second)
    look(first)
    assert (first.leads, second.leads) == (False, True)
    assert made.lines.events[-2:] == ["lead.lost", "runner"]


def test_a_server_that_does_not_answer_is_asked_again_after_growing_pauses(bench: Make) -> None:
    made = bench(job("a"))
    runner = made.runner()
    lease = PostgresRunnerLease("postgresql:///nowhere?host=/nonexistent", "bench", 1)
    with pytest.raises(DatabaseUnreachable):
        lease.hold(OPENED)
    assert not lease.leads
    look(runner)
    assert runner.leads
