"""Events and webhooks over the API: who may, what is told once, what the log shows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.v1.event import CloudEvent as OfficialEvent

from policy_match.bootstrap import Application
from policy_match.identity.principal import Principal, Scope
from policy_match.services.send_webhooks import publish_events, send_webhooks
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, machine, staff
from tests.support.cases import World, make_world, notify_world, open_world
from tests.support.webhook_receiver import WebhookReceiver

ADMIN = staff("administrator")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    made = make_world(database, tmp_path)
    open_world(made)
    notify_world(made)
    return made


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def client(world: World, receiver: WebhookReceiver, principal: Principal | None = ADMIN) -> ApiClient:
    desk = WorldDesk(world, Path("/nonexistent"))
    desk.webhook_office = receiver.office()
    return client_of(desk, principal)


def make(by: ApiClient, receiver: WebhookReceiver, **more: Any) -> dict[str, Any]:
    """Make a webhook that begins with the first event, and return the answer."""
    answer = by.post("/webhooks", {"url": receiver.url, "after": 0, **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/webhooks/{told['webhook']['webhook_id']}"
    receiver.secrets.add(told["secret"])
    return told


def send(world: World, receiver: WebhookReceiver) -> None:
    send_webhooks(world.database, receiver.office(), world.clock)


def test_a_machine_reads_all_events_page_by_page_as_cloud_events(world: World, receiver: WebhookReceiver) -> None:
    publish_events(world.database)
    reader = client(world, receiver, machine(Scope.EVENTS_READ))
    found: list[dict[str, Any]] = []
    for _ in range(100):
        after = int(found[-1]["sequence"]) if found else 0
        page = reader.get("/events", after=after, limit=2)
        assert page.mimetype == "application/cloudevents-batch+json"
        if not page.get_json():
            break
        found += page.get_json()
    assert [int(each["sequence"]) for each in found] == list(range(1, len(found) + 1))
    for each in found:
        attributes = {name: value for name, value in each.items() if name not in ("data", "time")}
        assert OfficialEvent(attributes, each["data"]).get_id() == each["id"]


def test_events_over_the_api_are_those_that_are_sent(world: World, receiver: WebhookReceiver) -> None:
    by = client(world, receiver)
    make(by, receiver)
    send(world, receiver)
    assert [each.event for each in receiver.received] == by.get("/events").get_json()


def test_events_of_some_types_alone(world: World, receiver: WebhookReceiver) -> None:
    publish_events(world.database)
    found = client(world, receiver).get("/events", type="cn.policy-match.sweep.kept.v1").get_json()
    assert [each["type"] for each in found] == ["cn.policy-match.sweep.kept.v1"]


def test_an_unknown_type_is_refused(world: World, receiver: WebhookReceiver) -> None:
    assert client(world, receiver).get("/events", type="cn.policy-match.sweep.eaten.v1").status_code == 422


def test_a_page_that_is_known_is_not_sent_again(world: World, receiver: WebhookReceiver) -> None:
    publish_events(world.database)
    by = client(world, receiver)
    tag = by.get("/events").headers["ETag"]
    assert by.get("/events", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("principal", "status"),
    [(None, 401), (staff("clerk"), 403), (machine(Scope.CASES_READ), 403), (machine(Scope.EVENTS_READ), 403)],
)
def test_only_an_administrator_sees_webhooks(
    world: World, receiver: WebhookReceiver, principal: Principal | None, status: int
) -> None:
    by = client(world, receiver, principal)
    assert by.get("/webhooks").status_code == status
    assert by.post("/webhooks", {"url": receiver.url}).status_code == status


def test_who_is_limited_to_a_department_reads_no_events(world: World, receiver: WebhookReceiver) -> None:
    by = client(world, receiver, staff("auditor", department="人社局"))
    assert by.get("/events").status_code == 403


def test_the_secret_is_told_once(world: World, receiver: WebhookReceiver) -> None:
    by = client(world, receiver)
    body = {"url": receiver.url}
    told = by.post("/webhooks", body, key="once")
    secret = told.get_json()["secret"]
    again = by.post("/webhooks", body, key="once")
    assert (again.status_code, again.get_json()["code"]) == (409, "request.answer-gone")
    everything = [by.get(path).get_data(as_text=True) for path in ("/webhooks", "/webhooks/1", "/webhooks/1/log")]
    assert not [text for text in everything if secret in text]
    assert len(by.get("/webhooks").get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://evil.example.cn/", "webhooks.host"),
        ("http://10.0.0.1/", "webhooks.address"),
        ("https://user:secret@hooks.example.cn/", "webhooks.address"),
        ("https://hooks.example.cn/?token=secret", "webhooks.address"),
    ],
)
def test_an_address_that_the_settings_do_not_allow_is_refused(
    world: World, receiver: WebhookReceiver, url: str, code: str
) -> None:
    answer = client(world, receiver).post("/webhooks", {"url": url})
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert "secret" not in answer.get_data(as_text=True)


def test_an_administrator_keeps_a_webhook_from_its_making_to_its_end(world: World, receiver: WebhookReceiver) -> None:
    by = client(world, receiver)
    make(by, receiver, types=["cn.policy-match.sweep.kept.v1"])
    assert by.post("/webhooks/1/ping").get_json()["pinging"] is True
    send(world, receiver)
    assert [each.event["type"] for each in receiver.received] == [
        "cn.policy-match.webhook.ping.v1",
        "cn.policy-match.sweep.kept.v1",
    ]
    assert by.put("/webhooks/1/types", {"types": None}).get_json()["types"] is None
    assert by.post("/webhooks/1/pause", {"reason": "升级"}).get_json()["status"] == "paused"
    assert by.post("/webhooks/1/pause", {"reason": "升级"}).status_code == 409
    assert by.post("/webhooks/1/resume", {"reason": "升级完成"}).get_json()["status"] == "active"
    assert by.post("/webhooks/1/rewind", {"after": 0}).get_json()["sent_to"] == 0
    assert by.post("/webhooks/1/rewind", {"after": 99}).status_code == 422
    rotated = by.post("/webhooks/1/secret").get_json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["old_until"] is not None
    assert by.delete("/webhooks/1").status_code == 204
    assert by.get("/webhooks/1").get_json()["status"] == "removed"
    log = by.pages("/webhooks/1/log", limit=2)
    assert [each["event"] for each in log][::-1] == [
        *("ask", "ping", "deliver", "subscribe", "pause", "resume", "rewind", "rotate", "remove")
    ]
    assert [each["by"] for each in log if each["event"] == "pause"] == [ADMIN.person]


def test_a_webhook_that_is_not_there_is_said_so(world: World, receiver: WebhookReceiver) -> None:
    by = client(world, receiver)
    answers = [
        by.get("/webhooks/9"),
        by.get("/webhooks/9/log"),
        by.post("/webhooks/9/ping"),
        by.delete("/webhooks/9"),
        by.post("/webhooks/9/secret"),
    ]
    assert {answer.status_code for answer in answers} == {404}


def test_there_are_a_stated_number_of_webhooks_at_most(
    world: World, receiver: WebhookReceiver, database: Database
) -> None:
    with database.unit_of_work() as work:
        for _ in range(50):
            work.webhooks.add(receiver.url, None, 0, world.clock.now(), "li.admin")
        work.commit()
    by = client(world, receiver)
    assert by.post("/webhooks", {"url": receiver.url}).status_code == 409
    by.delete("/webhooks/1")
    assert by.post("/webhooks", {"url": receiver.url}).status_code == 201


def test_the_application_tells_events_of_its_public_address(world: World, receiver: WebhookReceiver) -> None:
    publish_events(world.database)
    desk = WorldDesk(world, Path("/nonexistent"))
    assert isinstance(desk, Application)
    desk.webhook_office = replace(receiver.office(), source="https://benefits.example.cn")
    (first, *_) = client_of(desk, ADMIN).get("/events").get_json()
    assert first["source"] == "https://benefits.example.cn"
