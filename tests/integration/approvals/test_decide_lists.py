"""Approving and rejecting: every stage by another person, the exact list, all cases or none."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from policy_match.cases.defects import NotAPerson, TwoStages
from policy_match.errors import PolicyMatchError
from policy_match.ports.approvals import ListOutcome, Signature
from policy_match.services.approval_lists import ListEnded, ListVoided, NoReason, make_lists, show_list, void_list
from policy_match.services.decide_lists import (
    AlreadySigned,
    Approved,
    NotOnList,
    Rejected,
    RoleMissing,
    approve_list,
    reject_list,
)
from policy_match.services.roles import grant_role, revoke_role
from policy_match.storage.driver_errors import ListDecided, RoleNotHeld, TwoStagesRefused, translated
from tests.support.cases import firms
from tests.support.reviewed_cases import POLICY, Office

THREE = tuple({"role": role, "count": 1, "from_fen": 0} for role in ("first", "second", "third"))


def approve(office: Office, by: str, list_id: int = 1) -> Approved:
    return approve_list(office.database, office.clock, list_id=list_id, by=by)


def reject(office: Office, by: str, cases: Sequence[int] | None = None, reason: str = "材料不实") -> Rejected:
    return reject_list(office.database, office.clock, list_id=1, by=by, reason=reason, cases=cases)


def all_roles(office: Office, person: str, *roles: str) -> None:
    for role in roles:
        grant_role(office.database, office.clock, person=person, role=role, by="admin")


def test_the_last_signature_approves_every_case_in_the_same_transaction(office: Office) -> None:
    _, cases = office.list()
    office.roles(li="reviewer", wang="approver")
    first = approve(office, "li")
    assert (first.stage, first.complete, [due.role for due in first.due]) == (1, False, ["approver"])
    assert office.statuses() == {"reviewed": 3}
    second = approve(office, "wang")
    assert (second.stage, second.complete) == (2, True)
    assert second.kept.end is not None and second.kept.end.outcome is ListOutcome.COMPLETE
    assert office.statuses() == {"approved": 3}
    assert office.number("SELECT count(*) FROM case_event WHERE event = 'approve' AND by = 'wang'") == len(cases)
    assert office.number("SELECT count(*) FROM case_event WHERE about = 'list:1'") == len(cases)


def test_a_case_that_was_granted_a_part_is_approved_with_that_part(office: Office) -> None:
    cases = office.reviewed([100, 300], how="pro_rata")
    office.money(200)
    office.allocate()
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    office.roles(li="reviewer", wang="approver")
    approve(office, "li")
    approve(office, "wang")
    assert [office.status(case) for case in cases] == [("approved", 50), ("approved", 150)]


def test_the_stages_come_in_order(office: Office) -> None:
    office.list()
    office.roles(li="reviewer", wang="approver")
    with pytest.raises(RoleMissing, match="stage 1 of approval list 1 is for the role reviewer, which wang"):
        approve(office, "wang")


@pytest.mark.parametrize("pair", list(permutations((1, 2, 3), 2)))
def test_nobody_takes_two_stages_of_one_case_whatever_the_roles(office: Office, pair: tuple[int, int]) -> None:
    office.list(stages=THREE)
    all_roles(office, "admin.too", "first", "second", "third")
    office.roles(a="first", b="second", c="third")
    taken, wanted = pair
    # A stage is taken on one list; where the wanted one comes earlier, on a new list after the first was voided.
    for number in range(1, taken):
        approve(office, "abc"[number - 1])
    approve(office, "admin.too")
    list_id = 1
    if wanted < taken:
        if taken == 3:
            assert office.statuses() == {"approved": 3}
            return
        void_list(office.database, office.clock, list_id=1, by="clerk", reason="again")
        make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
        list_id = 2
    for number in range(1 if list_id == 2 else taken + 1, wanted):
        approve(office, "abc"[number - 1], list_id)
    with pytest.raises(
        TwoStages, match=rf"admin.too has already done approval {taken} .* may not do approval {wanted}"
    ):
        approve(office, "admin.too", list_id)


def test_who_took_the_last_stage_of_a_case_takes_no_other_when_it_comes_again(office: Office) -> None:
    _, cases = office.list(stages=THREE)
    office.roles(a="first", b="second", c="third")
    for person in "abc":
        approve(office, person)
    office.step(cases, "publish", "approved", "published")
    office.step(cases, "object", "published", "objected")
    office.step(cases, "amend", "objected", "matched", amount_fen=50)
    office.step(cases, "review", "matched", "reviewed")
    office.allocate()
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    for wanted, person, others in ((1, "c", "a"), (2, "c", "b"), (3, "a", "c")):
        all_roles(office, person, "first", "second", "third")
        with pytest.raises(TwoStages, match=f"may not do approval {wanted}"):
            approve(office, person, 2)
        approve(office, others, 2)
    assert office.statuses() == {"approved": 3}


def test_who_reviewed_a_case_does_not_approve_it(office: Office) -> None:
    office.list(by="li")
    office.roles(li="reviewer")
    with pytest.raises(TwoStages, match="li has already done review"):
        approve(office, "li")


def test_who_decided_an_objection_of_a_case_does_not_approve_it(office: Office) -> None:
    _, cases = office.list()
    with office.connection() as connection:
        connection.execute(
            "INSERT INTO objection (case_id, lodged_by, ground, due, at) VALUES (%s, 'x', 'y', '2025-08-01', now())",
            cases[:1],
        )
        connection.execute("INSERT INTO objection_answer VALUES (1, 'dismiss', NULL, 'no', 'li', now())")
    office.roles(li="reviewer")
    with pytest.raises(TwoStages, match="li has already done objection"):
        approve(office, "li")


def test_who_ordered_a_payment_of_a_case_does_not_approve_it_later(office: Office) -> None:
    (case,) = office.reviewed([100])
    office.step([case], "approve", "reviewed", "approved")
    office.step([case], "order", "approved", "ordered", by="li")
    office.step([case], "bounce", "ordered", "returned")
    office.step([case], "requeue", "returned", "matched")
    office.step([case], "review", "matched", "reviewed")
    office.money(100)
    office.allocate()
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    office.roles(li="reviewer")
    with pytest.raises(TwoStages, match="li has already done order"):
        approve(office, "li")


def test_who_made_the_list_may_approve_it(office: Office) -> None:
    office.list()
    office.roles(clerk="reviewer")
    assert approve(office, "clerk").stage == 1


def test_a_stage_for_two_people_needs_two_and_nobody_signs_it_twice(office: Office) -> None:
    office.list(stages=({"role": "approver", "count": 2, "from_fen": 0},))
    office.roles(li="approver", wang="approver")
    assert [(due.number, due.missing) for due in approve(office, "li").due] == [(1, 1)]
    with pytest.raises(AlreadySigned, match="1 more with the role approver"):
        approve(office, "li")
    assert approve(office, "wang").complete


def test_the_same_stage_may_be_signed_again_on_a_new_list(office: Office) -> None:
    office.list()
    office.roles(li="reviewer")
    approve(office, "li")
    void_list(office.database, office.clock, list_id=1, by="clerk", reason="again")
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert approve(office, "li", 2).stage == 1


@pytest.mark.parametrize(("largest", "roles"), [(999, ["reviewer"]), (1_000, ["reviewer", "boss"])])
def test_a_stage_from_an_amount_on_applies_when_one_case_is_that_large(
    office: Office, largest: int, roles: list[str]
) -> None:
    stages = ({"role": "reviewer", "count": 1, "from_fen": 0}, {"role": "boss", "count": 1, "from_fen": 1_000})
    office.list((100, largest), stages=stages)
    assert [due.role for due in show_list(office.database, 1).due] == roles
    office.roles(li="reviewer")
    assert approve(office, "li").complete == (roles == ["reviewer"])


@pytest.mark.parametrize("person", ["system", "firm:91370000MA00000001"])
def test_neither_a_firm_nor_the_program_approves(office: Office, person: str) -> None:
    office.list()
    with pytest.raises(NotAPerson):
        approve(office, person)


def test_a_role_that_was_taken_back_no_longer_signs(office: Office) -> None:
    office.list()
    office.roles(li="reviewer")
    revoke_role(office.database, office.clock, person="li", role="reviewer", by="admin")
    with pytest.raises(RoleMissing):
        approve(office, "li")


def test_what_was_signed_before_the_role_was_taken_back_counts(office: Office) -> None:
    office.list()
    office.roles(li="reviewer", wang="approver")
    approve(office, "li")
    revoke_role(office.database, office.clock, person="li", role="reviewer", by="admin")
    assert approve(office, "wang").complete


CHANGES: dict[str, Callable[[Office, list[int]], None]] = {
    "amended": lambda office, cases: office.amend(cases[0], 90),
    "left": lambda office, cases: office.step(cases[:1], "withdraw", "reviewed", "withdrawn"),
    "newer facts": lambda office, cases: (office.world.again(firms(3)), office.check(cases))[1],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_two_signatures_voids_the_list_and_the_first_signature(office: Office, change: str) -> None:
    _, cases = office.list()
    office.roles(li="reviewer", wang="approver")
    approve(office, "li")
    CHANGES[change](office, cases)
    with pytest.raises(ListVoided, match=r"approval list 1 is void: \d "):
        approve(office, "wang")
    with pytest.raises(ListEnded, match="1 is void since"):
        approve(office, "wang")
    assert "approved" not in office.statuses()
    office.allocate()
    make_lists(office.database, office.clock, policy_id=POLICY, by="clerk")
    assert show_list(office.database, 2).signatures == []


def test_a_list_that_is_decided_takes_no_more_signatures(office: Office) -> None:
    office.list(stages=({"role": "reviewer", "count": 1, "from_fen": 0},))
    office.roles(li="reviewer", wang="reviewer")
    approve(office, "li")
    with pytest.raises(ListEnded, match="complete"):
        approve(office, "wang")


def test_two_people_at_once_each_sign_and_the_cases_are_approved_once(office: Office) -> None:
    office.list([1] * 200, stages=({"role": "approver", "count": 2, "from_fen": 0},))
    office.roles(li="approver", wang="approver")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda by: approve(office, by), ["li", "wang"]))
    assert sorted(each.complete for each in done) == [False, True]
    assert office.statuses() == {"approved": 200}


def test_of_two_people_at_once_for_one_place_one_signs(office: Office) -> None:
    office.list([1] * 200, stages=({"role": "approver", "count": 1, "from_fen": 0},))
    office.roles(li="approver", wang="approver")

    def attempt(by: str) -> str:
        try:
            return str(approve(office, by).complete)
        except PolicyMatchError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ["li", "wang"])) == ["True", "approval.ended"]
    assert office.number("SELECT count(*) FROM approval") == 1


def test_one_person_at_once_from_two_places_signs_once(office: Office) -> None:
    office.list()
    all_roles(office, "li", "reviewer", "approver")

    def attempt(_: int) -> str:
        try:
            return str(approve(office, "li").stage)
        except PolicyMatchError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["1", "approval.two-stages"]


def test_a_case_that_is_withdrawn_while_the_last_person_signs_is_not_approved(office: Office) -> None:
    _, cases = office.list([1] * 50)
    office.roles(li="reviewer", wang="approver")
    approve(office, "li")

    def attempt() -> str:
        try:
            return str(approve(office, "wang").complete)
        except PolicyMatchError as error:
            return type(error).__name__

    with ThreadPoolExecutor(1) as pool:
        with office.connection() as connection:
            connection.execute(
                "INSERT INTO case_event (case_id, seq, event, before, after, at, by, reason)"
                " SELECT case_id, seq + 1, 'withdraw', 'reviewed', 'withdrawn', now(), 'system', 'x' FROM case_state"
                " WHERE case_id = %s",
                (cases[0],),
            )
            running = pool.submit(attempt)
        said = running.result(timeout=60)
    assert said != "True"
    assert "approved" not in office.statuses()
    if said != "ListVoided":
        assert attempt() == "ListVoided"


def test_the_database_itself_refuses_another_digest_a_missing_role_and_two_stages(office: Office) -> None:
    made, cases = office.list()
    all_roles(office, "li", "reviewer", "approver")

    def sign(list_id: int, stage: int, role: str, digest: str) -> None:
        with office.database.unit_of_work() as work:
            row = Signature(person="li", stage=stage, role=role, digest=digest, at=office.clock.now())  # type: ignore[arg-type]
            work.approvals.sign(list_id, row)
            work.commit()

    with pytest.raises(ListDecided, match="another digest"):
        sign(1, 1, "reviewer", "0" * 64)
    with pytest.raises(RoleNotHeld, match="li does not hold the role boss"):
        sign(1, 1, "boss", made.kept.digest)
    sign(1, 1, "reviewer", made.kept.digest)
    void_list(office.database, office.clock, list_id=1, by="clerk", reason="again")
    with pytest.raises(ListDecided, match="list 1 is decided"):
        sign(1, 1, "reviewer", made.kept.digest)
    (again,) = make_lists(office.database, office.clock, policy_id=POLICY, by="clerk").made
    with pytest.raises(TwoStagesRefused, match=f"li has decided case {cases[0]}"):
        sign(2, 2, "approver", again.kept.digest)


def test_who_answers_an_objection_after_approving_the_case_is_refused_in_both_languages(office: Office) -> None:
    _, cases = office.list()
    office.roles(li="reviewer")
    approve(office, "li")
    with office.connection() as connection:
        connection.execute(
            "INSERT INTO objection (case_id, lodged_by, ground, due, at) VALUES (%s, 'x', 'y', '2025-08-01', now())",
            cases[:1],
        )
    with pytest.raises(TwoStagesRefused) as refused, office.connection() as connection, translated():
        connection.execute("INSERT INTO objection_answer VALUES (1, 'dismiss', NULL, 'no', 'li', now())")
    assert "another person" in refused.value.message("en")
    assert "须由他人办理" in refused.value.message("zh")


def test_rejecting_a_list_rejects_its_cases_and_gives_their_money_back(office: Office) -> None:
    _, cases = office.list()
    office.roles(li="reviewer")
    done = reject(office, "li")
    assert (done.cases, done.made) == (3, [])
    assert done.kept.end is not None and done.kept.end.outcome is ListOutcome.REJECTED
    assert office.statuses() == {"rejected": 3}
    assert office.number("SELECT count(*) FROM case_event WHERE event = 'reject' AND reason = '材料不实'") == len(cases)
    assert office.allocate().lines == []


def test_rejecting_some_cases_voids_the_list_and_puts_the_others_on_a_new_one(office: Office) -> None:
    _, cases = office.list()
    office.roles(li="reviewer", wang="approver")
    approve(office, "li")
    done = reject(office, "wang", cases[:1])
    assert (done.cases, len(done.made)) == (1, 1)
    assert done.kept.end is not None and done.kept.end.outcome is ListOutcome.VOID
    assert done.kept.end.reason == "1 of its cases rejected: 材料不实"
    assert [each.case_id for each in show_list(office.database, 2).cases] == cases[1:]
    assert show_list(office.database, 2).signatures == []
    assert office.status(cases[0]) == ("rejected", 100)


def test_naming_all_cases_rejects_the_list(office: Office) -> None:
    _, cases = office.list()
    office.roles(li="reviewer")
    done = reject(office, "li", cases)
    assert done.kept.end is not None and done.kept.end.outcome is ListOutcome.REJECTED


@pytest.mark.parametrize("cases", [[], [999]])
def test_only_cases_of_the_list_are_rejected(office: Office, cases: list[int]) -> None:
    office.list()
    office.roles(li="reviewer")
    with pytest.raises(NotOnList):
        reject(office, "li", cases)
    assert office.statuses() == {"reviewed": 3}


def test_a_rejection_needs_a_reason_and_the_role_of_the_next_stage(office: Office) -> None:
    office.list()
    office.roles(li="reviewer", wang="approver")
    with pytest.raises(NoReason):
        reject(office, "li", reason=" ")
    with pytest.raises(RoleMissing):
        reject(office, "wang")
    approve(office, "li")
    all_roles(office, "li", "approver")
    with pytest.raises(TwoStages):
        reject(office, "li")


def test_a_role_that_is_limited_to_another_department_does_not_count_for_the_list(office: Office) -> None:
    made, _ = office.list()
    (policy,) = office.world.rules.policies.values()
    for where in ({"department": "另一个部门"}, {"jurisdiction": "999999"}):
        grant_role(office.database, office.clock, person="li", role="reviewer", by="admin", **where)
    with pytest.raises(RoleMissing):
        approve_list(office.database, office.clock, list_id=made.kept.list_id, by="li")
    grant_role(
        office.database,
        office.clock,
        person="li",
        role="reviewer",
        department=policy.department,
        jurisdiction=policy.jurisdiction[:2],
        by="admin",
    )
    assert approve_list(office.database, office.clock, list_id=made.kept.list_id, by="li").stage == 1


def test_the_database_refuses_a_signature_of_a_role_that_is_limited_elsewhere(office: Office) -> None:
    made, _ = office.list()
    grant_role(office.database, office.clock, person="li", role="reviewer", department="另一个部门", by="admin")
    signature = Signature(person="li", stage=1, role="reviewer", digest=made.kept.digest, at=office.clock.now())
    with office.database.unit_of_work() as work, pytest.raises(RoleNotHeld):
        work.approvals.sign(made.kept.list_id, signature)
