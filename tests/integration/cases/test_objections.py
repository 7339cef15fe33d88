"""Publicity and objections: lodged by anyone named while on display, answered by somebody who did not decide."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from policy_match.cases.defects import (
    ActorMissing,
    NotAPerson,
    OwnObjection,
    ReasonMissing,
    TooLate,
    TwoStages,
    WrongAmount,
    WrongStep,
)
from policy_match.cases.model import Event, Status
from policy_match.cases.objection import ObjectionOutcome
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.case_history import show_case
from policy_match.services.objections import (
    MoreThanEntitled,
    NoSuchObjection,
    ObjectionAnswered,
    answer_objection,
    lodge_objection,
    open_objections,
)
from policy_match.services.recheck_cases import recheck_cases
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

LAST_DAY = date(2025, 7, 8)
"""Five working days of publicity after Tuesday, 1 July 2025; an objection is answered within three."""

DISMISS, UPHOLD, AMEND = ObjectionOutcome


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """Two confirmed cases on public display, reviewed by the program."""
    made = make_world(database, data_dir, ["confirm"], 2)
    open_world(made)
    notify_world(made)
    answer(made, 1)
    answer(made, 2)
    recheck_world(made)
    approve_world(made)
    publish_world(made)
    return made


def _lodge(world: World, case_id: int = 1, by: str = "某企业", ground: str = "名单有误") -> int:
    return lodge_objection(world.database, CALENDAR, case_id, by=by, ground=ground, clock=world.clock)


def _answer(
    world: World,
    number: int,
    outcome: ObjectionOutcome = DISMISS,
    *,
    by: str = "zhao.min",
    reason: str = "经复核",
    amount_fen: int | None = None,
) -> tuple[int, ...]:
    found = answer_objection(
        world.database, number, outcome, by=by, reason=reason, clock=world.clock, amount_fen=amount_fen
    )
    return tuple(found)


def test_a_case_is_on_display_for_the_working_days_of_its_policy(world: World) -> None:
    assert statuses(world) == [Status.PUBLISHED] * 2
    assert show_case(world.database, 1).case.deadline == LAST_DAY
    assert publish_world(world) == 0


def test_without_publicity_nothing_is_published(database: Database, data_dir: Path) -> None:
    made = make_world(database, data_dir, ["direct"], 1)
    open_world(made)
    recheck_world(made)
    approve_world(made)
    assert publish_world(made) == 0
    assert statuses(made) == [Status.APPROVED]


def test_an_objection_stops_the_case_and_has_a_last_day_for_its_answer(world: World) -> None:
    number = _lodge(world)
    assert statuses(world) == [Status.OBJECTED, Status.PUBLISHED]
    (line,) = open_objections(world.database, clock=world.clock)
    assert (line.objection_id, line.case_id, line.lodged_by, line.ground) == (number, 1, "某企业", "名单有误")
    assert line.due == date(2025, 7, 4)
    assert show_case(world.database, 1).events[-1].about == f"objection:{number}"


def test_an_objected_case_is_not_paid(world: World) -> None:
    _lodge(world)
    world.clock.move_to(date(2025, 7, 20))
    found = recheck_world(world, RecheckPurpose.PAYMENT)
    assert sum(found.outcomes.values()) == 1


def test_an_objection_needs_a_name_and_a_ground_and_comes_in_time(world: World) -> None:
    with pytest.raises(ActorMissing):
        _lodge(world, by=" ")
    with pytest.raises(ReasonMissing):
        _lodge(world, ground="")
    with pytest.raises(NoSuchCase):
        _lodge(world, case_id=99)
    world.clock.move_to(LAST_DAY)
    _lodge(world)
    world.clock.move(1)
    with pytest.raises(TooLate):
        _lodge(world, case_id=2)
    assert statuses(world) == [Status.OBJECTED, Status.PUBLISHED]


def test_only_what_is_on_display_can_be_objected_to(database: Database, data_dir: Path) -> None:
    made = make_world(database, data_dir, ["confirm"], 1)
    open_world(made)
    with pytest.raises(WrongStep):
        _lodge(made)


def test_an_answer_that_is_late_is_listed_and_still_given(world: World) -> None:
    number = _lodge(world)
    world.clock.move_to(date(2025, 7, 4))
    assert open_objections(world.database, clock=world.clock, overdue=True) == []
    world.clock.move_to(date(2025, 7, 5))
    (line,) = open_objections(world.database, clock=world.clock, overdue=True)
    assert line.objection_id == number
    assert _answer(world, number) == (number,)
    assert open_objections(world.database, clock=world.clock) == []


def test_a_dismissed_objection_puts_the_case_back_until_the_same_last_day(world: World) -> None:
    number = _lodge(world)
    world.clock.move_to(date(2025, 7, 3))
    _answer(world, number)
    file = show_case(world.database, 1)
    assert (file.case.status, file.case.deadline) == (Status.PUBLISHED, LAST_DAY)
    (line,) = file.objections
    assert (line.outcome, line.answered_by, line.answer) == ("dismiss", "zhao.min", "经复核")


def test_an_objection_that_is_upheld_withdraws_the_case(world: World) -> None:
    _answer(world, _lodge(world), UPHOLD, reason="不符合条件")
    file = show_case(world.database, 1)
    assert (file.case.status, file.events[-1].reason) == (Status.WITHDRAWN, "不符合条件")


def test_an_amended_case_goes_through_review_and_approval_again(world: World) -> None:
    _answer(world, _lodge(world), AMEND, amount_fen=40_000)
    file = show_case(world.database, 1)
    assert (file.case.status, file.case.amount_fen) == (Status.CONFIRMED, 40_000)
    assert recheck_world(world).steps[Event.REVIEW] == 1
    assert show_case(world.database, 1).case.amount_fen == 40_000


def test_an_amendment_gives_at_most_what_the_case_was_opened_with(world: World) -> None:
    number = _lodge(world)
    with pytest.raises(MoreThanEntitled):
        _answer(world, number, AMEND, amount_fen=100_001)
    with pytest.raises(WrongAmount):
        _answer(world, number, AMEND)
    with pytest.raises(WrongAmount):
        _answer(world, number, DISMISS, amount_fen=5)
    assert statuses(world)[0] is Status.OBJECTED


def test_one_answer_settles_every_open_objection_of_the_case(world: World) -> None:
    first = _lodge(world)
    second = _lodge(world, by="另一企业")
    assert _answer(world, second) == (first, second)
    assert [line.outcome for line in show_case(world.database, 1).objections] == ["dismiss", "dismiss"]
    with pytest.raises(ObjectionAnswered):
        _answer(world, first)


def test_after_an_answer_somebody_may_object_again(world: World) -> None:
    _answer(world, _lodge(world))
    again = _lodge(world, ground="又发现问题")
    _answer(world, again, UPHOLD)
    assert statuses(world)[0] is Status.WITHDRAWN


def test_who_lodged_an_objection_does_not_answer_it(world: World) -> None:
    number = _lodge(world, by="zhao.min")
    with pytest.raises(OwnObjection):
        _answer(world, number)


@pytest.mark.parametrize("by", ["system", "firm:91370000MA00000002"])
def test_neither_the_program_nor_a_firm_answers(world: World, by: str) -> None:
    number = _lodge(world)
    with pytest.raises(NotAPerson):
        _answer(world, number, by=by)


def test_an_answer_needs_a_reason_and_an_objection(world: World) -> None:
    number = _lodge(world)
    with pytest.raises(ReasonMissing):
        _answer(world, number, reason=" ")
    with pytest.raises(NoSuchObjection):
        _answer(world, 99)


def test_who_reviewed_the_case_does_not_answer(database: Database, data_dir: Path) -> None:
    made = make_world(database, data_dir, ["collect"], 1)
    open_world(made)
    recheck_cases(database, made.truth_files, purpose=RecheckPurpose.APPROVAL, clock=made.clock, by="li.ming")
    approve_world(made)
    publish_world(made)
    with pytest.raises(TwoStages):
        _answer(made, _lodge(made), by="li.ming")


def test_who_approved_the_case_does_not_answer_whatever_the_program_does(world: World, database_url: str) -> None:
    number = _lodge(world)
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = policy_match")
        connection.execute(
            "INSERT INTO role_grant (person, role, granted, at, by) VALUES ('qian', 'r', true, now(), 'a')"
        )
        connection.execute(
            "INSERT INTO approval_list (list_id, policy_id, sweep_number, snapshot_id, cases, total_fen, stages,"
            " digest, at, by)"
            " SELECT 1, 'confirm', number, snapshot_id, 1, 0, '[]', repeat('0', 64), now(), 'a' FROM sweep"
        )
        connection.execute("INSERT INTO listed_case (list_id, case_id, seq, amount_fen) VALUES (1, 1, 3, 0)")
        connection.execute(
            "INSERT INTO approval (list_id, person, stage, role, digest, at)"
            " VALUES (1, 'qian', 1, 'r', repeat('0', 64), now())"
        )
        connection.commit()
        with pytest.raises(psycopg.Error, match="qian approved the case of objection"):
            connection.execute(
                "INSERT INTO objection_answer (objection_id, outcome, reason, by, at)"
                " VALUES (%s, 'dismiss', 'x', 'qian', now())",
                [number],
            )
    with pytest.raises(TwoStages):
        _answer(world, number, by="qian")
    assert statuses(world)[0] is Status.OBJECTED
