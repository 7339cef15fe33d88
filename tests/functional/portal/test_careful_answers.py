"""Every answer is careful, whatever it is: not kept by anybody on the way, and running nothing but our own files.

And what fails is told without what failed: that is for the log.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from policy_match.identity.principal import Principal, ServiceRole
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT, PAGES, create_app
from policy_match.web.portal.page import Door
from policy_match.web.problems import Failed
from tests.support.api import SignedIn, application_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.everybody import DESK_ROLES, Everybody
from tests.support.full_world import full_world
from tests.support.minimal import path_of, query_of

STAFF = staff(*DESK_ROLES, ServiceRole.ADMINISTRATOR)
WHO = {Door.PUBLIC: None, Door.ENTERPRISE: firm_user(uscc(1)), Door.BUREAU: STAFF, Door.AUDITOR: STAFF}
"""Who comes through which door."""

VARIES = {"Accept-Language", "Authorization", "Cookie"}
SECRET = "机密"


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


def asked(world: Everybody, principal: Principal | None, path: str, **more: Any) -> TestResponse:
    return application_of(world.entrance.desk, SignedIn(principal)).test_client().open(path, **more)


def careless(answer: TestResponse) -> Iterator[str]:
    """Yield what is not careful about an answer."""
    headers = answer.headers
    if headers.getlist("Cache-Control") != ["no-store"]:
        yield f"Cache-Control: {headers.getlist('Cache-Control')}"
    if {each.strip() for each in headers.get("Vary", "").split(",")} != VARIES:
        yield f"Vary: {headers.get('Vary')}"
    (policy,) = headers.getlist("Content-Security-Policy") or [""]
    rules = dict(each.split(" ", 1) for each in policy.split("; ") if " " in each)
    own = {"'none'", "'self'"}
    is_page = answer.mimetype == "text/html"
    if rules.get("default-src") != "'none'" or rules.get("script-src", "'none'") not in own:
        yield f"scripts: {policy}"
    if rules.get("style-src", "'none'") not in own or "unsafe" in policy or "*" in policy:
        yield f"styles: {policy}"
    if {rules.get("base-uri"), rules.get("frame-ancestors")} != {"'none'"}:
        yield f"frames: {policy}"
    if rules.get("form-action") != ("'self'" if is_page else "'none'"):
        yield f"forms: {policy}"


def test_answers_of_the_api_are_careful(world: Everybody) -> None:
    wrong, kinds = [], set()
    for operation in OPERATIONS:
        if not operation.reads:
            continue
        access = ACCESS[operation.id]
        who = firm_user(uscc(1)) if access.firm and not access.allows(STAFF) else STAFF
        answer = asked(world, who, API_ROOT + path_of(operation), query_string=query_of(operation))
        kinds.add((answer.status_code, answer.mimetype))
        wrong += [f"{operation.id} {answer.status_code}: {each}" for each in careless(answer)]
    assert wrong == []
    assert {(200, "application/json"), (200, "text/csv"), (404, "application/problem+json")} <= kinds


@pytest.mark.parametrize("door", Door)
def test_pages_are_careful(world: Everybody, door: Door) -> None:
    wrong, shown = [], 0
    for page in PAGES:
        if page.door is not door or page.changes:
            continue
        answer = asked(world, WHO[door], page.path.replace("{", "").replace("}", ""))
        shown += answer.status_code == 200 and answer.mimetype == "text/html"
        wrong += [f"{page.id} {answer.status_code}: {each}" for each in careless(answer)]
    assert wrong == []
    assert shown >= 1


REFUSED = [
    ("GET", "/nothing", 404),
    ("GET", "/api/v1/nothing", 404),
    ("GET", "/bureau/cases", 403),
    ("GET", "/api/v1/cases", 403),
    ("DELETE", "/bureau/cases", 405),
    ("DELETE", "/api/v1/cases", 405),
    ("POST", "/enterprise/suggestions", 400),
    ("POST", "/api/v1/firm/suggestions", 415),
    ("GET", "/enterprise/cases/x", 404),
    ("GET", "/api/v1/firm/cases?limit=x", 422),
]
"""What is refused to a firm: for people and for programs."""


@pytest.mark.parametrize(("method", "path", "status"), REFUSED)
def test_refusals_are_careful(world: Everybody, method: str, path: str, status: int) -> None:
    answer = asked(world, firm_user(uscc(1)), path, method=method, headers={"Idempotency-Key": "careful"})
    assert answer.status_code == status
    assert list(careless(answer)) == []


@pytest.mark.parametrize("path", ["/broken", "/api/v1/broken"])
def test_what_fails_is_told_without_what_failed(world: Everybody, caplog: pytest.LogCaptureFixture, path: str) -> None:
    def fail() -> str:
        raise RuntimeError(SECRET)

    app = create_app(world.entrance.desk, SignedIn(STAFF))
    app.add_url_rule(path, "broken", fail)
    with caplog.at_level(logging.INFO):
        answer = app.test_client().get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert SECRET not in text
    assert "Traceback" not in text
    assert "RuntimeError" not in text
    assert list(careless(answer)) == []
    request_id = answer.headers["X-Request-Id"]
    if path.startswith("/api/"):
        assert answer.mimetype == "application/problem+json"
        assert (answer.get_json()["code"], answer.get_json()["instance"]) == (Failed.code, f"urn:uuid:{request_id}")
    else:
        assert answer.mimetype == "text/html"
        assert request_id in text
    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [(each.name, each.message, vars(each)["fields"]["id"]) for each in told] == [
        ("policy_match.web", "failed", request_id)
    ]
