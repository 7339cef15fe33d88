"""The page that explains the codes of refusals: whatever code comes back, `type` leads to its place there."""

import re
from pathlib import Path

import pytest
from lxml import html

from policy_match.errors import PolicyMatchError
from policy_match.storage.unit_of_work import Database
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.guard import Unavailable
from policy_match.web.problem_page import explained
from tests.support.api import ApiClient, staff, world_client
from tests.support.cases import make_world, uscc

ROOT = Path(__file__).parents[3]
WRITTEN = re.compile(r'^    code = "([a-z0-9.-]+)"$', re.MULTILINE)
OF_COMMANDS = ROOT / "policy_match" / "cli"


@pytest.fixture
def clerk(database: Database, tmp_path: Path) -> ApiClient:
    return world_client(make_world(database, tmp_path), staff("clerk"), tmp_path)


def page_of(client: ApiClient) -> html.HtmlElement:
    answer = client.client.get("/api/v1/problems")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "style=" not in answer.text and "<style" not in answer.text and "<script" not in answer.text
    return html.fromstring(answer.text)


def test_every_code_that_is_written_anywhere_has_its_place(clerk: ApiClient) -> None:
    written = {
        code
        for path in [*(ROOT / "policy_match").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]
        if OF_COMMANDS not in path.parents
        for code in WRITTEN.findall(path.read_text(encoding="utf-8"))
    }
    assert len(written) > 300
    places = [str(each) for each in page_of(clerk).xpath("//tr/@id")]
    assert len(places) == len(set(places))
    assert sorted(written - set(places)) == []


def test_every_error_that_an_operation_names_is_explained_in_both_languages(clerk: ApiClient) -> None:
    page = page_of(clerk)
    kinds: set[type[PolicyMatchError]] = {kind for operation in OPERATIONS for kind in operation.raises}
    for kind in kinds | {Unavailable}:
        (row,) = page.xpath("//tr[@id=$code]", code=kind.code)
        told = " ".join(row.text_content().split())
        assert str(kind.http_status) in told
        if kind.english != PolicyMatchError.english:
            assert " ".join(kind.chinese.split()) in told
            assert " ".join(kind.english.split()) in told
        assert ("may help" in told) >= kind.retry_helps


def test_the_type_of_a_refusal_leads_to_its_place(clerk: ApiClient) -> None:
    page = page_of(clerk)
    refusals = [
        clerk.get("/cases/999"),
        clerk.get("/nothing"),
        clerk.get("/cases", cursor="x"),
        clerk.get("/cases", limit=0),
        clerk.post("/exclusions", {"uscc": uscc(1), "reason": "失信"}, headers={"Idempotency-Key": ""}),
        clerk.send("DELETE", "/tokens/1"),
    ]
    codes = set()
    for answer in refusals:
        problem = answer.get_json()
        address, _, place = problem["type"].partition("#")
        assert address == "/api/v1/problems"
        assert len(page.xpath("//tr[@id=$place]", place=place)) == 1, place
        codes.add(problem["code"])
    assert len(codes) == len(refusals)


def test_codes_are_in_order_and_each_is_said_once() -> None:
    codes = [each.code for each in explained()]
    assert codes == sorted(set(codes))
    for each in explained():
        assert len(set(each.lines)) == len(each.lines)
        assert all(zh and en for zh, en in each.lines)
