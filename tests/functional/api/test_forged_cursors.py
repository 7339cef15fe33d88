"""Cursors are not secret: one that somebody made up is refused, whatever is in it."""

import base64
import json
from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from policy_match.web.cursors import Cursors
from tests.support.api import ApiClient, api_client, staff
from tests.support.cases import chosen, write_policies


@pytest.fixture
def clerk(database: Database, tmp_path: Path) -> ApiClient:
    return api_client(
        database, staff("clerk"), rules=write_policies(tmp_path / "rules", chosen("direct")), folder=tmp_path
    )


def forged(operation: str, place: object) -> str:
    """Return a cursor of a list without a filter, with the right mark and any place."""
    written = Cursors(json.dumps([operation, []])).write(1)
    mark = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))[0]
    text = json.dumps([mark, *place] if isinstance(place, list) else place)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


LISTS = (("list_cases", "/cases"), ("list_sweeps", "/sweeps"), ("list_snapshots", "/snapshots"))
PLACES: tuple[object, ...] = ([-1], ["1"], [1, 2], [True], [None], [2**63], [1.5], {}, 7, [])


@pytest.mark.parametrize(("operation", "path"), LISTS)
def test_a_place_that_no_list_wrote_is_refused(clerk: ApiClient, operation: str, path: str) -> None:
    for place in PLACES:
        answer = clerk.get(path, cursor=forged(operation, place))
        assert (answer.status_code, answer.get_json()["code"]) == (400, "request.cursor"), place


@pytest.mark.parametrize("text", ["\x00", "\ud800"], ids=["nul", "half-a-pair"])
def test_a_text_that_cannot_be_kept_is_refused(clerk: ApiClient, text: str) -> None:
    assert clerk.get("/uploads", cursor=forged("list_uploads", [text])).status_code == 400
    rows = "/sweeps/latest/policies/direct/decisions"
    assert clerk.get(rows, cursor=forged("list_policy_decisions", [text, ""])).status_code == 400


def test_a_right_place_is_taken(clerk: ApiClient) -> None:
    assert clerk.get("/cases", cursor=forged("list_cases", [1])).status_code == 200
