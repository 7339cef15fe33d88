"""Writes with the cookie of a session and without its token, as another site could have a browser send them.

Guarantees for every operation and every form that one such is refused and leaves nothing in the history.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from policy_match.identity.access import Access
from policy_match.ports.actions import KeptAction
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT, PAGES
from policy_match.web.identity.authenticator import ForgedRequest
from policy_match.web.identity.cookies import SESSION
from policy_match.web.operation import Operation
from policy_match.web.portal.forms import KEY_FIELD
from policy_match.web.portal.page import PARAMETER
from tests.support.cases import uscc
from tests.support.everybody import Everybody, Kind, allowed
from tests.support.full_world import full_world
from tests.support.minimal import body_of, path_of, query_of
from tests.support.walk import HOST, ROOT

ASK_FOR_NO_SESSION = frozenset({"sign_in", "end_by_provider", "push_receipts"})
"""Writes for which it does not matter which session a browser has."""

WRITES = [each for each in OPERATIONS if not each.reads and each.id not in ASK_FOR_NO_SESSION]
FORMS = [each for each in PAGES if each.changes and each.like not in ASK_FOR_NO_SESSION]
FILLED_IN = {
    "public.give_code": {"code": "123456"},
    "public.confirm_enrolment": {"code": "123456"},
    "public.choose_firm": {"firm": uscc(1)},
}
"""What forms before the end of a sign-in cannot do without: they are read before the session is looked for."""


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture(scope="module")
def browsers(world: Everybody) -> dict[Kind, FlaskClient]:
    """Browsers that have the cookie of a session, and send nothing else."""
    made = {}
    for kind in (Kind.STAFF, Kind.ADMINISTRATOR, Kind.FIRM):
        made[kind] = world.entrance.app.test_client()
        made[kind].set_cookie(SESSION, world.proofs(kind).cookies[SESSION], domain=HOST, secure=True)
    return made


def history(world: Everybody) -> Sequence[KeptAction]:
    with world.entrance.desk.database.unit_of_work() as work:
        return work.actions.newest(before=None, most=1_000)


def victim(access: Access) -> Kind:
    """Return whose browser would do what the other site is after."""
    return Kind.STAFF if access.public else allowed(access)[0]


def forged(browser: FlaskClient, operation: Operation) -> tuple[int, str]:
    content: dict[str, Any] = {"json": body_of(operation)}
    if operation.body is None:
        content = {"data": b"x", "content_type": next(iter(operation.uploads))} if operation.uploads else {}
    answer = browser.open(
        API_ROOT + path_of(operation),
        method=operation.method,
        base_url=ROOT,
        query_string=query_of(operation),
        headers={"Idempotency-Key": f"forged-{operation.id}"},
        **content,
    )
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code", "")


def test_no_operation_is_carried_out_for_a_cookie_alone(world: Everybody, browsers: dict[Kind, FlaskClient]) -> None:
    before = history(world)
    found = {each.id: forged(browsers[victim(ACCESS[each.id])], each) for each in WRITES}
    assert {name: each for name, each in found.items() if each != (403, ForgedRequest.code)} == {}
    assert history(world) == before


def test_no_form_is_taken_for_a_cookie_alone(world: Everybody, browsers: dict[Kind, FlaskClient]) -> None:
    before, wrong = history(world), []
    for page in FORMS:
        answer = browsers[victim(ACCESS[page.like])].post(
            PARAMETER.sub("1", page.path),
            base_url=ROOT,
            data={KEY_FIELD: f"forged-{page.id}", **FILLED_IN.get(page.id, {})},
        )
        if answer.status_code != 403 or ForgedRequest().message("zh") not in answer.get_data(as_text=True):
            wrong.append(f"{page.id}: {answer.status_code}")
    assert wrong == []
    assert history(world) == before


def test_the_sessions_outlive_what_was_forged(browsers: dict[Kind, FlaskClient]) -> None:
    for browser in browsers.values():
        assert browser.get(f"{API_ROOT}/session", base_url=ROOT).status_code == 200
