"""Lists of reviewed cases: what is on them, what their digest covers, and when they are void."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from policy_match.cases.approval_list import ApprovalList, ListedCase
from policy_match.ports.approvals import ListOutcome
from policy_match.services.approval_lists import (
    ListEnded,
    NoReason,
    NoSuchList,
    lists,
    make_lists,
    show_list,
    void_changed_lists,
    void_list,
)
from policy_match.storage.driver_errors import OnAnotherList, translated
from policy_match.values import PolicyId
from tests.support.cases import firms
from tests.support.reviewed_cases import POLICY, Office


def test_a_list_has_all_reviewed_cases_that_are_funded_and_its_digest_is_that_of_the_core(office: Office) -> None:
    made, cases = office.list()
    shown = show_list(office.database, made.kept.list_id)
    assert [each.case_id for each in shown.cases] == cases
    assert (shown.kept.header.count, shown.kept.header.total_fen, shown.kept.largest_fen) == (3, 600, 300)
    sweep = office.world.sweep
    with office.connection() as connection:
        version = connection.execute("SELECT version FROM benefit_case LIMIT 1").fetchone()
    assert version is not None
    listed = [
        ListedCase(
            case_id=each.case_id,
            policy_id=POLICY,
            version=version[0],  # type: ignore[arg-type]
            uscc=each.uscc,
            record_id=each.record_id,
            period=each.period,
            instalment=each.instalment,
            amount_fen=each.amount_fen,
            seq=each.seq,
        )
        for each in shown.cases
    ]
    whole = ApprovalList(snapshot=sweep.identity.snapshot_id, sweep=sweep.sweep_id, cases=listed)
    assert whole.digest == shown.kept.digest
    assert [(due.number, due.role) for due in shown.due] == [(1, "reviewer"), (2, "approver")]


def test_making_lists_again_lists_only_what_is_new(office: Office) -> None:
    office.list()
    assert make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made == []
    (late,) = office.reviewed([50], period="2024")
    office.money(50)
    office.allocate()
    (made,) = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    assert [each.case_id for each in show_list(office.database, made.kept.list_id).cases] == [late]


def test_cases_without_an_amount_and_contracts_are_listed_without_budget(office: Office) -> None:
    office.reviewed([0, 0])
    office.reviewed([900], route="contract", period="2024")
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    assert [(each.kept.header.count, each.kept.header.total_fen) for each in made] == [(3, 900)]
    assert office.number("SELECT count(*) FROM listed_case WHERE allocation IS NULL") == 3


def test_a_case_that_was_granted_a_part_is_listed_with_that_part(office: Office) -> None:
    office.reviewed([100, 300], how="pro_rata")
    office.money(200)
    office.allocate()
    (made,) = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    assert [each.amount_fen for each in show_list(office.database, made.kept.list_id).cases] == [50, 150]


def test_a_case_that_is_undetermined_now_is_not_listed(office: Office) -> None:
    cases = office.reviewed([0, 0])
    office.check(cases[:1], "undetermined")
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert made.made[0].kept.header.count == 1
    assert (made.without_budget, made.not_eligible) == (0, 1)


def test_cases_checked_against_different_sweeps_are_on_different_lists(office: Office) -> None:
    cases = office.reviewed([0, 0])
    newer = office.world.again(firms(2))
    office.check(cases[1:])
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    assert [each.kept.header.sweep for each in made] == [office.world.sweep.sweep_id, newer.sweep.sweep_id]


def test_cases_with_different_stages_are_on_different_lists(office: Office) -> None:
    office.reviewed([0])
    office.reviewed([0], stages=({"role": "boss", "count": 2, "from_fen": 0},), period="2024")
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    assert [[stage.role for stage in each.kept.stages] for each in made] == [["reviewer", "approver"], ["boss"]]


@pytest.mark.parametrize("stages", [(), ({"role": "boss", "count": 1, "from_fen": 1_000},)])
def test_a_list_to_which_no_stage_applies_is_approved_at_once(
    office: Office, stages: tuple[dict[str, object], ...]
) -> None:
    made, _ = office.list(stages=stages)
    assert made.complete
    assert made.kept.end is not None and made.kept.end.outcome is ListOutcome.COMPLETE
    assert office.statuses() == {"approved": 3}


def test_no_policy_without_reviewed_cases_gets_a_list(office: Office) -> None:
    assert make_lists(office.database, office.clock, policy_id=PolicyId("nothing"), by="clerk").made == []


def test_a_case_cannot_be_written_onto_two_open_lists(office: Office) -> None:
    office.list()
    with office.connection() as connection:
        connection.execute(
            "INSERT INTO approval_list SELECT 99, policy_id, sweep_number, snapshot_id, cases, total_fen, stages,"
            " digest, at, by FROM approval_list"
        )
        with pytest.raises(OnAnotherList, match="is on another list that is not decided"), translated():
            connection.execute(
                "INSERT INTO listed_case SELECT 99, case_id, seq, amount_fen, allocation FROM listed_case"
            )


def test_of_two_who_list_one_case_at_the_same_moment_the_second_is_refused(office: Office) -> None:
    (case,) = office.reviewed([0])
    header = (
        "INSERT INTO approval_list SELECT %s, 'direct', number, snapshot_id, 1, 0, '[]', snapshot_id, kept_at, 'x'"
        "  FROM sweep"
    )
    listed = "INSERT INTO listed_case (list_id, case_id, seq, amount_fen) VALUES (%s, %s, 1, 0)"

    def second() -> None:
        with office.connection() as connection, translated():
            connection.execute(header, (2,))
            connection.execute(listed, (2, case))

    with ThreadPoolExecutor(1) as pool:
        with office.connection() as connection:
            connection.execute(header, (1,))
            connection.execute(listed, (1, case))
            waiting = pool.submit(second)
        with pytest.raises(OnAnotherList):
            waiting.result(timeout=60)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("withdrawn", r"1 no longer reviewed \({case}\)"),
        ("amended", r"1 reviewed again \({case}\)"),
        ("rechecked", r"1 checked against another sweep, or not eligible \({case}\)"),
        ("undetermined", r"1 checked against another sweep, or not eligible \({case}\)"),
        ("granted again", r"1 another share of the budget \({case}\)"),
    ],
)
def test_whatever_changes_voids_the_list_with_the_reason(office: Office, change: str, reason: str) -> None:
    made, cases = office.list()
    match change:
        case "withdrawn":
            office.step(cases[:1], "withdraw", "reviewed", "withdrawn")
        case "amended":
            office.amend(cases[0], 90)
        case "rechecked":
            office.world.again(firms(3))
            office.check(cases[:1])
        case "undetermined":
            office.check(cases[:1], "undetermined")
        case "granted again":
            with office.connection() as connection:
                connection.execute(
                    "INSERT INTO allocation VALUES (99, 'direct', 2026, 'first_come', now(), 'x')",
                )
                connection.execute(
                    "INSERT INTO case_allocation SELECT 99, case_id, seq, 1, 100, 100 FROM case_allocation"
                    " WHERE case_id = %s",
                    (cases[0],),
                )
    (voided,) = void_changed_lists(office.database, office.clock, by="system")
    assert voided.list_id == made.kept.list_id
    assert voided.end is not None and voided.end.outcome is ListOutcome.VOID
    assert voided.end.reason == reason.replace("\\", "").format(case=cases[0])


def test_a_list_is_void_when_the_year_of_its_budget_is_over_and_its_cases_wait_for_the_new_one(
    office: Office,
) -> None:
    _, cases = office.list()
    office.clock.move_to(date(2026, 1, 5))
    made = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert [each.end.reason for each in made.voided if each.end] == [
        f"3 another share of the budget ({', '.join(map(str, cases))})"
    ]
    assert (made.made, made.without_budget) == ([], 3)


def test_a_list_that_did_not_change_is_not_voided(office: Office) -> None:
    _, cases = office.list()
    office.check(cases)
    assert void_changed_lists(office.database, office.clock, by="system") == []


def test_making_lists_voids_what_changed_and_lists_the_others_again(office: Office) -> None:
    first, cases = office.list()
    office.step(cases[:1], "withdraw", "reviewed", "withdrawn")
    again = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert [each.list_id for each in again.voided] == [first.kept.list_id]
    assert [each.kept.header.count for each in again.made] == [2]


def test_a_list_is_taken_back_with_a_reason_and_its_cases_can_be_listed_again(office: Office) -> None:
    made, _ = office.list()
    with pytest.raises(NoReason):
        void_list(office.database, office.clock, list_id=made.kept.list_id, by="clerk", reason=" ")
    voided = void_list(office.database, office.clock, list_id=made.kept.list_id, by="clerk", reason="too early")
    assert voided.end is not None and (voided.end.outcome, voided.end.reason) == (ListOutcome.VOID, "too early")
    with pytest.raises(ListEnded, match="void"):
        void_list(office.database, office.clock, list_id=made.kept.list_id, by="clerk", reason="again")
    assert len(make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made) == 1


def test_lists_are_found_by_policy_by_page_and_open_ones_alone(office: Office) -> None:
    first, _ = office.list()
    void_list(office.database, office.clock, list_id=first.kept.list_id, by="clerk", reason="too early")
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert [each.end is None for each in lists(office.database)] == [False, True]
    assert [each.list_id for each in lists(office.database, only_open=True, policy_id=POLICY)] == [2]
    assert [each.list_id for each in lists(office.database, after=1)] == [2]
    assert lists(office.database, policy_id=PolicyId("other")) == []


def test_a_page_of_a_list_follows_the_last(office: Office) -> None:
    made, cases = office.list()
    shown = show_list(office.database, made.kept.list_id, after=cases[0], most=1)
    assert [each.case_id for each in shown.cases] == [cases[1]]


def test_a_list_that_is_not_there_is_named(office: Office) -> None:
    with pytest.raises(NoSuchList, match="no approval list 7"):
        show_list(office.database, 7)


def test_the_rows_of_a_list_are_never_changed(office: Office) -> None:
    office.list()
    with office.connection() as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute("UPDATE listed_case SET amount_fen = 1")
