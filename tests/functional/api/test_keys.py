"""A write that is sent again with its key changes nothing; what was done, and what was tried in vain, stays known."""

from pathlib import Path
from typing import Any

import pytest

from policy_match.identity.principal import ServiceRole
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, staff, world_client
from tests.support.cases import make_world, uscc

BODY = {"uscc": uscc(1), "reason": "列入失信名单"}


@pytest.fixture
def clerk(database: Database, tmp_path: Path) -> ApiClient:
    return world_client(make_world(database, tmp_path), staff(ServiceRole.CLERK), tmp_path)


def exclusions(client: ApiClient) -> list[dict[str, Any]]:
    return client.pages("/exclusions")


def test_sent_again_it_is_answered_as_before_and_done_once(clerk: ApiClient) -> None:
    first = clerk.post("/exclusions", BODY, key="k-1")
    again = clerk.post("/exclusions", BODY, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.data, again.headers["Location"]) == (first.data, first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(exclusions(clerk)) == 1


def test_another_body_under_the_same_key_is_an_error_and_changes_nothing(clerk: ApiClient) -> None:
    clerk.post("/exclusions", BODY, key="k-1")
    other = clerk.post("/exclusions", {**BODY, "reason": "other"}, key="k-1")
    assert (other.status_code, other.get_json()["code"]) == (422, "request.key-used")
    assert len(exclusions(clerk)) == 1


def test_without_a_key_nothing_is_written(clerk: ApiClient) -> None:
    answer = clerk.client.post("/api/v1/exclusions", json=BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.key-missing")
    assert exclusions(clerk) == []


@pytest.mark.parametrize("key", ["with space", "ä", "x" * 256])
def test_a_key_that_is_none_is_refused(clerk: ApiClient, key: str) -> None:
    answer = clerk.post("/exclusions", BODY, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.key-unfit")


def test_a_refused_write_leaves_its_key_free(clerk: ApiClient) -> None:
    refused = clerk.post("/exclusions", {**BODY, "uscc": "no code"}, key="k-1")
    assert refused.status_code == 422
    assert clerk.post("/exclusions", BODY, key="k-1").status_code == 201


def test_what_is_known_is_not_sent_again(clerk: ApiClient) -> None:
    place = clerk.post("/exclusions", BODY).headers["Location"].removeprefix("/api/v1")
    tag = clerk.get(place).headers["ETag"]
    answer = clerk.get(place, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_what_changed_since_it_was_seen_is_not_changed_again(clerk: ApiClient) -> None:
    place = clerk.post("/exclusions", BODY).headers["Location"].removeprefix("/api/v1")
    tag = clerk.get(place).headers["ETag"]
    lift = {"reason": "误列"}
    assert clerk.post(f"{place}/lift", lift, headers={"If-Match": tag}).status_code == 200
    answer = clerk.post(f"{place}/lift", lift, headers={"If-Match": tag})
    assert (answer.status_code, answer.get_json()["code"]) == (412, "request.changed")


def test_what_staff_did_and_what_they_may_not_is_in_the_history(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path)
    world_client(world, staff(ServiceRole.CLERK, person="wang.fang"), tmp_path).post("/exclusions", BODY)
    world_client(world, staff(ServiceRole.AUDITOR, person="li.na"), tmp_path).post("/exclusions", BODY)
    kept = world_client(world, staff(ServiceRole.AUDITOR, person="li.na"), tmp_path).pages("/actions", limit=1)
    found = [(each["by"], each["operation"], each["status"]) for each in kept]
    assert found == [("li.na", "exclude_firm", 403), ("wang.fang", "exclude_firm", 201)]
