"""Standing jobs over the API: how they stand, what ran, and pausing them."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, machine, staff, world_client
from tests.support.cases import World, make_world

ADMINISTRATOR = staff("administrator", person="admin")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ("direct",), 1)


def client(world: World, principal: Principal = ADMINISTRATOR) -> ApiClient:
    return world_client(world, principal)


def plan(world: World) -> str:
    """Begin all jobs and return the name of one."""
    names = [each["name"] for each in client(world).get("/jobs").get_json()["jobs"]]
    with world.database.unit_of_work() as work:
        work.jobs.begin(names, world.clock.now())
        for day in range(3):
            work.jobs.plan(names[0], [world.clock.now()], world.clock.now())
            world.clock.move(1 if day < 2 else 0)
        work.commit()
    return str(names[0])


def test_jobs_that_nobody_planned_say_so(world: World) -> None:
    found = client(world).get("/jobs").get_json()["jobs"]
    assert found
    assert {each["standing"] is None for each in found} == {True}
    (first, *_) = found
    answer = client(world).post(f"/jobs/{first['name']}/pause", {"reason": "检修"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "jobs.not-planned")


def test_a_job_is_paused_and_resumed_once(world: World) -> None:
    name, admin = plan(world), client(world)
    assert admin.post(f"/jobs/{name}/pause", {"reason": "检修"}).get_json() == {"changed": True}
    assert admin.post(f"/jobs/{name}/pause", {"reason": "检修"}).get_json() == {"changed": False}
    standing = admin.get("/jobs").get_json()["jobs"][0]["standing"]
    assert (standing["paused_by"], standing["paused_why"]) == ("admin", "检修")
    assert admin.post(f"/jobs/{name}/resume", {"reason": "完成"}).get_json() == {"changed": True}
    assert admin.post(f"/jobs/{name}/replan", {"reason": "x"}).status_code == 409
    assert admin.post(f"/jobs/{name}/pause", {"reason": ""}).status_code == 422
    assert admin.post("/jobs/nothing/pause", {"reason": "x"}).status_code == 404


def test_runs_come_in_pages_the_latest_first(world: World) -> None:
    name, admin = plan(world), client(world)
    found = admin.pages("/jobs/runs", limit=2, job=name)
    assert [each["run_id"] for each in found] == [3, 2, 1]
    assert admin.get("/jobs/runs", job="nothing").status_code == 404
    assert admin.get("/jobs/runners").get_json() == {"runners": []}


def test_who_is_no_administrator_pauses_nothing(world: World) -> None:
    name = plan(world)
    for principal in (staff("clerk"), staff("supervisor"), machine(Scope.JOBS_READ)):
        assert client(world, principal).post(f"/jobs/{name}/pause", {"reason": "x"}).status_code == 403
    assert client(world, machine(Scope.JOBS_READ)).get("/jobs").status_code == 200


def test_jobs_that_are_known_are_not_sent_again(world: World) -> None:
    admin = client(world)
    tag = admin.get("/jobs").headers["ETag"]
    assert admin.get("/jobs", headers={"If-None-Match": tag}).status_code == 304
