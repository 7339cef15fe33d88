"""People who really signed in, and machines with a token: requests with the proofs that browsers and systems bring.

Guarantees that each is known by the real authenticator, from rows in the database. For tests of operations, where it
does not matter how somebody proved who he is, `tests.support.api` is shorter and faster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from policy_match.facts.catalogue import FactCatalogue
from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Scope
from policy_match.identity.rules import IdentityRules
from policy_match.policy.model import RuleBook
from policy_match.services.accounts import add_account, set_password
from policy_match.services.delegations import delegate
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.machine_tokens import make_token
from policy_match.services.passwords import Passwords
from policy_match.services.roles import grant_role
from policy_match.services.second_factor import begin_totp, confirm_totp
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest, Uscc
from policy_match.web.app import API_ROOT
from policy_match.web.identity.authenticator import WebAuthenticator
from policy_match.web.identity.cookies import CSRF_HEADER
from tests.support.api import NOWHERE, TestDesk, application_of
from tests.support.cases import MovableClock

PASSWORD = "only for tests 2026"
ROOT = "https://policy-match.test"
PERSONNEL = "personnel"
"""Who makes accounts and grants roles in tests."""

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2 as fast as it goes: what is tested is not how hard guessing is."""

SEALER = AccountSealer([b"i" * 32])

NO_RULES = RuleBook(catalogue=FactCatalogue({}), policies={}, sources={}, fingerprint=Digest("0" * 64))
"""For tests that look at who asks alone."""


class Browser:
    """One browser: keeps cookies, sends the session's token against forged requests and a key with each write."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.csrf_token = ""
        self._keys = count(1)

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: object) -> TestResponse:
        """Ask; `query` are the parameters, those that are `None` are left out."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        return self.client.get(API_ROOT + path, query_string=given, headers=dict(headers or {}), base_url=ROOT)

    def send(
        self, method: str, path: str, body: object | None = None, *, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Write."""
        sent = {"Idempotency-Key": f"browser-{id(self)}-{next(self._keys)}", CSRF_HEADER: self.csrf_token}
        sent.update(headers or {})
        more: dict[str, Any] = {} if body is None else {"json": body}
        answer = self.client.open(API_ROOT + path, method=method, headers=sent, base_url=ROOT, **more)
        if answer.is_json and isinstance(answer.json, dict):
            found = answer.json.get("session", answer.json)
            self.csrf_token = found.get("csrf_token", self.csrf_token) if isinstance(found, dict) else self.csrf_token
        return answer

    def post(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """POST a body as JSON, or none."""
        return self.send("POST", path, body, **more)

    def put(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """PUT a body as JSON."""
        return self.send("PUT", path, body, **more)

    def delete(self, path: str, body: object | None = None, **more: Any) -> TestResponse:
        """DELETE."""
        return self.send("DELETE", path, body, **more)

    def cookie(self, name: str = "__Host-session") -> str:
        """Return the value of a cookie, empty when there is none."""
        found = self.client.get_cookie(name, domain="policy-match.test")
        return "" if found is None else found.value


class TokenClient(Browser):
    """Another system with a token, which has no cookies."""

    def __init__(self, app: Flask, token: str) -> None:
        super().__init__(app)
        self.client = app.test_client(use_cookies=False)
        self.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"


@dataclass(slots=True)
class Entrance:
    """The application with its real authenticator, and people who sign in to it."""

    desk: TestDesk
    app: Flask
    totp: dict[str, pyotp.TOTP] = field(default_factory=dict)

    @property
    def clock(self) -> MovableClock:
        """The clock of the application, which a test moves."""
        clock = self.desk.clock
        assert isinstance(clock, MovableClock)
        return clock

    def browser(self) -> Browser:
        """Return a browser in which nobody signed in."""
        return Browser(self.app)

    def account(self, name: str, kind: AccountKind = AccountKind.STAFF) -> None:
        """Make an account that signs in with `PASSWORD`."""
        add_account(self.desk.database, self.clock, name=name, kind=kind, by=PERSONNEL)
        set_password(self.desk.database, self.clock, self.desk.identity, name=name, password=PASSWORD, by=PERSONNEL)

    def with_second_factor(self, name: str) -> pyotp.TOTP:
        """Set up the second factor of an account and return what makes its codes."""
        made = begin_totp(self.desk.database, self.clock, self.desk.identity, name=name)
        self.totp[name] = pyotp.TOTP(made.secret)
        confirm_totp(self.desk.database, self.clock, self.desk.identity, name=name, code=self.code(name))
        self.wait(timedelta(seconds=30))
        return self.totp[name]

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.move(time / timedelta(days=1))

    def code(self, name: str) -> str:
        """Return the code that the app of a person shows now."""
        return self.totp[name].at(self.clock.now())

    def staff(self, *roles: str, name: str = "wang.fang", department: str = "", jurisdiction: str = "") -> Browser:
        """Return the browser of a member of staff who signed in, with these roles and without a second factor."""
        self.account(name)
        for role in roles:
            grant_role(
                self.desk.database,
                self.clock,
                person=name,
                role=role,
                department=department,
                jurisdiction=jurisdiction,
                by=PERSONNEL,
            )
        return self.signed_in(name)

    def firm_user(self, *firms: str, name: str = "firm.user", is_owner: bool = True) -> Browser:
        """Return the browser of a user who signed in and acts for the first of some firms."""
        self.account(name, AccountKind.FIRM)
        for uscc in firms:
            delegate(self.desk.database, self.clock, uscc=Uscc(uscc), user=name, is_owner=is_owner, by=PERSONNEL)
        browser = self.signed_in(name)
        if len(firms) > 1:
            answer = browser.post("/sign-in/firm", {"firm": firms[0]})
            assert answer.status_code == 200, answer.text
        return browser

    def machine(self, *scopes: Scope, name: str = "other-system") -> TokenClient:
        """Return another system with a token of these scopes."""
        ends_on = self.clock.now().date() + timedelta(days=30)
        made = make_token(
            self.desk.database, self.clock, name=name, scopes=frozenset(scopes), ends_on=ends_on, by=PERSONNEL
        )
        return TokenClient(self.app, made.secret)

    def signed_in(self, name: str) -> Browser:
        """Return the browser of a person with an account, who signed in with the password."""
        browser = self.browser()
        answer = browser.post("/sign-in", {"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser


def identity_desk(rules: IdentityRules | None = None) -> IdentityDesk:
    """Return what signing in works with, in tests: staff need no second factor, passwords are hashed cheaply."""
    return IdentityDesk(
        rules=rules or IdentityRules(staff_second_factor=False, address=ROOT),
        sealer=SEALER,
        passwords=Passwords(CHEAP),
    )


def open_entrance(
    database: Database,
    *,
    rules: RuleBook = NO_RULES,
    clock: MovableClock | None = None,
    identity: IdentityRules | None = None,
    desk: TestDesk | None = None,
) -> Entrance:
    """Return the application over a database, or over a `desk` that is there, with its real authenticator."""
    desk = desk or TestDesk(database, rules, clock or MovableClock(), NOWHERE)
    desk.identity = identity_desk(identity)
    return Entrance(desk=desk, app=application_of(desk, WebAuthenticator(desk)))
