"""Supervision at the bureau's console: the board, its cases, orders to act from issue to acceptance, promises."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.cases.model import Route, Status
from policy_match.services.duties import grant_duty
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_supervision import HERE, LONG_AGO, NOW
from tests.support.api import TestDesk
from tests.support.browser import drawn, opened, seen, serving
from tests.support.cases import MovableClock, chosen, write_policies
from tests.support.signed_in import PASSWORD, open_entrance
from tests.support.waiting_cases import Hall, Waiting


@pytest.fixture
def address(database: Database, database_url: str, tmp_path: Path) -> Iterator[str]:
    clock = MovableClock(NOW)
    rules = write_policies(tmp_path / "rules", chosen("direct"))
    hall = Hall(database_url)
    hall.add(*(Waiting(route=Route.DIRECT, status=Status.MATCHED, since=LONG_AGO, firm=firm) for firm in (1, 2)))
    hall.add(Waiting(route=Route.DIRECT, status=Status.MATCHED, since=NOW, firm=4))
    hall.add(Waiting(route=Route.CONFIRM, status=Status.APPROVED, since=LONG_AGO, firm=3))
    entrance = open_entrance(database, desk=TestDesk(database, rules, clock, tmp_path))
    entrance.staff("supervisor", name="chief")
    entrance.staff("clerk", name="wang.fang")
    grant_duty(database, clock, unit=HERE, level=1, person="wang.fang", by="chief")
    with serving(entrance.app) as at:
        yield at


def sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/sign-in?{urlencode({'next': to})}")
    page.get_by_label("账号", exact=True).fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{to}")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_each_count_of_the_board_leads_to_its_cases(browser: Browser, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "chief", "/bureau/supervision")
        seen(page, f"bureau-board-{size}")
        row = page.get_by_role("row", name=HERE).filter(has_text="审核")
        row.get_by_role("link", name="红 2 件").click()
        expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
        expect(page.get_by_role("table")).to_contain_text("红")
        seen(page, f"bureau-supervised-cases-{size}")


def test_the_board_is_walked_and_sorted_by_keyboard(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", "/bureau/supervision")
        page.locator("body").press("j")
        expect(page.locator("tr.here")).to_have_count(1)
        page.locator("body").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("督办事项")


def test_an_order_is_issued_answered_sent_back_and_accepted(browser: Browser, address: str) -> None:
    with opened(browser, address) as chief, opened(browser, address) as clerk:
        sign_in(chief, "chief", "/bureau/supervision")
        chief.get_by_role("row", name=HERE).filter(has_text="审核").get_by_role("link", name="签发督办单").click()
        expect(chief.get_by_label("承办部门")).to_have_value(HERE)
        chief.get_by_label("事由和要求").fill("审核逾期,请尽快办理")
        chief.get_by_label("事项编号").fill("1, 二")
        chief.get_by_role("button", name="签发").click()
        expect(chief.locator("#field-case_ids .why")).to_be_visible()
        expect(chief.get_by_label("事由和要求")).to_have_value("审核逾期,请尽快办理")
        seen(chief, "bureau-new-order-refused")
        chief.get_by_label("事项编号").fill("1, 2")
        chief.get_by_role("button", name="签发").click()
        expect(chief.get_by_role("status")).to_contain_text("已签发")

        for text, decide in (("本周办结", "退回"), ("已全部办结", "认定办结")):
            sign_in(clerk, "wang.fang", "/bureau/supervision/orders/1")
            clerk.get_by_label("答复", exact=True).fill(text)
            clerk.get_by_role("button", name="提交答复").click()
            expect(clerk.get_by_role("status")).to_contain_text("等待签发人认定")
            chief.goto("/bureau/supervision/orders/1")
            chief.get_by_label("退回理由" if decide == "退回" else "意见").fill(
                "请写明日期" if decide == "退回" else "同意"
            )
            chief.get_by_role("button", name=decide, exact=True).click()
        expect(chief.get_by_role("status")).to_contain_text("办结")
        seen(chief, "bureau-order-to-act")
        chief.goto("/bureau/supervision/orders")
        expect(chief.get_by_role("table")).to_contain_text("已办结")
        seen(chief, "bureau-orders-to-act")


def test_who_is_not_of_the_department_is_refused_in_plain_words(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", "/bureau/supervision/orders/new")
        page.get_by_label("承办部门").select_option("财政部门")
        page.get_by_label("事由和要求").fill("x")
        page.get_by_role("button", name="签发").click()
        expect(page.get_by_role("alert")).to_be_visible()


def test_duties_are_given_and_taken_back(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", "/bureau/supervision/duties")
        page.get_by_label("单位").select_option(HERE)
        page.get_by_label("账号").fill("wang.fang")
        page.get_by_label("取消此人的职责").check()
        page.get_by_role("button", name="更新").click()
        expect(page.get_by_text("还没有责任人")).to_be_visible()
        page.get_by_label("单位").select_option(HERE)
        page.get_by_label("账号").fill("wang.fang")
        page.get_by_role("button", name="更新").click()
        expect(page.get_by_role("table")).to_contain_text("wang.fang")
        seen(page, "bureau-duties")


def test_what_was_promised_and_not_paid_is_shown_by_department(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", "/bureau/supervision/promises")
        expect(page.get_by_role("table").first).to_be_attached()
        drawn(page, 1)
        seen(page, "bureau-promises")
        page.goto("/bureau/supervision/unpaid-firms")
        seen(page, "bureau-unpaid-firms")
        page.goto("/bureau/supervision/escalations")
        expect(page.get_by_text("没有提醒过任何人")).to_be_visible()
        seen(page, "bureau-escalations-empty")
