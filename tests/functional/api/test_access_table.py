"""Every role against every operation, and every firm against another's things: what the table says, and nothing else.

Requests are made from the operations themselves, so a new operation is tried as soon as it is there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from werkzeug.test import TestResponse

from policy_match.identity.principal import Principal, Scope, ServiceRole, Staff
from policy_match.notices.model import Channel
from policy_match.services.notice_preferences import set_preference
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.services.policy_reviews import suggest
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT, create_app
from policy_match.web.operation import Operation
from tests.support.answered import PDF, digest_of
from tests.support.api import ApiClient, SignedIn, WorldDesk, client_of, firm_user, machine, staff
from tests.support.cases import (
    World,
    answer,
    approve_world,
    firm,
    make_world,
    notify_world,
    open_world,
    publish_world,
    recheck_world,
    uscc,
)
from tests.support.minimal import body_of, path_of, query_of
from tests.support.postgres import new_database, of_superuser
from tests.support.told import tell_world

SEALER = AccountSealer([b"only for tests, thirty-two bytes"])
SECRETS = {1: "first-secret", 2: "second-secret"}
REFUSED_CODES = {"access.refused", "access.sign-in"}

PRINCIPALS: Mapping[str, Principal | None] = {
    "nobody": None,
    **{role.value: staff(role.value, person=f"person.{role.value}") for role in ServiceRole},
    "staff without a role": staff(person="person.new"),
    "approver": staff("approver", person="person.approver"),
    "firm": firm_user(uscc(1)),
    **{f"machine {scope.value}": machine(scope) for scope in Scope},
    "machine without a scope": machine(),
}
"""Everybody that there can be."""

OTHER_DEPARTMENT = Staff(
    person="person.other",
    roles=frozenset(role for each in ServiceRole for role in staff(each.value, department="税务局").roles),
)
"""Holds every role, in a department that has no policy here."""

OF_THE_TABLE = {operation.id: operation for operation in OPERATIONS}


class SealingDesk(WorldDesk):
    """A world's desk with keys of its own."""

    account_sealer = SEALER  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A world, the address of its database, and where its files are."""

    world: World
    url: str
    folder: Path
    clients: dict[Principal | None, ApiClient] = field(default_factory=dict)

    def client(self, principal: Principal | None) -> ApiClient:
        """Return the client of the API for somebody; making an application takes half a second."""
        if principal not in self.clients:
            self.clients[principal] = client_of(SealingDesk(self.world, self.folder), principal)
        return self.clients[principal]

    def firm(self, number: int) -> ApiClient:
        """Return a client of the API for a user of a firm."""
        return self.client(firm_user(uscc(number)))


@pytest.fixture(scope="module")
def scene(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two firms with the same: cases on display, messages, objections, accounts, wishes, suggestions, appeals."""
    folder = tmp_path_factory.mktemp("world")
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            rows = [firm(number, ent_name=f"{SECRETS[number]}-name") for number in (1, 2)]
            world = make_world(database, folder, ("confirm", "direct", "relief"), rows)
            open_world(world)
            notify_world(world)
            scene = Scene(world=world, url=url, folder=folder)
            for number in (1, 2):
                _furnish(scene, number)
            yield scene


def _furnish(scene: Scene, number: int) -> None:
    """Give a firm one of everything, in words of its own."""
    world, mine, secret = scene.world, scene.firm(number), SECRETS[number]
    case = next(item["case_id"] for item in mine.pages("/firm/cases") if item["policy_id"] == "confirm")
    answer(world, case)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    tell_world(world)
    assert mine.post(f"/firm/cases/{case}/objections", {"ground": f"{secret}-objection"}).status_code == 201
    appeal = {"policy_id": "confirm", "case_id": case, "ground": f"{secret}-appeal"}
    assert mine.post("/firm/appeals", appeal).status_code == 201
    stated = StatedAccount(
        row=1,
        uscc=uscc(number),
        holder=f"{secret}-holder",
        number=f"62284804025648900{number:02d}",
        bank_code="102452000017",
        source="tax",
    )
    take_accounts([stated], world.database, SEALER, world.clock, by="wang.fang")
    set_preference(
        world.database, world.clock, recipient=uscc(number), channels=[Channel.SMS], language=None, by="wang.fang"
    )
    suggest(world.database, world.clock, PolicyId("confirm"), f"{secret}-words", by=f"firm:{uscc(number)}")
    proof = PDF + secret.encode()
    sent = mine.upload("PUT", f"/firm/evidence/{digest_of(proof)}", proof, "application/pdf")
    assert sent.status_code == 200
    correction = {
        "fact": "headcount",
        "case_id": case,
        "claim": f"{secret}-claim",
        "reason": f"{secret}-reason",
        "evidence": digest_of(proof),
    }
    assert mine.post("/firm/corrections", correction).status_code == 201


def asked(client: ApiClient, operation: Operation, number: int = 1) -> TestResponse:
    """Send the least request of an operation; whatever has a number has this one."""
    path = path_of(operation, number)
    if operation.reads:
        return client.get(path, **query_of(operation, number))
    if operation.uploads:
        media_type = next(iter(operation.uploads))
        sent = {"Idempotency-Key": f"upload-{id(client)}-{operation.id}"}
        return client.client.open(
            API_ROOT + path,
            method=operation.method,
            query_string=query_of(operation, number),
            data=b"x",
            content_type=media_type,
            headers=sent,
        )
    return client.send(operation.method, path, body_of(operation, number))


