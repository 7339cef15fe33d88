"""Work that is asked for over the API and done in a run of its job."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Scope
from policy_match.ports.requested_work import WorkHappening, WorkId, WorkKind, WorkStep
from policy_match.services.requested_work import MOST_TRIES
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, machine, staff, world_client
from tests.support.cases import World, answer, approve_world, make_world
from tests.support.requests import do_requests

FOREIGN = staff("clerk", "payer", department="财政局")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms whose cases of `direct` and `confirm` are not open yet."""
    return make_world(database, tmp_path, firms_or_count=2)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> WorldDesk:
    return WorldDesk(world, tmp_path)


@pytest.fixture
def clerk(desk: WorldDesk) -> ApiClient:
    return client_of(desk, staff("clerk"))


def work(desk: WorldDesk, tmp_path: Path) -> dict[str, int]:
    return do_requests(desk, desk.database, tmp_path / "rules")


def test_what_is_accepted_waits_at_its_place(clerk: ApiClient) -> None:
    answer = clerk.post("/requests/openings", {"sweep_id": "latest"})
    assert answer.status_code == 202
    asked = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/requests/{asked['request_id']}"
    assert (asked["kind"], asked["status"], asked["by"], asked["tries"]) == ("open_cases", "waiting", "wang.fang", 0)
    assert clerk.get(f"/requests/{asked['request_id']}").get_json() == asked
    assert clerk.pages("/cases") == []


def test_the_whole_way_to_a_confirmed_case_is_asked_for(
    world: World, desk: WorldDesk, clerk: ApiClient, tmp_path: Path
) -> None:
    numbers = [
        clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"],
        clerk.post("/requests/notifications", {"policy_id": "confirm"}).get_json()["request_id"],
    ]
    assert work(desk, tmp_path) == {"done": 2}
    opened, notified = (clerk.get(f"/requests/{number}").get_json() for number in numbers)
    assert (opened["status"], opened["tries"], opened["code"]) == ("done", 1, "")
    assert opened["result"]["cases"] == 4
    assert notified["result"] == {"notified": 2}
    first = clerk.pages("/cases", policy="confirm")[0]["case_id"]
    (event,) = clerk.get(f"/cases/{first}").get_json()["events"]
    assert event["by"] == "wang.fang"
    answer(world, first)
    clerk.post("/requests/rechecks", {"purpose": "approval"})
    assert work(desk, tmp_path) == {"done": 1}
    assert {each["case_id"] for each in clerk.pages("/cases", status="reviewed")} >= {first}
    approve_world(world)
    clerk.post("/requests/publications", {})
    clerk.post("/requests/window-ends", {})
    assert work(desk, tmp_path) == {"done": 2}
    assert [each["case_id"] for each in clerk.pages("/cases", status="published")] == [first]


