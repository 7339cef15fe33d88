"""Budget lines, appropriations, queues and the ledger over the API."""

from pathlib import Path

import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, machine, staff, world_client
from tests.support.reviewed_cases import POLICY, Office, open_office

OFFICER = staff("budget", person="he.jing")


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    return open_office(database_url, database, tmp_path)


def client(office: Office, principal: Principal = OFFICER) -> ApiClient:
    return world_client(office.world, principal)


def test_a_line_is_added_once_and_gets_money(office: Office) -> None:
    officer, line = client(office), {"fund": "parks", "year": 2025, "label": "公园"}
    assert officer.post("/budget/lines", line).get_json()["new"] is True
    assert officer.post("/budget/lines", line).get_json()["new"] is False
    assert officer.post("/budget/lines", {**line, "label": "绿地"}).status_code == 409
    given = officer.post("/budget/lines/parks-2025/appropriations", {"amount_fen": 500, "about": "财社1号"})
    assert given.get_json()["balances"]["available"] == 500
    assert officer.get("/budget/lines/parks-2025").get_json() == given.get_json()
    assert officer.get("/budget/lines/trees-2025").status_code == 404
    assert officer.post("/budget/lines/parks-2025/appropriations", {"amount_fen": 0}).status_code == 422
    assert officer.post("/budget/lines/trees-2025/appropriations", {"amount_fen": 5}).status_code == 404
    (transfer,) = officer.pages("/ledger/transfers", line="parks-2025")
    assert (transfer["debit"], transfer["credit"], transfer["amount_fen"]) == ("appropriation", "available", 500)


def test_the_same_appropriation_sent_again_books_once(office: Office) -> None:
    officer = client(office)
    officer.post("/budget/lines", {"fund": "parks", "year": 2025})
    where, body = "/budget/lines/parks-2025/appropriations", {"amount_fen": 500}
    assert officer.post(where, body, key="once").get_json() == officer.post(where, body, key="once").get_json()
    assert officer.get("/budget/lines").get_json()["items"][0]["balances"]["available"] == 500


def test_lines_and_transfers_come_in_pages(office: Office) -> None:
    officer = client(office)
    for fund in ("parks", "roads", "trees"):
        officer.post("/budget/lines", {"fund": fund, "year": 2025})
        officer.post(f"/budget/lines/{fund}-2025/appropriations", {"amount_fen": 100})
    assert [each["line"] for each in officer.pages("/budget/lines", limit=2)] == [
        "parks-2025",
        "roads-2025",
        "trees-2025",
    ]
    assert officer.pages("/budget/lines", year=2026) == []
    assert len(officer.pages("/ledger/transfers", limit=2)) == 3


def test_what_the_line_cannot_carry_waits_in_order(office: Office) -> None:
    office.reviewed((100, 200, 300))
    office.money(150)
    officer = client(office)
    queue = officer.get(f"/budget/queues/{POLICY}", limit=2).get_json()
    assert (queue["waiting"], queue["asked_fen"], [each["place"] for each in queue["items"]]) == (3, 600, [1, 2])
    assert [each["short_fen"] for each in officer.pages(f"/budget/queues/{POLICY}", limit=2)] == [0, 150, 450]
    shared = officer.post(f"/budget/queues/{POLICY}/allocations", {}).get_json()
    assert (shared["granted"], shared["granted_fen"], shared["waiting"]) == (1, 100, 2)
    late = officer.post(f"/budget/queues/{POLICY}/allocations", {"year": 2024})
    assert (late.status_code, late.get_json()["code"]) == (422, "budget.year-over")


def test_the_ledger_adds_up(office: Office) -> None:
    office.money(150)
    officer = client(office)
    assert officer.get("/ledger").get_json() == {"in_order": True, "lines": 1, "broken": [], "differences": []}
    tag = officer.get("/ledger").headers["ETag"]
    assert officer.get("/ledger", headers={"If-None-Match": tag}).status_code == 304


def test_another_department_shares_and_sees_nothing(office: Office) -> None:
    stranger = client(office, staff("budget", department="科技局"))
    for path in (f"/budget/queues/{POLICY}", "/budget/lines", "/ledger", "/ledger/transfers"):
        assert stranger.get(path).status_code == 403, path
    assert stranger.post(f"/budget/queues/{POLICY}/allocations", {}).status_code == 403
    assert stranger.post("/budget/lines", {"fund": "parks", "year": 2025}).status_code == 403


def test_who_is_no_budget_officer_books_nothing(office: Office) -> None:
    for principal in (staff("clerk"), staff("payer"), staff("administrator"), machine(Scope.PAYMENTS_WRITE)):
        answer = client(office, principal).post("/budget/lines", {"fund": "parks", "year": 2025})
        assert answer.status_code == 403
