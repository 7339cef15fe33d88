"""Standing jobs over the API: how they stand, what ran, pausing them, and asking for a run."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.ports.jobs import Figures
from policy_match.scheduler.runner import Runner
from policy_match.services.job_desk import Cron, Job, Lane, RunningJob
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, TestDesk, machine, staff, world_client
from tests.support.cases import World, make_world
from tests.support.job_bench import job

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


def begun(world: World, data_dir: Path, script: Job) -> Runner:
    """Return a scheduler whose only job has the name of a real one, and looks once."""
    application = TestDesk(world.database, world.rules, world.clock, data_dir)
    lease = world.database.runner_lease("test", 1)
    return Runner(
        application, [script], application.timetable, lease, lambda event, /, **_: None, rules_folder=data_dir
    )


def counting(name: str, done: list[str]) -> Job:
    """Return a job that counts how often it ran."""

    def work(run: RunningJob) -> Figures:
        done.append(run.by)
        return {"done": len(done)}

    return job(name, work, cron=Cron(hour="3"), lane=Lane.CASES, late_hours=48)


def look(runner: Runner) -> None:
    """Let the scheduler look, and do what is due."""
    assert runner.tick()
    runner.work(Lane.CASES)


def test_a_run_that_was_asked_for_is_done_once_by_the_scheduler(world: World, tmp_path: Path) -> None:
    admin, done = client(world), list[str]()
    answer = admin.post("/jobs/sweep/runs")
    assert (answer.status_code, answer.headers["Location"]) == (202, "/api/v1/jobs/runs/1")
    asked = answer.get_json()
    assert (asked["status"], asked["by"], asked["job"], done) == ("due", "admin", "sweep", [])
    runner = begun(world, tmp_path, counting("sweep", done))
    look(runner)
    look(runner)
    assert done == ["system"]
    found = admin.get("/jobs/runs/1").get_json()
    assert (found["status"], found["figures"], found["by"]) == ("done", {"done": 1}, "admin")
    runner.close()


def test_runs_asked_for_before_one_began_are_one(world: World, tmp_path: Path) -> None:
    admin, done = client(world), list[str]()
    for _ in range(3):
        assert admin.post("/jobs/sweep/runs").status_code == 202
    runner = begun(world, tmp_path, counting("sweep", done))
    look(runner)
    assert len(done) == 1
    found = admin.pages("/jobs/runs", job="sweep")
    assert [(each["status"], each["covered_by"]) for each in found] == [("done", None), ("covered", 3), ("covered", 3)]
    runner.close()


def test_of_a_paused_job_only_what_was_asked_for_runs(world: World, tmp_path: Path) -> None:
    admin, done = client(world), list[str]()
    runner = begun(world, tmp_path, counting("sweep", done))
    look(runner)
    world.clock.move(2)
    assert runner.tick()
    assert admin.post("/jobs/sweep/pause", {"reason": "检修"}).status_code == 200
    look(runner)
    assert done == []
    assert admin.post("/jobs/sweep/runs").status_code == 202
    look(runner)
    assert len(done) == 1
    runner.close()


def test_a_run_waits_for_the_run_of_its_job_that_is_on(world: World, tmp_path: Path) -> None:
    admin, seen = client(world), list[str]()

    def work(run: RunningJob) -> Figures:
        if not seen:
            seen.append("first")
            assert admin.post("/jobs/sweep/runs").status_code == 202
            other.tick()
            other.work(Lane.CASES)
            assert seen == ["first"]
        else:
            seen.append("second")
        return {}

    one = job("sweep", work, cron=Cron(hour="3"), lane=Lane.CASES, late_hours=48)
    runner, other = begun(world, tmp_path, one), begun(world, tmp_path, one)
    admin.post("/jobs/sweep/runs")
    look(runner)
    assert seen == ["first", "second"]
    assert [each["status"] for each in admin.pages("/jobs/runs", job="sweep")] == ["done", "done"]
    runner.close()
    other.close()


def test_a_job_that_is_unknown_or_off_is_not_asked_for(world: World) -> None:
    admin = client(world)
    assert admin.post("/jobs/nothing/runs").get_json()["code"] == "jobs.unknown"
    answer = admin.post("/jobs/send-notices/runs")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "jobs.off")
    assert admin.get("/jobs/runs/77").get_json()["code"] == "jobs.no-run"


def test_only_an_administrator_or_a_machine_for_jobs_asks_for_a_run(world: World) -> None:
    for principal in (staff("clerk"), staff("payer"), staff("supervisor"), machine(Scope.JOBS_READ)):
        assert client(world, principal).post("/jobs/sweep/runs").status_code == 403
    assert client(world, machine(Scope.JOBS_WRITE)).post("/jobs/sweep/runs").status_code == 202
