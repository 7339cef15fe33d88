"""What is done over the web, by operations and by forms, is in the history: once, by its name, with its answer.

Guarantees that for each method and each chapter of the API at least one write that succeeds is tried, forms of both
doors besides.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT
from policy_match.web.operation import Tag
from policy_match.web.portal.forms import KEY_FIELD
from tests.support.answered import PDF, digest_of
from tests.support.api import ApiClient, client_of, firm_user, machine, staff
from tests.support.cases import uscc
from tests.support.everybody import Everybody
from tests.support.full_world import full_world

FIRM = firm_user(uscc(1), "history.firm")
CLERK, PAYER, BUDGET, CHIEF, ADMINISTRATOR = (
    staff(role, person=f"history.{role}") for role in ("clerk", "payer", "budget", "supervisor", "administrator")
)
SYSTEM = machine(Scope.CASES_WRITE, name="history.system")

TABLE = b"uscc\n"
SENT = PDF + b"history"
WHY = {"reason": "示例"}
USER = f"/firms/{uscc(1)}/users/history.user"


@dataclass(frozen=True, slots=True)
class Write:
    """A write that succeeds: by whom, its operation and path, and the body or the file with its media type."""

    by: Principal
    operation: str
    path: str
    body: Any = None
    media_type: str = ""


WRITES = [
    Write(CLERK, "put_upload", f"/uploads/{hashlib.sha256(TABLE).hexdigest()}", TABLE, "text/csv"),
    Write(
        CLERK, "confirm_match", "/match-confirmations", {"policy_id": "direct", "as_of": "2025-06-30", "matches": "all"}
    ),
    Write(CLERK, "withdraw_cases", "/case-withdrawals", {"case_ids": [1], **WHY}),
    Write(CLERK, "answer_objection", "/objections/1/answer", {"outcome": "dismiss", **WHY}),
    Write(CLERK, "replay_appeal", "/appeals/1/replay"),
    Write(CLERK, "exclude_firm", "/exclusions", {"uscc": uscc(9), **WHY}),
    Write(CLERK, "lift_exclusion", "/exclusions/2/lift", WHY),
    Write(CLERK, "cancel_request", "/requests/8/cancel"),
    Write(SYSTEM, "request_window_ends", "/requests/window-ends", {}),
    Write(CLERK, "void_approval_list", "/approval-lists/4/void", WHY),
    Write(BUDGET, "add_budget_line", "/budget/lines", {"fund": "roads", "year": 2025}),
    Write(PAYER, "lose_bank_replies", "/payments/lost-replies", {"minutes": 60}),
    Write(CLERK, "suppress_address", "/suppressions/addresses", {"channel": "sms", "address": "13800000000", **WHY}),
    Write(CLERK, "answer_correction", "/corrections/1/answer", {"answer": "accepted", **WHY}),
    Write(CLERK, "answer_rating", "/ratings/6/answer", {"text": "示例"}),
    Write(CHIEF, "grant_duty", "/duties/grants", {"department": "人社局", "level": 2, "person": "ma.chao"}),
    Write(CHIEF, "decide_suggestion", "/suggestions/1/decision", {"status": "reserved", **WHY}),
    Write(ADMINISTRATOR, "pause_job", "/jobs/report/pause", WHY),
    Write(ADMINISTRATOR, "subscribe_webhook", "/webhooks/1/types", {"types": ["cn.policy-match.cases.opened.v1"]}),
    Write(ADMINISTRATOR, "rotate_webhook_secret", "/webhooks/1/secret"),
    Write(ADMINISTRATOR, "remove_webhook", "/webhooks/1"),
    Write(ADMINISTRATOR, "add_account", "/accounts", {"name": "history.user", "kind": "firm"}),
    Write(ADMINISTRATOR, "make_password", "/accounts/history.user/password"),
    Write(ADMINISTRATOR, "delegate_user", USER, {}),
    Write(ADMINISTRATOR, "end_user_delegation", USER),
    Write(ADMINISTRATOR, "make_token", "/tokens", {"name": "x", "scopes": ["rules:read"], "ends_on": "2025-07-31"}),
    Write(ADMINISTRATOR, "end_token", "/tokens/1"),
    Write(FIRM, "set_firm_preference", "/firm/preferences", {"channels": []}),
    Write(FIRM, "put_firm_evidence", f"/firm/evidence/{digest_of(SENT)}", SENT, "application/pdf"),
    Write(FIRM, "suggest_as_firm", "/firm/suggestions", {"policy_id": "confirm", "text": "示例"}),
]
METHODS = {operation.id: operation.method for operation in OPERATIONS}

Row = tuple[str, str, str, int]
"""Who did what, where, and how it was answered."""


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


def client(world: Everybody, principal: Principal) -> ApiClient:
    return client_of(world.entrance.desk, principal)


def rows(world: Everybody) -> list[Row]:
    """Return the history from its beginning."""
    with world.entrance.desk.database.unit_of_work() as work:
        found = work.actions.newest(before=None, most=1_000)
    return [(each.actor.by, each.operation, each.path, each.status) for each in reversed(found)]


def sent(world: Everybody, write: Write) -> TestResponse:
    asked, method = client(world, write.by), METHODS[write.operation]
    if write.media_type:
        return asked.upload(method, write.path, write.body, write.media_type)
    return asked.send(method, write.path, write.body)


def test_each_method_and_each_chapter_is_tried() -> None:
    tried = {write.operation for write in WRITES}
    writes = [each for each in OPERATIONS if not each.reads and each.tag is not Tag.SIGN_IN]
    assert {each.method for each in writes} == {each.method for each in writes if each.id in tried}
    assert {each.tag for each in writes} == {each.tag for each in writes if each.id in tried}


def test_every_write_leaves_one_row(world: Everybody) -> None:
    wrong = []
    for write in WRITES:
        before = rows(world)
        answer = sent(world, write)
        left = rows(world)[len(before) :]
        path = API_ROOT + write.path
        if answer.status_code >= 300 or left != [(write.by.actor, write.operation, path, answer.status_code)]:
            wrong.append(f"{write.operation}: {answer.get_data(as_text=True)[:200]}: {left}")
    assert wrong == []


def test_reading_leaves_none(world: Everybody) -> None:
    before = rows(world)
    for principal, path in ((CLERK, "/cases"), (FIRM, "/firm/cases"), (SYSTEM, "/requests")):
        client(world, principal).get(path)
    for path in ("/bureau", "/bureau/exclusions"):
        assert client(world, CLERK).client.get(path).status_code == 200
    assert rows(world) == before


FORMS = [
    (CLERK, "bureau.exclude_firm", "/bureau/exclusions", {"uscc": uscc(8), "reason": "示例"}, "/exclusions"),
    (FIRM, "enterprise.suggest", "/enterprise/suggestions", {"policy": "confirm", "text": "示例"}, "/firm/suggestions"),
]


@pytest.mark.parametrize(("by", "page", "path", "form", "made"), FORMS, ids=[each[1] for each in FORMS])
def test_a_form_that_is_sent_twice_does_one_thing_and_leaves_one_row(
    world: Everybody, by: Principal, page: str, path: str, form: dict[str, str], made: str
) -> None:
    browser = client(world, by)
    before, there = rows(world), len(browser.pages(made))
    answers = [browser.client.post(path, data={**form, KEY_FIELD: f"twice-{page}"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert rows(world)[len(before) :] == [(by.actor, page, path, 303)]
    assert len(browser.pages(made)) == there + 1
