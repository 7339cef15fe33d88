"""Nobody gives up what he was not told of, and who was told late has the full time from that day."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Event, NoticeKind, Status
from policy_match.cases.working_days import CHINA
from policy_match.notices.model import NoticeEvent
from policy_match.ports.deadlines import FIRST_WINDOW
from policy_match.services.answer_cases import AnswerKind
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.extend_windows import extend_windows
from policy_match.services.notify_cases import WindowsClosed, close_windows
from policy_match.services.staff_steps import extend_cases
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import CALENDAR, World, amended, answer, make_world, notify_world, open_world, statuses
from tests.support.payment_flow import rows
from tests.support.told import move_notices, tell_world

LAST_DAY = date(2025, 7, 8)
"""Five working days after Tuesday, 1 July 2025."""


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """Four firms that were asked on 1 July; who is silent gives up, or accepts under the other policy."""
    made = make_world(database, data_dir, ["confirm", "silent"], 4)
    open_world(made)
    notify_world(made)
    return made


def _cases(world: World, policy: str = "confirm") -> list[int]:
    return [line.case_id for line in list_cases(world.database, CaseFilter(policy_id=PolicyId(policy)))]


def _deadlines(world: World, policy: str = "confirm") -> list[date | None]:
    return [line.deadline for line in list_cases(world.database, CaseFilter(policy_id=PolicyId(policy)))]


def _close(world: World, day: date) -> WindowsClosed:
    world.clock.move_to(day)
    return close_windows(world.database, CALENDAR, clock=world.clock)


def _extend(world: World) -> int:
    return extend_windows(world.database, CALENDAR, clock=world.clock)


def test_a_window_lapses_only_where_the_firm_was_told_of_it(world: World) -> None:
    first, second, *_ = _cases(world)
    tell_world(world, cases={first, second})
    closed = _close(world, date(2025, 7, 9))
    assert closed == WindowsClosed(lapsed=2, accepted=4, closed=0, not_reached=2, not_reached_fen=200_250)
    assert statuses(world, "confirm") == [Status.WAIVED, Status.WAIVED, Status.NOTIFIED, Status.NOTIFIED]
    assert _close(world, date(2025, 9, 1)).not_reached == 2


def test_silence_that_accepts_waits_for_no_notice(world: World) -> None:
    assert _close(world, date(2025, 7, 9)).accepted == 4
    assert statuses(world, "silent") == [Status.CONFIRMED] * 4


def test_however_many_were_not_told_every_page_ends_windows_until_none_is_left(world: World) -> None:
    tell_world(world, cases={_cases(world)[-1]})
    world.clock.move_to(date(2025, 7, 9))
    pages, after = [], FIRST_WINDOW
    for _ in range(10):
        with world.database.unit_of_work() as work:
            ended = work.cases.steps.end_silence(
                today=date(2025, 7, 9), after=after, at=world.clock.now(), by="system", most=1
            )
            work.commit()
        if ended.last is None:
            break
        pages.append(ended.lapsed + ended.accepted)
        after = ended.last
    assert pages == [1] * 5
    assert statuses(world, "confirm") == [Status.NOTIFIED] * 3 + [Status.WAIVED]


def test_who_is_told_on_the_day_of_the_notice_has_the_time_that_the_notice_says(world: World) -> None:
    tell_world(world)
    world.clock.move(3)
    assert _extend(world) == 0
    assert _deadlines(world) == [LAST_DAY] * 4


def test_who_is_told_later_has_the_full_time_from_that_day(world: World) -> None:
    first, second, third, _ = _cases(world)
    tell_world(world, cases={first})
    world.clock.move_to(date(2025, 7, 3))
    tell_world(world, cases={second, third})
    assert _extend(world) == 2
    assert _deadlines(world) == [LAST_DAY, date(2025, 7, 10), date(2025, 7, 10), LAST_DAY]
    extended = show_case(world.database, second).events[-1]
    assert (extended.event, extended.by, extended.deadline) == (Event.EXTEND, "system", date(2025, 7, 10))
    assert "2025-07-03" in extended.reason
    assert _extend(world) == 0


def test_a_weekend_between_the_notice_and_its_arrival_takes_no_day_away(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["confirm"], 1)
    open_world(world)
    world.clock.move_to(date(2025, 7, 4))
    notify_world(world)
    world.clock.move_to(date(2025, 7, 6))
    tell_world(world)
    assert _extend(world) == 0
    assert _deadlines(world) == [date(2025, 7, 11)]


def test_the_day_is_that_in_china(world: World, database_url: str) -> None:
    world.clock.move(14.5 / 24)  # half past eleven in the evening of the first day
    assert world.clock.now().astimezone(CHINA).date() == date(2025, 7, 1)
    tell_world(world, cases=_cases(world)[:1])
    world.clock.move(1 / 24)
    tell_world(world, cases=_cases(world)[1:2])
    assert _extend(world) == 1
    assert _deadlines(world)[:2] == [LAST_DAY, date(2025, 7, 9)]


def test_a_window_that_silence_accepts_is_not_made_longer(world: World) -> None:
    world.clock.move(2)
    tell_world(world)
    assert _extend(world) == 4
    assert _deadlines(world, "silent") == [LAST_DAY] * 4


def test_who_is_told_after_the_last_day_has_the_full_time_before_silence_counts(world: World) -> None:
    world.clock.move_to(date(2025, 7, 21))
    tell_world(world)
    closed = _close(world, date(2025, 7, 21))
    assert (closed.lapsed, closed.extended, closed.not_reached) == (0, 4, 0)
    assert _deadlines(world) == [date(2025, 7, 28)] * 4
    answer(world, _cases(world)[0])
    assert _close(world, date(2025, 7, 28)).lapsed == 0
    assert _close(world, date(2025, 7, 29)).lapsed == 3


def test_a_notice_that_comes_back_and_arrives_again_gives_the_full_time_anew(world: World) -> None:
    tell_world(world)
    world.clock.move_to(date(2025, 7, 7))
    (bounced,) = _cases(world)[:1]
    move_notices(world.database, world.clock.now(), NoticeEvent.RELAPSE, cases={bounced})
    assert _close(world, date(2025, 7, 9)).not_reached == 1
    world.clock.move_to(date(2025, 7, 10))
    move_notices(world.database, world.clock.now(), NoticeEvent.REACH, cases={bounced})
    assert _extend(world) == 1
    assert _deadlines(world)[0] == date(2025, 7, 17)
    assert _extend(world) == 0


def test_the_firm_hears_of_each_extension(world: World, database_url: str) -> None:
    world.clock.move(2)
    tell_world(world)
    _extend(world)
    found = rows(database_url, "SELECT kind, count(*) AS n FROM notice GROUP BY kind ORDER BY kind")
    assert {row["kind"]: row["n"] for row in found} == {"confirmation_asked": 8, "window_extended": 4}


def test_a_notice_of_the_extension_tells_of_the_window_too(world: World) -> None:
    """Whose first notice never arrived, and who was told by the letter on the extension, was told."""
    case_id = _cases(world)[0]
    move_notices(world.database, world.clock.now(), NoticeEvent.PREPARE)
    move_notices(world.database, world.clock.now(), NoticeEvent.FAIL)
    world.clock.move_to(date(2025, 7, 9))
    extend_cases(
        world.database,
        CALENDAR,
        [case_id],
        until=date(2025, 7, 21),
        reason="企业未收到通知",
        by="li.ming",
        clock=world.clock,
    )
    assert _close(world, date(2025, 7, 22)).not_reached == 4
    world.clock.move_to(date(2025, 7, 22))
    letter = {NoticeKind.WINDOW_EXTENDED}
    move_notices(world.database, world.clock.now(), NoticeEvent.PREPARE, kinds=letter)
    assert move_notices(world.database, world.clock.now(), NoticeEvent.REACH, kinds=letter) == 1
    closed = _close(world, date(2025, 7, 22))
    assert (closed.extended, closed.lapsed, closed.not_reached) == (1, 0, 3)
    assert _deadlines(world)[0] == date(2025, 7, 29)
    assert _close(world, date(2025, 7, 30)).lapsed == 1


def test_a_firm_that_declined_and_thought_again_knows_of_its_window(world: World) -> None:
    case_id = _cases(world)[0]
    answer(world, case_id, AnswerKind.DECLINE, "不需要")
    answer(world, case_id, AnswerKind.RECONSIDER)
    assert _close(world, date(2025, 7, 9)).lapsed == 1
    assert statuses(world, "confirm") == [Status.WAIVED] + [Status.NOTIFIED] * 3


def test_a_later_window_of_the_same_case_asks_for_a_notice_of_its_own(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["confirm"], 1)
    open_world(world)
    notify_world(world)
    tell_world(world)
    case_id = _cases(world)[0]
    answer(world, case_id, AnswerKind.DECLINE, "不需要")
    assert _close(world, date(2025, 7, 9)).not_reached == 0
    open_world(world.again([{"uscc": "91370000MA00000001", "headcount": 10, "premium": 5000}]))
    notify_world(world)
    assert _close(world, date(2025, 7, 21)).not_reached == 1
    assert statuses(world) == [Status.DECLINED, Status.NOTIFIED]


def test_a_year_that_no_calendar_knows_stops_before_any_step(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, {"long": amended("confirm", tables="[process]\nconfirm_days = 30")}, 2)
    open_world(world)
    world.clock.move_to(date(2026, 11, 2))
    notify_world(world)
    world.clock.move_to(date(2026, 12, 1))
    tell_world(world)
    with pytest.raises(WorkingDaysUnknown, match="2027"):
        close_windows(world.database, CALENDAR, clock=world.clock)
    assert statuses(world) == [Status.NOTIFIED] * 2
    assert all(len(show_case(database, case_id).events) == 1 for case_id in (1, 2))