def test_a_sweep_is_kept_and_asking_again_finds_it(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    (kept,) = clerk.pages("/sweeps")
    with desk.database.unit_of_work() as unit:
        number = unit.requested_work.add(
            WorkKind.SWEEP,
            {"snapshot_id": kept["snapshot_id"], "as_of": kept["as_of"]},
            None,
            at=desk.clock.now(),
            by="wang.fang",
        )
        unit.commit()
    assert work(desk, tmp_path) == {"done": 1}
    done = clerk.get(f"/requests/{number}").get_json()
    assert done["result"]["sweep_id"] == kept["sweep_id"]
    assert done["result"]["repeated"]


def test_a_refusal_is_told_in_the_language_that_is_asked_for(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    payer = client_of(desk, staff("payer"))
    number = payer.post("/requests/orders", {}).get_json()["request_id"]
    assert work(desk, tmp_path) == {"failed": 1}
    english = payer.get(f"/requests/{number}", headers={"Accept-Language": "en"}).get_json()
    chinese = payer.get(f"/requests/{number}", headers={"Accept-Language": "zh"}).get_json()
    assert english["status"] == chinese["status"] == "failed"
    assert english["code"] == "config-no-payments"
    assert english["detail"].startswith("how to pay is not set")
    assert chinese["detail"].startswith("未设置支付方式")


def test_a_request_that_waits_is_cancelled_and_never_done(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    number = clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"]
    assert clerk.post(f"/requests/{number}/cancel").get_json()["status"] == "cancelled"
    again = clerk.post(f"/requests/{number}/cancel")
    assert (again.status_code, again.get_json()["code"]) == (409, "work.begun")
    assert work(desk, tmp_path) == {}
    assert clerk.pages("/cases") == []


def test_a_request_that_was_done_is_not_cancelled(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    number = clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"]
    work(desk, tmp_path)
    assert clerk.post(f"/requests/{number}/cancel").status_code == 409
    assert clerk.get(f"/requests/{number}").get_json()["status"] == "done"


def test_the_same_request_with_the_same_key_is_asked_once(clerk: ApiClient) -> None:
    first = clerk.post("/requests/openings", {"sweep_id": "latest"}, key="once")
    again = clerk.post("/requests/openings", {"sweep_id": "latest"}, key="once")
    assert (first.get_json(), first.headers["Location"]) == (again.get_json(), again.headers["Location"])
    assert again.status_code == 202
    assert len(clerk.pages("/requests")) == 1


def test_requests_are_listed_the_latest_first(clerk: ApiClient) -> None:
    for policy in ("direct", "confirm"):
        clerk.post("/requests/notifications", {"policy_id": policy})
    clerk.post("/requests/openings", {"sweep_id": "latest"})
    numbers = [each["request_id"] for each in clerk.pages("/requests", limit=1)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    assert len(clerk.pages("/requests", kind="notify")) == 2
    assert clerk.pages("/requests", status="done") == []


def test_what_a_dead_process_left_is_begun_again(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    number = clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"]
    leave(desk, number)
    assert clerk.get(f"/requests/{number}").get_json()["status"] == "working"
    assert work(desk, tmp_path) == {"done": 1}
    done = clerk.get(f"/requests/{number}").get_json()
    assert (done["status"], done["tries"], done["result"]["cases"]) == ("done", 2, 4)


def test_what_kills_its_process_each_time_is_given_up(desk: WorldDesk, clerk: ApiClient, tmp_path: Path) -> None:
    number = clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"]
    for _ in range(MOST_TRIES - 1):
        leave(desk, number)
        with desk.database.unit_of_work() as unit:
            released = WorkHappening(step=WorkStep.RELEASE, at=desk.clock.now(), by="system", code="jobs.abandoned")
            unit.requested_work.step([WorkId(number)], released)
            unit.commit()
    leave(desk, number)
    assert work(desk, tmp_path) == {"failed": 1}
    given_up = clerk.get(f"/requests/{number}").get_json()
    assert (given_up["status"], given_up["code"], given_up["tries"]) == ("failed", "jobs.abandoned", MOST_TRIES)


def leave(desk: WorldDesk, number: int) -> None:
    """Begin with the request that waits, and do no more, as a process that died."""
    with desk.database.unit_of_work() as unit:
        taken = unit.requested_work.take((), at=desk.clock.now(), by="system")
        unit.commit()
    assert taken is not None
    assert taken.request_id == number


def test_progress_is_there_to_be_polled(desk: WorldDesk, clerk: ApiClient) -> None:
    number = clerk.post("/requests/openings", {"sweep_id": "latest"}).get_json()["request_id"]
    leave(desk, number)
    with desk.database.unit_of_work() as unit:
        happening = WorkHappening(step=WorkStep.PROGRESS, at=desk.clock.now(), by="system", done=3, total=7)
        unit.requested_work.step([WorkId(number)], happening)
        unit.commit()
    found = clerk.get(f"/requests/{number}").get_json()
    assert (found["status"], found["done"], found["total"]) == ("working", 3, 7)


def test_who_is_limited_asks_for_his_policies_alone(world: World, desk: WorldDesk, clerk: ApiClient) -> None:
    number = clerk.post("/requests/notifications", {"policy_id": "direct"}).get_json()["request_id"]
    everything = clerk.post("/requests/notifications", {}).get_json()["request_id"]
    foreign = client_of(desk, FOREIGN)
    own = client_of(desk, staff("clerk", department="人社局"))
    for path, body in (
        ("/requests/openings", {"sweep_id": "latest"}),
        ("/requests/notifications", {}),
        ("/requests/notifications", {"policy_id": "direct"}),
        ("/requests/rechecks", {"purpose": "payment", "policy_id": "direct"}),
        ("/requests/approval-lists", {"policy_id": "direct"}),
        ("/requests/window-ends", {}),
        ("/requests/sendings", {}),
    ):
        assert foreign.post(path, body).status_code == 403, path
    assert foreign.pages("/requests") == []
    assert foreign.get(f"/requests/{number}").status_code == 404
    assert foreign.post(f"/requests/{number}/cancel").status_code == 404
    assert own.post("/requests/notifications", {"policy_id": "direct"}).status_code == 202
    assert {each["policy_id"] for each in own.pages("/requests")} == {"direct"}
    assert own.get(f"/requests/{everything}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/requests/openings", {"sweep_id": "lates"}, 422),
        ("/requests/openings", {"sweep_id": "0" * 64}, 404),
        ("/requests/openings", {}, 422),
        ("/requests/sweeps", {"snapshot_id": "0" * 64, "as_of": "2025-06-30"}, 404),
        ("/requests/sweeps", {"snapshot_id": "../../etc/passwd", "as_of": "2025-06-30"}, 422),
        ("/requests/rechecks", {"purpose": "fun"}, 422),
        ("/requests/notifications", {"policy_id": "no-such"}, 404),
        ("/requests/window-ends", {"policy_id": "direct"}, 422),
        ("/requests/imports", {"sources": [], "as_of": "2025-06-30"}, 422),
        (
            "/requests/imports",
            {"sources": [{"mapping": "../x", "upload": "0" * 64}], "as_of": "2025-06-30"},
            404,
        ),
        (
            "/requests/imports",
            {"sources": [{"mapping": "national_registry", "upload": "0" * 64}], "as_of": "2025-06-30"},
            404,
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused(clerk: ApiClient, path: str, body: object, status: int) -> None:
    assert clerk.post(path, body).status_code == status
    assert clerk.pages("/requests") == []


def test_a_machine_asks_within_its_scopes(world: World) -> None:
    other = world_client(world, machine(Scope.CASES_WRITE))
    assert other.post("/requests/openings", {"sweep_id": "latest"}).status_code == 202
    assert other.post("/requests/sendings", {}).status_code == 403
    assert other.get("/requests").status_code == 403
