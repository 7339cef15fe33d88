"""Tables of payees' accounts over the API: every row is taken or kept with its reason, and no number is told."""

import io
import logging
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.identity.principal import Scope
from policy_match.policy.model import PayeeKind
from policy_match.services.account_files import MOST_BYTES, MOST_ROWS, open_account_file
from policy_match.storage.unit_of_work import Database
from policy_match.values import Uscc
from tests.support.api import ApiClient, TestDesk, client_of, machine, staff
from tests.support.cases import MovableClock, chosen, uscc, write_policies

CSV = "text/csv"
HEADER = "统一社会信用代码,户名,账号,联行号,来源\n"
NUMBER = "9999000011112222333"
BANK = "102452000017"


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> TestDesk:
    return TestDesk(database, write_policies(tmp_path / "rules", chosen("direct")), MovableClock(), tmp_path)


@pytest.fixture
def payer(desk: TestDesk) -> ApiClient:
    return client_of(desk, staff("payer"))


def row(number: int, *, account: str = NUMBER, bank: str = BANK, source: str = "税务") -> str:
    return f"{uscc(number)},示例{number}有限公司,{account},{bank},{source}\n"


WRONG = (
    row(2, account="12"),
    row(3, bank=NUMBER),
    row(4, source=NUMBER),
    f"{NUMBER},示例有限公司,{NUMBER},{BANK},税务\n",
    f"{NUMBER[:18]},,{NUMBER},{BANK},税务\n",
    f"{uscc(5)},示例有限公司,{NUMBER}\n",
)


def test_good_rows_are_taken_and_each_other_row_is_kept_with_its_reason(desk: TestDesk, payer: ApiClient) -> None:
    content = (HEADER + row(1) + "".join(WRONG)).encode()
    answer = payer.upload("POST", "/payee-account-files", content, CSV)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/v1/payee-account-files/1")
    found = answer.get_json()
    assert (found["kept"], found["refused"], found["source"], found["by"]) == (1, 6, None, "wang.fang")
    refusals = payer.pages("/payee-account-files/1/refusals", limit=2)
    assert [each["row"] for each in refusals] == [3, 4, 5, 6, 7, 8]
    assert [each["uscc"] for each in refusals] == [*map(uscc, (2, 3, 4)), "****2333", "****2233", ""]
    assert all(each["reason_zh"] and each["reason_en"] for each in refusals)
    assert payer.get("/payee-account-files/1").get_json() == found
    assert payer.pages("/payee-account-files") == [found]
    with desk.database.unit_of_work() as work:
        accounts = work.payments.accounts([Uscc(uscc(1))], PayeeKind.FIRM)
    assert [each.tail for each in accounts[Uscc(uscc(1))]] == [NUMBER[-4:]]
    assert open_account_file(desk.database, desk.account_sealer, 1) == content


def test_no_account_number_is_in_an_answer_a_log_or_a_row(
    desk: TestDesk, payer: ApiClient, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [
            payer.upload("POST", "/payee-account-files", (HEADER + row(1) + "".join(WRONG)).encode(), CSV),
            payer.upload("POST", "/payee-account-files", "".join(WRONG).encode(), CSV),
            payer.upload("POST", "/payee-account-files", f'{HEADER}"{NUMBER}'.encode(), CSV),
            payer.upload("POST", "/payee-account-files", f"{NUMBER},{NUMBER}\n".encode(), CSV),
            payer.get("/payee-account-files/1/refusals"),
            payer.get("/payee-account-files"),
        ]
    assert [each.status_code for each in answers] == [201, 422, 201, 422, 200, 200]
    said = "".join(each.get_data(as_text=True) for each in answers) + caplog.text
    with psycopg.connect(database_url) as connection:
        for table in connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'policy_match%'"
        ).fetchall():
            said += str(connection.execute(f"SELECT array_agg(t::text)::text FROM {table[0]} AS t").fetchone())
    assert NUMBER not in said
    assert NUMBER[:18] not in said
    assert NUMBER.encode().hex() not in said
    assert list(Path("/tmp").glob("policy-match-table-*")) == []


def test_a_table_may_be_of_any_kind_and_say_by_whom_it_is_stated(payer: ApiClient) -> None:
    table = pa.table({"uscc": [uscc(1)], "holder": ["示例有限公司"], "number": [NUMBER], "bank_code": [BANK]})
    written = io.BytesIO()
    pq.write_table(table, written)
    answer = payer.upload("POST", "/payee-account-files?source=tax", written.getvalue(), "application/octet-stream")
    assert (answer.status_code, answer.get_json()["source"], answer.get_json()["kept"]) == (201, "tax", 1)
    missing = payer.upload("POST", "/payee-account-files", written.getvalue(), "application/octet-stream")
    assert missing.status_code == 422
    assert missing.get_json()["code"] == "accounts.file-refused"
    assert "来源" in missing.get_json()["detail"]
    assert "/" not in missing.get_json()["detail"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04 no archive", "信用代码,户名\n".encode()])
def test_what_is_no_table_of_accounts_is_refused_and_not_kept(payer: ApiClient, content: bytes) -> None:
    answer = payer.upload("POST", "/payee-account-files", content, CSV)
    assert answer.status_code == 422
    assert payer.pages("/payee-account-files") == []


def test_more_than_one_request_takes_is_refused_before_a_row_is_taken(payer: ApiClient) -> None:
    for content in ((HEADER + row(1) * (MOST_ROWS + 1)).encode(), HEADER.encode() + b" " * MOST_BYTES):
        answer = payer.upload("POST", "/payee-account-files", content, CSV)
        assert (answer.status_code, answer.get_json()["code"]) == (413, "accounts.file-size")
    assert payer.pages("/payee-account-files") == []


def test_a_table_that_is_sent_twice_with_one_key_is_taken_once(payer: ApiClient) -> None:
    content = (HEADER + row(1)).encode()
    first, again = (payer.upload("POST", "/payee-account-files", content, CSV, key="k-1") for _ in range(2))
    assert first.get_json() == again.get_json()
    assert len(payer.pages("/payee-account-files")) == 1
    payer.upload("POST", "/payee-account-files", content, CSV)
    assert len(payer.pages("/payee-account-files")) == 2
    assert payer.get("/payee-account-files/9").get_json()["code"] == "accounts.no-file"
    assert payer.get("/payee-account-files/9/refusals").status_code == 404


def test_who_states_no_accounts_sends_no_table(desk: TestDesk) -> None:
    for principal in (staff("supervisor"), staff("auditor"), staff("administrator"), machine(Scope.PAYMENTS_READ)):
        answer = client_of(desk, principal).upload("POST", "/payee-account-files", HEADER.encode(), CSV)
        assert answer.status_code == 403
