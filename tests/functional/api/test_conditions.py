"""Writes under a condition: held against what is there, or refused; none is ignored (RFC 9110, 13.1)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from policy_match.identity.principal import Scope, ServiceRole
from policy_match.storage.unit_of_work import Database
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.operation import PARAMETER, Operation
from tests.support.api import ApiClient, WorldDesk, client_of, firm_user, machine, staff, world_client
from tests.support.cases import World, make_world, uscc
from tests.support.webhook_receiver import WebhookReceiver

WRITES = [operation for operation in OPERATIONS if not operation.reads]
ASKING = (staff(*ServiceRole), firm_user(uscc(1)), machine(*Scope))
WISHES: tuple[dict[str, Any], ...] = (
    {"channels": ["sms"], "language": "zh"},
    {"channels": ["email"], "language": "zh"},
    {"channels": ["sms", "email"], "language": "zh"},
    {"channels": ["email", "sms"], "language": "zh"},
)
"""No two of them are the same."""

ROUNDS = 8


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path)


def firm(world: World) -> ApiClient:
    return world_client(world, firm_user(uscc(1)))


def under(tag: str) -> dict[str, str]:
    return {"If-Match": tag}


def path_of(operation: Operation) -> str:
    fields = {} if operation.path_model is None else operation.path_model.model_fields
    return PARAMETER.sub(lambda match: "1" if fields[match[1]].annotation is int else "a", operation.path)


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_condition_that_nobody_checks_is_refused_by_every_write(world: World, header: str) -> None:
    clients = [(principal, world_client(world, principal)) for principal in ASKING]
    ignored = []
    for operation in WRITES:
        if header == "If-Match" and operation.guarded_by:
            continue
        client = next(client for principal, client in clients if ACCESS[operation.id].allows(principal))
        answer = client.send(operation.method, path_of(operation), headers={header: "*"})
        told = answer.get_json(silent=True) or {}
        if (answer.status_code, told.get("code")) != (400, "request.condition") or header not in told["detail"]:
            ignored.append((operation.id, answer.status_code, told))
    assert ignored == []


def test_operations_that_replace_a_whole_check_the_condition() -> None:
    whole = {each.id for each in WRITES if each.method == "PUT" and not each.uploads}
    assert whole - {each.id for each in WRITES if each.guarded_by} == {"delegate_user"}, "that one is seen in a list"


def test_a_firm_does_not_write_over_what_it_has_not_seen(world: World) -> None:
    client = firm(world)
    tag = client.get("/firm/preferences").headers["ETag"]
    assert client.put("/firm/preferences", WISHES[0], headers=under(tag)).status_code == 200
    late = client.put("/firm/preferences", WISHES[1], headers=under(tag))
    assert (late.status_code, late.get_json()["code"]) == (412, "request.changed")
    now = client.get("/firm/preferences")
    assert now.get_json()["channels"] == ["sms"]
    assert client.put("/firm/preferences", WISHES[1], headers=under(now.headers["ETag"])).status_code == 200
    assert client.put("/firm/preferences", WISHES[0]).status_code == 200


@pytest.mark.parametrize("tag", ["nonsense", '"another"', "W/{tag}", ""])
def test_only_the_very_tag_fits(world: World, tag: str) -> None:
    client = firm(world)
    seen = client.get("/firm/preferences").headers["ETag"]
    answer = client.put("/firm/preferences", WISHES[0], headers=under(tag.format(tag=seen)))
    assert (answer.status_code, answer.get_json()["code"]) == (412, "request.changed")
    assert client.put("/firm/preferences", WISHES[0], headers=under(f'"x", {seen}')).status_code == 200
    assert client.put("/firm/preferences", WISHES[1], headers=under("*")).status_code == 200


def test_types_of_a_webhook_are_not_written_over_unseen(world: World) -> None:
    with WebhookReceiver() as receiver:
        desk = WorldDesk(world, Path("/nonexistent"))
        desk.webhook_office = receiver.office()
        client = client_of(desk, staff("administrator"))
        number = client.post("/webhooks", {"url": receiver.url, "after": 0}).get_json()["webhook"]["webhook_id"]
        tag = client.get(f"/webhooks/{number}").headers["ETag"]
        body = {"types": ["cn.policy-match.cases.opened.v1"]}
        found = client.put(f"/webhooks/{number}/types", body, headers=under(tag))
        assert found.status_code == 200, found.get_json()
        late = client.put(f"/webhooks/{number}/types", {"types": None}, headers=under(tag))
        assert (late.status_code, late.get_json()["code"]) == (412, "request.changed")
        assert client.get(f"/webhooks/{number}").get_json()["types"] == body["types"]


def test_of_two_at_once_who_saw_the_same_one_is_refused(world: World) -> None:
    reader, writers, together = firm(world), [firm(world), firm(world)], Barrier(2)

    def write(place: int, wish: dict[str, Any], tag: str) -> int:
        together.wait(30)
        return writers[place].put("/firm/preferences", wish, headers=under(tag)).status_code

    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            wishes = WISHES[2 * (number % 2) :][:2]
            tag = reader.get("/firm/preferences").headers["ETag"]
            assert sorted(pool.map(write, (0, 1), wishes, (tag, tag))) == [200, 412]
