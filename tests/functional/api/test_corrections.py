"""A firm says over the API that a fact is wrong; the department that the fact comes from answers, and nobody else."""

from pathlib import Path
from typing import Any

import pytest

from policy_match.cases.evidence import MOST_EVIDENCE_BYTES
from policy_match.identity.principal import Principal
from policy_match.storage.unit_of_work import Database
from tests.support.answered import CORRECTIONS_DUE, JPEG, PDF, PNG, digest_of, paid_desk
from tests.support.api import ApiClient, client_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.money_api import PayingDesk

HERE = staff("clerk", person="li.na", department="人社局")
ELSEWHERE = staff("clerk", person="zhao.lei", department="税务局")
EVERYWHERE = staff("clerk", person="wang.fang")


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> PayingDesk:
    return paid_desk(database, database_url, tmp_path, 70_000, 30_000)


def client(desk: PayingDesk, who: int | Principal) -> ApiClient:
    return client_of(desk, firm_user(uscc(who)) if isinstance(who, int) else who)


def send(firm: ApiClient, content: bytes, *, digest: str = "", media_type: str = "application/pdf") -> Any:
    return firm.upload("PUT", f"/firm/evidence/{digest or digest_of(content)}", content, media_type)


def asked(firm: ApiClient, content: bytes = PDF, **changed: object) -> Any:
    sent = send(firm, content)
    assert sent.status_code == 200, sent.text
    body = {"fact": "headcount", "claim": "13 人", "reason": "6 月新增 3 人", "evidence": digest_of(content), **changed}
    return firm.post("/firm/corrections", body)


def test_a_firm_asks_and_the_source_department_answers_with_a_reason(desk: PayingDesk) -> None:
    firm, department = client(desk, 1), client(desk, HERE)
    made = asked(firm, case_id=1)
    assert made.status_code == 201, made.text
    assert made.json["source"] == "人社局"
    assert made.json["label"] == "参保人数"
    assert made.json["due"] == CORRECTIONS_DUE.isoformat()
    assert made.json["outcome"] is None
    number = made.json["correction_id"]
    (waiting,) = department.pages("/corrections")
    assert (waiting["correction_id"], waiting["uscc"], waiting["claim"]) == (number, uscc(1), "13 人")
    answered = department.post(f"/corrections/{number}/answer", {"answer": "accepted", "reason": "已更正参保登记"})
    assert (answered.status_code, answered.json["answered_by"]) == (200, "li.na")
    seen = firm.get(f"/firm/corrections/{number}").json
    assert (seen["outcome"], seen["answer"]) == ("accepted", "已更正参保登记")
    assert "li.na" not in firm.get("/firm/corrections").text
    assert department.pages("/corrections") == []
    assert [each["correction_id"] for each in department.pages("/corrections", ended="true")] == [number]


def test_the_file_of_the_case_has_the_request_and_no_fact_changes(desk: PayingDesk) -> None:
    number = asked(client(desk, 1), case_id=1).json["correction_id"]
    client(desk, HERE).post(f"/corrections/{number}/answer", {"answer": "refused", "reason": "登记无误"})
    (kept,) = client(desk, staff("auditor")).get("/cases/1").json["corrections"]
    assert (kept["fact"], kept["outcome"], kept["answered_by"]) == ("headcount", "refused", "li.na")
    assert client(desk, staff("auditor")).get("/cases/2").json["corrections"] == []


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (HERE, True),
        (EVERYWHERE, True),
        (ELSEWHERE, False),
        (staff("clerk", department="人社局", jurisdiction="370000"), True),
        (staff("clerk", department="人社局", jurisdiction="370213"), False),
        (staff("clerk", jurisdiction="370000"), True),
    ],
)
def test_only_the_department_of_the_fact_in_the_district_of_the_firm_reaches_it(
    desk: PayingDesk, who: Principal, sees: bool
) -> None:
    number = asked(client(desk, 1)).json["correction_id"]
    other = client(desk, who)
    assert len(other.pages("/corrections")) == sees
    for path in ("", "/evidence"):
        assert other.get(f"/corrections/{number}{path}").status_code == (200 if sees else 404), path
    answered = other.post(f"/corrections/{number}/answer", {"answer": "refused", "reason": "登记无误"})
    assert answered.status_code == (200 if sees else 404)


