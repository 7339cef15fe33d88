"""What firms suggest lands in a list with a status that staff set and firms see."""

from pathlib import Path
from typing import Any

import pytest

from policy_match.identity.principal import Principal
from policy_match.storage.unit_of_work import Database
from tests.support.api import NOWHERE, ApiClient, WorldDesk, client_of, firm_user, staff
from tests.support.cases import World, make_world, uscc

CLERK = staff("clerk")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ("direct", "confirm"))


def client(world: World, who: int | Principal) -> ApiClient:
    return client_of(WorldDesk(world, NOWHERE), firm_user(uscc(who)) if isinstance(who, int) else who)


def suggested(world: World, number: int = 1) -> int:
    made = client(world, number).post("/firm/suggestions", {"policy_id": "direct", "text": "一次发放,不分两期"})
    assert made.json["status"] == "received"
    return int(made.json["suggestion_id"])


def decide(world: World, number: int, status: str, who: Principal = CLERK, **more: object) -> Any:
    return client(world, who).post(f"/suggestions/{number}/decision", {"status": status, **more})


def test_a_suggestion_goes_into_the_list_and_then_into_a_policy(world: World) -> None:
    number = suggested(world)
    assert decide(world, number, "reserved").json["status"] == "reserved"
    reserved = client(world, staff("supervisor")).pages("/suggestions", status="reserved")
    assert [each["suggestion_id"] for each in reserved] == [number]
    taken = decide(world, number, "taken_up", policy="confirm", reason="明年起一次发放")
    assert (taken.status_code, taken.json["taken_into"]) == (200, "confirm")
    (seen,) = client(world, 1).pages("/firm/suggestions")
    assert (seen["status"], seen["taken_into"], seen["reason"]) == ("taken_up", "confirm", "明年起一次发放")
    assert "wang.fang" not in str(seen)
    assert client(world, staff("clerk")).pages("/suggestions", status="received") == []


def test_what_was_decided_for_good_stays(world: World) -> None:
    number = suggested(world)
    assert decide(world, number, "not_taken_up", reason="与上位规定不符").status_code == 200
    for status, more in (("reserved", {}), ("taken_up", {"policy": "direct", "reason": "x"})):
        refused = decide(world, number, status, **more)
        assert (refused.status_code, refused.json["code"]) == (409, "suggestion.decided")


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        ("not_taken_up", {}, "report.text"),
        ("taken_up", {"reason": "x"}, "suggestion.policy"),
        ("reserved", {"policy": "direct"}, "suggestion.policy"),
        ("taken_up", {"reason": "x", "policy": "nothing"}, "report.policy"),
    ],
)
def test_a_decision_says_why_and_into_what(world: World, status: str, more: dict[str, str], code: str) -> None:
    refused = decide(world, suggested(world), status, **more)
    assert refused.json["code"] == code


def test_another_department_decides_nothing_and_another_firm_sees_nothing(world: World) -> None:
    number = suggested(world)
    assert decide(world, number, "reserved", staff("clerk", department="税务局")).status_code == 403
    assert decide(world, 77, "reserved").status_code == 404
    assert client(world, 2).pages("/firm/suggestions") == []


def asked_for(world: World, number: int = 1, **more: str) -> Any:
    body = {"subject": "夜间用电补贴", "text": "三班倒企业夜间用电多", **more}
    return client(world, number).post("/firm/suggestions", body)


def test_a_policy_that_there_is_not_is_asked_for_and_decided_by_who_sees_everything(world: World) -> None:
    suggested(world)
    made = asked_for(world, department="发改局").json
    assert (made["policy_id"], made["subject"], made["department"]) == (None, "夜间用电补贴", "发改局")
    number = made["suggestion_id"]
    everybody, limited = client(world, CLERK), client(world, staff("clerk", department="人社局"))
    assert [each["suggestion_id"] for each in everybody.pages("/suggestions", new="true")] == [number]
    assert number not in [each["suggestion_id"] for each in everybody.pages("/suggestions", new="false")]
    assert number not in [each["suggestion_id"] for each in limited.pages("/suggestions")]
    assert decide(world, number, "reserved", staff("clerk", department="人社局")).status_code == 403
    assert decide(world, number, "reserved").json["status"] == "reserved"
    taken = decide(world, number, "taken_up", policy="direct", reason="并入该政策")
    assert (taken.json["taken_into"], taken.json["subject"]) == ("direct", "夜间用电补贴")
    (seen, _) = sorted(client(world, 1).pages("/firm/suggestions"), key=lambda each: each["policy_id"] or "")
    assert (seen["subject"], seen["status"]) == ("夜间用电补贴", "taken_up")
    assert client(world, 2).pages("/firm/suggestions") == []


@pytest.mark.parametrize(
    "more",
    [{"subject": ""}, {"subject": "  "}, {"policy_id": "direct"}, {"subject": "", "department": "发改局"}],
)
def test_a_suggestion_is_about_a_policy_or_says_what_is_asked_for(world: World, more: dict[str, str]) -> None:
    refused = asked_for(world, **more)
    assert (refused.status_code, refused.json["code"]) == (422, "suggestion.subject")


def test_staff_keep_at_the_counter_what_is_asked_for(world: World) -> None:
    made = client(world, CLERK).post("/suggestions", {"subject": "夜间用电补贴", "text": "窗口收到"})
    assert made.status_code in (200, 201)
    (kept,) = client(world, CLERK).pages("/suggestions", new="true")
    assert (kept["suggestion_id"], kept["by"]) == (made.json["suggestion_id"], "wang.fang")
