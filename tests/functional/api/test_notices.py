"""Notices over the API: lists, stories, handing over by hand, and the inbox of staff."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, machine, staff, world_client
from tests.support.cases import World, make_world, notify_world, open_world, uscc
from tests.support.prepared import prepare_world

CLERK = staff("clerk")
FIRST = f"firm:{uscc(1)}"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Three firms, each asked; the messages are in their inboxes."""
    made = make_world(database, tmp_path, ("confirm",))
    open_world(made)
    notify_world(made)
    prepare_world(made)
    return made


def client(world: World, principal: Principal = CLERK) -> ApiClient:
    return world_client(world, principal)


def test_all_pages_together_are_all_notices(world: World) -> None:
    found = client(world).pages("/notices", limit=2)
    assert [(each["notice_id"], each["case_id"], each["status"]) for each in found] == [
        (1, 1, "open"),
        (2, 2, "open"),
        (3, 3, "open"),
    ]


def test_a_filter_lets_only_some_through(world: World) -> None:
    clerk = client(world)
    assert [each["notice_id"] for each in clerk.pages("/notices", recipient=FIRST)] == [1]
    assert clerk.pages("/notices", status="reached") == []
    assert clerk.get("/notices", status="gone").status_code == 422


def test_counts_say_how_many_stand_where(world: World) -> None:
    (count,) = client(world).get("/notices/counts").get_json()["counts"]
    assert (count["kind"], count["status"], count["notices"]) == ("confirmation_asked", "open", 3)


def test_a_story_has_the_text_word_for_word_and_no_address(world: World) -> None:
    clerk = client(world)
    story = clerk.get("/notices/1").get_json()
    assert story["text"]["body"].startswith("示例1有限公司")
    assert [each["event"] for each in story["events"]] == ["prepare"]
    assert [each["masked"] for each in story["deliveries"]] == [""]
    assert clerk.get("/notices/9").status_code == 404


def test_a_story_that_is_known_is_not_sent_again(world: World) -> None:
    clerk = client(world)
    tag = clerk.get("/notices/1").headers["ETag"]
    assert clerk.get("/notices/1", headers={"If-None-Match": tag}).status_code == 304


def test_what_was_handed_over_at_the_counter_is_reached_once(world: World) -> None:
    clerk = client(world)
    body = {"notice_ids": [1, 9], "reason": "柜台送达"}
    done = clerk.post("/notices/handed-over", body).get_json()
    assert (done["reached"], done["before"]) == (1, 0)
    assert [(each["notice_id"], each["code"]) for each in done["refused"]] == [(9, "notice.unknown")]
    assert clerk.post("/notices/handed-over", body).get_json()["before"] == 1


def test_handing_over_says_how(world: World) -> None:
    answer = client(world).post("/notices/handed-over", {"notice_ids": [1], "reason": " "})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "notice.reason")


def test_another_department_sees_and_moves_none_of_them(world: World) -> None:
    stranger = client(world, staff("clerk", department="科技局"))
    assert stranger.pages("/notices") == []
    assert stranger.get("/notices/counts").get_json() == {"counts": []}
    assert stranger.get("/notices/1").status_code == 403
    assert stranger.post("/notices/handed-over", {"notice_ids": [1], "reason": "x"}).status_code == 403


def test_who_is_no_clerk_hands_nothing_over(world: World) -> None:
    for principal in (staff("auditor"), staff("payer"), machine(Scope.NOTICES_WRITE)):
        answer = client(world, principal).post("/notices/handed-over", {"notice_ids": [1], "reason": "x"})
        assert answer.status_code == 403


def test_staff_see_their_own_inbox_alone(world: World) -> None:
    clerk = client(world)
    assert clerk.pages("/inbox") == []
    assert clerk.post("/inbox/read", {"notice_ids": [1]}).get_json() == {"read": 0, "before": 0, "not_there": [1]}
