"""Contacts, preferences and suppressions over the API: addresses come in and never go out."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, machine, staff
from tests.support.cases import World, make_world, open_world, uscc
from tests.support.payment_flow import SEALER

FIRST = f"firm:{uscc(1)}"
MOBILE = "13800138000"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    made = make_world(database, tmp_path, ("confirm",))
    open_world(made)
    return made


def client(world: World, principal: Principal | None = None) -> ApiClient:
    desk = WorldDesk(world, Path("/nonexistent"))
    desk.account_sealer = SEALER
    return client_of(desk, principal or staff("clerk"))


def given(address: str = MOBILE, recipient: str = FIRST) -> dict[str, object]:
    return {"contacts": [{"recipient": recipient, "channel": "sms", "address": address, "source": "柜台"}]}


def test_an_address_is_kept_and_shown_masked(world: World) -> None:
    clerk = client(world)
    assert clerk.post("/contacts", given()).get_json()["kept"] == 1
    assert clerk.post("/contacts", given()).get_json()["known"] == 1
    listed = clerk.get("/contacts", recipient=FIRST)
    (contact,) = listed.get_json()["items"]
    assert (contact["channel"], contact["is_suppressed"]) == ("sms", False)
    assert MOBILE not in listed.get_data(as_text=True)


def test_an_address_that_is_none_is_named_and_not_repeated(world: World) -> None:
    answer = client(world).post("/contacts", given("12ab"))
    assert answer.get_json()["refusals"][0]["row"] == 1
    assert "12ab" not in answer.get_data(as_text=True)


def test_the_second_page_goes_on_behind_the_first(world: World) -> None:
    clerk = client(world)
    for number in range(3):
        clerk.post("/contacts", given(f"1380013800{number}", f"firm:{uscc(number + 1)}"))
    assert len(clerk.pages("/contacts", limit=2)) == 3


def test_a_suppressed_contact_gets_nothing_until_it_ends(world: World) -> None:
    clerk = client(world)
    clerk.post("/contacts", given())
    body = {"contact_id": 1, "reason": "号码停用"}
    (number,) = clerk.post("/suppressions/contacts", body).get_json()["suppression_ids"]
    assert clerk.post("/suppressions/contacts", body).get_json() == {"suppression_ids": []}
    assert clerk.get("/contacts").get_json()["items"][0]["is_suppressed"]
    assert clerk.post(f"/suppressions/{number}/end", {"reason": "恢复"}).status_code == 204
    assert clerk.post(f"/suppressions/{number}/end", {"reason": "恢复"}).status_code == 404
    assert clerk.pages("/suppressions") == []
    assert [each["lifted"] for each in clerk.pages("/suppressions", ended="true")] == ["恢复"]


def test_a_recipient_and_an_address_can_be_suppressed(world: World) -> None:
    clerk = client(world)
    first = clerk.post("/suppressions/recipients", {"recipient": FIRST, "reason": "本人要求"})
    second = clerk.post("/suppressions/addresses", {"channel": "sms", "address": MOBILE, "reason": "误登"})
    assert [first.status_code, second.status_code] == [200, 200]
    assert len(clerk.pages("/suppressions", limit=1)) == 2
    wrong = clerk.post("/suppressions/addresses", {"channel": "sms", "address": "x", "reason": "误登"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "contact.address")
    inbox = clerk.post("/suppressions/addresses", {"channel": "inbox", "address": "x", "reason": "误登"})
    assert (inbox.status_code, inbox.get_json()["code"]) == (422, "contact.address")


def test_what_a_recipient_asks_for_is_kept(world: World) -> None:
    clerk = client(world)
    body = {"recipient": FIRST, "channels": ["email", "sms"], "language": "en"}
    assert clerk.post("/preferences", body).status_code == 204
    assert clerk.post("/preferences", {**body, "channels": ["sms", "sms"]}).status_code == 422
    (kept,) = clerk.get("/preferences", recipient=FIRST).get_json()["preferences"]
    assert (kept["channels"], kept["language"]) == (["email", "sms"], "en")
    assert clerk.post("/preferences", {**body, "recipient": "nobody"}).status_code == 404


def test_a_whole_list_is_for_who_is_limited_to_no_department(world: World) -> None:
    counter = client(world, staff("clerk", department="科技局"))
    assert counter.get("/contacts").status_code == 403
    assert counter.get("/suppressions").status_code == 403
    assert counter.get("/contacts", recipient=FIRST).status_code == 200


def test_other_systems_bring_addresses_and_suppress_nobody(world: World) -> None:
    other = client(world, machine(Scope.NOTICES_WRITE))
    assert other.post("/contacts", given()).status_code == 200
    assert other.post("/suppressions/recipients", {"recipient": FIRST, "reason": "x"}).status_code == 403
    assert client(world, staff("payer")).post("/contacts", given()).status_code == 403