def code_of(answered: TestResponse) -> str:
    return (answered.get_json(silent=True) or {}).get("code", "") if answered.status_code >= 400 else ""


def test_every_route_is_in_the_table_or_is_no_operation(scene: Scene) -> None:
    app = create_app(SealingDesk(scene.world, scene.folder), SignedIn(None))
    below = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API_ROOT)
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    operations = {(operation.id, operation.method.value) for operation in OPERATIONS}
    assert {name for name, _ in operations} == ACCESS.keys()
    assert operations <= below
    assert {name for name, _ in below - operations} <= DOCUMENTS


DOCUMENTS = {"openapi", "api_page", "api_page_asset", "problem_page"}
"""The document, the page that shows it, and the codes of refusals, which everybody may read."""


@pytest.mark.parametrize("who", PRINCIPALS)
def test_each_may_what_the_table_says_and_nothing_else(scene: Scene, who: str) -> None:
    principal = PRINCIPALS[who]
    client = scene.client(principal)
    wrong = []
    for operation in OPERATIONS:
        answered = asked(client, operation)
        code, status = code_of(answered), answered.status_code
        allowed = ACCESS[operation.id].allows(principal)
        wanted = HTTPStatus.UNAUTHORIZED if principal is None else HTTPStatus.FORBIDDEN
        refused = status == wanted and code in REFUSED_CODES
        if allowed == refused or status >= 500 or (allowed and code in ("request.fields", "request.body")):
            wrong.append(f"{operation.id}: {status} {code or answered.get_data(as_text=True)[:100]}")
    assert wrong == []


def everything(scene: Scene) -> Mapping[str, Any]:
    """Return how many rows each table has, and where cases, notices and deliveries stand."""
    with psycopg.connect(scene.url, row_factory=dict_row) as connection:
        connection.execute("SET search_path = policy_match")
        names = [
            row["relname"]
            for row in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'policy_match'::regnamespace AND relkind = 'r'"
                " AND relname NOT IN ('action', 'kept_answer')"
            )
        ]
        counts = {
            name: connection.execute(f"SELECT count(*) AS rows FROM {name}".encode()).fetchall() for name in names
        }
        states = connection.execute("SELECT case_id, status, seq FROM case_state ORDER BY case_id").fetchall()
    return {**counts, "states": states}


def of_firm(scene: Scene, number: int) -> Mapping[str, set[int]]:
    """Return the numbers of everything that a firm has."""
    mine = scene.firm(number)
    return {
        "case": {item["case_id"] for item in mine.pages("/firm/cases")},
        "message": {item["notice_id"] for item in mine.pages("/firm/inbox")},
        "objection": {item["objection_id"] for item in mine.pages("/firm/objections")},
        "appeal": {item["appeal_id"] for item in mine.pages("/firm/appeals")},
        "account": {item["account_id"] for item in mine.get("/firm/accounts").get_json()["items"]},
        "suggestion": {item["suggestion_id"] for item in mine.pages("/firm/suggestions")},
        "correction": {item["correction_id"] for item in mine.pages("/firm/corrections")},
    }


FIRMS = [operation.id for operation in OPERATIONS if ACCESS[operation.id].firm and not ACCESS[operation.id].public]


@pytest.mark.parametrize("name", FIRMS)
def test_a_firm_gets_and_changes_nothing_of_another(scene: Scene, name: str) -> None:
    operation, theirs, own = OF_THE_TABLE[name], of_firm(scene, 1), of_firm(scene, 2)
    attacker = scene.firm(2)
    for kind, numbers in theirs.items():
        for number in numbers - own[kind]:
            before = everything(scene)
            answered = asked(attacker, operation, number)
            text = answered.get_data(as_text=True)
            assert SECRETS[1] not in text, (kind, number)
            assert uscc(1) not in text, (kind, number)
            if f"{{{kind}_id}}" in operation.path:
                assert (answered.status_code, code_of(answered)) == (404, f"{kind}.unknown")
                assert everything(scene) == before


def test_the_firms_have_something_that_could_be_seen(scene: Scene) -> None:
    theirs = of_firm(scene, 1)
    assert Counter({kind: min(len(numbers), 1) for kind, numbers in theirs.items()}) == Counter(
        case=1, objection=1, appeal=1, account=1, suggestion=1, correction=1, message=len(theirs["message"]) and 1
    )
    own = scene.firm(1)
    for path, word in (
        ("/firm/objections", "objection"),
        ("/firm/appeals", "appeal"),
        ("/firm/accounts", "holder"),
        ("/firm/suggestions", "words"),
        ("/firm/corrections", "claim"),
    ):
        assert f"{SECRETS[1]}-{word}" in own.get(path).get_data(as_text=True)


READS = [operation.id for operation in OPERATIONS if operation.reads and not ACCESS[operation.id].public]


@pytest.mark.parametrize("name", READS)
def test_staff_of_another_department_read_no_firms_name(scene: Scene, name: str) -> None:
    case = min(of_firm(scene, 1)["case"])
    client = scene.client(OTHER_DEPARTMENT)
    text = asked(client, OF_THE_TABLE[name], case).get_data(as_text=True)
    assert SECRETS[1] not in text
