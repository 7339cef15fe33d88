"""An auditor's box, lists that add up, people and firms over the API, and each list as a file."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from policy_match.audit.question import read_question
from policy_match.policy.loader import load_rules
from policy_match.services.audit_cases import is_as_signed
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from tests.support.answered import PDF, digest_of, paid_desk
from tests.support.api import ApiClient, WorldDesk, client_of, firm_user, staff
from tests.support.audited import BUDGET_OFFICER, LINE, NAMES, REF, SIGNERS, Audited, audited_world
from tests.support.cases import chosen, uscc, write_policies
from tests.support.payment_flow import cases, fill
from tests.support.postgres import new_database, of_superuser
from tests.support.signed_in import ROOT, open_entrance

AUDITOR = staff("auditor", person="audit.zhao")
ACCOUNTS = ("appropriation", "available", "reserved", "paid", "returned", "recovered")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audited")


@pytest.fixture(scope="module")
def audited(server: EmbeddedPostgres, folder: Path) -> Iterator[Audited]:
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            yield audited_world(database, folder)


@pytest.fixture
def auditor(audited: Audited, folder: Path) -> ApiClient:
    return client_of(WorldDesk(audited.world, folder), AUDITOR)


def rows_of(client: ApiClient, path: str, **query: object) -> list[dict[str, str]]:
    answer = client.get(path, **query)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    parquet = client.get(path, **query, format="parquet")
    assert pq.read_table(io.BytesIO(parquet.get_data())).num_rows == len(rows)
    return rows


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-07-01", "2025-07-01", "2025-07-01"),
        ("2025-07", "2025-07-01", "2025-07-31"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("2025年", "2025-01-01", "2025-12-31"),
        ("2025年7月1日 至 2025年8月", "2025-07-01", "2025-08-31"),
        ("2025-07-01..2025-07-03", "2025-07-01", "2025-07-03"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, first: str, last: str) -> None:
    question = read_question(text)
    assert (str(question.first), str(question.last)) == (first, last)


@pytest.mark.parametrize("text", ["2025-13", "2025-02-30", "2025-08..2025-07", "wang.fang", "示例有限公司", "flow-one"])
def test_what_is_no_day_is_a_word(text: str) -> None:
    assert read_question(text).is_word


def test_the_box_names_each_kind_of_thing(auditor: ApiClient, audited: Audited) -> None:
    for text, kind, wanted in (
        (f"事项 {audited.paid}", "case", None),
        (audited.attempt_id.lower(), "payment", None),
        (uscc(2), "firm", {"firm": uscc(2)}),
        ("direct", "policy", {"policy": "direct"}),
        ("jobs", "fund", {"fund": "jobs"}),
        (LINE, "line", None),
        ("list 1", "list", None),
        (SIGNERS["reviewer"], "person", {"person": SIGNERS["reviewer"]}),
    ):
        found = auditor.get("/audit/search", text=text).get_json()
        assert [hit["kind"] for hit in found["hits"]] == [kind], text
        assert found["cases"] == wanted, text
    assert auditor.get("/audit/search", text="有限公司").get_json() == {"hits": [], "cases": {"name": "有限公司"}}
    (titled,) = auditor.get("/audit/search", text="示例 direct").get_json()["hits"]
    assert (titled["kind"], titled["name"]) == ("policy", "direct")
    assert auditor.get("/audit/search", text="999").get_json() == {"hits": [], "cases": None}


def test_a_trail_holds_bank_files_ledger_entries_and_checks(auditor: ApiClient, audited: Audited) -> None:
    found = auditor.get(f"/audit/cases/{audited.paid}").get_json()["evidence"]
    assert [line["line_ref"] for line in found["bank_lines"]] == [REF]
    assert [entry["kind"] for entry in found["ledger"]] == ["reserve", "post"]
    assert [batch["attempt_id"] for batch in found["batches"]] == [audited.attempt_id]
    assert found["lists_checked"] == {"1": True}
    assert found["changed_steps"] == []


@pytest.mark.parametrize(("by", "group"), [("policy", "direct"), ("fund", "jobs"), ("month", "2025-07")])
def test_the_cases_of_a_group_are_its_total(auditor: ApiClient, by: str, group: str) -> None:
    totals = {
        each["account"]: each["total_fen"]
        for each in auditor.get("/audit/totals", by=by).get_json()["totals"]
        if each["group"] == group
    }
    answer = auditor.get("/audit/totals/cases", by=by, group=group, limit=1).get_json()
    items = auditor.pages("/audit/totals/cases", by=by, group=group, limit=1)
    file = rows_of(auditor, "/audit/totals/cases/export", by=by, group=group)
    for account in ACCOUNTS:
        listed = sum(item[f"{account}_fen"] for item in items)
        assert listed == answer["sums"]["of_cases"].get(account, 0) == sum(int(row[f"{account}_fen"]) for row in file)
        assert listed + answer["sums"]["apart"].get(account, 0) == totals.get(account, 0)
    assert answer["sums"]["cases"] == len(items) == 3
    assert answer["in_order"] is True
    assert bool(answer["checks"]) is (by == "fund")
    assert file[0]["name"] == f"'{NAMES[0]}"


def test_what_a_person_did_is_listed_page_by_page(auditor: ApiClient) -> None:
    found = auditor.pages(f"/audit/people/{BUDGET_OFFICER}", limit=1)
    assert sorted(step["kind"] for step in found) == ["allocation", "appropriation", "budget_line"]
    assert [step["kind"] for step in rows_of_kind(auditor, BUDGET_OFFICER)] == [step["kind"] for step in found]
    signed = auditor.pages(f"/audit/people/{SIGNERS['approver']}")
    assert {(step["kind"], step["count"]) for step in signed} == {("signature", 3), ("list_ended", 3), ("cases", 3)}
    assert auditor.pages("/audit/people/nobody") == []


def rows_of_kind(client: ApiClient, person: str) -> list[dict[str, str]]:
    return rows_of(client, f"/audit/people/{person}/export")


def test_a_firm_is_shown_with_its_payments_and_no_account_number(auditor: ApiClient, audited: Audited) -> None:
    firm = auditor.get(f"/audit/firms/{uscc(1)}")
    assert "6228480402564890001" not in firm.get_data(as_text=True)
    assert [account["tail"] for account in firm.get_json()["accounts"]] == ["0001"]
    (payment,) = auditor.pages(f"/audit/firms/{uscc(1)}/payments")
    assert (payment["attempt_id"], payment["status"]) == (audited.attempt_id, "settled")
    assert [row["attempt_id"] for row in rows_of(auditor, f"/audit/firms/{uscc(1)}/payments/export")] == [
        audited.attempt_id
    ]
    assert auditor.get(f"/audit/firms/{uscc(9)}").status_code == 404


def test_files_of_other_lists_hold_what_the_lists_show(auditor: ApiClient, audited: Audited) -> None:
    transfers = auditor.pages(f"/audit/lines/{LINE}")
    assert [row["transfer_id"] for row in rows_of(auditor, f"/audit/lines/{LINE}/export")] == [
        str(each["transfer_id"]) for each in transfers
    ]
    assert sum(int(row["amount_fen"]) for row in rows_of(auditor, "/audit/lists/1/export")) == 300_150
    assert rows_of(auditor, "/audit/actions/export") == []
    assert len(rows_of(auditor, "/audit/totals/export")) == len(auditor.get("/audit/totals").get_json()["totals"])


def test_a_difference_of_versions_is_a_file_without_formulas(audited: Audited, tmp_path: Path) -> None:
    desk = WorldDesk(audited.world, tmp_path)
    old = desk.rules.policies["direct"].versions[0].fingerprint  # type: ignore[index]
    text = chosen("direct")["direct"]
    write_policies(
        tmp_path / "newer", {"direct": type(text)(head=text.head, tables=text.tables, amount="-1 * premium")}
    )
    desk.rules = load_rules(tmp_path / "newer")
    client = client_of(desk, AUDITOR)
    new = client.get("/policies/direct/versions").get_json()["items"][0]["fingerprint"]
    (row,) = rows_of(client, "/audit/policies/direct/difference/export", **{"from": old, "to": new})
    assert (row["before"], row["after"]) == ("premium * 0.5", "'-1 * premium")


def test_a_list_that_was_changed_behind_its_digest_is_seen(database: Database, database_url: str) -> None:
    fill(database, database_url, cases(10_000))  # writes a list whose digest is invented
    assert is_as_signed(database, 1) is False


def test_a_trail_tells_what_a_firm_asked_to_correct_and_stands_when_the_old_rules_are_damaged(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    desk = paid_desk(database, database_url, tmp_path, 70_000, 30_000)  # its rules were never written as rules
    firm = client_of(desk, firm_user(uscc(1)))
    assert firm.upload("PUT", f"/firm/evidence/{digest_of(PDF)}", PDF, "application/pdf").status_code == 200
    body = {"fact": "headcount", "claim": "13 人", "reason": "新增", "evidence": digest_of(PDF), "case_id": 1}
    assert firm.post("/firm/corrections", body).status_code == 201
    entrance = open_entrance(database, desk=desk)
    browser = entrance.staff("auditor", name="audit.zhao")
    page = browser.client.get("/auditor/cases/1", base_url=ROOT)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for words in ("当时的判定无法重做", "判定复算不一致", "13 人", "申请更正 headcount", "签署内容不符"):
        assert words in text
    assert client_of(desk, AUDITOR).get("/audit/cases/1").status_code == 422
