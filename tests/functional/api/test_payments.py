"""Payments over the API: what was ordered, sent, paid and came back, and what people do about it."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from policy_match.identity.principal import Principal, Scope
from policy_match.storage.unit_of_work import Database
from policy_match.web.api.v1.bank_files import ANY_FILE
from tests.support.api import ApiClient, machine, staff
from tests.support.money_api import ELSEWHERE, HERE, paying_client
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import BANK_CODE, account_number, cases, fill, recheck

PAYER = staff("payer", person="zhao.min")


@pytest.fixture
def desk(database: Database, database_url: str) -> Desk:
    return Desk(database, fill(database, database_url, cases(100, 200, 300)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def returned(desk: Desk) -> None:
    """Pay all and let the bank give the smallest back."""
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    desk.take(desk.statement(*(desk.booking(each) for each in bank.payments)))
    desk.clock.move(3)
    desk.take(desk.statement(desk.returning(bank.payments[0]), opening_fen=10_000_000_000 - 600))


def payer(desk: Desk, folder: Path, principal: Principal = PAYER) -> ApiClient:
    return paying_client(desk, principal, folder)


def test_status_batches_and_orders_show_where_the_money_is(desk: Desk, folder: Path) -> None:
    desk.order()
    desk.batch(batch_size=2)
    desk.send(Inbox())
    client = payer(desk, folder)
    assert client.get("/payments/status").get_json() == {
        "attempts": [{"status": "sent", "attempts": 3, "amount_fen": 600}]
    }
    batches = client.pages("/payments/batches", limit=1)
    assert [(each["batch_id"], each["count"], each["statuses"]) for each in batches] == [
        (2, 1, {"sent": 1}),
        (1, 2, {"sent": 2}),
    ]
    orders = client.pages("/payments/orders", limit=2)
    assert [(each["case_id"], each["amount_fen"], each["status"]) for each in orders] == [
        (1, 100, "sent"),
        (2, 200, "sent"),
        (3, 300, "sent"),
    ]
    assert client.pages("/payments/orders", status="settled") == []
    assert len(client.pages("/payments/orders", policy="flow-one", case=2)) == 1


def test_the_trail_of_a_case_names_who_signed_and_each_step_of_the_attempt(desk: Desk, folder: Path) -> None:
    desk.pay(Inbox())
    trail = payer(desk, folder).get("/cases/1/payment-trail").get_json()
    assert [each["granted_fen"] for each in trail["grants"]] == [100]
    assert [step["event"] for step in trail["attempts"][0]["steps"]] == ["send"]
    assert account_number(cases(100)[0]) not in str(trail)


def test_a_department_sees_its_own_money_alone(desk: Desk, folder: Path) -> None:
    returned(desk)
    own, other = (payer(desk, folder, staff("payer", department=each)) for each in (HERE, ELSEWHERE))
    assert len(own.pages("/payments/orders")) == 3
    assert other.pages("/payments/orders") == []
    assert other.pages("/payments/returned") == []
    assert other.get("/payments/returned/ages").get_json()["ages"][0]["count"] == 0
    assert other.get("/cases/1/payment-trail").status_code == 403
    assert other.post("/cases/1/giving-up", {"reason": "x"}).status_code == 403
    assert other.post("/cases/2/recoveries", {"kind": "fraud", "right_fen": 0, "reason": "x"}).status_code == 403
    for path in ("/payments/status", "/payments/batches", "/bank-files", "/bank-lines", "/reconciliations", "/ledger"):
        assert own.get(path).status_code == 403, path


def test_a_payment_that_came_back_is_listed_and_given_up_once(desk: Desk, folder: Path) -> None:
    returned(desk)
    client = payer(desk, folder)
    (found,) = client.pages("/payments/returned")
    assert (found["case"]["case_id"], found["follow_up"], found["way"]) == (1, "firm_corrects_account", "correct")
    assert client.post("/cases/1/giving-up", {"reason": ""}).status_code == 422
    assert client.post("/cases/1/giving-up", {"reason": "企业注销"}).status_code == 204
    again = client.post("/cases/1/giving-up", {"reason": "企业注销"})
    assert (again.status_code, again.get_json()["code"]) == (409, "payments.not-returned")


def test_a_corrected_account_is_paid_again(desk: Desk, folder: Path, database_url: str) -> None:
    returned(desk)
    client, case = payer(desk, folder), cases(100)[0]
    given = {
        "uscc": case.uscc,
        "holder": case.name,
        "number": account_number(case, 2),
        "bank_code": BANK_CODE,
        "source": "firm",
    }
    assert client.post("/payee-accounts", {"accounts": [given]}).get_json()["kept"] == 1
    recheck(database_url, at=desk.clock.now())
    assert client.post("/payments/returned/retries").get_json() == {"attempts": 1, "requeued": 0, "waiting": 0}
    assert client.post("/payments/returned/retries").get_json() == {"attempts": 0, "requeued": 0, "waiting": 0}


def test_an_account_that_cannot_be_is_named_without_its_number(desk: Desk, folder: Path) -> None:
    wrong = {"uscc": cases(1)[0].uscc, "holder": "某公司", "number": "12x4", "bank_code": BANK_CODE, "source": "firm"}
    answer = payer(desk, folder).post("/payee-accounts", {"accounts": [wrong]})
    assert (answer.get_json()["kept"], answer.get_json()["refused"]) == (0, 1)
    assert "12x4" not in answer.get_data(as_text=True)


def test_an_attempt_whose_reply_was_lost_is_unknown(desk: Desk, folder: Path) -> None:
    desk.pay(Inbox(lost_after=True))
    desk.clock.move(1)
    client = payer(desk, folder)
    assert client.post("/payments/lost-replies", {"minutes": 15}).get_json() == {"lost": 3}
    assert client.post("/payments/lost-replies", {"minutes": 0}).status_code == 422


def test_a_recovery_is_decided_by_who_did_not_approve(desk: Desk, folder: Path) -> None:
    returned(desk)
    body = {"kind": "overpayment", "right_fen": 150, "reason": "多计一人"}
    approver = payer(desk, folder, staff("payer", person="li.ming"))
    refused = approver.post("/cases/2/recoveries", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "recovery.same-hands")
    client = payer(desk, folder)
    made = client.post("/cases/2/recoveries", body)
    assert (made.status_code, made.get_json()["amount_fen"]) == (201, 50)
    assert client.get(made.headers["Location"].removeprefix("/api/v1")).get_json() == made.get_json()
    receipt = client.post("/recoveries/1/receipts", {"line_ref": "NOWHERE"})
    assert (receipt.status_code, receipt.get_json()["code"]) == (422, "recovery.not-a-receipt")
    assert [each["recovery_id"] for each in client.pages("/recoveries")] == [1]
    assert client.get("/recoveries/2").status_code == 404


def test_files_of_the_bank_are_listed_and_fetched(desk: Desk, folder: Path) -> None:
    returned(desk)
    client = payer(desk, folder)
    files = client.pages("/bank-files", limit=1)
    assert [each["verdicts"] for each in files] == [{"applied": 1}, {"applied": 3}]
    content = client.get(f"/bank-files/{files[0]['digest']}/content")
    assert content.status_code == 200
    assert content.data.startswith(b"<?xml")
    assert client.get(f"/bank-files/{'0' * 64}/content").status_code == 404


def test_a_file_of_the_bank_is_taken_once(desk: Desk, folder: Path) -> None:
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    client, content = payer(desk, folder), desk.statement(*(desk.booking(each) for each in bank.payments))
    taken = client.upload("POST", "/bank-files?name=statement.xml", content, "application/octet-stream")
    assert (taken.status_code, taken.get_json()["verdicts"]) == (200, {"applied": 3})
    again = client.upload("POST", "/bank-files?name=again.xml", content, "application/octet-stream")
    assert again.get_json()["repeated"]


def test_a_file_that_cannot_be_trusted_is_refused_and_kept(desk: Desk, folder: Path) -> None:
    client = payer(desk, folder)
    refused = client.upload("POST", "/bank-files?name=x.xml", b"<nothing", "application/octet-stream")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "payments.bank-file-refused")
    assert [each["kind"] for each in client.pages("/bank-files")] == ["refused"]
    assert client.upload("POST", "/bank-files?name=x.xml", b"<nothing", "text/html").status_code == 415
    limited = payer(desk, folder, staff("payer", department=HERE))
    assert limited.upload("POST", "/bank-files?name=x", b"x", "application/octet-stream").status_code == 403


def test_a_line_is_explained_and_the_books_are_closed(desk: Desk, folder: Path) -> None:
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    bookings = [desk.booking(each) for each in bank.payments]
    stranger = desk.booking(bank.payments[0], ref="FEE", fen=7)
    desk.take(desk.statement(*bookings, replace(stranger, attempt_id=None)))
    client, close = payer(desk, folder), {"up_to": desk.day.isoformat(), "close": True}
    refused = client.post("/reconciliations", close)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "reconciliation.difference")
    (line,) = client.pages("/bank-lines", limit=1)
    where = f"/bank-files/{line['digest']}/lines/{line['number']}/explanation"
    assert client.post(where, {"reason": "手续费"}).status_code == 204
    assert client.post(where, {"reason": "手续费"}).status_code == 404
    done = client.post("/reconciliations", close).get_json()
    assert (done["agrees"], done["closed"], done["net_out_fen"]) == (True, 3, 607)
    kept = client.pages("/reconciliations", limit=1)
    assert [(each["number"], each["closed"]) for each in kept] == [(2, True), (1, False)]


def test_one_line_and_one_comparison_are_shown_with_what_stood_against_them(desk: Desk, folder: Path) -> None:
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    bookings = [desk.booking(each) for each in bank.payments]
    desk.take(desk.statement(*bookings, replace(bookings[0], line_ref="FEE", amount_fen=7, attempt_id=None)))
    client = payer(desk, folder)
    (line,) = client.pages("/bank-lines")
    where = f"/bank-files/{line['digest']}/lines/{line['number']}"
    assert client.get(where).get_json() == line
    assert client.get(f"/bank-files/{line['digest']}/lines/1000").status_code == 404
    assert client.post("/reconciliations", {"up_to": desk.day.isoformat(), "close": True}).status_code == 409
    kept = client.get("/reconciliations/1").get_json()
    assert (kept["reconciliation"]["closed"], kept["unmatched"], kept["differences"], kept["gaps"]) == (
        False,
        [line],
        [],
        [],
    )
    assert client.get("/reconciliations/2").get_json()["code"] == "payments.no-reconciliation"
    assert payer(desk, folder, staff("payer", department=HERE)).get("/reconciliations/1").status_code == 403


def test_a_comparison_keeps_the_differences_that_it_found(desk: Desk, folder: Path, database_url: str) -> None:
    desk.pay(Inbox())
    with psycopg.connect(database_url) as connection:  # somebody wrote to the database behind our back
        connection.execute("SET search_path = policy_match")
        connection.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
        connection.execute("UPDATE ledger_balance SET balance_fen = balance_fen + 5 WHERE account = 'paid'")
    client = payer(desk, folder)
    compared = client.post("/reconciliations", {"up_to": desk.day.isoformat()}).get_json()
    assert compared["differences"]
    assert client.get("/reconciliations/1").get_json()["differences"] == compared["differences"]


def test_a_status_that_is_known_is_not_sent_again(desk: Desk, folder: Path) -> None:
    client = payer(desk, folder)
    tag = client.get("/payments/status").headers["ETag"]
    assert client.get("/payments/status", headers={"If-None-Match": tag}).status_code == 304


def test_who_is_no_payer_moves_no_money(desk: Desk, folder: Path) -> None:
    for principal in (staff("clerk"), staff("auditor"), staff("administrator"), machine(Scope.PAYMENTS_WRITE)):
        client = payer(desk, folder, principal)
        assert client.post("/payments/returned/retries").status_code == 403
        assert client.post("/reconciliations", {"up_to": "2025-07-01"}).status_code == 403


def test_another_file_of_the_bank_under_the_same_key_is_refused(desk: Desk, folder: Path) -> None:
    returned(desk)
    client = payer(desk, folder)
    known = client.get(f"/bank-files/{client.pages('/bank-files')[0]['digest']}/content").data
    sent = [
        client.upload("POST", "/bank-files?name=a.xml", each, ANY_FILE, key="k-1") for each in (known, known, b"<x/>")
    ]
    assert [answer.status_code for answer in sent] == [200, 200, 422]
    assert sent[2].get_json()["code"] == "request.key-used"
