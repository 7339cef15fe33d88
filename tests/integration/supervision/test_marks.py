"""Marks: once per case, step and colour, on the day on which it turned, whatever runs again or jumps back."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg import errors as pg

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.working_days import china_day
from policy_match.services.duties import grant_duty
from policy_match.services.supervise_cases import history_of_case, mark_cases, mark_history
from policy_match.storage.unit_of_work import Database
from policy_match.supervision.colours import Colour
from policy_match.supervision.dated_limits import dated_limits, turned
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId
from tests.support.cases import CALENDAR, MovableClock
from tests.support.payment_flow import app_connection
from tests.support.waiting_cases import DEPARTMENTS, Hall, Waiting, policy_of

TUESDAY = datetime(2025, 7, 1, 1, tzinfo=UTC)
MATCHED = Waiting(route=Route.DIRECT, status=Status.MATCHED, since=TUESDAY)
NOTHING = {Colour.YELLOW: 0, Colour.RED: 0}


def marks(hall: Hall) -> list[tuple[object, ...]]:
    with app_connection(hall.url) as connection:
        rows = connection.execute(
            "SELECT case_id, seq, stage, colour, turned_on, limit_days FROM stage_mark ORDER BY 1, 2, 3, 4"
        ).fetchall()
    return [tuple(row.values()) for row in rows]


def test_a_stage_is_marked_on_the_day_on_which_it_turns_and_never_again(database: Database, hall: Hall) -> None:
    (case,) = hall.add(MATCHED)
    clock = MovableClock(TUESDAY)
    found = []
    for _ in range(10):
        marked = mark_cases(database, CALENDAR, clock)
        assert mark_cases(database, CALENDAR, clock) == NOTHING
        found.append((china_day(clock.now()).day, marked[Colour.YELLOW], marked[Colour.RED]))
        clock.move(1)
    assert [day for day, yellow, _ in found if yellow] == [4]
    assert [day for day, _, red in found if red] == [5]
    first, second = history_of_case(database, case).marks
    assert (first.colour, first.turned_on, first.limit_days) == (Colour.YELLOW, date(2025, 7, 4), 3)
    assert (second.colour, second.turned_on, second.unit) == (Colour.RED, date(2025, 7, 5), DEPARTMENTS[Route.DIRECT])
    assert second.started_on == date(2025, 7, 1)


def test_a_job_that_did_not_run_for_weeks_still_marks_the_days_on_which_stages_turned(
    database: Database, hall: Hall
) -> None:
    hall.add(MATCHED)
    clock = MovableClock(TUESDAY + timedelta(days=30))
    assert mark_cases(database, CALENDAR, clock) == {Colour.YELLOW: 1, Colour.RED: 1}
    assert [row[3:5] for row in marks(hall)] == [("yellow", date(2025, 7, 4)), ("red", date(2025, 7, 5))]


def test_a_clock_that_jumps_back_neither_takes_a_mark_away_nor_adds_one(database: Database, hall: Hall) -> None:
    hall.add(MATCHED)
    clock = MovableClock(TUESDAY + timedelta(days=30))
    mark_cases(database, CALENDAR, clock)
    kept = marks(hall)
    for days in (-29, -1, 3, 40):
        clock.move(days)
        mark_cases(database, CALENDAR, clock)
        assert marks(hall) == kept


def test_each_step_of_a_case_is_marked_for_itself(database: Database, hall: Hall) -> None:
    (case,) = hall.add(MATCHED)
    clock = MovableClock(TUESDAY + timedelta(days=10))
    mark_cases(database, CALENDAR, clock)
    hall.step(case, Event.REVIEW, clock.now())
    clock.move(60)
    mark_cases(database, CALENDAR, clock)
    assert [row[:4] for row in marks(hall)] == [
        (case, 0, "review", "yellow"),
        (case, 0, "review", "red"),
        (case, 1, "budget", "yellow"),
        (case, 1, "budget", "red"),
    ]
    assert [mark.stage for mark in history_of_case(database, case).marks] == [
        Stage.REVIEW,
        Stage.REVIEW,
        Stage.BUDGET,
        Stage.BUDGET,
    ]


def test_the_limit_of_then_stays_in_the_mark(database: Database, database_url: str) -> None:
    hall = Hall(database_url, {Route.DIRECT: {Stage.REVIEW: 7}})
    (case,) = hall.add(MATCHED)
    mark_cases(database, CALENDAR, MovableClock(TUESDAY + timedelta(days=30)))
    assert {mark.limit_days for mark in history_of_case(database, case).marks} == {7}


def test_the_history_counts_what_turned_on_each_day(database: Database, hall: Hall) -> None:
    late = Waiting(route=Route.CONFIRM, status=Status.CONFIRMED, since=TUESDAY)
    hall.add(MATCHED, MATCHED, late)
    clock = MovableClock(TUESDAY + timedelta(days=30))
    mark_cases(database, CALENDAR, clock)
    june, august = date(2025, 6, 1), date(2025, 8, 1)
    found = [(each.turned_on.day, each.unit, each.colour, each.cases) for each in mark_history(database, june, august)]
    here, there = DEPARTMENTS[Route.DIRECT], DEPARTMENTS[Route.CONFIRM]
    assert sorted(found) == sorted(
        [(5, here, "red", 2), (5, there, "red", 1), (4, here, "yellow", 2), (4, there, "yellow", 1)]
    )
    assert [each.cases for each in mark_history(database, june, august, unit=there)] == [1, 1]
    one = PolicyId(policy_of(Route.DIRECT))
    assert [each.cases for each in mark_history(database, date(2025, 7, 5), august, policy=one)] == [2]


def test_two_jobs_at_once_mark_each_stage_once(database: Database, hall: Hall) -> None:
    hall.add(*[MATCHED] * 300)
    both, found = threading.Barrier(2), []

    def run() -> None:
        clock = MovableClock(TUESDAY + timedelta(days=30))
        both.wait()
        found.append(mark_cases(database, CALENDAR, clock))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each[Colour.RED] for each in found) == [0, 300]
    assert len(marks(hall)) == 600


def test_marks_and_messages_are_written_page_by_page_each_once(database: Database, hall: Hall) -> None:
    hall.add(*[MATCHED] * 10)
    clock = MovableClock(TUESDAY + timedelta(days=30))
    grant_duty(database, clock, unit=DEPARTMENTS[Route.DIRECT], level=1, person="li.ming", by="admin")
    now, today = clock.now(), china_day(clock.now())
    marked, told = [], []
    for _ in range(20):
        with database.unit_of_work() as work:
            stages = work.supervision.stages
            limits = dated_limits(stages.versions(), CALENDAR, today)
            starts = stages.turned_starts(limits, today, most=100)
            days = [turned(CALENDAR, limit, started_on, today) for limit, started_on in starts]
            marked.append(sum(stages.mark(limits, days, today, at=now, most=3).values()))
            told.append(sum(each.cases for each in stages.escalate(limits, today, at=now, most=4)))
            work.commit()
    assert [count for count in marked if count] == [3] * 6 + [2]
    assert [count for count in told if count] == [4, 4, 2]
    assert len(marks(hall)) == 20


def test_a_page_of_cases_looks_as_far_as_it_must(database: Database, hall: Hall) -> None:
    late = [hall.add(*[replace(MATCHED, since=TUESDAY + timedelta(days=40))] * 6, MATCHED)[-1] for _ in range(3)]
    today = china_day(TUESDAY + timedelta(days=41))
    with database.unit_of_work() as work:
        limits = dated_limits(work.supervision.stages.versions(), CALENDAR, today)
        for at_once in (1, 2, 7, 100):
            found = work.supervision.stages.cases(
                limits, today, policy=None, colour=Colour.RED, after=0, most=2, at_once=at_once
            )
            assert [case.case_id for case in found] == late[:2]
            found = work.supervision.stages.cases(
                limits, today, policy=None, colour=Colour.RED, after=late[1], most=9, at_once=at_once
            )
            assert [case.case_id for case in found] == late[2:]


@pytest.mark.parametrize(
    "table",
    [
        "stage_mark",
        "stage_rule",
        "supervised_version",
        "duty",
        "escalation",
        "escalated_case",
        "order_to_act",
        "order_to_act_case",
        "order_to_act_event",
        "order_to_act_transition",
    ],
)
def test_nothing_that_supervision_wrote_can_be_edited(hall: Hall, table: str) -> None:
    with psycopg.connect(hall.url) as owner:
        columns = owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attidentity = ''",
            (f"policy_match.{table}",),
        ).fetchone()
    assert columns is not None
    for change in ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"):
        statement = change.format(f"policy_match.{table}", columns[0]).encode()
        with psycopg.connect(hall.url) as owner, pytest.raises(psycopg.Error) as refused:
            owner.execute(statement)
        assert refused.value.sqlstate == "PM001"
        with app_connection(hall.url) as program, pytest.raises(pg.InsufficientPrivilege):
            program.execute(statement)
