"""Sharing a budget among reviewed cases: who gets what, who waits, what comes back, and never more than there is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from policy_match.entitlements.errors import NoBudgetLine
from policy_match.ledger.accounts import LineAccount, LineId
from policy_match.services.allocate_budget import Queue, YearIsOver, allocate_budget, budget_queue
from policy_match.services.approval_lists import make_lists
from policy_match.services.budget_lines import budget_lines
from policy_match.services.roles import NobodyNamed
from policy_match.values import PolicyId
from tests.support.reviewed_cases import LINE, POLICY, REVIEWED_AT, Office

CITY_COUNTY = ({"line": "city", "share": "0.6"}, {"line": "county", "share": "0.4"})


def queue(office: Office, policy: str = POLICY, **page: int) -> Queue:
    return budget_queue(office.database, office.clock, policy_id=PolicyId(policy), **page)


def free(office: Office, line: str = LINE) -> int:
    (found,) = [each for each in budget_lines(office.database, office.clock) if each.line == line]
    return found.free_fen


def test_a_budget_that_suffices_grants_everybody_all(office: Office) -> None:
    cases = office.reviewed([100, 200, 300])
    office.money(1000)
    run = office.allocate()
    assert (run.asked, run.granted, run.waiting, run.granted_fen) == (3, 3, 0, 600)
    assert office.granted() == dict(zip(cases, [100, 200, 300], strict=True))
    assert free(office) == 400


def test_from_the_first_that_does_not_fit_all_wait_and_a_smaller_one_does_not_overtake(office: Office) -> None:
    cases = office.reviewed([100, 500, 50])
    office.money(300)
    run = office.allocate()
    assert (run.granted, run.waiting) == (1, 2)
    assert office.granted() == dict(zip(cases, [100, 0, 0], strict=True))


def test_who_came_first_goes_by_the_step_that_brought_the_case_there_not_by_its_number(office: Office) -> None:
    late = office.reviewed([100], at=REVIEWED_AT + timedelta(days=1))
    early = office.reviewed([100], at=REVIEWED_AT, period="2024")
    office.money(100)
    office.allocate()
    assert office.granted() == {late[0]: 0, early[0]: 100}


def test_of_cases_of_one_moment_the_lower_number_comes_first(office: Office) -> None:
    cases = office.reviewed([100, 100])
    office.money(100)
    office.allocate()
    assert office.granted() == {cases[0]: 100, cases[1]: 0}


def test_pro_rata_shares_every_fen_in_proportion(office: Office) -> None:
    cases = office.reviewed([100, 200, 300], how="pro_rata")
    office.money(301)
    run = office.allocate()
    assert run.granted_fen == 301
    assert [office.granted()[case] for case in cases] == [50, 100, 151]
    assert run.waiting == 0


def test_rank_serves_the_highest_amount_first_and_whole(office: Office) -> None:
    cases = office.reviewed([100, 300, 200], how="rank")
    office.money(510)
    office.allocate()
    assert office.granted() == {cases[0]: 0, cases[1]: 300, cases[2]: 200}


def test_running_again_grants_only_those_that_wait_and_keeps_what_was_granted(office: Office) -> None:
    cases = office.reviewed([100, 500, 50])
    office.money(300)
    first = office.allocate()
    office.money(350)
    second = office.allocate()
    assert (second.asked, second.granted) == (2, 2)
    assert office.granted() == dict(zip(cases, [100, 500, 50], strict=True))
    assert first.number != second.number
    assert office.number("SELECT count(*) FROM case_allocation WHERE case_id = %s", cases[0]) == 1


def test_running_again_when_nothing_can_be_granted_writes_nothing(office: Office) -> None:
    office.reviewed([100])
    office.money(50)
    assert office.allocate().number is not None
    assert office.allocate().number is None
    assert office.number("SELECT count(*) FROM allocation") == 1


def test_cases_without_an_amount_and_contracts_need_no_budget(office: Office) -> None:
    office.reviewed([0])
    office.reviewed([100], route="contract", period="2024")
    office.money(0)
    assert office.allocate().asked == 0


def test_a_line_that_is_not_there_has_no_money(office: Office) -> None:
    office.reviewed([100])
    run = office.allocate()
    assert (run.granted, run.lines[0].free_fen) == (0, 0)


def test_a_policy_that_names_no_line_is_refused(office: Office) -> None:
    office.reviewed([100], shares=())
    with pytest.raises(NoBudgetLine):
        office.allocate()


def test_cost_is_shared_between_lines_to_the_fen(office: Office) -> None:
    (case,) = office.reviewed([101], shares=CITY_COUNTY)
    office.money(100, "city")
    office.money(100, "county")
    office.allocate()
    assert (free(office, "city-2025"), free(office, "county-2025")) == (39, 60)
    assert office.granted() == {case: 101}


def test_what_one_line_cannot_carry_is_not_taken_from_the_other(office: Office) -> None:
    cases = office.reviewed([100, 100], shares=CITY_COUNTY)
    office.money(120, "city")
    office.money(40, "county")
    run = office.allocate()
    assert office.granted() == {cases[0]: 100, cases[1]: 0}
    assert free(office, "city-2025") == 60
    assert {line.line: line.granted_fen for line in run.lines} == {"city-2025": 60, "county-2025": 40}


def test_pro_rata_over_two_lines_follows_the_shorter_one_and_exceeds_neither(office: Office) -> None:
    office.reviewed([101, 203, 307], shares=CITY_COUNTY, how="pro_rata")
    office.money(1000, "city")
    office.money(97, "county")
    run = office.allocate()
    assert run.granted == 3
    assert 0 <= free(office, "county-2025") <= 3
    assert run.granted_fen == sum(line.granted_fen for line in run.lines)


def test_a_case_with_a_share_on_a_short_line_holds_back_later_cases_of_other_lines(office: Office) -> None:
    first = office.reviewed([100], shares=CITY_COUNTY)
    second = office.reviewed([100], shares=({"line": "city", "share": "1"},), period="2024")
    office.money(100, "city")
    office.allocate()
    assert office.granted() == {first[0]: 0, second[0]: 0}


@pytest.mark.parametrize("event", ["withdraw", "reject"])
def test_a_case_that_dies_gives_its_money_back(office: Office, event: str) -> None:
    cases = office.reviewed([100, 100])
    office.money(100)
    office.allocate()
    office.step(cases[:1], event, "reviewed", "withdrawn" if event == "withdraw" else "rejected")
    assert free(office) == 100
    office.allocate()
    assert office.granted()[cases[1]] == 100


def test_an_amended_case_gives_its_money_back_and_waits_again_at_its_new_place(office: Office) -> None:
    cases = office.reviewed([100, 80])
    office.money(100)
    office.allocate()
    office.amend(cases[0], 90, at=REVIEWED_AT + timedelta(hours=1))
    assert free(office) == 100
    office.allocate()
    assert office.granted() == {cases[0]: 0, cases[1]: 80}


def test_an_amended_case_that_is_not_reviewed_yet_holds_nothing(office: Office) -> None:
    (case,) = office.reviewed([100])
    office.money(100)
    office.allocate()
    office.step([case], "amend", "reviewed", "matched", amount_fen=50)
    assert free(office) == 100


def test_an_approved_case_holds_its_grant_until_its_order_reserves_it(office: Office) -> None:
    (case,) = office.reviewed([100])
    office.money(150)
    office.allocate()
    office.step([case], "approve", "reviewed", "approved")
    assert free(office) == 50
    with office.connection() as connection:
        connection.execute(
            "INSERT INTO ledger_transfer (kind, line, amount_fen, attempt_id, at, by)"
            " VALUES ('reserve', 'jobs-2025', 100, 'PM1', %s, 'system')",
            (REVIEWED_AT,),
        )
        connection.execute(
            "INSERT INTO case_event (case_id, seq, event, before, after, at, by)"
            " SELECT case_id, seq + 1, 'order', 'approved', 'ordered', now(), 'system' FROM case_state"
            " WHERE case_id = %s",
            (case,),
        )
    assert free(office) == 50
    (line,) = budget_lines(office.database, office.clock)
    assert (line.balances[LineAccount.RESERVED], line.held_fen) == (100, 0)


def test_a_returned_payment_holds_its_quota_for_the_next_attempt(office: Office) -> None:
    (case,) = office.reviewed([100])
    office.money(100)
    office.allocate()
    office.step([case], "approve", "reviewed", "approved")
    office.step([case], "order", "approved", "ordered")
    office.step([case], "bounce", "ordered", "returned")
    assert free(office) == 0
    office.step([case], "close", "returned", "closed", amount_fen=0)
    assert free(office) == 100


def test_who_declined_after_the_list_holds_the_money_while_the_refusal_can_be_taken_back(office: Office) -> None:
    (case,) = office.reviewed([100], route="list_then_collect")
    office.money(100)
    office.allocate()
    office.step([case], "approve", "reviewed", "approved")
    office.step([case], "notify", "approved", "notified", deadline=date(2025, 7, 8))
    assert free(office) == 0
    office.step([case], "decline", "notified", "declined", deadline=date(2025, 7, 8))
    assert free(office) == 0
    office.clock.move_to(date(2025, 7, 9))
    assert free(office) == 100


def test_a_grant_of_a_past_year_counts_no_more_and_the_case_waits_for_the_new_budget(office: Office) -> None:
    office.reviewed([100])
    office.money(100)
    office.allocate()
    office.clock.move_to(date(2026, 1, 5))
    office.money(100, year=2026)
    run = office.allocate()
    assert (run.year, run.granted) == (2026, 1)
    assert (free(office, "jobs-2025"), free(office, "jobs-2026")) == (100, 0)
    assert office.allocate().asked == 0


def test_next_years_budget_does_not_take_a_case_away_from_this_years(office: Office) -> None:
    office.reviewed([100])
    office.money(100)
    office.allocate()
    office.money(100, year=2026)
    assert office.allocate(year=2026).asked == 0


def test_an_instalment_that_falls_due_in_a_later_year_waits_for_that_years_budget(office: Office) -> None:
    office.reviewed([100], due_from=date(2026, 7, 1))
    office.money(100)
    assert office.allocate().asked == 0
    assert office.allocate(year=2026).asked == 1


def test_a_budget_of_the_past_is_refused(office: Office) -> None:
    with pytest.raises(YearIsOver, match="2024 is over"):
        office.allocate(year=2024)


def test_nobody_allocates_without_a_name(office: Office) -> None:
    with pytest.raises(NobodyNamed):
        allocate_budget(office.database, office.clock, policy_id=POLICY, by=" ")


def test_the_queue_says_place_amount_since_when_and_how_much_the_line_is_short(office: Office) -> None:
    cases = office.reviewed([100, 500, 50])
    office.money(300)
    office.allocate()
    shown = queue(office)
    assert (shown.waiting, shown.asked_fen) == (2, 550)
    assert [(each.place, each.case_id, each.asked_fen, each.line, each.short_fen) for each in shown.entries] == [
        (1, cases[1], 500, LINE, 300),
        (2, cases[2], 50, LINE, 350),
    ]
    assert {each.since for each in shown.entries} == {REVIEWED_AT}
    assert [each.case_id for each in queue(office, after=1, most=5).entries] == [cases[2]]


def test_the_queue_names_the_line_that_is_most_short(office: Office) -> None:
    office.reviewed([100], shares=CITY_COUNTY)
    office.money(59, "city")
    (entry,) = queue(office).entries
    assert (entry.line, entry.short_fen) == (LineId("county-2025"), 40)


def test_a_case_that_only_waits_for_the_next_run_is_short_of_nothing(office: Office) -> None:
    office.reviewed([100])
    office.money(100)
    (entry,) = queue(office).entries
    assert (entry.line, entry.short_fen) == (None, 0)


def test_two_runs_of_two_policies_at_once_never_grant_more_than_the_line_has(office: Office) -> None:
    office.reviewed([7] * 400, policy="one")
    office.reviewed([11] * 400, policy="two")
    office.money(2_000)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            runs = list(pool.map(office.allocate, ["one", "two"]))
    assert office.number("SELECT sum(amount_fen) FROM case_share") <= 2_000
    assert 0 <= free(office) < 11
    assert sum(run.granted_fen for run in runs) == 0


def test_two_runs_of_one_policy_at_once_grant_nobody_twice(office: Office) -> None:
    office.reviewed([10] * 300)
    office.money(3_000)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(office.allocate, [POLICY, POLICY]))
    assert sorted(run.granted for run in runs) == [0, 300]
    assert office.number("SELECT sum(amount_fen) FROM case_share") == 3_000


def test_a_granted_case_is_listed_and_a_waiting_one_is_not(office: Office) -> None:
    cases = office.reviewed([100, 500])
    office.money(300)
    office.allocate()
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert [(each.kept.header.count, each.kept.header.total_fen) for each in made.made] == [(1, 100)]
    assert (made.without_budget, made.not_eligible) == (1, 0)
    assert office.number("SELECT case_id FROM listed_case") == cases[0]
