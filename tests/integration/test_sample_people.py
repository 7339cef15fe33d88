"""Who may sign in to the sample region, and that the firm that is asked can still answer, whenever it is opened."""

from pathlib import Path

import pytest

from policy_match.cases.model import Status
from policy_match.services.rehearsal.people import let_answer, seat_people
from policy_match.storage.unit_of_work import Database
from tests.support.cases import CALENDAR, World, answer, make_world, notify_world, open_world, statuses
from tests.support.signed_in import identity_desk

YEARS = 20 * 365


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    made = make_world(database, tmp_path, ("confirm",), 3)
    open_world(made)
    notify_world(made)
    return made


def test_the_firm_that_is_asked_can_answer_long_after_the_story(world: World) -> None:
    world.clock.move(100)
    people = seat_people(world.database, world.clock, identity_desk(), world.rules)
    (asked,) = (seat for seat in people.seats if seat.status is Status.NOTIFIED)
    assert let_answer(world.database, CALENDAR, world.clock, people) == 1
    assert let_answer(world.database, CALENDAR, world.clock, people) == 0
    assert asked.uscc is not None
    answer(world, 1)
    assert sorted(statuses(world)) == [Status.CONFIRMED, Status.NOTIFIED, Status.NOTIFIED]


def test_in_a_year_of_unknown_holidays_nothing_is_given(world: World) -> None:
    world.clock.move(YEARS)
    people = seat_people(world.database, world.clock, identity_desk(), world.rules)
    assert let_answer(world.database, CALENDAR, world.clock, people) == 0
