"""Staff sign in by the form with a password and the code of their app, and approve a list in that session."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.identity.rules import IdentityRules
from policy_match.storage.unit_of_work import Database
from tests.browser.test_public import sign_in
from tests.support.api import WorldDesk
from tests.support.browser import opened, seen, serving
from tests.support.reviewed_cases import Office, open_office
from tests.support.signed_in import ROOT, Entrance, open_entrance

REVIEWER, APPROVER = "wang.fang", "li.ming"


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    opened_office = open_office(database_url, database, tmp_path)
    opened_office.roles(**{REVIEWER: "reviewer", APPROVER: "approver"})
    return opened_office


@pytest.fixture
def door(office: Office, database: Database, tmp_path: Path) -> Entrance:
    demanded = IdentityRules(staff_second_factor=True, address=ROOT)
    entrance = open_entrance(database, desk=WorldDesk(office.world, tmp_path), identity=demanded)
    for name in (REVIEWER, APPROVER):
        entrance.account(name)
    return entrance


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


@pytest.fixture
def number(office: Office, door: Entrance) -> int:
    made, _ = office.list()
    return made.kept.list_id


def give_code(page: Page, code: str) -> None:
    page.get_by_label("验证码").fill(code)
    page.get_by_role("button", name="继续").click()


def sign(page: Page) -> None:
    page.get_by_label("我已核对名单内容").check()
    page.get_by_role("button", name="签署", exact=True).click()


def test_two_people_with_apps_sign_in_by_the_form_and_approve_a_list(
    browser: Browser, address: str, office: Office, door: Entrance, number: int
) -> None:
    wanted = f"{address}/bureau/approvals/{number}"
    with opened(browser, address) as page:
        page.goto(wanted)
        expect(page).to_have_url(f"{address}/sign-in?next=%2Fbureau%2Fapprovals%2F{number}")
        sign_in(page, REVIEWER)
        expect(page.get_by_role("heading", level=1)).to_have_text("设置两步验证")
        page.goto(wanted)
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        page.goto("/sign-in/enrolment")
        page.get_by_role("button", name="开始设置").click()
        secret = page.locator("p.mono").inner_text()
        page.get_by_label("应用显示的 6 位数字").fill(pyotp.TOTP(secret).at(door.clock.now()))
        page.get_by_role("button", name="确认").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("恢复码")
        page.goto(wanted)
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("已签署")
    app = door.with_second_factor(APPROVER)
    with opened(browser, address) as page:
        sign_in(page, APPROVER)
        expect(page.get_by_role("heading", level=1)).to_have_text("两步验证")
        page.goto(wanted)
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        page.goto("/sign-in/code")
        give_code(page, "000000" if app.at(door.clock.now()) != "000000" else "111111")
        expect(page.get_by_role("alert")).to_be_visible()
        give_code(page, app.at(door.clock.now()))
        page.goto(wanted)
        expect(page.get_by_role("main")).to_contain_text(REVIEWER)
        seen(page, "bureau-approval-second-factor")
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("已批准")
    assert office.statuses() == {"approved": 3}
