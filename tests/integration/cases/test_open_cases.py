"""Opening cases: what is owed becomes one case per policy, firm or record, period and instalment, once."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import psycopg
import pytest

from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Route, Status
from policy_match.cases.opening import EntitlementOutcome
from policy_match.services.answer_cases import AnswerKind
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.import_prior_aid import import_prior_aid
from policy_match.services.open_cases import Opening, open_cases
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.cases import (
    POLICIES,
    World,
    amended,
    answer,
    chosen,
    firm,
    firms,
    head,
    loan,
    make_world,
    notify_world,
    open_world,
    statuses,
    uscc,
)


def _cases(world: World, policy: str) -> Sequence[CaseLine]:
    return list_cases(world.database, CaseFilter(policy_id=PolicyId(policy)), most=1000)


def _outcomes(opening: Opening, policy: str) -> dict[str, int]:
    (count,) = [each for each in opening.counts if each.opened.policy.id == policy]
    return {outcome.value: number for outcome, number in count.outcomes.items() if number}


def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = policy_match")
        return connection.execute(query.encode()).fetchall()


def test_each_policy_opens_its_cases_on_its_route(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, POLICIES, 2)
    opening = open_world(world, by="li.ming")
    found = {
        name: (line.route, line.period, len(_cases(world, name)))
        for name in POLICIES
        if name != "low"
        for line in _cases(world, name)
    }
    assert opening.cases == sum(count for _, _, count in found.values())
    assert {name: route for name, (route, _, _) in found.items() if route is not Route.DIRECT} == {
        "confirm": Route.CONFIRM,
        "silent": Route.CONFIRM,
        "collect": Route.LIST_THEN_COLLECT,
        "reminder": Route.INFORM,
        "relief": Route.INFORM,
        "equity": Route.CONTRACT,
    }
    assert found["equity"][1] == "once" and found["confirm"][1] == "2025"
    assert set(statuses(world)) == {Status.MATCHED}
    assert show_case(database, 1).opened_by == "li.ming"


def test_a_record_has_a_case_of_its_own(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["bank"], 2, loans=[loan(1, 1), loan(1, 2), loan(2)])
    open_world(world)
    assert [(line.uscc, line.record_id, line.amount_fen) for line in _cases(world, "bank")] == [
        (uscc(1), "L1-1", 20_000),
        (uscc(1), "L1-2", 20_000),
        (uscc(2), "L2-1", 20_000),
    ]


def test_titles_and_reminders_open_without_an_amount_and_others_do_not(database: Database, data_dir: Path) -> None:
    nothing = amended("direct", amount="premium * 0")
    world = make_world(database, data_dir, chosen("title", "reminder", nothing=nothing), 1)
    opening = open_world(world)
    assert [(line.policy_id, line.amount_fen) for line in list_cases(database)] == [("reminder", 0), ("title", 0)]
    assert _outcomes(opening, "nothing") == {"nothing": 1}


def test_only_the_highest_of_a_group_is_opened_and_the_other_says_why(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["high", "low"], 1)
    opening = open_world(world)
    assert _outcomes(opening, "low") == {"nothing": 1}
    (line,) = list_cases(database)
    assert (line.policy_id, line.amount_fen) == ("high", 80_000)
    database_rows = show_case(database, line.case_id)
    assert database_rows.entitlement is not None and database_rows.entitlement.steps == ()


def test_why_nothing_is_owed_is_kept(database: Database, database_url: str, data_dir: Path) -> None:
    open_world(make_world(database, data_dir, ["high", "low"], 1))
    rows = _rows(database_url, "SELECT outcome::text, steps FROM entitlement WHERE outcome <> 'owed'")
    step = {"code": "not_highest", "before": 60_000, "after": 0, "detail": "high"}
    assert rows == [("nothing", [step])]


def test_a_lawful_choice_that_was_not_taken_is_kept(database: Database, data_dir: Path) -> None:
    either = {
        name: amended("high", tables=POLICIES["high"].tables.replace('"highest"', '"exclusive"'), amount=amount)
        for name, amount in (("more", "premium * 0.4"), ("less", "premium * 0.3"))
    }
    world = make_world(database, data_dir, either, 1)
    open_world(world)
    (line,) = list_cases(database)
    assert line.policy_id == "more"
    (alternative,) = show_case(database, line.case_id).alternatives
    assert (alternative.total_fen, alternative.chosen) == (60_000, (("less", "", 60_000),))


def test_a_limit_lowers_the_case_and_says_so(database: Database, data_dir: Path) -> None:
    open_world(make_world(database, data_dir, ["capped"], 1))
    file = show_case(database, 1)
    assert file.case.amount_fen == 60_000
    assert file.entitlement is not None
    assert [(step.code, step.fen_before, step.fen_after) for step in file.entitlement.steps] == [
        ("year_limit", 100_000, 60_000)
    ]


def test_what_an_earlier_opening_promised_counts_for_the_limit(database: Database, data_dir: Path) -> None:
    monthly = amended("capped", head=head("direct", period="month"))
    world = make_world(database, data_dir, {"capped": monthly}, firms(1, premium=800))
    open_world(world)
    next_month = world.again(firms(1, premium=900), as_of=date(2025, 7, 31))
    open_world(next_month)
    assert [(line.period, line.amount_fen) for line in _cases(world, "capped")] == [
        ("2025-06", 40_000),
        ("2025-07", 20_000),
    ]


def test_a_share_of_the_retained_tax_limits_the_amount(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["retained"], [firm(1, tax_retained=1000), firm(2, tax_retained=None)])
    opening = open_world(world)
    assert [line.amount_fen for line in _cases(world, "retained")] == [50_000]
    assert _outcomes(opening, "retained") == {"owed": 1, "unknown": 1}


def test_retained_tax_is_found_for_every_firm_of_many_batches(database: Database, data_dir: Path) -> None:
    rows = [firm(number, tax_retained=number) for number in range(1, 301)]
    world = make_world(database, data_dir, ["retained"], rows, batch_rows=7)
    open_world(world)
    assert [line.amount_fen for line in _cases(world, "retained")] == [50 * number for number in range(1, 301)]


def test_prior_aid_is_deducted_and_unknown_aid_opens_nothing(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["prior"], 3)
    lines = [
        "source,reference,uscc,matter,paid_on,amount_yuan",
        f"city,1,{uscc(1)},equipment,2024-05-01,300.00",
        f"city,2,{uscc(2)},equipment,2024-05-01,",
        f"city,3,{uscc(3)},another,2024-05-01,900",
    ]
    import_prior_aid(database, "aid.csv", lines, clock=world.clock, by="li.ming")
    opening = open_world(world)
    assert [(line.uscc, line.amount_fen) for line in _cases(world, "prior")] == [
        (uscc(1), 70_000),
        (uscc(3), 100_100),
    ]
    assert _outcomes(opening, "prior") == {"owed": 2, "unknown": 1}


def test_what_was_unknown_is_opened_when_the_fact_is_there(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["retained"], [firm(1, tax_retained=None)])
    assert open_world(world).cases == 0
    later = world.again([firm(1)])
    assert _outcomes(open_world(later), "retained") == {"owed": 1}


def test_instalments_are_cases_that_fall_due_one_after_the_other(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["halves"], 1)
    open_world(world)
    assert [(line.instalment, line.instalments, line.amount_fen, line.due_from) for line in list_cases(database)] == [
        (1, 2, 60_000, date(2025, 6, 30)),
        (2, 2, 40_000, date(2026, 6, 30)),
    ]


def test_what_is_only_informed_displaces_nothing_that_is_paid(database: Database, data_dir: Path) -> None:
    informed = amended("high", head=head("self_declare"), amount="premium * 0.9")
    world = make_world(database, data_dir, chosen("low", informed=informed), 1)
    open_world(world)
    assert [(line.policy_id, line.amount_fen) for line in list_cases(database)] == [
        ("informed", 180_000),
        ("low", 60_000),
    ]


def test_the_registered_name_is_kept_for_firms_with_a_case(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["direct"], [firm(1), firm(2, ent_name=None)])
    open_world(world)
    assert [line.name for line in list_cases(database)] == ["示例1有限公司", ""]


def test_opening_the_same_sweep_again_changes_nothing(database: Database, database_url: str, data_dir: Path) -> None:
    world = make_world(database, data_dir, POLICIES, 3)
    first = open_world(world)
    again = open_world(world)
    assert (again.number, again.cases) == (None, 0)
    assert _outcomes(again, "direct") == {"already_open": 3}
    assert _rows(database_url, "SELECT count(*) FROM opening") == [(1,)]
    assert _rows(database_url, "SELECT count(*) FROM benefit_case") == [(first.cases,)]


def test_an_opening_that_says_something_new_is_kept(database: Database, database_url: str, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["prior"], 1)
    aid = ["source,reference,uscc,matter,paid_on,amount_yuan", f"city,1,{uscc(1)},equipment,2024-05-01,"]
    import_prior_aid(database, "aid.csv", aid, clock=world.clock, by="li.ming")
    assert open_world(world).number == 1
    assert open_world(world).number is None
    more = [aid[0], f"city,2,{uscc(1)},equipment,2024-06-01,9000000"]
    import_prior_aid(database, "aid.csv", more, clock=world.clock, by="li.ming")
    assert open_world(world).number is not None
    assert _rows(database_url, "SELECT outcome::text FROM entitlement ORDER BY opening") == [("unknown",), ("nothing",)]


def test_a_newer_sweep_leaves_live_cases_alone(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["direct"], 2)
    open_world(world)
    opening = open_world(world.again(firms(3)))
    assert _outcomes(opening, "direct") == {"owed": 1, "already_open": 2}
    assert [line.uscc for line in list_cases(database)] == [uscc(1), uscc(2), uscc(3)]


def test_only_a_newer_sweep_opens_again_what_ended_without_a_payment(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["confirm"], 1)
    open_world(world)
    notify_world(world)
    answer(world, 1, AnswerKind.DECLINE, "不需要")
    assert open_world(world).cases == 0
    newer = world.again(firms(1, premium=3000))
    assert open_world(newer).cases == 1
    assert statuses(world) == [Status.DECLINED, Status.MATCHED]


def test_a_policy_that_is_no_longer_in_the_rules_still_counts(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["high", "low"], 1)
    open_world(world)
    (data_dir / "rules" / "high.toml").unlink()
    without = make_world(database, data_dir, ["low"], [firm(1, premium=2500)])
    opening = open_world(without)
    assert _outcomes(opening, "low") == {"nothing": 1}


def test_the_progress_counts_every_eligible_decision(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["direct", "bank"], 3)
    seen: list[tuple[int, int]] = []
    open_cases(
        database,
        lambda _, __: world.snapshot,
        world.sweep,
        clock=world.clock,
        by="system",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (6, 6)


def test_an_opening_that_fails_leaves_nothing(database: Database, database_url: str, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["direct"], 3)

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        open_cases(database, lambda _, __: world.snapshot, world.sweep, clock=world.clock, by="system", progress=stop)
    tables = ("opening", "opening_policy", "entitlement", "benefit_case", "case_state", "firm_name")
    assert [_rows(database_url, f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * len(tables)
    assert open_world(world).cases == 3


def test_a_sweep_without_an_eligible_decision_opens_nothing(database: Database, data_dir: Path) -> None:
    world = make_world(database, data_dir, ["direct"], [firm(1, headcount=None)])
    assert open_world(world).cases == 0


def test_the_outcome_words_are_those_of_the_schema(database_url: str) -> None:
    found = _rows(database_url, "SELECT unnest(enum_range(NULL::entitlement_outcome))::text")
    assert [word for (word,) in found] == [outcome.value for outcome in EntitlementOutcome]
