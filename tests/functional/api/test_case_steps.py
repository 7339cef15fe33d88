"""Steps of cases over the API: answers, more time, taking back, objections, exclusions, contracts, appeals."""

from pathlib import Path

import pytest

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, staff, world_client
from tests.support.cases import (
    World,
    approve_world,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    uscc,
)

FOREIGN = staff("clerk", "supervisor", department="财政局")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms that were asked whether they want `confirm`."""
    made = make_world(database, tmp_path, ["confirm"], 2)
    open_world(made)
    notify_world(made)
    return made


@pytest.fixture
def clerk(world: World) -> ApiClient:
    return world_client(world, staff("clerk"))


def ids(client: ApiClient, **given: object) -> list[int]:
    return [each["case_id"] for each in client.pages("/cases", **given)]


def published(world: World, clerk: ApiClient) -> int:
    """Bring the first case on public display and return its number."""
    first = ids(clerk)[0]
    assert clerk.post("/case-answers", {"case_ids": [first], "answer": "confirm"}).get_json()["taken"] == 1
    recheck_world(world)
    approve_world(world)
    assert publish_world(world) == 1
    return first


def test_an_answer_is_taken_at_the_counter(clerk: ApiClient) -> None:
    first, second = ids(clerk)
    assert clerk.post("/case-answers", {"case_ids": [first], "answer": "confirm"}).get_json() == {
        "taken": 1,
        "refused": [],
    }
    declined = {"case_ids": [second], "answer": "decline", "reason": "不需要", "because": "too_small"}
    assert clerk.post("/case-answers", declined).get_json()["taken"] == 1
    assert ids(clerk, status="confirmed") == [first]
    assert ids(clerk, status="declined") == [second]
    (_, step) = clerk.get(f"/cases/{second}").get_json()["events"]
    assert (step["by"], step["reason"]) == ("wang.fang", "不需要")


def test_what_one_case_does_not_take_is_answered_while_the_others_are_taken(clerk: ApiClient) -> None:
    first, second = ids(clerk)
    clerk.post("/case-answers", {"case_ids": [first], "answer": "confirm"})
    answer = clerk.post("/case-answers", {"case_ids": [first, second, 999999], "answer": "confirm"}).get_json()
    assert answer["taken"] == 1
    assert [(each["case_id"], each["code"]) for each in answer["refused"]] == [
        (first, "case.step"),
        (999999, "case.unknown"),
    ]


def test_more_time_ends_on_a_working_day(clerk: ApiClient) -> None:
    first = ids(clerk)[0]
    body = {"case_ids": [first], "until": "2025-07-20", "reason": "企业来函"}
    refused = clerk.post("/case-extensions", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "case.not-a-working-day")
    assert clerk.post("/case-extensions", {**body, "until": "2025-07-21"}).get_json()["taken"] == 1
    assert clerk.get(f"/cases/{first}").get_json()["case"]["deadline"] == "2025-07-21"


def test_a_case_is_taken_back_with_its_reason(clerk: ApiClient) -> None:
    first = ids(clerk)[0]
    assert clerk.post("/case-withdrawals", {"case_ids": [first], "reason": " "}).status_code == 422
    assert clerk.post("/case-withdrawals", {"case_ids": [first], "reason": "重复"}).get_json()["taken"] == 1
    assert ids(clerk, status="withdrawn") == [first]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/case-answers", {"case_ids": [], "answer": "confirm"}),
        ("/case-answers", {"case_ids": ["1"], "answer": "confirm"}),
        ("/case-answers", {"case_ids": [1], "answer": "maybe"}),
        ("/case-answers", {"case_ids": [1], "answer": "confirm", "by": "li.ming"}),
        ("/case-answers", {"case_ids": [1] * 1001, "answer": "confirm"}),
        ("/case-extensions", {"case_ids": [1], "until": "soon", "reason": "x"}),
        ("/case-withdrawals", {"case_ids": [1], "reason": "\u0000"}),
        ("/exclusions", {"uscc": "123", "reason": "x"}),
        ("/cases/1/objections", {"lodged_by": "firm:91370000MA00000001", "ground": "x"}),
    ],
)
def test_a_body_that_does_not_fit_is_refused_and_changes_nothing(
    clerk: ApiClient, path: str, body: dict[str, object]
) -> None:
    assert clerk.post(path, body).status_code == 422
    assert len(ids(clerk, status="notified")) == 2


def test_a_step_on_a_case_of_another_department_is_refused(world: World, clerk: ApiClient) -> None:
    first = ids(clerk)[0]
    foreign = world_client(world, FOREIGN)
    for path, body in (
        ("/case-answers", {"case_ids": [first], "answer": "confirm"}),
        ("/case-extensions", {"case_ids": [first], "until": "2025-07-21", "reason": "x"}),
        ("/case-withdrawals", {"case_ids": [first], "reason": "x"}),
        (f"/cases/{first}/objections", {"lodged_by": "张三", "ground": "x"}),
        (f"/cases/{first}/contract", {"reference": "1"}),
        (f"/cases/{first}/contract/close", None),
        ("/exclusions", {"uscc": uscc(1), "reason": "x"}),
        ("/exclusions", {"uscc": uscc(1), "policy_id": "confirm", "reason": "x"}),
    ):
        assert foreign.post(path, body).status_code == 403, path
    assert len(ids(clerk, status="notified")) == 2


def test_an_objection_stops_a_case_until_it_is_answered(world: World, clerk: ApiClient) -> None:
    case = published(world, clerk)
    made = clerk.post(f"/cases/{case}/objections", {"lodged_by": "张三", "ground": "该企业已停产"})
    assert made.status_code == 201
    number = made.get_json()["objection_id"]
    assert made.headers["Location"] == f"/api/v1/objections/{number}"
    assert [each["objection_id"] for each in clerk.pages("/objections")] == [number]
    assert ids(clerk, status="objected") == [case]
    reply = {"outcome": "uphold", "reason": "核实已停产"}
    foreign = world_client(world, FOREIGN)
    assert foreign.pages("/objections") == []
    assert foreign.get(f"/objections/{number}").status_code == 403
    assert foreign.post(f"/objections/{number}/answer", reply).status_code == 403
    judge = world_client(world, staff("supervisor", person="sun.li"))
    assert judge.post(f"/objections/{number}/answer", reply).get_json()["objections"] == [number]
    again = judge.post(f"/objections/{number}/answer", reply)
    assert (again.status_code, again.get_json()["code"]) == (409, "objection.answered")
    assert clerk.pages("/objections") == []
    shown = clerk.get(f"/objections/{number}").get_json()
    assert (shown["outcome"], shown["answered_by"]) == ("uphold", "sun.li")
    assert ids(clerk, status="withdrawn") == [case]


def test_who_objects_does_not_answer(world: World, clerk: ApiClient) -> None:
    case = published(world, clerk)
    number = clerk.post(f"/cases/{case}/objections", {"lodged_by": "sun.li", "ground": "x"}).get_json()["objection_id"]
    judge = world_client(world, staff("supervisor", person="sun.li"))
    answer = judge.post(f"/objections/{number}/answer", {"outcome": "dismiss", "reason": "x"})
    assert answer.status_code == 409


def test_an_exclusion_is_made_shown_and_lifted(world: World, clerk: ApiClient) -> None:
    made = clerk.post("/exclusions", {"uscc": uscc(1), "policy_id": "confirm", "reason": "严重失信"})
    assert made.status_code == 201
    number = made.get_json()["exclusion_id"]
    assert made.get_json()["since"] == "2025-07-01"
    everywhere = clerk.post("/exclusions", {"uscc": uscc(2), "reason": "严重失信"}).get_json()["exclusion_id"]
    assert [each["exclusion_id"] for each in clerk.pages("/exclusions", limit=1)] == [number, everywhere]
    foreign = world_client(world, FOREIGN)
    assert [each["exclusion_id"] for each in foreign.pages("/exclusions")] == [everywhere]
    assert foreign.post(f"/exclusions/{number}/lift", {"reason": "x"}).status_code == 404
    assert foreign.post(f"/exclusions/{everywhere}/lift", {"reason": "x"}).status_code == 403
    assert clerk.post(f"/exclusions/{number}/lift", {"reason": "信用修复"}).get_json()["lifted"] == "信用修复"
    assert clerk.post(f"/exclusions/{number}/lift", {"reason": "信用修复"}).status_code == 404
    assert clerk.post("/exclusions", {"uscc": uscc(1), "policy_id": "confrm", "reason": "x"}).status_code == 404


def test_equity_ends_with_a_contract(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, ["equity"], 1)
    clerk = world_client(world, staff("clerk"))
    open_world(world)
    notify_world(world)
    case = published(world, clerk)
    early = clerk.post(f"/cases/{case}/contract", {"reference": "投资协议 2025-1"})
    assert early.status_code == 409
    world.clock.move(10)
    recheck_world(world, RecheckPurpose.PAYMENT)
    signed = clerk.post(f"/cases/{case}/contract", {"reference": "投资协议 2025-1"})
    assert signed.get_json()["case"]["status"] == "contracted"
    assert clerk.post(f"/cases/{case}/contract/close").get_json()["case"]["status"] == "closed"


def test_an_appeal_is_decided_again_and_both_records_are_kept(world: World, clerk: ApiClient) -> None:
    body = {
        "sweep_id": "latest",
        "policy_id": "confirm",
        "uscc": uscc(1),
        "lodged_by": "示例1有限公司",
        "ground": "人数有误",
        "corrections": [{"fact": "premium", "value": "3000", "source": "人社局 2025-07 复核"}],
    }
    assert world_client(world, FOREIGN).post("/appeals", body).status_code == 403
    made = clerk.post("/appeals", body)
    assert made.status_code == 201
    number = made.get_json()["appeal"]["appeal_id"]
    assert [each["appeal_id"] for each in clerk.pages("/appeals", unanswered="true")] == [number]
    assert world_client(world, FOREIGN).pages("/appeals") == []
    assert world_client(world, FOREIGN).post(f"/appeals/{number}/replay").status_code == 403
    replay = clerk.post(f"/appeals/{number}/replay").get_json()["replay"]
    assert replay["same_as_kept"]
    assert (replay["old"]["amount"], replay["corrected"]["amount"]) == ("1000.00", "1500.00")
    assert clerk.get(f"/appeals/{number}").get_json()["replay"] == replay
    assert clerk.pages("/appeals", unanswered="true") == []
    assert clerk.get("/appeals/999").get_json()["code"] == "appeal.unknown"
    assert clerk.post("/appeals", {**body, "policy_id": "other"}).status_code == 404
