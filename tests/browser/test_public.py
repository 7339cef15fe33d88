"""The way in: the start, help, signing in with a password and a second factor, the language, and out again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.storage.unit_of_work import Database
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.signed_in import PASSWORD, Entrance, open_entrance


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Entrance:
    return open_entrance(database)


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/", "/help", "/sign-in", "/nothing-here"])
def test_every_public_page_is_fit_for_everybody(browser: Browser, address: str, size: str, path: str) -> None:
    with opened(browser, address, size) as page:
        page.goto(path)
        expect(page.get_by_role("main")).to_be_visible()
        seen(page, f"public{path.replace('/', '-')}-{size}")


def test_the_language_is_kept(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/help")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Help and contacts")
        page.goto("/")
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_said_and_the_name_is_kept(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "nobody", "wrong")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("账号")).to_have_value("nobody")
        seen(page, "public-sign-in-refused")


def test_a_member_of_staff_signs_in_with_a_second_factor_and_out_again(
    browser: Browser, door: Entrance, address: str
) -> None:
    door.account("wang.fang")
    door.with_second_factor("wang.fang")
    with opened(browser, address) as page:
        sign_in(page, "wang.fang")
        expect(page).to_have_url(f"{address}/sign-in/code?next=%2F")
        seen(page, "public-code")
        page.get_by_label("验证码").fill(door.code("wang.fang"))
        page.get_by_role("button", name="继续").click()
        page.goto("/")
        expect(page.get_by_role("banner")).to_contain_text("wang.fang")
        page.get_by_role("button", name="退出").click()
        expect(page.get_by_role("status")).to_have_text("您已安全退出。")
        expect(page.get_by_role("link", name="登录")).to_be_visible()


def test_a_user_of_two_firms_chooses_one(browser: Browser, door: Entrance, address: str) -> None:
    door.firm_user("91370212MA00000001", "91370212MA00000002")
    with opened(browser, address, "phone") as page:
        sign_in(page, "firm.user")
        seen(page, "public-firm-phone")
        page.get_by_label("91370212MA00000002").check()
        page.get_by_role("button", name="继续").click()
        expect(page).to_have_url(f"{address}/enterprise")
