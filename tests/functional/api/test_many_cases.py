"""Many cases at once over the API: filters by district and lateness, files, and steps that are asked for."""

from pathlib import Path

import pytest

from policy_match.cases.history import CaseFilter
from policy_match.services.pick_cases import NothingPicked, PickChanged, pick_cases
from policy_match.services.supervise_cases import supervise
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.api import ApiClient, staff, world_client
from tests.support.cases import CALENDAR, World, firm, make_world, notify_world, open_world

ELSEWHERE = "91110000MA00000007"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    made = make_world(database, tmp_path, ("direct", "confirm"), [firm(1), firm(2), firm(3, uscc=ELSEWHERE)])
    open_world(made)
    return made


@pytest.fixture
def clerk(world: World) -> ApiClient:
    return world_client(world, staff("clerk"))


@pytest.mark.parametrize(("district", "count"), [("37", 4), ("3700", 4), ("110000", 2), ("3702", 0)])
def test_cases_are_found_by_district(clerk: ApiClient, district: str, count: int) -> None:
    assert len(clerk.pages("/cases", district=district)) == count


def test_half_a_district_is_refused(clerk: ApiClient) -> None:
    assert clerk.get("/cases", district="370").status_code == 422


def test_late_cases_are_those_that_the_supervision_marked_red(clerk: ApiClient, world: World) -> None:
    assert clerk.pages("/cases", late="true") == []
    world.clock.move(10)
    supervise(world.database, CALENDAR, world.clock)
    assert len(clerk.pages("/cases", late="true")) == 6
    assert sum(each["cases"] for each in clerk.get("/cases/counts", late="true").get_json()["items"]) == 6


def test_a_file_holds_every_case_of_the_filter(clerk: ApiClient) -> None:
    text = clerk.get("/cases.csv", policy="direct").get_data().decode("utf-8-sig")
    assert len(text.splitlines()) == 4


def test_a_file_holds_no_case_out_of_reach(world: World) -> None:
    text = world_client(world, staff("clerk", department="科技局")).get("/cases.csv").get_data().decode("utf-8-sig")
    assert len(text.splitlines()) == 1


def test_more_time_for_many_cases_is_asked_for(clerk: ApiClient, world: World) -> None:
    notify_world(world)
    cases = [each["case_id"] for each in clerk.pages("/cases", policy="confirm")]
    body = {"case_ids": cases, "until": "2025-07-25", "reason": "系统升级"}
    answer = clerk.post("/requests/extensions", body)
    assert answer.status_code == 202
    asked = answer.get_json()
    assert (asked["kind"], asked["policy_id"], asked["parameters"]["case_ids"]) == ("extend_cases", "confirm", cases)


def test_a_day_without_work_is_refused_before_anything_is_asked(clerk: ApiClient) -> None:
    body = {"case_ids": [1], "until": "2025-07-20", "reason": "系统升级"}
    assert clerk.post("/requests/extensions", body).get_json()["code"] == "case.not-a-working-day"
    assert clerk.pages("/requests") == []


def test_many_cases_of_several_policies_are_for_the_unlimited_only(world: World, clerk: ApiClient) -> None:
    body = {"case_ids": [1, 2], "reason": "停止执行"}
    assert clerk.post("/requests/withdrawals", body).get_json()["policy_id"] is None
    limited = world_client(world, staff("clerk", person="limited", department="人社局"))
    assert limited.post("/requests/withdrawals", body).status_code == 403
    assert (
        world_client(world, staff("clerk", department="科技局")).post("/requests/withdrawals", body).status_code == 403
    )


def test_a_choice_is_the_one_that_was_seen_or_none(world: World) -> None:
    wanted = CaseFilter(policy_id=PolicyId("confirm"))
    seen = pick_cases(world.database, wanted).digest
    assert len(pick_cases(world.database, wanted, seen=seen).cases) == 3
    notify_world(world)
    with pytest.raises(PickChanged):
        pick_cases(world.database, wanted, seen=seen)


def test_a_choice_of_no_case_is_refused(world: World) -> None:
    with pytest.raises(NothingPicked):
        pick_cases(world.database, CaseFilter(case_ids=(999,)))


def test_named_cases_are_picked_within_reach_alone(world: World) -> None:
    within = frozenset({PolicyId("confirm")})
    found = pick_cases(world.database, CaseFilter(case_ids=(1, 2, 3, 4), policies=within))
    assert {each.policy_id for each in found.cases} == within
