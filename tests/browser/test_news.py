"""A firm says that a fact is wrong; the department hears of it, answers, and the firm finds the answer in its inbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.identity.accounts import AccountKind
from policy_match.services.delegations import delegate
from policy_match.services.prepare_notices import prepare_notices
from policy_match.services.roles import grant_role
from policy_match.services.tell_news import tell_news
from policy_match.storage.unit_of_work import Database
from tests.support.answered import PDF, paid_desk
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import uscc
from tests.support.money_api import HERE
from tests.support.prepared import wording
from tests.support.signed_in import PASSWORD, PERSONNEL, Entrance, open_entrance


@pytest.fixture
def door(database: Database, database_url: str, tmp_path: Path) -> Entrance:
    """A firm with a paid case, and a clerk of the department that its facts come from."""
    door = open_entrance(database, desk=paid_desk(database, database_url, tmp_path, 70_000, 30_000))
    door.account("firm.user", AccountKind.FIRM)
    delegate(database, door.clock, uscc=uscc(1), user="firm.user", is_owner=True, by=PERSONNEL)
    door.account("li.na")
    grant_role(database, door.clock, person="li.na", role="clerk", department=HERE, by=PERSONNEL)
    return door


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{path}")


def tell(door: Entrance) -> None:
    """Do what the standing job of notices does."""
    tell_news(door.desk.database, lambda: door.desk.rules, clock=door.clock)
    prepare_notices(door.desk.database, wording(), clock=door.clock)


@pytest.mark.parametrize("size", SIZES)
def test_a_request_its_answer_and_both_messages(browser: Browser, door: Entrance, address: str, size: str) -> None:
    with opened(browser, address, size) as firm, opened(browser, address, size) as clerk:
        sign_in(firm, "firm.user", "/enterprise/corrections/new?fact=headcount")
        firm.get_by_label("正确的值").fill("13 人")
        firm.get_by_label("说明").fill("6 月新增 3 人参保")
        firm.get_by_label("证明材料").set_input_files({"name": "p.pdf", "mimeType": "application/pdf", "buffer": PDF})
        firm.get_by_role("button", name="提交申请").click()
        expect(firm.get_by_role("status")).to_contain_text("已提交")
        tell(door)
        sign_in(clerk, "li.na", "/bureau/inbox")
        expect(clerk.get_by_role("article")).to_contain_text("13 人")
        seen(clerk, f"bureau-inbox-{size}")
        clerk.get_by_role("link", name="去办理").click()
        clerk.get_by_role("table").get_by_role("link").first.click()
        clerk.get_by_label("采纳：企业所说属实").check()
        clerk.get_by_label("答复内容").fill("核实无误，已更正参保登记")
        clerk.get_by_role("button", name="提交答复").click()
        expect(clerk.get_by_role("status")).to_contain_text("答复已发给企业")
        clerk.goto("/bureau/inbox")
        clerk.get_by_role("button", name="标为已读").click()
        clerk.goto("/bureau/inbox?unread=true")
        expect(clerk.get_by_role("main")).to_contain_text("没有未读消息")
        tell(door)
        firm.goto("/enterprise/inbox")
        message = firm.get_by_role("article")
        expect(message).to_contain_text("更正申请已采纳")
        expect(message).to_contain_text("核实无误，已更正参保登记")
        seen(firm, f"enterprise-inbox-news-{size}")
        message.get_by_role("link", name="去查看").click()
        expect(firm.get_by_role("table")).to_contain_text("已采纳")


@pytest.mark.parametrize("size", SIZES)
def test_a_firm_leaves_out_what_it_does_not_want_to_hear(browser: Browser, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "firm.user", "/enterprise/preferences")
        expect(page.get_by_role("main")).to_contain_text("不能取消")
        page.get_by_label("评价的答复").uncheck()
        page.get_by_role("button", name="保存设置").click()
        expect(page.get_by_role("status")).to_contain_text("已保存")
        expect(page.get_by_label("评价的答复")).not_to_be_checked()
        expect(page.get_by_label("政策建议的处理结果")).to_be_checked()
        seen(page, f"enterprise-preferences-news-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_a_policy_that_there_is_not_is_asked_for(browser: Browser, door: Entrance, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "firm.user", "/enterprise/suggestions")
        page.get_by_label("您的建议").fill("三班倒企业夜间用电多")
        page.get_by_role("button", name="提交建议").click()
        expect(page.get_by_role("alert")).to_contain_text("希望出台的政策")
        page.get_by_label("希望出台什么政策").fill("夜间用电补贴")
        page.get_by_label("您认为由哪个部门负责").fill("发改局")
        page.get_by_role("button", name="提交建议").click()
        expect(page.get_by_role("table")).to_contain_text("夜间用电补贴")
        seen(page, f"enterprise-suggestion-new-{size}")
    door.account("wang.fang")
    grant_role(door.desk.database, door.clock, person="wang.fang", role="clerk", by=PERSONNEL)
    with opened(browser, address, size) as page:
        sign_in(page, "wang.fang", "/bureau/suggestions")
        expect(page.get_by_role("heading", name="希望出台的政策")).to_be_visible()
        page.locator("summary", has_text="处理").click()
        page.get_by_role("button", name="保存处理结果").click()
        expect(page.get_by_role("main")).to_contain_text("已列入储备")
        seen(page, f"bureau-suggestions-new-{size}")