def test_a_request_of_another_firm_is_not_there(desk: PayingDesk) -> None:
    number = asked(client(desk, 1)).json["correction_id"]
    other = client(desk, 2)
    assert other.pages("/firm/corrections") == []
    for path in ("", "/evidence"):
        refused = other.get(f"/firm/corrections/{number}{path}")
        assert (refused.status_code, refused.json["code"]) == (404, "correction.unknown")
    refused = other.post(f"/firm/corrections/{number}/withdrawal")
    assert (refused.status_code, refused.json["code"]) == (404, "correction.unknown")
    assert client(desk, 1).get(f"/firm/corrections/{number}").json["outcome"] is None


def test_the_file_of_another_firm_proves_nothing_and_its_case_is_not_there(desk: PayingDesk) -> None:
    assert send(client(desk, 1), PDF).status_code == 200
    body = {"fact": "headcount", "claim": "13 人", "reason": "新增", "evidence": digest_of(PDF)}
    refused = client(desk, 2).post("/firm/corrections", body)
    assert (refused.status_code, refused.json["code"]) == (422, "correction.evidence")
    refused = client(desk, 1).post("/firm/corrections", {**body, "case_id": 2})
    assert (refused.status_code, refused.json["code"]) == (404, "case.unknown")
    refused = client(desk, 1).post("/firm/corrections", {**body, "fact": "nothing"})
    assert (refused.status_code, refused.json["code"]) == (422, "correction.fact")


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (JPEG, "jpeg"), (PNG, "png")])
def test_a_file_comes_back_as_a_download_that_no_browser_draws(desk: PayingDesk, content: bytes, kind: str) -> None:
    firm = client(desk, 1)
    number = asked(firm, content).json["correction_id"]
    for who, path in ((firm, f"/firm/corrections/{number}"), (client(desk, HERE), f"/corrections/{number}")):
        got = who.get(f"{path}/evidence")
        assert got.data == content
        assert got.headers["Content-Type"] == "application/octet-stream"
        assert got.headers["Content-Disposition"] == f"attachment; filename=evidence-{number}.{kind}"
        assert got.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html><script>alert(1)</script></html>", 422, "evidence.kind"),
        (b"PK\x03\x04 a packed file", 422, "evidence.kind"),
        (b"", 422, "evidence.kind"),
        (PDF + b"x" * MOST_EVIDENCE_BYTES, 413, "evidence.size"),
    ],
)
def test_what_is_no_document_is_refused_whatever_it_says_it_is(
    desk: PayingDesk, content: bytes, status: int, code: str
) -> None:
    refused = send(client(desk, 1), content)
    assert (refused.status_code, refused.json["code"]) == (status, code)


def test_a_file_that_is_not_what_its_address_says_is_refused(desk: PayingDesk) -> None:
    refused = send(client(desk, 1), PDF, digest="0" * 64)
    assert (refused.status_code, refused.json["code"]) == (422, "upload.digest")


def test_a_request_ends_once(desk: PayingDesk) -> None:
    firm, department = client(desk, 1), client(desk, HERE)
    number = asked(firm).json["correction_id"]
    again = asked(firm)
    assert (again.status_code, again.json["code"]) == (409, "correction.open")
    assert firm.post(f"/firm/corrections/{number}/withdrawal").json["outcome"] == "withdrawn"
    for refused in (
        firm.post(f"/firm/corrections/{number}/withdrawal"),
        department.post(f"/corrections/{number}/answer", {"answer": "accepted", "reason": "已更正"}),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "correction.ended")
    assert asked(firm).status_code == 201


def test_requests_whose_last_day_is_over_are_listed(desk: PayingDesk) -> None:
    asked(client(desk, 1))
    department = client(desk, HERE)
    assert department.pages("/corrections", overdue="true") == []
    desk.clock.move(14)  # type: ignore[attr-defined]
    assert len(department.pages("/corrections", overdue="true")) == 1


def test_a_supervisor_sees_requests_and_no_files(desk: PayingDesk) -> None:
    number = asked(client(desk, 1)).json["correction_id"]
    supervisor = client(desk, staff("supervisor"))
    assert len(supervisor.pages("/corrections")) == 1
    assert supervisor.get(f"/corrections/{number}/evidence").status_code == 403
    assert supervisor.post(f"/corrections/{number}/answer", {"answer": "accepted", "reason": "x"}).status_code == 403
