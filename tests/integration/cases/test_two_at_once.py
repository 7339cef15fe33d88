"""Two runs at once, and runs that die: nothing happens twice, nothing is lost, and running again completes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import psycopg
import pytest

from policy_match.cases.model import Event, Status
from policy_match.cases.objection import ObjectionOutcome
from policy_match.errors import PolicyMatchError, StorageError
from policy_match.services.answer_cases import Answer, Answered, AnswerKind, answer_cases
from policy_match.services.extend_windows import extend_windows
from policy_match.services.notify_cases import close_windows
from policy_match.services.objections import ObjectionAnswered, answer_objection, lodge_objection
from policy_match.services.open_cases import Opening, open_cases
from policy_match.services.remind_firms import remind_firms
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    CALENDAR,
    World,
    answer,
    approve_world,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    statuses,
)
from tests.support.told import tell_world

RUNNERS = 2
T = TypeVar("T")


def _together(work: Callable[[], T]) -> list[T | PolicyMatchError]:
    """Return what several runs at once return or raise."""
    start = Barrier(RUNNERS)

    def one() -> T | PolicyMatchError:
        start.wait()
        try:
            return work()
        except PolicyMatchError as error:
            return error

    with ThreadPoolExecutor(RUNNERS) as pool:
        return [each.result() for each in [pool.submit(one) for _ in range(RUNNERS)]]


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    return make_world(database, data_dir, ["confirm", "direct", "silent"], 20)


def test_two_openings_at_once_open_each_case_once(world: World) -> None:
    found = [each for each in _together(lambda: open_world(world)) if isinstance(each, Opening)]
    assert sorted(opening.cases for opening in found) == [0, 60]
    assert len(statuses(world)) == 60


def test_two_runs_of_each_step_at_once_take_it_once(world: World) -> None:
    open_world(world)
    assert sorted(map(str, _together(lambda: notify_world(world)))) == ["0", "40"]
    reviewed = _together(lambda: recheck_world(world).steps[Event.REVIEW])
    assert sorted(map(str, reviewed)) == ["0", "20"]
    tell_world(world)
    world.clock.move(8)
    closed = _together(lambda: close_windows(world.database, CALENDAR, clock=world.clock).lapsed)
    assert sorted(map(str, closed)) == ["0", "20"]


def test_two_runs_at_once_extend_and_remind_once(world: World) -> None:
    open_world(world)
    notify_world(world)
    world.clock.move(1)
    tell_world(world)
    extended = _together(lambda: extend_windows(world.database, CALENDAR, clock=world.clock))
    assert sorted(map(str, extended)) == ["0", "20"]
    world.clock.move_to(date(2025, 7, 8))
    reminded = _together(lambda: remind_firms(world.database, CALENDAR, clock=world.clock, cut_off=None).windows)
    # Windows that silence accepts end on the 8th, the others on the 9th: each is told of one day left.
    assert sum(each for each in reminded if isinstance(each, int)) == 40


def test_of_two_answers_at_once_one_is_taken(world: World) -> None:
    open_world(world)
    notify_world(world)
    answers = [Answer(case_id=case_id, kind=AnswerKind.CONFIRM, by="li.ming") for case_id in (1, 4, 7)]
    found = _together(lambda: answer_cases(world.database, CALENDAR, answers, clock=world.clock))
    taken = [each.taken for each in found if isinstance(each, Answered)]
    assert sum(taken) == 3
    assert statuses(world, "confirm")[:3] == [Status.CONFIRMED] * 3


def test_of_two_decisions_on_an_objection_at_once_one_counts(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["confirm"], 1)
    open_world(world)
    notify_world(world)
    answer(world, 1)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    number = lodge_objection(database, CALENDAR, 1, by="某企业", ground="有误", clock=world.clock)
    found = _together(
        lambda: answer_objection(
            database, number, ObjectionOutcome.DISMISS, by="zhao.min", reason="复核", clock=world.clock
        )
    )
    assert sorted(type(each).__name__ for each in found) == [ObjectionAnswered.__name__, "tuple"]


def test_an_opening_whose_connection_is_lost_is_simply_run_again(
    database: Database, superuser_url: str, database_url: str, data_dir: Path
) -> None:
    world = make_world(database, data_dir, ["direct"], 10)
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]

    def cut(done: int, total: int) -> None:
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND state LIKE 'idle in%%'",
                [name],
            )

    with pytest.raises(StorageError):
        open_cases(database, lambda _, __: world.snapshot, world.sweep, clock=world.clock, by="system", progress=cut)
    assert statuses(world) == []
    assert open_world(world).cases == 10
