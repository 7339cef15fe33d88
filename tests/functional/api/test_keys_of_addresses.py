"""One key stands for one request: for one operation, one address with its parameters, and one body.

Guarantees, too, that what is kept of a request tells nobody what was asked for who does not have the service's key.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from policy_match.identity.accounts import AccountKind
from policy_match.ports.actions import Actor
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.portal.forms import KEY_FIELD
from tests.support.api import ApiClient, client_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.everybody import Everybody
from tests.support.full_world import full_world
from tests.support.signed_in import identity_desk

TABLE = f"uscc,holder,number,bank_code\n{uscc(1)},示例1有限公司,99990000,1020\n".encode()
WHY = {"reason": "误列"}


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture
def clerk(world: Everybody) -> ApiClient:
    return client_of(world.entrance.desk, staff("clerk", person="key.clerk"))


def excluded(clerk: ApiClient) -> str:
    """Exclude a firm anew, and return the path of it."""
    made = clerk.post("/exclusions", {"uscc": uscc(9), "reason": "示例"})
    return made.headers["Location"].removeprefix("/api/v1")


def assert_is_another_request(answer: TestResponse) -> None:
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.key-used")


def test_a_key_of_one_address_is_not_one_of_another(clerk: ApiClient) -> None:
    first, second = excluded(clerk), excluded(clerk)
    assert clerk.post(f"{first}/lift", WHY, key="of-paths").status_code == 200
    assert_is_another_request(clerk.post(f"{second}/lift", WHY, key="of-paths"))
    assert clerk.get(second).get_json()["lifted"] is None


def test_a_key_of_some_parameters_is_not_one_of_others(clerk: ApiClient) -> None:
    def sent(source: str) -> TestResponse:
        path = f"/payee-account-files?source={source}"
        return clerk.upload("POST", path, TABLE, "text/csv", key="of-parameters")

    assert sent("tax").status_code == 201
    assert_is_another_request(sent("firm"))
    assert sent("tax").headers["Idempotency-Replayed"] == "true"


def test_a_key_of_one_operation_is_not_one_of_another_at_the_same_address(world: Everybody) -> None:
    world.entrance.account("key.user", kind=AccountKind.FIRM)
    administrator = client_of(world.entrance.desk, staff("administrator", person="key.administrator"))
    path = f"/firms/{uscc(1)}/users/key.user"
    assert administrator.put(path, {}, key="of-methods").get_json() == {"changed": True}
    assert_is_another_request(administrator.delete(path, {}, key="of-methods"))
    assert "key.user" in {each["user"] for each in administrator.pages(f"/firms/{uscc(1)}/users")}


def test_a_key_of_one_form_is_not_one_of_another_address(world: Everybody, clerk: ApiClient) -> None:
    paths = [f"/bureau{excluded(clerk)}" for _ in range(2)]
    first, second = (clerk.client.post(path, data={**WHY, KEY_FIELD: "of-forms"}) for path in paths)
    assert first.status_code == 303
    assert second.status_code == 422
    lifted = [clerk.get(path.removeprefix("/bureau")).get_json()["lifted"] for path in paths]
    assert lifted == [WHY["reason"], None]


def test_what_is_kept_of_a_request_follows_from_the_key_of_the_service_too(world: Everybody) -> None:
    desk = world.entrance.desk
    kept, said = {}, {"policy_id": "confirm", "text": "示例"}
    for person, letter in (("one", b"x"), ("two", b"x"), ("three", b"y")):
        desk.identity = replace(identity_desk(), sealer=AccountSealer([letter * 32]))
        answer = client_of(desk, firm_user(uscc(1), person)).post("/firm/suggestions", said, key="of-all")
        assert answer.status_code == 201
        with desk.database.unit_of_work() as work:
            use = work.actions.use_of(Actor(by=f"firm:{uscc(1)}", account=person), "of-all")
        assert use is not None
        kept[person] = use.request_digest
    assert kept["one"] == kept["two"]
    assert kept["one"] != kept["three"]
