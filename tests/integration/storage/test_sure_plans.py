"""Large steps are known to the planner at once, and a window is never looked up through all that was reached."""

from collections.abc import Iterator

import psycopg
import pytest

from policy_match.services.large_steps import LARGE_STEP, after_step
from policy_match.storage.unit_of_work import Database

WINDOW_OF_ONE = "EXPLAIN (FORMAT text) SELECT told_on FROM open_window WHERE case_id = 1"


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, options="-c search_path=policy_match", autocommit=True) as opened:
        yield opened


def analysed(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relname IN ('case_state', 'notice_state') AND reltuples >= 0"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_large_step_is_known_at_once(database: Database, connection: psycopg.Connection) -> None:
    after_step(database, LARGE_STEP)
    assert analysed(connection) == 2


def test_a_small_step_is_left_to_the_database(database: Database, connection: psycopg.Connection) -> None:
    after_step(database, LARGE_STEP - 1)
    assert analysed(connection) == 0


def test_a_notice_is_looked_up_by_its_number_whatever_the_statistics_say(
    database: Database, connection: psycopg.Connection
) -> None:
    plan = "\n".join(row[0] for row in connection.execute(WINDOW_OF_ONE.encode()).fetchall())
    assert "notice_state_pkey" in plan
    assert "status = 'reached'" not in plan.split("CASE")[0]
