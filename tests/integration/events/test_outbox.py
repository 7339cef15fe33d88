"""Every change is told once, in an order that nobody passes over, and says what it should of what happened."""

import threading
from collections.abc import Sequence

import psycopg
import pytest

from policy_match.events.cloud_event import CloudEvent
from policy_match.events.types import EventType
from policy_match.services.send_webhooks import publish_events
from policy_match.services.webhooks import list_events
from policy_match.storage.driver_errors import APPEND_ONLY
from policy_match.storage.unit_of_work import Database
from tests.support.cases import World, answer, notify_world
from tests.support.payment_flow import rows
from tests.support.waiting import until

SOURCE = "policy-match"


def told(world: World, *types: EventType, after: int = 0, most: int = 500) -> Sequence[CloudEvent]:
    publish_events(world.database)
    return list_events(world.database, SOURCE, after=after, types=types or None, most=most)


def test_a_sweep_its_cases_and_each_step_are_told_in_order(world: World) -> None:
    notify_world(world)
    found = told(world)
    assert [each.type for each in found[:2]] == [EventType.SWEEP_KEPT, EventType.CASES_OPENED]
    assert {each.type for each in found[2:]} == {EventType.CASE_NOTIFIED}
    assert [int(each.sequence) for each in found] == list(range(1, len(found) + 1))
    assert len({each.id for each in found}) == len(found)


def test_an_event_says_where_the_case_stands_and_what_it_is_worth(told_world: World) -> None:
    publish_events(told_world.database)
    first = rows_of(told_world)[0]
    answer(told_world, first)
    (event,) = told(told_world, EventType.CASE_CONFIRMED)
    assert event.subject == f"cases/{first}"
    assert event.time == told_world.clock.now()
    assert event.data == {
        "case_id": first,
        "seq": 2,
        "policy_id": "confirm",
        "period": "2025",
        "instalment": 1,
        "before": "notified",
        "status": "confirmed",
        "amount_fen": 100_000,
        "deadline": None,
    }


def rows_of(world: World) -> list[int]:
    """Return the cases that may answer."""
    with world.database.unit_of_work() as work:
        page = work.events.after(0, work.events.latest(), None, 500)
    return [int(str(row.found["case_id"])) for row in page if row.what == "case.notify" and is_asked(row.found)]


def is_asked(found: object) -> bool:
    return isinstance(found, dict) and found["policy_id"] == "confirm"


def test_nothing_of_an_event_names_a_firm(told_world: World) -> None:
    for event in told(told_world):
        text = event.as_json().decode()
        assert "9137" not in text
        assert "有限公司" not in text


def test_what_is_rolled_back_is_not_told(world: World, database_url: str) -> None:
    publish_events(world.database)
    with psycopg.connect(database_url) as connection:
        add_step(connection)
        connection.rollback()
    assert publish_events(world.database) == 0


def add_step(connection: psycopg.Connection[tuple[object, ...]], before: str = "matched", case: int = 1) -> None:
    """Take a step with one case by hand, in a transaction that the test ends."""
    connection.execute("SET search_path = policy_match")
    connection.execute(
        "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
        " SELECT DISTINCT ON (s.case_id) s.case_id, s.seq + 1, t.event, s.status, t.after, now(), 'system'"
        " FROM case_state AS s JOIN case_transition AS t ON t.route = s.route AND t.before = s.status"
        " WHERE s.route = 'confirm' AND s.status = %s::case_status ORDER BY s.case_id, t.event OFFSET %s LIMIT 1",
        [before, case - 1],
    )


def test_what_a_long_transaction_wrote_is_told_when_it_ends_and_never_passed_over(
    world: World, database_url: str
) -> None:
    publish_events(world.database)
    with psycopg.connect(database_url) as late, psycopg.connect(database_url) as soon:
        add_step(late)
        add_step(soon, case=2)
        soon.commit()
        (first,) = told(world, EventType.CASE_NOTIFIED)
        late.commit()
        found = told(world, EventType.CASE_NOTIFIED)
    assert found[0].id == first.id
    assert len(found) == 2


def test_a_step_that_rests_on_another_is_told_behind_it_whatever_was_begun_first(
    world: World, database_url: str
) -> None:
    """The second step's transaction began to write before the first one's, so its number of transaction is smaller."""
    publish_events(world.database)
    with (
        psycopg.connect(database_url) as older,
        psycopg.connect(database_url) as between,
        psycopg.connect(database_url) as newer,
    ):
        older.execute("SELECT pg_current_xact_id()")
        between.execute("SELECT pg_current_xact_id()")
        add_step(newer)
        newer.commit()
        add_step(older, "notified")
        older.commit()
        found = told(world)
        steps = [each.data["seq"] for each in found if each.type.startswith("cn.policy-match.case.")]
        assert steps == [1, 2]
        between.rollback()


def test_two_that_publish_at_once_give_each_number_once(told_world: World) -> None:
    publish_events(told_world.database)
    both = threading.Barrier(2)

    def publish() -> None:
        both.wait()
        publish_events(told_world.database)

    for case in rows_of(told_world):
        answer(told_world, case)
    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = told(told_world)
    assert [int(each.sequence) for each in found] == list(range(1, len(found) + 1))


def test_who_publishes_waits_for_who_publishes(told_world: World, database_url: str) -> None:
    done = threading.Event()

    def publish() -> None:
        publish_events(told_world.database)
        done.set()

    with psycopg.connect(database_url) as first:
        first.execute("SELECT policy_match.publish_events(1)")
        thread = threading.Thread(target=publish)
        thread.start()
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        until(lambda: rows(database_url, waiting), "the second waits for the first")
        assert not done.is_set()
        first.rollback()
        thread.join()
    found = told(told_world)
    assert [int(each.sequence) for each in found] == list(range(1, len(found) + 1))


def test_pages_of_events_together_are_all_events(told_world: World) -> None:
    whole = told(told_world)
    pages: list[CloudEvent] = []
    for _ in range(len(whole)):
        page = told(told_world, after=int(pages[-1].sequence) if pages else 0, most=3)
        pages += page
    assert [each.id for each in pages] == [each.id for each in whole]


@pytest.mark.parametrize("statement", ["DELETE FROM published_event", "UPDATE published_event SET part = 1"])
def test_an_event_that_has_its_number_stays(told_world: World, database_url: str, statement: str) -> None:
    publish_events(told_world.database)
    with (
        psycopg.connect(database_url, options="-c search_path=policy_match") as connection,
        pytest.raises(psycopg.Error) as refused,
    ):
        connection.execute(statement.encode())
    assert refused.value.sqlstate == APPEND_ONLY


def test_the_program_can_neither_add_to_the_outbox_nor_take_from_it(database: Database, database_url: str) -> None:
    for statement in (b"DELETE FROM outbox", b"INSERT INTO outbox (what, subject_id) VALUES ('case.confirm', 1)"):
        with (
            psycopg.connect(database_url, options="-c role=policy_match_app -c search_path=policy_match") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
