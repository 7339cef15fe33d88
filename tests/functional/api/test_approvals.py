"""Approval lists over the API: what is shown is what is signed, by people who may."""

from pathlib import Path

import pytest

from policy_match.cases.defects import NotAPerson
from policy_match.identity.principal import Principal, Scope
from policy_match.services.decide_lists import approve_list
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, machine, staff, world_client
from tests.support.reviewed_cases import POLICY, Office, open_office

CLERK = staff("clerk", person="clerk")
REVIEWER = staff("reviewer", person="wang.fang")
APPROVER = staff("approver", person="li.ming")


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    opened = open_office(database_url, database, tmp_path)
    opened.roles(**{"wang.fang": "reviewer", "li.ming": "approver"})
    return opened


def client(office: Office, principal: Principal) -> ApiClient:
    return world_client(office.world, principal)


def test_two_people_who_repeat_the_digest_approve_all_cases(office: Office) -> None:
    made, cases = office.list()
    path = f"/approval-lists/{made.kept.list_id}"
    shown = client(office, REVIEWER).get(path).get_json()
    body = {"digest": shown["kept"]["digest"]}
    first = client(office, REVIEWER).post(f"{path}/signatures", body)
    assert (first.status_code, first.get_json()["complete"]) == (200, False)
    assert first.get_json()["due"] == [{"number": 2, "role": "approver", "missing": 1}]
    second = client(office, APPROVER).post(f"{path}/signatures", body)
    assert (second.status_code, second.get_json()["complete"]) == (200, True)
    assert {office.status(case)[0] for case in cases} == {"approved"}
    signed = client(office, CLERK).get(path).get_json()
    assert [each["person"] for each in signed["signatures"]] == ["wang.fang", "li.ming"]
    assert signed["kept"]["end"]["outcome"] == "complete"


def test_another_digest_is_refused(office: Office) -> None:
    made, _ = office.list()
    answer = client(office, REVIEWER).post(f"/approval-lists/{made.kept.list_id}/signatures", {"digest": "0" * 64})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "approval.digest")


def test_a_signature_without_the_digest_is_refused(office: Office) -> None:
    made, _ = office.list()
    answer = client(office, REVIEWER).post(f"/approval-lists/{made.kept.list_id}/signatures", {})
    assert (answer.status_code, answer.get_json()["places"][0]["where"]) == (422, "/digest")


def test_a_list_that_changed_is_void_and_stays_void(office: Office) -> None:
    made, cases = office.list()
    office.amend(cases[0], 150)
    path = f"/approval-lists/{made.kept.list_id}"
    answer = client(office, REVIEWER).post(f"{path}/signatures", {"digest": made.kept.digest})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "approval.changed")
    assert client(office, CLERK).get(path).get_json()["kept"]["end"]["outcome"] == "void"


def test_who_came_upon_a_list_that_is_void_now_is_in_the_history(office: Office) -> None:
    made, cases = office.list()
    office.amend(cases[0], 150)
    path = f"/approval-lists/{made.kept.list_id}"
    client(office, REVIEWER).post(f"{path}/signatures", {"digest": made.kept.digest})
    kept = client(office, staff("auditor", person="li.na")).pages("/actions")
    assert [(each["by"], each["operation"], each["status"]) for each in kept] == [
        ("wang.fang", "sign_approval_list", 409)
    ]


def test_who_lacks_the_role_of_the_stage_is_refused(office: Office) -> None:
    made, _ = office.list()
    answer = client(office, APPROVER).post(
        f"/approval-lists/{made.kept.list_id}/signatures", {"digest": made.kept.digest}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "approval.role")


def test_one_person_does_not_take_two_stages(office: Office) -> None:
    office.roles(**{"wang.fang": "approver"})
    made, _ = office.list()
    both = client(office, staff("reviewer", "approver", person="wang.fang"))
    path, body = f"/approval-lists/{made.kept.list_id}/signatures", {"digest": made.kept.digest}
    assert both.post(path, body).status_code == 200
    answer = both.post(path, body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "approval.two-stages")


def test_a_role_of_another_department_signs_nothing(office: Office) -> None:
    made, _ = office.list()
    stranger = client(office, staff("reviewer", person="wang.fang", department="科技局"))
    path = f"/approval-lists/{made.kept.list_id}"
    assert stranger.post(f"{path}/signatures", {"digest": made.kept.digest}).status_code == 403
    assert stranger.get(path).status_code == 403
    assert stranger.get(f"{path}/cases").status_code == 403
    assert stranger.get("/approval-lists").get_json()["items"] == []


def test_a_role_of_another_department_signs_nothing_though_another_role_reaches_everywhere(office: Office) -> None:
    made, _ = office.list()
    here, there = staff("clerk", person="wang.fang"), staff("reviewer", person="wang.fang", department="科技局")
    both = client(office, type(here)(person="wang.fang", roles=here.roles | there.roles))
    path = f"/approval-lists/{made.kept.list_id}"
    assert both.get(path).status_code == 200
    assert both.post(f"{path}/signatures", {"digest": made.kept.digest}).status_code == 403


