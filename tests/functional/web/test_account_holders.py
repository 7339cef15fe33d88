"""A firm that states an account in another name is told so at once; the account is kept, and no order goes into it."""

from pathlib import Path

import pytest
from lxml import html
from werkzeug.test import TestResponse

from policy_match.payments.accounts import AccountSource
from policy_match.policy.model import PayeeKind
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.storage.unit_of_work import Database
from tests.support.api import WorldDesk
from tests.support.cases import World, make_world, open_world, uscc
from tests.support.signed_in import ROOT, Browser, Entrance, open_entrance

NUMBER, BANK = "9999000011112222333", "102452000017"
MARK = "户名与登记名称不一致，支付前须更正"
WHERE = "/enterprise/accounts"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ("direct",), 1)


@pytest.fixture
def door(database: Database, world: World, tmp_path: Path) -> Entrance:
    open_world(world)
    return open_entrance(database, desk=WorldDesk(world, tmp_path))


@pytest.fixture
def firm(door: Entrance) -> Browser:
    return door.firm_user(uscc(1))


def page(browser: Browser, path: str = WHERE) -> html.HtmlElement:
    answer = browser.client.get(path, base_url=ROOT)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return html.document_fromstring(answer.get_data(as_text=True))


def state(firm: Browser, holder: str, **more: str) -> TestResponse:
    """Fill in the form, send it, and return where it leads."""
    (form,) = page(firm).xpath(f"//form[@action='{WHERE}']")
    hidden = {each.name: each.value for each in form.xpath(".//input[@type='hidden']")}
    fields = {**hidden, "holder": holder, "number": NUMBER, "bank_code": BANK, **more}
    answer = firm.client.post(WHERE, data=fields, base_url=ROOT, headers={"Origin": ROOT})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer


def marked(shown: html.HtmlElement) -> list[str]:
    """Return the rows of the table that are marked."""
    return [" ".join(row.text_content().split()) for row in shown.xpath("//tbody/tr") if MARK in row.text_content()]


def test_an_account_in_another_name_is_kept_and_marked_at_once(firm: Browser) -> None:
    shown = page(firm, state(firm, "别的公司").headers["Location"])
    (row,) = marked(shown)
    assert row.startswith("别的公司")
    (told,) = shown.xpath("//*[@id='another-name']")
    assert "请改填本企业名下的账户" in told.text_content()
    (item,) = firm.get("/firm/accounts").get_json()["items"]
    assert item["holder_differs"]


@pytest.mark.parametrize("holder", ["示例1有限公司", " 示例\uff11 有限公司 "])
def test_an_account_in_the_registered_name_is_not_marked(firm: Browser, holder: str) -> None:
    shown = page(firm, state(firm, holder).headers["Location"])
    assert "已保存" in shown.text_content()
    assert marked(shown) == []
    assert shown.xpath("//*[@id='another-name']") == []


def test_the_warning_comes_before_the_case_that_needed_the_account(firm: Browser) -> None:
    location = state(firm, "别的公司", case="1").headers["Location"]
    assert location.startswith(f"{WHERE}?case=1")
    shown = page(firm, location)
    assert marked(shown)
    assert shown.xpath("//input[@name='case']/@value") == ["1"]
    assert state(firm, "示例1有限公司", case="1").headers["Location"].startswith("/enterprise/cases/1")


def test_the_account_of_a_bank_is_the_word_of_the_department(world: World, door: Entrance, firm: Browser) -> None:
    stated = StatedAccount(
        row=1,
        uscc=uscc(1),
        holder="某银行待划转户",
        number=NUMBER,
        bank_code=BANK,
        source=AccountSource.DEPARTMENT,
        kind=PayeeKind.BANK,
    )
    take_accounts([stated], world.database, door.desk.account_sealer, world.clock, by="wang.fang")
    assert "某银行待划转户" in page(firm).text_content()
    assert marked(page(firm)) == []


def test_a_name_that_nobody_knows_yet_accuses_nobody(database: Database, world: World, tmp_path: Path) -> None:
    """Before the first cases are opened a firm sees no sweep, and so no name."""
    firm = open_entrance(database, desk=WorldDesk(world, tmp_path)).firm_user(uscc(1))
    assert marked(page(firm, state(firm, "别的公司").headers["Location"])) == []
