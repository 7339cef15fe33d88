"""Public display over the API: everybody sees it while somebody may object, masked, and nothing else."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, firm_user, staff, world_client
from tests.support.cases import (
    World,
    amended,
    approve_world,
    budget,
    chosen,
    firm,
    make_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    uscc,
)

LIST = "/public-lists/direct/2025-07-01"
HOUSEHOLD = "92370000MA00000009"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    text = amended("direct", tables="\n".join((budget(), process(publicity_days=5))))
    rows = [firm(1), firm(2), firm(4, uscc=HOUSEHOLD, ent_name="青岛市王小明餐饮店")]
    made = make_world(database, tmp_path, chosen(direct=text), rows)
    open_world(made)
    recheck_world(made)
    approve_world(made)
    return made


@pytest.fixture
def anybody(world: World) -> ApiClient:
    return world_client(world, None)


def test_nothing_is_shown_that_was_not_published(anybody: ApiClient) -> None:
    assert anybody.get("/public-lists").get_json() == {"items": []}
    assert anybody.get(LIST).status_code == 404


def test_everybody_sees_each_case_with_its_code_masked(anybody: ApiClient, world: World) -> None:
    publish_world(world)
    (shown,) = anybody.get("/public-lists").get_json()["items"]
    assert (shown["policy_id"], shown["cases"], shown["last_day"]) == ("direct", 3, "2025-07-08")
    items = anybody.pages(f"{LIST}/cases", limit=2)
    assert [(each["name"], each["code"]) for each in items] == [
        ("示例1有限公司", "913700********0001"),
        ("示例2有限公司", "913700********0002"),
        ("青岛*****饮店", "923700********0009"),
    ]


def test_the_file_holds_what_the_pages_hold(anybody: ApiClient, world: World) -> None:
    publish_world(world)
    text = anybody.get(f"{LIST}/cases.csv").get_data().decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert "王小明" not in text
    assert uscc(1) not in text


def test_a_firm_that_signed_in_sees_what_everybody_sees(world: World, anybody: ApiClient) -> None:
    publish_world(world)
    mine = world_client(world, firm_user(uscc(1)))
    assert mine.get(f"{LIST}/cases").get_json()["items"] == anybody.get(f"{LIST}/cases").get_json()["items"]


def test_the_last_day_is_shown_and_the_day_after_is_not(world: World, anybody: ApiClient) -> None:
    publish_world(world)
    world.clock.move(7)
    assert len(anybody.get("/public-lists").get_json()["items"]) == 1
    world.clock.move(1)
    assert anybody.get("/public-lists").get_json()["items"] == []
    assert anybody.get(f"{LIST}/cases").status_code == 404
    clerk = world_client(world, staff("clerk"))
    assert clerk.get("/displays").get_json()["items"] == []
    assert len(clerk.get("/displays", over="true").get_json()["items"]) == 1


def test_a_case_stays_shown_while_an_objection_is_decided(world: World, anybody: ApiClient) -> None:
    publish_world(world)
    clerk = world_client(world, staff("clerk"))
    assert clerk.post("/cases/1/objections", {"lodged_by": "某人", "ground": "已停业"}).status_code == 201
    (shown,) = anybody.get("/public-lists").get_json()["items"]
    assert (shown["cases"], shown["objected"]) == (3, 1)


def test_staff_see_displays_within_their_reach_only(world: World) -> None:
    publish_world(world)
    assert len(world_client(world, staff("clerk", department="人社局")).get("/displays").get_json()["items"]) == 1
    assert world_client(world, staff("clerk", department="科技局")).get("/displays").get_json()["items"] == []


def test_a_dismissed_objection_starts_no_new_display(world: World, anybody: ApiClient) -> None:
    publish_world(world)
    clerk = world_client(world, staff("clerk"))
    made = clerk.post("/cases/1/objections", {"lodged_by": "某人", "ground": "已停业"}).get_json()
    world.clock.move(1)
    other = world_client(world, staff("clerk", person="li.ming"))
    answer = other.post(f"/objections/{made['objection_id']}/answer", {"outcome": "dismiss", "reason": "仍在经营"})
    assert answer.status_code in (200, 201, 204), answer.text
    (shown,) = anybody.get("/public-lists").get_json()["items"]
    assert (shown["first_day"], shown["cases"], shown["objected"]) == ("2025-07-01", 3, 0)


def test_the_end_of_a_list_is_an_empty_page_and_no_list_is_none(world: World, anybody: ApiClient) -> None:
    publish_world(world)
    assert len(anybody.pages(f"{LIST}/cases", limit=3)) == 3
    assert anybody.get("/public-lists/direct/2025-07-02/cases").status_code == 404
    assert anybody.get("/public-lists/confirm/2025-07-01/cases").status_code == 404
