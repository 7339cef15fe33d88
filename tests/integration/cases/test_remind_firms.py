"""Firms that have not answered, or not corrected an account, are reminded at stated points, each once."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.notices.model import NoticeEvent
from policy_match.policy.model import Process
from policy_match.services.extend_windows import extend_windows
from policy_match.services.remind_firms import FirmsReminded, remind_firms
from policy_match.services.staff_steps import extend_cases
from policy_match.storage.unit_of_work import Database
from tests.support.cases import CALENDAR, World, amended, answer, make_world, notify_world, open_world
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_desk import answer as bank_answer
from tests.support.payment_flow import CUT_OFF, cases, fill, rows, state_accounts
from tests.support.told import move_notices, tell_world

TEN_DAYS = amended("confirm", tables="[process]\nconfirm_days = 10\nremind_days = [5, 1]")
"""Ten working days after Tuesday, 1 July 2025, end on Tuesday, 15 July."""


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """Three firms that were asked and told on 1 July, until 15 July."""
    made = make_world(database, data_dir, {"asks": TEN_DAYS}, 3)
    open_world(made)
    notify_world(made)
    tell_world(made)
    return made


def _remind(world: World, day: date) -> int:
    world.clock.move_to(day)
    found = remind_firms(world.database, CALENDAR, clock=world.clock, cut_off=None)
    assert found.accounts == 0
    return found.windows


def _reminders(url: str) -> Sequence[tuple[int, int, str]]:
    found = rows(url, "SELECT case_id, seq, about FROM notice WHERE kind = 'reminder' ORDER BY notice_id")
    return [(row["case_id"], row["seq"], row["about"]) for row in found]


def test_a_firm_is_reminded_at_each_point_once(world: World, database_url: str) -> None:
    assert _remind(world, date(2025, 7, 7)) == 0
    assert _remind(world, date(2025, 7, 8)) == 3
    assert _remind(world, date(2025, 7, 8)) == 0
    assert _remind(world, date(2025, 7, 11)) == 0
    assert _remind(world, date(2025, 7, 14)) == 3
    assert _remind(world, date(2025, 7, 15)) == 0
    assert _reminders(database_url) == [
        *((case_id, 1, "5 days") for case_id in (1, 2, 3)),
        *((case_id, 1, "1 days") for case_id in (1, 2, 3)),
    ]


def test_who_answered_is_not_reminded(world: World, database_url: str) -> None:
    answer(world, 2)
    assert _remind(world, date(2025, 7, 8)) == 2
    answer(world, 3)
    assert _remind(world, date(2025, 7, 14)) == 1
    assert _reminders(database_url) == [(1, 1, "5 days"), (3, 1, "5 days"), (1, 1, "1 days")]


def test_after_a_pause_only_the_nearest_point_is_told(world: World, database_url: str) -> None:
    assert _remind(world, date(2025, 7, 15)) == 3
    assert {about for _, _, about in _reminders(database_url)} == {"1 days"}
    assert _remind(world, date(2025, 7, 16)) == 0


def test_a_pause_of_a_few_days_is_caught_up(world: World, database_url: str) -> None:
    assert _remind(world, date(2025, 7, 10)) == 3
    assert {about for _, _, about in _reminders(database_url)} == {"5 days"}


def test_nobody_is_reminded_of_what_he_was_not_told(world: World) -> None:
    world.clock.move_to(date(2025, 7, 4))
    move_notices(world.database, world.clock.now(), NoticeEvent.RELAPSE, cases={2, 3})
    assert _remind(world, date(2025, 7, 8)) == 1


def test_a_point_on_the_day_of_the_notice_is_left_out(database: Database, database_url: str, data_dir: Path) -> None:
    five = amended("confirm", tables="[process]\nconfirm_days = 5")
    world = make_world(database, data_dir, {"asks": five}, 1)
    open_world(world)
    notify_world(world)
    tell_world(world)
    assert [_remind(world, date(2025, 7, day)) for day in (1, 2, 3, 4, 7, 8)] == [0, 0, 0, 0, 1, 0]
    assert _reminders(database_url) == [(1, 1, "1 days")]


def test_an_extended_window_is_reminded_of_anew(world: World, database_url: str) -> None:
    _remind(world, date(2025, 7, 14))
    extend_cases(world.database, CALENDAR, [1], until=date(2025, 7, 25), reason="停电", by="li.ming", clock=world.clock)
    assert _remind(world, date(2025, 7, 15)) == 0
    assert _remind(world, date(2025, 7, 18)) == 1
    assert _remind(world, date(2025, 7, 24)) == 1
    assert _reminders(database_url)[-2:] == [(1, 2, "5 days"), (1, 2, "1 days")]


def test_a_policy_may_remind_at_other_points_or_never(database: Database, database_url: str, data_dir: Path) -> None:
    often = amended("confirm", tables="[process]\nconfirm_days = 10\nremind_days = [9, 8]")
    never = amended("confirm", tables="[process]\nconfirm_days = 10\nremind_days = []")
    world = make_world(database, data_dir, {"never": never, "often": often}, 1)
    open_world(world)
    notify_world(world)
    tell_world(world)
    assert [_remind(world, date(2025, 7, day)) for day in (2, 3, 4, 15)] == [1, 1, 0, 0]
    assert {case_id for case_id, _, _ in _reminders(database_url)} == {2}


def test_policies_opened_before_there_were_reminders_remind_as_is_usual(database_url: str) -> None:
    (found,) = rows(
        database_url,
        "SELECT pg_get_expr(adbin, adrelid) AS text FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid"
        " AND attnum = adnum WHERE attname = 'remind_days'",
    )
    usual = ",".join(map(str, Process().remind_days))
    assert found["text"] == f"'{{{usual}}}'::integer[]"


def test_a_late_notice_moves_the_points_with_the_window(world: World, database_url: str) -> None:
    world.clock.move_to(date(2025, 7, 7))
    move_notices(world.database, world.clock.now(), NoticeEvent.RELAPSE, cases={1})
    move_notices(world.database, world.clock.now(), NoticeEvent.REACH, cases={1})
    assert extend_windows(world.database, CALENDAR, clock=world.clock) == 1
    assert _remind(world, date(2025, 7, 8)) == 2
    assert _remind(world, date(2025, 7, 14)) == 3
    assert (1, 2, "5 days") in _reminders(database_url)


def test_a_year_that_no_calendar_knows_stops_before_any_reminder(world: World) -> None:
    with pytest.raises(WorkingDaysUnknown):
        remind_firms(world.database, CALENDAR, clock=world.clock, cut_off=date(2199, 12, 20))


@pytest.fixture
def desk(database: Database, database_url: str, bank: Inbox) -> Desk:
    """Two cases whose payment came back on 2 July, as the accounts are closed."""
    made = Desk(database, fill(database, database_url, cases(100, 200)))
    made.pay(bank)
    made.clock.move(1)
    report = made.report(bank.batches[0].message_id, *(bank_answer(each, "RJCT", "AC04") for each in bank.payments))
    made.take(report)
    return made


@pytest.fixture
def bank() -> Inbox:
    return Inbox()


def _remind_accounts(desk: Desk, day: date) -> FirmsReminded:
    desk.clock.move_to(day)
    return remind_firms(desk.database, CALENDAR, clock=desk.clock, cut_off=CUT_OFF)


def test_a_firm_is_reminded_of_its_account_before_the_year_ends(desk: Desk, database_url: str) -> None:
    # The last day of orders is Saturday, 20 December 2025: ten working days before it begin after the 5th.
    assert _remind_accounts(desk, date(2025, 12, 4)).accounts == 0
    state_accounts(desk.database, cases(100), desk.clock, version=2)
    assert _remind_accounts(desk, date(2025, 12, 8)).accounts == 1
    assert _remind_accounts(desk, date(2025, 12, 9)).accounts == 0
    assert _remind_accounts(desk, date(2025, 12, 19)).accounts == 1
    assert _remind_accounts(desk, date(2025, 12, 22)).accounts == 0
    assert [(case_id, about) for case_id, _, about in _reminders(database_url)] == [(2, "10 days"), (2, "3 days")]


def test_a_payment_that_comes_back_after_a_point_waits_for_the_next(
    database: Database, database_url: str, bank: Inbox
) -> None:
    made = Desk(database, fill(database, database_url, cases(100)))
    made.clock.move_to(date(2025, 12, 8))
    made.pay(bank)
    made.take(made.report(bank.batches[0].message_id, bank_answer(bank.payments[0], "RJCT", "AC04")))
    assert _remind_accounts(made, date(2025, 12, 9)).accounts == 0
    assert _remind_accounts(made, date(2025, 12, 18)).accounts == 1
    assert [about for _, _, about in _reminders(database_url)] == ["3 days"]


def test_what_the_bank_can_cure_by_itself_reminds_no_firm(database: Database, database_url: str, bank: Inbox) -> None:
    made = Desk(database, fill(database, database_url, cases(100)))
    made.pay(bank)
    made.take(made.report(bank.batches[0].message_id, bank_answer(bank.payments[0], "RJCT", "AB05")))
    assert _remind_accounts(made, date(2025, 12, 8)).accounts == 0
