"""The steps that SQL takes for many cases at once are exactly those that the core allows for each."""

from dataclasses import replace
from pathlib import Path

import psycopg

from policy_match.cases.apply import apply
from policy_match.cases.model import Case, CaseEvent, Event, Status
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.notify_cases import close_windows
from policy_match.services.objections import lodge_objection
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    CALENDAR,
    POLICIES,
    World,
    answer,
    approve_world,
    firm,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
)
from tests.support.told import tell_world


def _lead_through_their_lives(world: World) -> None:
    """Take every step that many cases can take together, and some single ones."""
    open_world(world)
    notify_world(world)
    lines = list_cases(world.database, most=1000)
    tell_world(world, cases={line.case_id for line in lines if line.case_id % 2})
    notified = [line.case_id for line in lines if line.status is Status.NOTIFIED and line.deadline is not None]
    for case_id in notified[::3]:
        answer(world, case_id)
    world.clock.move(1)
    tell_world(world)
    close_windows(world.database, CALENDAR, clock=world.clock)
    world.again([firm(1), firm(2, premium=1000), firm(3, headcount=0), firm(4, headcount=None), firm(5)])
    for _ in range(3):
        recheck_world(world)
        approve_world(world)
        publish_world(world)
        world.clock.move(1)
    published = [line.case_id for line in list_cases(world.database, most=1000) if line.status is Status.PUBLISHED]
    lodge_objection(world.database, CALENDAR, published[-1], by="某企业", ground="有误", clock=world.clock)
    world.clock.move(10)
    notify_world(world)
    tell_world(world)
    world.clock.move(10)
    close_windows(world.database, CALENDAR, clock=world.clock)


def _when_opened(now: Case, entitled_fen: int) -> Case:
    return replace(now, status=Status.MATCHED, seq=0, amount_fen=entitled_fen, deadline=None)


def test_the_core_allows_every_step_that_was_taken_and_comes_to_the_same_state(
    database: Database, database_url: str, data_dir: Path
) -> None:
    world = make_world(database, data_dir, POLICIES, 5)
    _lead_through_their_lives(world)
    lines = list_cases(database, most=1000)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT case_id, entitled_fen FROM policy_match.benefit_case").fetchall()
    opened = dict(rows)
    seen: set[Event] = set()
    with database.unit_of_work() as work:
        states = {case.case_id: case for case in work.cases.steps.cases([line.case_id for line in lines])}
    for line in lines:
        file, now = show_case(database, line.case_id), states[line.case_id]
        case = _when_opened(now, opened[line.case_id])
        for event in file.events:
            seen.add(event.event)
            case, _ = apply(
                case,
                CaseEvent(
                    event=event.event,
                    at=event.at,
                    by=event.by,
                    reason=event.reason,
                    amount_fen=event.amount_fen,
                    deadline=event.deadline,
                ),
            )
            assert case.status is event.after
        assert case == now
    assert seen == {
        Event.NOTIFY,
        Event.CONFIRM,
        Event.LAPSE,
        Event.ACCEPT_SILENCE,
        Event.REVIEW,
        Event.APPROVE,
        Event.PUBLISH,
        Event.OBJECT,
        Event.AMEND,
        Event.CLOSE,
        Event.WITHDRAW,
        Event.EXTEND,
    }
