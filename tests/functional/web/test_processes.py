"""The server as it runs: processes that die, ending with requests under way, a database that is busy or gone."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from policy_match.storage.embedded import EmbeddedPostgres
from tests.support.postgres import of_superuser
from tests.support.waiting import until
from tests.support.web_server import Answer, WebServer, ask, running_web

POOL = 2
WAIT_SECONDS = 1
LISTED = "/api/v1/cases"
LONG_SECONDS = 20
"""What a limit lasts that is not the one a test is about."""

LIMITS = {
    "connections": POOL,
    "wait_seconds": WAIT_SECONDS,
    "lock_seconds": LONG_SECONDS,
    "statement_seconds": LONG_SECONDS,
}
EXCLUSION = json.dumps({"uscc": "91370000MA00000001", "reason": "税务失信", "since": "2025-01-01"}).encode()
SLOW_EXCLUSIONS = """
CREATE FUNCTION policy_match.sleep_long() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;
CREATE TRIGGER sleep_long BEFORE INSERT ON policy_match.exclusion FOR EACH ROW
    EXECUTE FUNCTION policy_match.sleep_long()
"""


@contextmanager
def server_on(
    url: str | None,
    rules: Path,
    *,
    database: Mapping[str, int] | None = None,
    replacement: Mapping[str, int] | None = None,
    **server: int,
) -> Iterator[WebServer]:
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder,
        running_web(
            Path(folder),
            rules,
            database_url=url,
            server=server,
            database=LIMITS | dict(database or {}),
            replacement=replacement,
        ) as running,
    ):
        yield running


@contextmanager
def cases_locked(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Let every request for cases wait until this is left."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE policy_match.benefit_case IN ACCESS EXCLUSIVE MODE")
        yield connection


def waiting_for_the_lock(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policy-match'"
            " AND datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
        assert row is not None
        return int(row[0])


def connections(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policy-match'"
            " AND datname = current_database()"
        ).fetchone()
        assert row is not None
        return int(row[0])


def test_a_process_that_is_killed_is_replaced_and_its_figures_go_on(web_url: str, rules: Path) -> None:
    counted = 'policy_match_http_requests_total{operation="list_cases",status="2xx"}'
    with server_on(web_url, rules, processes=2) as web:
        for _ in range(6):
            assert web.ask(LISTED).status == 200
        before = web.workers()
        assert web.figures()[counted] == 6
        for each in before:
            os.kill(each, signal.SIGKILL)
        until(lambda: len(set(web.workers()) - set(before)) == 2, "both are replaced")
        assert web.ask(LISTED).status == 200
        until(lambda: web.figures()[counted] == 7, "the count goes on")


def test_a_process_that_hangs_is_killed_and_replaced(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, replacement={"silent_seconds": 3}, stop_seconds=1) as web:
        (hung,) = web.workers()
        os.kill(hung, signal.SIGSTOP)
        until(lambda: hung not in web.workers() and web.workers(), "it is replaced")
        assert web.ask(LISTED).status == 200


def test_a_process_that_served_its_share_is_replaced(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, replacement={"requests": 5, "jitter": 0}) as web:
        (first,) = web.workers()
        statuses = [web.ask("/health/live").status for _ in range(5)]
        until(lambda: first not in web.workers() and web.workers(), "it is replaced")
        assert statuses == [200] * 5
        assert web.ask(LISTED).status == 200


def test_what_the_parent_read_stays_shared(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, processes=2) as web:
        until(lambda: len(web.told("opened")) == 2, "both are open")
        assert all(each["frozen"] > 100_000 for each in web.told("opened"))


def test_told_to_end_it_finishes_what_is_under_way_and_releases_its_connections(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules) as web, ThreadPoolExecutor() as pool:
        with cases_locked(web_url):
            asked = pool.submit(web.ask, LISTED)
            until(lambda: waiting_for_the_lock(web_url) == 1, "the request is under way")
            web.process.send_signal(signal.SIGTERM)
            until(lambda: any("Handling signal: term" in str(each.get("message")) for each in web.lines), "it is told")
            with pytest.raises(OSError, match=r"refused|reset"):
                until(lambda: not web.ask("/health/live"), "nobody is let in")
        assert asked.result().status == 200
        assert web.process.wait(30) == 0
        until(lambda: connections(web_url) == 0, "the connections are released")


def test_what_does_not_finish_in_time_is_broken_off_and_the_database_takes_it_back(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, stop_seconds=1) as web, cases_locked(web_url), ThreadPoolExecutor() as pool:
        asked = pool.submit(web.ask, LISTED)
        until(lambda: waiting_for_the_lock(web_url) == 1, "the request is under way")
        assert until(lambda: web.end() == 0, "it ends") < 15
        with pytest.raises(OSError, match=r"reset|closed|without response"):
            asked.result()


def test_when_all_connections_are_in_use_others_are_told_so_soon(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, threads=6) as web, ThreadPoolExecutor() as pool:
        with cases_locked(web_url):
            stuck = [pool.submit(web.ask, LISTED) for _ in range(POOL)]
            until(lambda: waiting_for_the_lock(web_url) == POOL, "the pool is used up")
            answers: list[Answer] = []
            took = until(lambda: answers.append(web.ask(LISTED)) or True, "an answer")
            assert took < WAIT_SECONDS + 1.5
            assert answers[0].status == 503
            assert answers[0].json["code"] == "service.unavailable"
            assert answers[0].json["retry_helps"] is True
            assert int(answers[0].headers["retry-after"]) > 0
            assert web.ask("/health/live").status == 200
            assert web.ask("/api/v1/openapi.json").status == 200
        assert [each.result().status for each in stuck] == [200] * POOL
        assert web.ask(LISTED).status == 200


def test_who_waits_for_a_connection_is_counted(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, database={"wait_seconds": 3}, threads=6) as web, ThreadPoolExecutor() as pool:
        assert web.figures()["policy_match_pool_waiting"] == 0
        with cases_locked(web_url):
            stuck = [pool.submit(web.ask, LISTED) for _ in range(POOL)]
            until(lambda: waiting_for_the_lock(web_url) == POOL, "the pool is used up")

            def counted() -> bool:
                waiting = [pool.submit(web.ask, LISTED) for _ in range(2)]
                web.ask("/health/live")
                figures = web.figures()
                assert {each.result().status for each in waiting} == {503}
                assert figures["policy_match_pool_connections_in_use"] == POOL
                return figures["policy_match_pool_waiting"] > 0

            until(counted, "who waits is counted", LONG_SECONDS / 2)
        assert [each.result().status for each in stuck] == [200] * POOL


def test_rows_in_use_are_waited_for_as_long_as_the_settings_say(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules, database={"lock_seconds": 1}) as web, cases_locked(web_url):
        answers: list[Answer] = []
        assert until(lambda: answers.append(web.ask(LISTED)) or True, "an answer") < LONG_SECONDS / 2
        assert (answers[0].status, answers[0].json["code"]) == (503, "service.unavailable")


def test_a_statement_takes_as_long_as_the_settings_say_and_nothing_is_kept(web_url: str, rules: Path) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "slow"}
    with (
        server_on(web_url, rules, database={"lock_seconds": 1, "statement_seconds": 1}) as web,
        psycopg.connect(web_url, autocommit=True) as owner,
    ):
        owner.execute(SLOW_EXCLUSIONS)
        try:
            answers: list[Answer] = []
            sent = until(
                lambda: (
                    answers.append(web.ask("/api/v1/exclusions", method="POST", body=EXCLUSION, headers=headers))
                    or True
                ),
                "an answer",
            )
            assert sent < LONG_SECONDS / 2
            assert (answers[0].status, answers[0].json["code"]) == (503, "service.unavailable")
            assert owner.execute("SELECT count(*) FROM policy_match.exclusion").fetchone() == (0,)
        finally:
            owner.execute("DROP FUNCTION policy_match.sleep_long CASCADE")


def test_a_schema_older_than_the_program_is_told(web_url: str, rules: Path) -> None:
    newest = "(SELECT max(number) FROM policy_match.migration)"
    with server_on(web_url, rules) as web, psycopg.connect(web_url, autocommit=True) as owner:
        (row,) = owner.execute(
            f"DELETE FROM policy_match.migration WHERE number = {newest} RETURNING number, name, checksum".encode()
        ).fetchall()
        try:
            until(lambda: web.ask("/health/ready").status == 503, "it says so", LONG_SECONDS / 2)
            assert web.ask("/health/ready").json == {"status": "not ready", "because": "schema"}
            assert web.ask("/health/live").status == 200
        finally:
            owner.execute("INSERT INTO policy_match.migration (number, name, checksum) VALUES (%s, %s, %s)", row)
        until(lambda: web.ask("/health/ready").status == 200, "it is ready again")


def test_a_database_that_is_gone_is_told_and_comes_back_by_itself(
    web_url: str, server: EmbeddedPostgres, rules: Path
) -> None:
    name = web_url.partition("///")[2].partition("?")[0]
    with (
        server_on(web_url, rules) as web,
        psycopg.connect(of_superuser(server.url), autocommit=True) as boss,
    ):
        boss.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        boss.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            until(lambda: web.ask("/health/ready").status == 503, "it says so")
            assert web.ask("/health/ready").json == {"status": "not ready", "because": "database"}
            assert web.ask("/health/live").status == 200
            answer = web.ask(LISTED)
            assert (answer.status, answer.json["code"]) == (503, "service.unavailable")
            assert name not in answer.content.decode()
            assert web.figures()["policy_match_database_up"] == 0
        finally:
            boss.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        until(lambda: web.ask("/health/ready").status == 200, "it is ready again")
        assert web.ask(LISTED).status == 200
        assert web.figures()["policy_match_database_up"] == 1


def test_the_embedded_database_serves_several_processes_and_ends_with_them(rules: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="policy-match-web-") as folder:
        with running_web(Path(folder), rules, server={"processes": 2}) as web:
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(lambda _: web.ask(LISTED).status, range(40)))
            assert set(found) == {200}
            assert web.end() == 0
        assert not (Path(folder) / "data" / "database" / "postgres" / "postmaster.pid").exists()


def test_figures_are_told_by_their_own_address_alone(web_url: str, rules: Path) -> None:
    with server_on(web_url, rules) as web:
        assert web.ask("/metrics").status == 404
        assert ask(web.figures_port, LISTED).status == 404
        assert ask(web.figures_port, LISTED, headers={"Host": f"127.0.0.1:{web.port}"}).status == 404
        assert ask(web.port, "/metrics", headers={"Host": f"127.0.0.1:{web.figures_port}"}).status == 404
        assert "policy_match_database_up" in web.figures()
