"""Before approval and before payment the newest facts and the exclusions decide once more."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import psycopg

from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Event, Status
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.exclusions import exclude_firm, lift_exclusion
from policy_match.services.import_prior_aid import import_prior_aid
from policy_match.services.recheck_cases import Rechecks, recheck_cases
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import (
    World,
    amended,
    answer,
    approve_world,
    firm,
    firms,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    statuses,
    uscc,
)
from tests.support.tables import FactRow

PAYMENT = RecheckPurpose.PAYMENT


def _opened(database: Database, data_dir: Path, policies: Sequence[str], rows: Sequence[FactRow] | int = 1) -> World:
    world = make_world(database, data_dir, policies, rows)
    open_world(world)
    return world


def _found(rechecks: Rechecks) -> dict[str, int]:
    return {outcome.value: count for outcome, count in rechecks.outcomes.items() if count}


def _amounts(lines: Sequence[CaseLine]) -> list[tuple[Status, int]]:
    return [(line.status, line.amount_fen) for line in lines]


def test_who_is_still_eligible_is_reviewed(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct", "title"], 2)
    assert recheck_world(world).steps[Event.REVIEW] == 4
    assert set(statuses(world)) == {Status.REVIEWED}
    (event,) = show_case(database, 1).events
    assert (event.event, event.about, event.reason) == (Event.REVIEW, "recheck:1", "")


def test_who_was_asked_is_reviewed_only_after_confirming(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["confirm", "equity"], 1)
    notify_world(world)
    assert _found(recheck_world(world)) == {}
    answer(world, 1)
    answer(world, 2)
    assert _found(recheck_world(world)) == {"eligible": 2}


def test_who_is_only_informed_is_never_reviewed(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["reminder", "relief"], 1)
    assert _found(recheck_world(world)) == {}


def test_who_is_no_longer_eligible_is_withdrawn_with_the_reason(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 2)
    world.again([firm(1, headcount=0), firm(2)])
    assert _found(recheck_world(world)) == {"eligible": 1, "ineligible": 1}
    file = show_case(database, 1)
    assert file.case.status is Status.WITHDRAWN
    assert file.events[-1].reason == "按最新数据已不符合条件 / no longer eligible by the newest facts"
    assert [each.outcome for each in file.rechecks] == [RecheckOutcome.INELIGIBLE]


def test_who_left_the_register_is_withdrawn(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 2)
    world.again([firm(2)])
    assert _found(recheck_world(world)) == {"eligible": 1, "not_registered": 1}
    assert statuses(world) == [Status.WITHDRAWN, Status.REVIEWED]


def test_what_cannot_be_said_waits_and_is_written_once(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    world.again([firm(1, headcount=None)])
    assert _found(recheck_world(world)) == {"undetermined": 1}
    assert _found(recheck_world(world)) == {"undetermined": 1}
    assert statuses(world) == [Status.MATCHED]
    assert len(show_case(database, 1).rechecks) == 1
    assert [line.case_id for line in list_cases(database, CaseFilter(found=RecheckOutcome.UNDETERMINED))] == [1]
    world.again([firm(1, premium=2001)])
    assert _found(recheck_world(world)) == {"eligible": 1}


def test_a_lower_amount_amends_the_case_before_it_is_reviewed(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    world.again([firm(1, premium=1500)])
    rechecks = recheck_world(world)
    assert _found(rechecks) == {"amount_lower": 1, "eligible": 1}
    assert _amounts(list_cases(database)) == [(Status.REVIEWED, 75_000)]
    assert [each.event for each in show_case(database, 1).events] == [Event.REVIEW, Event.AMEND, Event.REVIEW]


def test_what_waits_for_approval_is_looked_at_again(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 4)
    recheck_world(world)
    assert _found(recheck_world(world)) == {"eligible": 4}
    assert len(show_case(database, 1).rechecks) == 1
    world.clock.move(1)
    world.again([firm(1), firm(2, premium=1000), firm(3, headcount=0), firm(4, headcount=None)])
    recheck_world(world)
    assert _amounts(list_cases(database)) == [
        (Status.REVIEWED, 100_000),
        (Status.REVIEWED, 50_000),
        (Status.WITHDRAWN, 100_100),
        (Status.REVIEWED, 100_150),
    ]
    assert [each.outcome for each in show_case(database, 1).rechecks] == ["eligible", "eligible"]
    assert [each.outcome for each in show_case(database, 4).rechecks] == ["eligible", "undetermined"]


def test_a_higher_amount_changes_nothing(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    world.again([firm(1, premium=9000)])
    assert _found(recheck_world(world)) == {"eligible": 1}
    assert _amounts(list_cases(database)) == [(Status.REVIEWED, 100_000)]


def test_a_lower_amount_goes_through_the_same_deductions(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["prior"], 1)
    aid = ["source,reference,uscc,matter,paid_on,amount_yuan", f"city,1,{uscc(1)},equipment,2024-05-01,300"]
    import_prior_aid(database, "aid.csv", aid, clock=world.clock, by="li.ming")
    open_world(world)
    world.again([firm(1, premium=1000)])
    recheck_world(world)
    assert _amounts(list_cases(database)) == [(Status.REVIEWED, 20_000)]


def test_a_lower_amount_above_the_limit_changes_nothing(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["capped"], 1)
    world.again([firm(1, premium=1300)])
    assert _found(recheck_world(world)) == {"eligible": 1}
    assert _amounts(list_cases(database)) == [(Status.REVIEWED, 60_000)]


def test_an_amount_below_the_minimum_payout_is_nothing(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["capped"], 1)
    world.again([firm(1, premium=100)])
    assert _found(recheck_world(world)) == {"ineligible": 1}


def test_each_instalment_becomes_lower_by_its_share(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["halves"], 1)
    world.again([firm(1, premium=1000)])
    recheck_world(world)
    assert _amounts(list_cases(database)) == [(Status.REVIEWED, 30_000), (Status.MATCHED, 40_000)]


def test_a_later_instalment_waits_for_its_day_and_for_a_register_of_it(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["halves"], 1)
    recheck_world(world)
    approve_world(world)
    world.clock.move_to(date(2026, 6, 29))
    assert _found(recheck_world(world)) == {}
    world.clock.move_to(date(2026, 6, 30))
    assert _found(recheck_world(world)) == {"undetermined": 1}
    world.again(firms(1), as_of=date(2026, 6, 30))
    assert _found(recheck_world(world)) == {"eligible": 1}


def test_a_firm_gone_when_an_instalment_falls_due_loses_it(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["halves"], 2)
    recheck_world(world)
    approve_world(world)
    world.clock.move_to(date(2026, 7, 1))
    world.again([firm(2)], as_of=date(2026, 6, 30))
    assert _found(recheck_world(world)) == {"not_registered": 1, "eligible": 1}


def test_what_is_withdrawn_takes_its_later_instalments_along(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["halves"], 2)
    world.again([firm(1, headcount=0), firm(2)])
    assert recheck_world(world).steps[Event.WITHDRAW] == 2
    assert statuses(world) == [Status.WITHDRAWN, Status.WITHDRAWN, Status.REVIEWED, Status.MATCHED]


def test_an_exclusion_withdraws_with_its_reason_until_it_is_lifted(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct", "title"], 3)
    day = date(2025, 7, 1)
    exclude_firm(database, uscc(1), since=day, reason="严重失信", by="li.ming", clock=world.clock)
    direct = PolicyId("direct")
    exclude_firm(database, uscc(2), policy=direct, since=day, until=day, reason="骗补", by="li.ming", clock=world.clock)
    lifted = exclude_firm(database, uscc(3), since=day, reason="误列", by="li.ming", clock=world.clock)
    lift_exclusion(database, lifted, reason="更正", by="wang.fang", clock=world.clock)
    assert _found(recheck_world(world)) == {"excluded": 3, "eligible": 3}
    assert statuses(world, "direct") == [Status.WITHDRAWN, Status.WITHDRAWN, Status.REVIEWED]
    assert show_case(database, 1).events[-1].reason.endswith(": 严重失信")


def test_an_exclusion_of_another_time_is_none(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    exclude_firm(
        database, uscc(1), since=date(2020, 1, 1), until=date(2025, 6, 30), reason="旧", by="a", clock=world.clock
    )
    exclude_firm(database, uscc(1), since=date(2025, 7, 2), reason="将来", by="a", clock=world.clock)
    assert _found(recheck_world(world)) == {"eligible": 1}


def test_rules_that_were_corrected_since_do_not_decide(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    corrected = {"direct": amended("direct", when="headcount > 50")}
    make_world(database, data_dir, corrected, [firm(1), firm(2, headcount=60)])
    assert _found(recheck_world(world)) == {"eligible": 1}


def test_before_the_payment_the_publicity_must_be_over(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["confirm"], 1)
    notify_world(world)
    answer(world, 1)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    assert _found(recheck_world(world, PAYMENT)) == {}
    world.clock.move(8)
    assert _found(recheck_world(world, PAYMENT)) == {"eligible": 1}
    assert [each.purpose for each in show_case(database, 1).rechecks] == ["approval", "payment"]


def test_a_payment_recheck_again_is_not_written_twice(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    recheck_world(world)
    approve_world(world)
    world.clock.move(1)
    for _ in range(2):
        assert _found(recheck_world(world, PAYMENT)) == {"eligible": 1}
    assert len(show_case(database, 1).rechecks) == 2
    exclude_firm(database, uscc(1), since=date(2025, 7, 1), reason="失信", by="a", clock=world.clock)
    assert _found(recheck_world(world, PAYMENT)) == {"excluded": 1}
    assert statuses(world) == [Status.WITHDRAWN]


def test_what_was_approved_for_more_is_withdrawn_and_opened_for_less(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["direct"], 1)
    recheck_world(world)
    approve_world(world)
    newer = world.again([firm(1, premium=1500)])
    assert _found(recheck_world(world, PAYMENT)) == {"amount_lower": 1}
    assert open_world(newer).cases == 1
    assert _amounts(list_cases(database)) == [(Status.WITHDRAWN, 100_000), (Status.MATCHED, 75_000)]


def test_titles_are_not_rechecked_for_a_payment(database: Database, data_dir: Path) -> None:
    world = _opened(database, data_dir, ["title"], 1)
    recheck_world(world)
    approve_world(world)
    assert _found(recheck_world(world, PAYMENT)) == {}


def test_only_the_policy_asked_for_is_rechecked(database: Database, data_dir: Path, database_url: str) -> None:
    world = _opened(database, data_dir, ["direct", "title"], 1)
    recheck_cases(
        database,
        world.truth_files,
        purpose=RecheckPurpose.APPROVAL,
        clock=world.clock,
        by="li.ming",
        policy=PolicyId("direct"),
    )
    assert statuses(world) == [Status.REVIEWED, Status.MATCHED]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT policy_id, by FROM policy_match.recheck").fetchall() == [
            ("direct", "li.ming")
        ]
