"""Exclusions, and cases as people find them: lists with filters and pages, counts, and whole files."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Route, Status
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.case_history import count_cases, list_cases, show_case
from policy_match.services.exclusions import (
    ExclusionIncomplete,
    NoSuchExclusion,
    exclude_firm,
    lift_exclusion,
    list_exclusions,
)
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import MovableClock, World, answer, make_world, notify_world, open_world, uscc

DAY = date(2025, 7, 1)


@pytest.fixture
def world(database: Database, data_dir: Path) -> World:
    made = make_world(database, data_dir, ["confirm", "direct", "reminder"], 2)
    open_world(made)
    notify_world(made)
    answer(made, 1)
    return made


def test_an_exclusion_says_why_and_for_how_long(database: Database) -> None:
    clock = MovableClock()
    number = exclude_firm(database, uscc(1), since=DAY, until=DAY, reason="骗补", by="li.ming", clock=clock)
    other = exclude_firm(
        database, uscc(2), policy=PolicyId("direct"), since=DAY, reason="失信", by="li.ming", clock=clock
    )
    lift_exclusion(database, number, reason="误列", by="wang.fang", clock=clock)
    found = [(row.exclusion_id, row.uscc, row.policy_id, row.until, row.lifted) for row in list_exclusions(database)]
    assert found == [(number, uscc(1), None, DAY, "误列"), (other, uscc(2), "direct", None, None)]
    assert [row.exclusion_id for row in list_exclusions(database, uscc=uscc(2))] == [other]
    assert list_exclusions(database, after=other) == []


def test_an_exclusion_without_reason_or_backwards_is_refused(database: Database) -> None:
    for until, reason in ((None, " "), (date(2025, 6, 30), "失信")):
        with pytest.raises(ExclusionIncomplete):
            exclude_firm(database, uscc(1), since=DAY, until=until, reason=reason, by="a", clock=MovableClock())
    assert list_exclusions(database) == []


def test_an_exclusion_is_lifted_once_and_with_a_reason(database: Database) -> None:
    clock = MovableClock()
    number = exclude_firm(database, uscc(1), since=DAY, reason="失信", by="a", clock=clock)
    with pytest.raises(NoSuchExclusion):
        lift_exclusion(database, number, reason="", by="b", clock=clock)
    lift_exclusion(database, number, reason="误列", by="b", clock=clock)
    for again in (number, 99):
        with pytest.raises(NoSuchExclusion):
            lift_exclusion(database, again, reason="误列", by="b", clock=clock)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CaseFilter(), [1, 2, 3, 4, 5, 6]),
        (CaseFilter(policy_id=PolicyId("direct")), [2, 5]),
        (CaseFilter(uscc=uscc(2)), [4, 5, 6]),
        (CaseFilter(status=Status.NOTIFIED), [3, 4, 6]),
        (CaseFilter(route=Route.INFORM), [3, 6]),
        (CaseFilter(period="2025", status=Status.CONFIRMED), [1]),
        (CaseFilter(due_by=date(2025, 7, 8)), [4]),
        (CaseFilter(due_by=date(2025, 7, 7)), []),
    ],
)
def test_cases_are_found_by_what_is_asked(world: World, wanted: CaseFilter, numbers: list[int]) -> None:
    assert [line.case_id for line in list_cases(world.database, wanted)] == numbers
    assert sum(cases for _, _, cases, _ in count_cases(world.database, wanted)) == len(numbers)


def test_pages_follow_each_other(world: World) -> None:
    first = list_cases(world.database, most=4)
    rest = list_cases(world.database, after=first[-1].case_id, most=4)
    assert [line.case_id for line in (*first, *rest)] == [1, 2, 3, 4, 5, 6]


def test_cases_are_counted_with_their_amounts(world: World) -> None:
    assert (PolicyId("direct"), Status.MATCHED, 2, 200_050) in count_cases(world.database)


def test_a_case_is_shown_with_everything_about_it(world: World) -> None:
    file = show_case(world.database, 1)
    assert (file.sweep_id, file.opening, file.opened_by) == (world.sweep.sweep_id, 1, "system")
    assert file.version == world.sweep.policies[0].version
    assert file.entitlement is not None and file.entitlement.decided_fen == 100_000
    assert [(event.seq, event.event, event.by) for event in file.events] == [
        (1, "notify", "system"),
        (2, "confirm", f"firm:{uscc(1)}"),
    ]
    assert (file.rechecks, file.objections, file.alternatives) == ((), (), ())


def test_a_case_that_is_not_there_is_an_error(world: World) -> None:
    with pytest.raises(NoSuchCase):
        show_case(world.database, 99)


def test_the_hash_of_an_event_can_be_computed_again(world: World, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        wrong = connection.execute(
            "SELECT count(*) FROM policy_match.case_event AS e JOIN policy_match.benefit_case AS c USING (case_id)"
            " WHERE e.digest <> policy_match.event_digest(e, c)"
        ).fetchone()
    assert wrong == (0,)
