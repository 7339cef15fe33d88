"""What is due when and whose it is, what the end of the year cuts off, and which staff hear of dates that come near."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from policy_match.cases.model import Status
from policy_match.notices.model import NoticeEvent, NoticeStatus
from policy_match.policy.loader import load_rules
from policy_match.ports.deadlines import CutOffLine, Due
from policy_match.services.check_dates import DateKind, DatesChecked, Untold, check_dates, policy_dates
from policy_match.services.due_dates import CutOffOutlook, cut_off_outlook, due_cases, due_groups
from policy_match.services.objections import lodge_objection
from policy_match.services.roles import grant_role, revoke_role
from policy_match.storage.unit_of_work import Database
from tests.support.cases import (
    CALENDAR,
    MovableClock,
    World,
    amended,
    answer,
    approve_world,
    budget,
    head,
    make_world,
    notify_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    tables,
    write_policies,
)
from tests.support.payment_flow import add_base, add_cases, appropriate, cases, rows
from tests.support.told import move_notices, tell_world

CUT_OFF = date(2025, 12, 25)
OFFICE = "policy:人社局"


def _grant(database: Database, clock: MovableClock, person: str, role: str) -> None:
    grant_role(database, clock, person=person, role=role, by="admin")


def _due(world: World, what: Due, within: int = 5) -> Sequence[tuple[int, date]]:
    found = due_cases(world.database, CALENDAR, clock=world.clock, what=what, within=within)
    return [(each.line.case_id, each.line.due) for each in found]


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    """Four firms asked on 1 July until 8 July under one policy, and shown until 8 July under another."""
    shown = amended("direct", tables=tables(budget(), process(publicity_days=5, recheck_days=3)))
    made = make_world(database, data_dir, {"asks": amended("confirm", tables=process()), "shown": shown}, 4)
    open_world(made)
    notify_world(made)
    recheck_world(made)
    approve_world(made)
    publish_world(made)
    return made


def test_windows_and_displays_are_listed_by_their_last_day(world: World) -> None:
    assert _due(world, Due.ANSWER, within=4) == []
    assert _due(world, Due.ANSWER) == [(case_id, date(2025, 7, 8)) for case_id in (1, 3, 5, 7)]
    assert _due(world, Due.PUBLICITY) == [(case_id, date(2025, 7, 8)) for case_id in (2, 4, 6, 8)]
    answer(world, 3)
    assert [case_id for case_id, _ in _due(world, Due.ANSWER)] == [1, 5, 7]


def test_a_window_that_is_over_is_told_apart_by_whether_the_firm_knew(world: World) -> None:
    tell_world(world, cases={1})
    move_notices(world.database, world.clock.now(), NoticeEvent.PREPARE, cases={3})
    move_notices(world.database, world.clock.now(), NoticeEvent.FAIL, cases={3})
    world.clock.move_to(date(2025, 7, 9))
    assert _due(world, Due.ANSWER) == [(1, date(2025, 7, 8))]
    found = due_cases(world.database, CALENDAR, clock=world.clock, what=Due.NOT_REACHED, within=0)
    assert [(each.line.case_id, each.line.notice) for each in found] == [
        (3, NoticeStatus.UNREACHED),
        (5, NoticeStatus.DUE),
        (7, NoticeStatus.DUE),
    ]


def test_an_objection_is_listed_by_the_day_of_its_answer(world: World) -> None:
    number = lodge_objection(world.database, CALENDAR, 4, by="某企业", ground="有误", clock=world.clock)
    (found,) = due_cases(world.database, CALENDAR, clock=world.clock, what=Due.OBJECTION, within=3)
    assert (found.line.case_id, found.line.objection, found.line.due) == (4, number, date(2025, 7, 4))
    assert [case_id for case_id, _ in _due(world, Due.PUBLICITY)] == [2, 6, 8]


def test_whose_it_is_says_who_holds_the_role_of_the_department(world: World) -> None:
    (group, *_) = due_groups(world.database, CALENDAR, clock=world.clock, within=5)
    assert (group.what, group.department, group.people) == (Due.ANSWER, "人社局", ())
    for person, role in (("li.ming", OFFICE), ("zhao.min", "policy"), ("sun.li", "policy:财政局")):
        _grant(world.database, world.clock, person, role)
    (group, *_) = due_groups(world.database, CALENDAR, clock=world.clock, within=5)
    assert group.people == ("li.ming", "zhao.min")
    revoke_role(world.database, world.clock, person="zhao.min", role="policy", by="admin")
    (case, *_) = due_cases(world.database, CALENDAR, clock=world.clock, what=Due.ANSWER, within=5)
    assert case.people == ("li.ming",)


def test_late_and_soon_are_counted_apart_with_their_money(world: World) -> None:
    world.clock.move_to(date(2025, 7, 9))
    found = {group.what: group for group in due_groups(world.database, CALENDAR, clock=world.clock, within=5)}
    assert set(found) == {Due.NOT_REACHED, Due.PUBLICITY}
    assert (found[Due.NOT_REACHED].late, found[Due.NOT_REACHED].soon) == (4, 0)
    assert found[Due.PUBLICITY].late_fen == 100_000 + 100_050 + 100_100 + 100_150


def _outlook(world: World, day: date, cut_off: date = CUT_OFF) -> CutOffOutlook:
    world.clock.move_to(day)
    return cut_off_outlook(world.database, CALENDAR, clock=world.clock, cut_off=cut_off)


def _late(outlook: CutOffOutlook) -> dict[tuple[str, Status], tuple[int, int]]:
    return {(group.policy_id, group.status): (group.cases, group.late) for group in outlook.groups}


def test_what_cannot_be_ordered_before_the_cut_off_is_counted_as_too_late(world: World) -> None:
    asks, shown = ("asks", Status.NOTIFIED), ("shown", Status.PUBLISHED)
    assert _late(_outlook(world, date(2025, 7, 1))) == {asks: (4, 0), shown: (4, 0)}
    # A display until 8 July is ordered on the 9th at the earliest.
    assert _late(_outlook(world, date(2025, 7, 1), date(2025, 7, 8))) == {asks: (4, 0), shown: (4, 4)}
    assert _late(_outlook(world, date(2025, 7, 1), date(2025, 7, 9))) == {asks: (4, 0), shown: (4, 0)}
    assert _late(_outlook(world, date(2025, 12, 26))) == {asks: (4, 4), shown: (4, 4)}


def test_what_still_has_to_be_shown_must_be_over_before_the_cut_off(database: Database, data_dir: Path) -> None:
    shown = amended("direct", tables=tables(budget(), process(publicity_days=5)))
    world = make_world(database, data_dir, {"shown": shown}, 2)
    open_world(world)
    first = ("shown", Status.MATCHED)
    # Five working days after Wednesday, 17 December, end on the 24th: an order on the 25th is in time.
    assert _late(_outlook(world, date(2025, 12, 17))) == {first: (2, 0)}
    assert _late(_outlook(world, date(2025, 12, 18))) == {first: (2, 2)}
    assert _late(_outlook(world, date(2026, 12, 25), date(2026, 12, 25))) == {first: (2, 2)}


@pytest.mark.parametrize("policy", ["reminder", "equity", "title"])
def test_what_is_never_paid_by_order_is_not_cut_off(database: Database, data_dir: Path, policy: str) -> None:
    world = make_world(database, data_dir, [policy], 1)
    open_world(world)
    assert _outlook(world, date(2025, 12, 24)).groups == ()


@pytest.fixture
def granted(database: Database, database_url: str) -> MovableClock:
    """Two approved cases of 100 and 200 fen; each line has 1,000 fen."""
    add_base(database_url)
    appropriate(database_url, 1000)
    add_cases(database_url, cases(100, 200))
    clock = MovableClock()
    clock.move_to(date(2025, 11, 3))
    return clock


def test_granted_money_is_summed_by_budget_line(database: Database, granted: MovableClock) -> None:
    with database.unit_of_work() as work:
        assert work.deadlines.cut_off_lines(2025) == [
            CutOffLine(line="county-2025", label="county", cases=2, amount_fen=300, available_fen=1000)  # type: ignore[arg-type]
        ]
        assert work.deadlines.cut_off_lines(2026) == []


@pytest.fixture
def folder(data_dir: Path) -> Path:
    return data_dir / "dated"


REVIEWED = amended("direct", head=f"{head('direct')}\nreview_on = 2026-01-10")


def test_the_end_of_the_budget_year_is_told_at_three_points_once_each(
    database: Database, database_url: str, folder: Path, granted: MovableClock
) -> None:
    rules = write_policies(folder, {"plain": amended("direct")})
    for person in ("li.ming", "zhao.min"):
        _grant(database, granted, person, "budget")

    def check(day: date) -> DatesChecked:
        granted.move_to(day)
        return check_dates(database, CALENDAR, rules, clock=granted, cut_off=CUT_OFF)

    told = [check(date(2025, month, day)).cut_offs for month, day in ((11, 12), (11, 13), (11, 14), (12, 22), (12, 26))]
    assert told == [0, 2, 0, 2, 0]
    notices = rows(database_url, "SELECT DISTINCT about FROM notice WHERE kind = 'budget_cut_off' ORDER BY about")
    assert [row["about"] for row in notices] == [
        "cut-off:county-2025:2025-12-25:3 days",
        "cut-off:county-2025:2025-12-25:30 days",
    ]


def test_a_cut_off_of_which_nobody_would_hear_is_named(database: Database, folder: Path, granted: MovableClock) -> None:
    rules = write_policies(folder, {"plain": amended("direct")})
    granted.move_to(date(2025, 12, 22))
    found = check_dates(database, CALENDAR, rules, clock=granted, cut_off=CUT_OFF)
    assert found.untold == (Untold(about="cut-off:2025-12-25", on=CUT_OFF, role="budget"),)
    without = check_dates(database, CALENDAR, rules, clock=granted, cut_off=None)
    assert without == DatesChecked(policies=0, cut_offs=0, untold=())


def test_a_policy_that_ends_or_is_reviewed_is_told_to_its_department(
    database: Database, database_url: str, folder: Path
) -> None:
    rules = write_policies(folder, {"reviewed": REVIEWED, "plain": amended("direct")})
    clock = MovableClock()
    _grant(database, clock, "li.ming", OFFICE)
    _grant(database, clock, "sun.li", "policy:财政局")
    (found,) = policy_dates(database, rules)
    assert (found.policy_id, found.what, found.on, found.people) == (
        "reviewed",
        DateKind.REVIEW,
        date(2026, 1, 10),
        ("li.ming",),
    )
    told = []
    for day in (date(2025, 11, 10), date(2025, 11, 11), date(2025, 12, 27), date(2026, 1, 10), date(2026, 1, 11)):
        clock.move_to(day)
        told.append(check_dates(database, CALENDAR, rules, clock=clock, cut_off=None).policies)
    assert told == [0, 1, 1, 0, 0]
    notices = rows(database_url, "SELECT recipient, about FROM notice WHERE kind = 'policy_date' ORDER BY notice_id")
    assert [(row["recipient"], row["about"]) for row in notices] == [
        ("li.ming", "policy:reviewed:review:2026-01-10:60 days"),
        ("li.ming", "policy:reviewed:review:2026-01-10:14 days"),
    ]


ENDS = """
id = "ends"
title = "示例"
department = "人社局"
jurisdiction = "370000"
benefit = "grant"
delivery = "direct"
period = "year"
[[version]]
effective_from = 2024-01-01
effective_to = 2024-12-31
amount = "1"
  [[version.condition]]
  id = "size"
  text = "有参保人员"
  article = "一"
  when = "headcount > 0"
[[version]]
effective_from = 2025-01-01
{to}
amount = "1"
  [[version.condition]]
  id = "size"
  text = "有参保人员"
  article = "一"
  when = "headcount > 0"
"""


@pytest.mark.parametrize(
    ("to", "ends"), [("", []), ("effective_to = 2025-07-31", [(DateKind.EXPIRY, date(2025, 7, 31))])]
)
def test_a_policy_ends_with_its_last_version(
    database: Database, folder: Path, to: str, ends: list[tuple[DateKind, date]]
) -> None:
    write_policies(folder, {"plain": amended("direct")})
    (folder / "ends.toml").write_text(ENDS.format(to=to), encoding="utf-8")
    rules = load_rules(folder)
    assert [(each.what, each.on) for each in policy_dates(database, rules)] == ends
    found = check_dates(database, CALENDAR, rules, clock=MovableClock(), cut_off=None)
    assert [each.role for each in found.untold] == [OFFICE] * len(ends)
