"""The API with somebody signed in, for tests: requests go through every gate, only who asks is given.

Guarantees that each write brings a key of its own unless a test says which, as `Idempotency-Key` asks. What stands
behind the API is a small world (`tests.support.cases`) or a database with rules.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.facts.catalogue import FactCatalogue
from policy_match.identity.principal import EVERYWHERE, FirmUser, Machine, Principal, Reach, RoleName, Scope, Staff
from policy_match.policy.model import RuleBook
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.unit_of_work import Database
from policy_match.values import Uscc
from policy_match.web.app import API_ROOT, create_app
from policy_match.web.authenticator import Authenticator
from policy_match.web.desk import Desk, RequestWork
from tests.support.cases import CALENDAR, MovableClock, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PERSON = "wang.fang"

KEYS = count(1)
"""What each write brings; the same person may have several clients."""

DESK, AUTHENTICATOR = "tests.desk", "tests.authenticator"
"""Where a request brings what stands behind the API for it, and what knows who asks."""

NOWHERE = Path("/nonexistent")
"""The data directory of tests that keep no files."""


class TestDesk(Application):
    """The application over a database of a test; data lies below `folder`, and no environment is read."""

    __test__ = False

    def __init__(self, database: Database, rules: RuleBook, clock: MovableClock, folder: Path) -> None:
        super().__init__(Config(data_dir=folder), clock)
        self.version = "0.0.test"
        self.database = database
        self.rules = rules
        self.working_days = CALENDAR
        self.account_sealer = AccountSealer([b"a" * 32])


class WorldDesk(TestDesk):
    """The application over a small world, whose snapshot is in memory."""

    def __init__(self, world: World, folder: Path) -> None:
        super().__init__(world.database, world.rules, world.clock, folder)
        self.truth_files = world.truth_files
        self._snapshot = world.snapshot

    def open_snapshot(self, name: str, catalogue: FactCatalogue) -> Any:
        """Return the world's snapshot."""
        return self._snapshot


class SignedIn:
    """Knows one principal, whatever the request brings; `None` is nobody."""

    def __init__(self, principal: Principal | None) -> None:
        self._principal = principal

    def principal(self, request: Request, work: RequestWork) -> Principal | None:
        """Return it."""
        return self._principal


class DeskOfRequest:
    """The desk that was brought with the request."""

    def __getattr__(self, name: str) -> Any:
        return getattr(request.environ[DESK], name)


class AuthenticatorOfRequest:
    """The authenticator that was brought with the request."""

    def principal(self, asked: Request, work: RequestWork) -> Principal | None:
        """Return who it says."""
        authenticator: Authenticator = asked.environ[AUTHENTICATOR]
        return authenticator.principal(asked, work)


@cache
def _application() -> Flask:
    """Return the application of all tests of a worker: compiling its addresses takes longer than most of them."""
    return create_app(cast(Desk, DeskOfRequest()), AuthenticatorOfRequest())


def application_of(desk: Desk, authenticator: Authenticator) -> Flask:
    """Return the application with a desk behind it."""
    made, inner = copy(_application()), _application().wsgi_app

    def bring(environ: dict[str, Any], start: "StartResponse") -> "Iterable[bytes]":
        return inner({**environ, DESK: desk, AUTHENTICATOR: authenticator}, start)

    made.wsgi_app = bring  # type: ignore[assignment, method-assign]
    return made


class ApiClient:
    """Sends requests below the API's root and returns the answers."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: object) -> TestResponse:
        """Ask; `query` are the parameters, those that are `None` are left out."""
        return self._get(path, query, headers)

    def _get(self, path: str, query: Mapping[str, object], headers: Mapping[str, str] | None = None) -> TestResponse:
        given = {name: str(value) for name, value in query.items() if value is not None}
        return self.client.get(API_ROOT + path, query_string=given, headers=dict(headers or {}))

    def send(
        self,
        method: str,
        path: str,
        body: object | None = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Write; without a `key` each call has one of its own."""
        sent = {"Idempotency-Key": key or f"test-{next(KEYS)}", **(headers or {})}
        if body is None:
            return self.client.open(API_ROOT + path, method=method, headers=sent)
        return self.client.open(API_ROOT + path, method=method, json=body, headers=sent)

    def post(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """POST a body as JSON, or none."""
        return self.send("POST", path, body, **more)

    def upload(
        self, method: str, path: str, content: bytes, media_type: str, *, key: str | None = None
    ) -> TestResponse:
        """Send a file."""
        sent = {"Idempotency-Key": key or f"test-{next(KEYS)}", "Content-Type": media_type}
        return self.client.open(API_ROOT + path, method=method, data=content, headers=sent)

    def put(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """PUT a body as JSON."""
        return self.send("PUT", path, body, **more)

    def delete(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """DELETE."""
        return self.send("DELETE", path, body, **more)

    def pages(self, path: str, **query: object) -> list[dict[str, Any]]:
        """Return the items of every page of a list, which has at most a hundred pages."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(100):
            answer = self._get(path, {**query, "cursor": cursor})
            assert answer.status_code == 200, answer.get_data(as_text=True)
            page = answer.get_json()
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items
        raise AssertionError("the list does not end")


def staff(*roles: str, person: str = PERSON, department: str = "", jurisdiction: str = "") -> Staff:
    """Return a member of staff with these roles, everywhere unless a department or jurisdiction is named."""
    reach = Reach(department=department, jurisdiction=jurisdiction) if department or jurisdiction else EVERYWHERE
    return Staff(person=person, roles=frozenset((RoleName(role), reach) for role in roles))


def firm_user(uscc: Uscc, user: str = "user-1") -> FirmUser:
    """Return a user of a firm."""
    return FirmUser(uscc=uscc, user=user)


def machine(*scopes: Scope, name: str = "other-system") -> Machine:
    """Return another system with a token."""
    return Machine(name=name, scopes=frozenset(scopes))


def client_of(desk: Desk, principal: Principal | None) -> ApiClient:
    """Return a client of the API behind which a desk stands."""
    return ApiClient(application_of(desk, SignedIn(principal)).test_client())


def world_client(world: World, principal: Principal | None, folder: Path = NOWHERE) -> ApiClient:
    """Return a client of the API that works with a small world, at the world's time; files are below `folder`."""
    return client_of(WorldDesk(world, folder), principal)


def api_client(
    database: Database,
    principal: Principal | None,
    *,
    rules: RuleBook,
    clock: MovableClock | None = None,
    folder: Path = NOWHERE,
) -> ApiClient:
    """Return a client of the API over a database (`write_policies` makes rules); files are below `folder`."""
    return client_of(TestDesk(database, rules, clock or MovableClock(), folder), principal)
