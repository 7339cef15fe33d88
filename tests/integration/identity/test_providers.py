"""Signing in with a real provider of OpenID Connect: what it vouches for, and everything that only looks so."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from lxml import html
from werkzeug.test import TestResponse

from policy_match.identity.accounts import AccountKind
from policy_match.identity.providers import ClaimNames, ProviderTerms
from policy_match.identity.rules import IdentityRules
from policy_match.ports.providers import ProviderRefused
from policy_match.services.accounts import add_account, set_password
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.web.identity.fetched import DOWN_SECONDS
from policy_match.web.identity.openid import LOG_OUT_EVENT, OpenIdProvider
from policy_match.web.identity.places import Places
from policy_match.wiring.parts import SystemClock
from tests.support.cases import MovableClock
from tests.support.identity_provider import CLIENT, SECRET, TestProvider, running_provider, walk
from tests.support.signed_in import PASSWORD, PERSONNEL, ROOT, Browser, Entrance, open_entrance
from tests.support.waiting import until

FIRM, OTHER = "91370212MA3C4E5F6X", "91370212MA3C4E5F7X"
LOG_OUT = "/sign-in/providers/staff/log-out"
CALLERS = 8
"""More at once than the pool has connections."""

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def running() -> Iterator[TestProvider]:
    """The provider, once for all tests of this file."""
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(running: TestProvider) -> Iterator[TestProvider]:
    """The provider, with nobody meddling yet."""
    yield running
    running.relay.meddle, running.relay.is_down = None, False


@dataclass(slots=True)
class Door:
    """The application with one provider, and somebody who walks through."""

    entrance: Entrance
    provider: TestProvider

    def begin(self, browser: Browser, back_to: str = "/") -> str:
        """Return where the browser is sent."""
        answer = browser.get("/sign-in/providers/staff", back_to=back_to)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def back(self, browser: Browser, address: str) -> TestResponse:
        """Bring the browser back from the provider."""
        return browser.client.get(address, base_url=ROOT)

    def tried(self, person: str = "li.ming") -> TestResponse:
        """Walk all the way, and return the answer on coming back."""
        browser = self.entrance.browser()
        return self.back(browser, walk(self.provider.browser(), self.begin(browser), person))

    def signed_in(self, person: str = "li.ming") -> Browser:
        """Walk all the way, and return the browser, in which the person is signed in."""
        browser = self.entrance.browser()
        answer = self.back(browser, walk(self.provider.browser(), self.begin(browser), person))
        assert answer.status_code == 303, answer.text
        browser.csrf_token = browser.get("/session").json["csrf_token"]  # type: ignore[index]
        return browser


def door_of(database: Database, provider: TestProvider, **terms: Any) -> Door:
    clock = MovableClock(datetime.now(UTC))
    known = ProviderTerms(
        **{
            "name": "staff",
            "kind": AccountKind.STAFF,
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret_env": "UNUSED",
            "label": "示例",
            "links_accounts": True,
            **terms,
        }
    )
    rules = IdentityRules(providers=(known,), address=ROOT)
    entrance = open_entrance(database, clock=clock, identity=rules)
    entrance.desk.identity_providers = {
        "staff": OpenIdProvider(known, secret=SECRET, address=ROOT, clock=clock, places=Places(CALLERS), seconds=5.0)
    }
    return Door(entrance=entrance, provider=provider)


@pytest.fixture
def door(database: Database, provider: TestProvider) -> Door:
    """An application where li.ming of the provider has an account, as a clerk."""
    made = door_of(database, provider)
    add_account(database, made.entrance.clock, name="li.ming", kind=AccountKind.STAFF, by=PERSONNEL)
    grant_role(database, made.entrance.clock, person="li.ming", role="clerk", by=PERSONNEL)
    return made


def meddling(provider: TestProvider, **changed: Any) -> None:
    """Let the provider say something else in its ID tokens, rightly signed; `None` leaves a claim out."""

    def meddle(tokens: dict[str, Any]) -> dict[str, Any]:
        claims = {**provider.claims(tokens["id_token"]), **changed}
        kept = {name: value for name, value in claims.items() if value is not None}
        return {**tokens, "id_token": provider.signed(kept)}

    provider.relay.meddle = meddle


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    assert "__Host-session" not in "".join(answer.headers.getlist("Set-Cookie"))
    return answer.status_code, answer.json["code"]


def test_a_person_whom_the_provider_vouches_for_is_signed_in(door: Door) -> None:
    browser = door.entrance.browser()
    address = walk(door.provider.browser(), door.begin(browser, "/bureau"), "li.ming")
    answer = door.back(browser, address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau")
    who = browser.get("/session").json
    assert who is not None
    assert (who["name"], who["provider"], who["waits_for"]) == ("li.ming", "staff", None)
    assert [each["role"] for each in who["roles"]] == ["clerk"]


def test_the_request_to_the_provider_has_state_nonce_and_pkce(door: Door) -> None:
    sent = parse_qs(urlsplit(door.begin(door.entrance.browser())).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert all(len(sent[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_somebody_without_an_account_is_refused(door: Door) -> None:
    assert refusal(door.tried("stranger")) == (403, "sign-in.unknown-person")


def test_an_account_with_a_password_is_not_taken_over_by_a_name(door: Door) -> None:
    set_password(
        door.entrance.desk.database,
        door.entrance.clock,
        door.entrance.desk.identity,
        name="li.ming",
        password=PASSWORD,
        by=PERSONNEL,
    )
    assert refusal(door.tried()) == (403, "sign-in.unknown-person")


def test_an_account_belongs_to_the_first_person_who_came_and_to_no_other(door: Door) -> None:
    assert door.tried().status_code == 303
    meddling(door.provider, sub="somebody-else")
    assert refusal(door.tried()) == (403, "sign-in.unknown-person")


def test_a_firms_user_is_made_with_the_firms_of_his_claim(database: Database, provider: TestProvider) -> None:
    door = door_of(database, provider, kind=AccountKind.FIRM, makes_accounts=True, claims=ClaimNames(firm="firms"))
    meddling(provider, firms=[FIRM, OTHER, "no code"])
    browser = door.signed_in()
    who = browser.get("/session").json
    assert who is not None
    assert ([each["uscc"] for each in who["firms"]], who["waits_for"]) == ([FIRM, OTHER], "firm")
    meddling(provider, firms=[OTHER])
    again = door.signed_in()
    assert again.get("/session").json["firm"] == OTHER  # type: ignore[index]
    assert browser.post("/sign-in/firm", {"firm": FIRM}).status_code == 403


def test_a_firm_that_the_claim_names_no_longer_is_lost_at_the_renewal(
    database: Database, provider: TestProvider
) -> None:
    firms, known = [FIRM], dict[str, Any]()

    def meddle(tokens: dict[str, Any]) -> dict[str, Any]:
        if "id_token" in tokens:
            known.update(provider.claims(tokens["id_token"]))
        claims = {name: value for name, value in known.items() if name != "at_hash"}
        return {**tokens, "id_token": provider.signed({**claims, "firms": firms})}

    provider.relay.meddle = meddle
    door = door_of(database, provider, kind=AccountKind.FIRM, makes_accounts=True, claims=ClaimNames(firm="firms"))
    browser = door.signed_in()
    assert browser.post("/session/renew").status_code == 200
    assert browser.get("/session").json["firm"] == FIRM  # type: ignore[index]
    firms.clear()
    answer = browser.post("/session/renew")
    assert (answer.status_code, answer.json["code"]) == (401, "session.none")  # type: ignore[index]
    assert browser.get("/session").status_code == 401


def test_signing_out_on_a_page_offers_to_sign_out_at_the_provider(door: Door) -> None:
    browser = door.signed_in()
    browser.get("/session")
    token = browser.get("/session").json["csrf_token"]  # type: ignore[index]
    answer = browser.client.post("/sign-out", data={"_csrf": token, "_key": "a-key"}, base_url=ROOT)
    assert answer.status_code == 200
    (form,) = html.fromstring(answer.text).xpath("//main//form")
    assert form.get("action").startswith(door.provider.issuer)
    assert form.xpath(".//input[@name='id_token_hint']/@value")
    assert f"form-action 'self' {door.provider.issuer}" in answer.headers["Content-Security-Policy"]
    assert browser.get("/session").status_code == 401


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aud": "another-client"}, "aud"),
        ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, "azp"),
        ({"iss": "https://another.test"}, "iss"),
        ({"exp": 1_700_000_000}, "exp"),
        ({"exp": None}, "exp"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(door: Door, changed: Mapping[str, Any], why: str) -> None:
    meddling(door.provider, **changed)
    answer = door.tried()
    assert refusal(answer) == (401, "sign-in.not-vouched"), why


@pytest.mark.parametrize(("seconds_ago", "status"), [(58, 303), (62, 401)])
def test_a_token_is_taken_for_a_minute_after_its_end_and_no_longer(door: Door, seconds_ago: int, status: int) -> None:
    now = int(door.entrance.clock.now().timestamp())
    meddling(door.provider, exp=now - seconds_ago)
    assert door.tried().status_code == status


def test_metadata_of_another_issuer_are_not_believed(database: Database, provider: TestProvider) -> None:
    # Found at the same address, and what is found there names the issuer without the last sign.
    door = door_of(database, provider, issuer=f"{provider.issuer}/")
    answer = door.entrance.browser().get("/sign-in/providers/staff")
    assert refusal(answer) == (503, "sign-in.provider-down")


def other_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "test"}, claims, RSAKey.generate_key(2048))


def no_signature(claims: dict[str, Any]) -> str:
    parts = [json.dumps(each).encode() for each in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def shared_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])


def unsigned_change(claims: dict[str, Any]) -> str:
    head, _, tail = other_key(claims).rpartition(".")
    return f"{head}.{tail[:-4]}AAAA"


@pytest.mark.parametrize("forge", [other_key, no_signature, shared_secret, unsigned_change])
def test_a_token_that_the_provider_did_not_sign_is_refused(door: Door, forge: Any) -> None:
    provider = door.provider
    provider.relay.meddle = lambda tokens: {**tokens, "id_token": forge(provider.claims(tokens["id_token"]))}
    assert refusal(door.tried()) == (401, "sign-in.not-vouched")


def test_a_sign_in_comes_back_once(door: Door) -> None:
    browser = door.entrance.browser()
    address = walk(door.provider.browser(), door.begin(browser), "li.ming")
    state = browser.cookie("__Host-sign-in")
    assert door.back(browser, address).status_code == 303
    browser.client.set_cookie("__Host-sign-in", state, domain="policy-match.test", secure=True)
    assert refusal(door.back(browser, address)) == (400, "sign-in.state")


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def test_a_code_of_another_sign_in_is_refused(door: Door) -> None:
    browser = door.entrance.browser()
    code = code_in(walk(door.provider.browser(), door.begin(browser), "li.ming"))
    door.begin(browser)
    answer = browser.get("/sign-in/callback", state=browser.cookie("__Host-sign-in"), code=code)
    assert refusal(answer) == (401, "sign-in.provider-refused")


def test_a_code_that_was_spent_is_refused_even_with_another_state(door: Door) -> None:
    browser = door.entrance.browser()
    address = walk(door.provider.browser(), door.begin(browser), "li.ming")
    assert door.back(browser, address).status_code == 303
    door.begin(browser)
    answer = browser.get("/sign-in/callback", state=browser.cookie("__Host-sign-in"), code=code_in(address))
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "sign-in.provider-refused"


def test_a_code_is_good_once_even_with_the_verifier_that_it_belongs_to(door: Door) -> None:
    provider = door.entrance.desk.identity_providers["staff"]
    asked = provider.sign_in_address(state="s" * 43, nonce="n" * 43, verifier="v" * 43)
    code = code_in(walk(door.provider.browser(), asked, "li.ming"))
    assert provider.vouched(code=code, nonce="n" * 43, verifier="v" * 43).subject == "li.ming"
    with pytest.raises(ProviderRefused):
        provider.vouched(code=code, nonce="n" * 43, verifier="v" * 43)


def test_a_sign_in_that_began_in_another_browser_is_refused(door: Door) -> None:
    attacker, victim = door.entrance.browser(), door.entrance.browser()
    address = walk(door.provider.browser(), door.begin(attacker), "li.ming")
    assert refusal(door.back(victim, address)) == (400, "sign-in.state")


def test_a_sign_in_that_takes_too_long_is_refused(door: Door) -> None:
    browser = door.entrance.browser()
    address = walk(door.provider.browser(), door.begin(browser), "li.ming")
    door.entrance.wait(timedelta(minutes=11))
    assert refusal(door.back(browser, address)) == (400, "sign-in.state")


def test_an_answer_of_another_issuer_is_refused(door: Door) -> None:
    browser = door.entrance.browser()
    door.begin(browser)
    state = browser.cookie("__Host-sign-in")
    answer = browser.get("/sign-in/callback", state=state, code="x", iss="https://another.test")
    assert refusal(answer) == (401, "sign-in.provider-refused")


def test_a_person_who_says_no_at_the_provider_is_not_signed_in(door: Door) -> None:
    browser = door.entrance.browser()
    door.begin(browser)
    answer = browser.get("/sign-in/callback", state=browser.cookie("__Host-sign-in"), error="access_denied")
    assert refusal(answer) == (401, "sign-in.provider-refused")


@pytest.mark.parametrize("back_to", ["//elsewhere.test", "https://elsewhere.test", "/\\elsewhere.test"])
def test_nobody_is_sent_to_another_site_afterwards(door: Door, back_to: str) -> None:
    assert door.entrance.browser().get("/sign-in/providers/staff", back_to=back_to).status_code == 422


def test_a_provider_that_is_down_is_said_to_be_down(door: Door) -> None:
    door.provider.relay.is_down = True
    answer = door.entrance.browser().get("/sign-in/providers/staff")
    assert refusal(answer) == (503, "sign-in.provider-down")


def test_a_provider_that_does_not_answer_holds_nobody_and_no_connection(
    database: Database, running: TestProvider
) -> None:
    door = door_of(database, running)
    desk, hold = door.entrance.desk, threading.Event()
    terms = desk.identity.rules.providers[0]
    slow = OpenIdProvider(terms, secret=SECRET, address=ROOT, clock=SystemClock(), places=Places(CALLERS), seconds=0.3)
    desk.identity_providers = {"staff": slow}
    running.relay.hold = hold
    waiting = threading.Barrier(CALLERS + 1)
    answers: list[int] = []

    def ask() -> None:
        waiting.wait()
        answers.append(door.entrance.browser().get("/sign-in/providers/staff").status_code)

    threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
    try:
        for thread in threads:
            thread.start()
        waiting.wait()
        assert door.entrance.browser().get("/sign-in/providers").status_code == 200
        for thread in threads:
            thread.join()
    finally:
        hold.set()
        running.relay.hold = None
    assert answers == [503] * CALLERS


def held_at_the_token_endpoint(door: Door, calls: Sequence[Callable[[], TestResponse]]) -> list[int]:
    """Hold every call at the token endpoint, see that none has a connection, and return the answers."""
    relay, database, hold = door.provider.relay, door.entrance.desk.database, threading.Event()
    asked = len(relay.asked)
    relay.hold = hold
    with ThreadPoolExecutor(len(calls)) as pool:
        try:
            made = [pool.submit(call) for call in calls]
            until(lambda: len(relay.asked) == asked + len(calls), "all are at the token endpoint", seconds=2)
            assert set(relay.asked[asked:]) == {"/oauth/token"}
            until(lambda: database.pool_use().in_use == 0, "no connection is held", seconds=2)
        finally:
            hold.set()
            relay.hold = None
    return [each.result().status_code for each in made]


def test_who_comes_back_while_the_token_endpoint_is_slow_holds_no_connection(door: Door) -> None:
    door.signed_in()
    browsers = [door.entrance.browser() for _ in range(CALLERS)]
    calls = [partial(door.back, each, walk(door.provider.browser(), door.begin(each), "li.ming")) for each in browsers]
    assert held_at_the_token_endpoint(door, calls) == [303] * CALLERS


def test_who_renews_while_the_token_endpoint_is_slow_holds_no_connection(door: Door) -> None:
    browsers = [door.signed_in() for _ in range(CALLERS)]
    calls = [partial(each.post, "/session/renew") for each in browsers]
    assert held_at_the_token_endpoint(door, calls) == [200] * CALLERS


def test_a_provider_that_failed_is_left_alone_for_some_seconds(door: Door) -> None:
    relay = door.provider.relay
    relay.is_down = True
    assert door.entrance.browser().get("/sign-in/providers/staff").status_code == 503
    relay.is_down, asked = False, len(relay.asked)
    door.entrance.wait(timedelta(seconds=DOWN_SECONDS - 1))
    assert door.entrance.browser().get("/sign-in/providers/staff").status_code == 503
    assert len(relay.asked) == asked
    door.entrance.wait(timedelta(seconds=2))
    assert door.entrance.browser().get("/sign-in/providers/staff").status_code == 303


def test_only_so_many_are_at_providers_at_once_and_the_others_are_told_so(door: Door) -> None:
    desk = door.entrance.desk
    terms = desk.identity.rules.providers[0]
    known = OpenIdProvider(terms, secret=SECRET, address=ROOT, clock=door.entrance.clock, places=Places(1))
    desk.identity_providers = {"staff": known}
    browsers = [door.entrance.browser() for _ in range(2)]
    first, second = (walk(door.provider.browser(), door.begin(each), "li.ming") for each in browsers)
    relay, hold = door.provider.relay, threading.Event()
    asked = len(relay.asked)
    relay.hold = hold
    with ThreadPoolExecutor(1) as pool:
        try:
            made = pool.submit(door.back, browsers[0], first)
            until(lambda: len(relay.asked) > asked, "the first is at the token endpoint")
            assert refusal(door.back(browsers[1], second)) == (503, "sign-in.provider-down")
            # What is known of the provider is known without a place.
            assert door.entrance.browser().get("/sign-in/providers/staff").status_code == 303
        finally:
            hold.set()
            relay.hold = None
    assert made.result().status_code == 303


def test_a_renewal_asks_the_provider_and_gives_a_new_id(door: Door) -> None:
    browser = door.signed_in()
    before, asked = browser.cookie(), len(door.provider.relay.asked)
    door.entrance.wait(timedelta(minutes=5))
    answer = browser.post("/session/renew")
    assert answer.status_code == 200, answer.text
    assert door.provider.relay.asked[asked:] == ["/oauth/token"]
    assert browser.cookie() not in ("", before)
    assert browser.get("/sessions").status_code == 200


def test_a_session_that_is_not_renewed_at_its_provider_ends(door: Door) -> None:
    browser = door.signed_in()
    for _ in range(3):
        door.entrance.wait(timedelta(minutes=19))
        assert browser.get("/sessions").status_code == 200
    door.entrance.wait(timedelta(minutes=4))
    assert browser.get("/sessions").status_code == 401


def test_a_session_ends_when_the_provider_refuses_to_renew_it(door: Door) -> None:
    seen: list[str] = []

    def watch(tokens: dict[str, Any]) -> dict[str, Any]:
        seen.append(tokens["refresh_token"])
        return tokens

    door.provider.relay.meddle = watch
    browser = door.signed_in()
    revoked = door.provider.browser().post(
        f"{door.provider.issuer}/oauth/revoke", data={"token": seen[0]}, auth=(CLIENT, SECRET)
    )
    assert revoked.status_code == 200
    answer = browser.post("/session/renew")
    assert (answer.status_code, answer.json["code"]) == (401, "session.none")  # type: ignore[index]
    assert browser.get("/sessions").status_code == 401


def test_a_session_ends_when_its_renewal_is_of_somebody_else(door: Door) -> None:
    browser, provider = door.signed_in(), door.provider
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "zhao.min", "iat": now, "exp": now + 300}
    provider.relay.meddle = lambda tokens: {**tokens, "id_token": provider.signed(claims)}
    assert browser.post("/session/renew").status_code == 401
    assert browser.get("/sessions").status_code == 401


def test_a_provider_that_is_down_ends_no_session(door: Door) -> None:
    browser = door.signed_in()
    door.provider.relay.is_down = True
    assert browser.post("/session/renew").status_code == 503
    assert browser.get("/sessions").status_code == 200


def test_signing_out_tells_how_to_sign_out_at_the_provider_too(door: Door) -> None:
    at_provider, browser = door.provider.browser(), door.entrance.browser()
    address = walk(at_provider, door.begin(browser), "li.ming")
    door.back(browser, address)
    browser.csrf_token = browser.get("/session").json["csrf_token"]  # type: ignore[index]
    answer = browser.post("/sign-out").json
    assert answer is not None
    assert browser.get("/sessions").status_code == 401
    left = at_provider.get(answer["provider"]["address"], params=answer["provider"]["fields"], allow_redirects=False)
    assert left.headers["Location"] == f"{ROOT}/"
    assert "login" in at_provider.get(door.begin(door.entrance.browser())).url


def log_out_token(provider: TestProvider, **changed: Any) -> str:
    claims = {
        "iss": provider.issuer,
        "aud": CLIENT,
        "sub": "li.ming",
        "iat": int(datetime.now(UTC).timestamp()),
        "exp": int(datetime.now(UTC).timestamp()) + 120,
        "jti": "log-out-1",
        "events": {LOG_OUT_EVENT: {}},
        **changed,
    }
    return provider.signed({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")


def test_a_person_who_is_logged_out_at_the_provider_is_logged_out_here(door: Door) -> None:
    browser = door.signed_in()
    token = log_out_token(door.provider)
    client = door.entrance.app.test_client()
    for status in (204, 401):
        answer = client.post("/api/v1" + LOG_OUT, data={"logout_token": token}, content_type=FORM)
        assert answer.status_code == status, answer.text
        assert browser.get("/sessions").status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"iss": "https://another.test"},
        {"events": None},
        {"events": {"https://another.test/event": {}}},
        {"nonce": "n"},
        {"iat": 1_700_000_000},
        {"exp": 1_700_000_000},
        {"jti": None},
        {"sub": None},
    ],
)
def test_a_log_out_token_that_is_none_ends_nothing(door: Door, changed: Mapping[str, Any]) -> None:
    browser = door.signed_in()
    answer = door.entrance.app.test_client().post(
        "/api/v1" + LOG_OUT, data={"logout_token": log_out_token(door.provider, **changed)}, content_type=FORM
    )
    assert answer.status_code == 401
    assert browser.get("/sessions").status_code == 200


def test_an_id_token_is_no_log_out_token(door: Door) -> None:
    seen: list[str] = []

    def watch(tokens: dict[str, Any]) -> dict[str, Any]:
        seen.append(tokens["id_token"])
        return tokens

    door.provider.relay.meddle = watch
    browser = door.signed_in()
    answer = door.entrance.app.test_client().post(
        "/api/v1" + LOG_OUT, data={"logout_token": seen[0]}, content_type=FORM
    )
    assert answer.status_code == 401
    assert browser.get("/sessions").status_code == 200


def test_another_kind_of_provider_opens_no_account_of_staff(database: Database, door: Door) -> None:
    door.signed_in()
    terms = replace(door.entrance.desk.identity.rules.providers[0], kind=AccountKind.FIRM, makes_accounts=True)
    door.entrance.desk.identity_providers = {
        "staff": OpenIdProvider(terms, secret=SECRET, address=ROOT, clock=door.entrance.clock, places=Places(CALLERS))
    }
    assert refusal(door.tried()) == (403, "sign-in.unknown-person")
