"""Files that the bureau sends, and a job that it lets run now: forms, what they lead to, and who may not send them."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from lxml import html
from werkzeug.test import TestResponse

from policy_match.storage.unit_of_work import Database
from tests.support.api import TestDesk
from tests.support.cases import MovableClock, chosen, uscc, write_policies
from tests.support.requests import do_requests
from tests.support.signed_in import ROOT, Browser, Entrance, open_entrance

NUMBER = "9999000011112222333"
ACCOUNTS = "uscc,holder,number,bank_code\n"
AID = "source,reference,uscc,matter,paid_on,amount_yuan\n"


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> TestDesk:
    return TestDesk(database, write_policies(tmp_path / "rules", chosen("direct")), MovableClock(), tmp_path)


@pytest.fixture
def entrance(database: Database, desk: TestDesk) -> Entrance:
    return open_entrance(database, desk=desk)


def page(browser: Browser, path: str) -> html.HtmlElement:
    """Return a page that answers."""
    answer = browser.client.get(path, base_url=ROOT)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return html.document_fromstring(answer.get_data(as_text=True))


def sent(browser: Browser, where: str, action: str, filled: Mapping[str, str], content: str = "") -> TestResponse:
    """Fill in a form of a page, and send it."""
    (form,) = page(browser, where).xpath(f"//form[@action='{action}']")
    fields: dict[str, object] = {each.name: each.value for each in form.xpath(".//input[@type='hidden']")}
    fields |= filled
    if content:
        fields["file"] = (BytesIO(content.encode()), "table.csv")
    return browser.client.post(action, data=fields, base_url=ROOT, headers={"Origin": ROOT})


def followed(browser: Browser, answer: TestResponse) -> str:
    """Return the text of the page to which a form led."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return " ".join(page(browser, answer.headers["Location"]).text_content().split())


def test_a_table_of_accounts_is_sent_and_each_wrong_row_is_shown_with_its_reason(entrance: Entrance) -> None:
    payer = entrance.staff("payer", name="zhao.min")
    rows = f"{uscc(1)},示例一有限公司,{NUMBER},102452000017\n{NUMBER},示例二有限公司,{NUMBER},102452000017\n"
    where = "/bureau/payments/accounts"
    text = followed(payer, sent(payer, where, where, {"source": "tax"}, ACCOUNTS + rows))
    assert "****2333" in text
    assert "统一社会信用代码应为 18 位" in text
    assert NUMBER not in text
    assert "税务登记账户" in " ".join(page(payer, where).text_content().split())
    refused = sent(payer, where, where, {}, ACCOUNTS + rows)
    assert refused.status_code == 422
    assert "缺少列“来源”" in refused.get_data(as_text=True)
    table = payer.client.get("/bureau/payments/accounts/1?table=refused-accounts.csv", base_url=ROOT)
    assert table.status_code == 200
    assert NUMBER not in table.get_data(as_text=True)


def test_an_auditor_sees_tables_of_accounts_and_sends_none(entrance: Entrance) -> None:
    auditor = entrance.staff("auditor", name="shen.ji")
    assert page(auditor, "/bureau/payments/accounts").xpath("//form[@enctype]") == []
    supervisor = entrance.staff("supervisor", name="du.cha")
    assert supervisor.client.get("/bureau/payments/accounts", base_url=ROOT).status_code == 403


def test_prior_aid_is_sent_followed_and_listed(entrance: Entrance, desk: TestDesk, tmp_path: Path) -> None:
    clerk = entrance.staff("clerk", name="wang.fang")
    where = "/bureau/data/prior-aid"
    assert page(clerk, "/bureau/data").xpath(f"//a[@href='{where}']")
    answer = sent(clerk, where, where, {}, f"{AID}市科技局,1,{uscc(1)},equipment,2025-01-31,500\nx,2,,,,\n")
    assert "等候办理" in followed(clerk, answer) or "等待" in followed(clerk, answer)
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 1}
    text = followed(clerk, answer)
    assert "新增 1 行" in text
    assert "来源、凭证号、信用代码或事项为空" in text
    assert "已完成" in " ".join(page(clerk, where).text_content().split())


def test_a_job_runs_now_when_a_person_says_that_he_is_sure(entrance: Entrance) -> None:
    admin = entrance.staff("administrator", name="admin")
    where, action = "/bureau/jobs/sweep", "/bureau/jobs/sweep/runs"
    assert sent(admin, where, action, {}).status_code == 422
    text = followed(admin, sent(admin, where, action, {"sure": "yes"}))
    assert "要求执行：admin" in text
    assert "待执行" in text
    clerk = entrance.staff("clerk", name="wang.fang")
    assert page(clerk, where).xpath(f"//form[@action='{action}']") == []