def test_no_machine_signs(office: Office) -> None:
    made, _ = office.list()
    other = client(office, machine(*Scope))
    path = f"/approval-lists/{made.kept.list_id}"
    assert other.post(f"{path}/signatures", {"digest": made.kept.digest}).status_code == 403
    assert other.post(f"{path}/rejection", {"reason": "x"}).status_code == 403


def test_a_machine_that_got_through_would_not_sign(office: Office) -> None:
    made, _ = office.list()
    with pytest.raises(NotAPerson):
        approve_list(office.database, office.clock, list_id=made.kept.list_id, by=machine().actor)


def test_some_cases_are_rejected_and_the_others_are_on_a_new_list(office: Office) -> None:
    made, cases = office.list()
    answer = client(office, REVIEWER).post(
        f"/approval-lists/{made.kept.list_id}/rejection", {"reason": "材料不符", "cases": [cases[0]]}
    )
    found = answer.get_json()
    assert (answer.status_code, found["cases"], found["kept"]["end"]["outcome"]) == (200, 1, "void")
    assert [each["kept"]["header"]["count"] for each in found["made"]] == [2]
    assert office.status(cases[0])[0] == "rejected"


def test_a_list_is_made_taken_back_and_made_again(office: Office) -> None:
    office.reviewed((100, 200))
    office.money(1000)
    office.allocate()
    clerk = client(office, CLERK)
    made = clerk.post("/approval-lists", {"policy": POLICY}).get_json()["made"]
    number = made[0]["kept"]["list_id"]
    assert clerk.post(f"/approval-lists/{number}/void", {"reason": "重新分配"}).get_json()["end"]["outcome"] == "void"
    again = clerk.post(f"/approval-lists/{number}/void", {"reason": "重新分配"})
    assert (again.status_code, again.get_json()["code"]) == (409, "approval.ended")
    assert len(clerk.post("/approval-lists", {"policy": POLICY}).get_json()["made"]) == 1
    assert len(clerk.pages("/approval-lists", limit=1)) == 2
    assert len(clerk.pages("/approval-lists", open="true", policy=POLICY)) == 1


def test_the_pages_of_a_list_are_all_its_cases(office: Office) -> None:
    made, cases = office.list()
    found = client(office, CLERK).pages(f"/approval-lists/{made.kept.list_id}/cases", limit=2)
    assert [(each["case_id"], each["amount_fen"]) for each in found] == list(zip(cases, (100, 200, 300), strict=True))


def test_a_list_that_is_known_is_not_sent_again(office: Office) -> None:
    made, _ = office.list()
    clerk, path = client(office, CLERK), f"/approval-lists/{made.kept.list_id}"
    tag = clerk.get(path).headers["ETag"]
    assert clerk.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_there_is_no_list_of_another_number(office: Office) -> None:
    answer = client(office, CLERK).get("/approval-lists/9")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "approval.unknown")


def test_who_may_sign_is_told_so_and_whoever_may_not_is_told_why(office: Office) -> None:
    made, _ = office.list()
    path = f"/approval-lists/{made.kept.list_id}/signing"
    mine = client(office, REVIEWER).get(path).get_json()
    assert (mine["may"], mine["stage"]) == (True, {"number": 1, "role": "reviewer", "missing": 1})
    other = client(office, APPROVER).get(path).get_json()
    assert (other["may"], other["code"]) == (False, "approval.role")
    assert "reviewer" in other["detail"]


def test_who_signed_one_stage_is_told_that_another_person_does_the_next(office: Office) -> None:
    made, _ = office.list()
    office.roles(**{"wang.fang": "approver"})
    both = client(office, staff("reviewer", "approver", person="wang.fang"))
    both.post(f"/approval-lists/{made.kept.list_id}/signatures", {"digest": made.kept.digest})
    found = both.get(f"/approval-lists/{made.kept.list_id}/signing").get_json()
    assert (found["may"], found["code"], found["stage"]["number"]) == (False, "approval.two-stages", 2)
    assert both.get("/approval-lists/waiting-for-me").get_json() == {"lists": [], "more": False}


def test_a_list_waits_for_whoever_may_sign_next(office: Office) -> None:
    made, _ = office.list()

    def waiting(principal: Principal) -> list[int]:
        found = client(office, principal).get("/approval-lists/waiting-for-me").get_json()["lists"]
        return [each["kept"]["list_id"] for each in found]

    assert (waiting(REVIEWER), waiting(APPROVER), waiting(CLERK)) == ([made.kept.list_id], [], [])
    client(office, REVIEWER).post(f"/approval-lists/{made.kept.list_id}/signatures", {"digest": made.kept.digest})
    assert (waiting(REVIEWER), waiting(APPROVER)) == ([], [made.kept.list_id])


def test_looking_whether_one_may_sign_does_not_wait_for_whoever_decides(office: Office) -> None:
    made, _ = office.list()
    with office.database.unit_of_work() as work:
        work.approvals.lock_policy(POLICY)
        assert client(office, REVIEWER).get(f"/approval-lists/{made.kept.list_id}/signing").get_json()["may"]


def test_the_file_of_a_list_is_all_its_cases(office: Office) -> None:
    made, cases = office.list()
    answer = client(office, CLERK).get(f"/approval-lists/{made.kept.list_id}/cases.csv")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [str(case) for case in cases]
