"""The bureau's work lists: what waits, one case, steps for many by filter and keyboard, exclusions, progress."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.cases.model import Status
from policy_match.storage.unit_of_work import Database
from tests.browser.test_public import sign_in
from tests.support.api import WorldDesk
from tests.support.browser import opened, seen, serving
from tests.support.cases import World, make_world, notify_world, open_world, statuses, uscc
from tests.support.requests import do_requests
from tests.support.signed_in import Entrance, open_entrance

CLERK = "zhao.min"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    made = make_world(database, tmp_path, ("confirm", "direct"), 5)
    open_world(made)
    notify_world(made)
    return made


@pytest.fixture
def door(world: World, database: Database, tmp_path: Path) -> Entrance:
    entrance = open_entrance(database, desk=WorldDesk(world, tmp_path))
    entrance.staff("clerk", name=CLERK)
    return entrance


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def test_a_clerk_sees_what_waits_today(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        expect(page).to_have_url(f"{address}/bureau")
        seen(page, "bureau-home")
        page.get_by_role("link", name="已通知").click()
        expect(page.get_by_role("caption")).to_contain_text("5 项")


def test_many_cases_found_by_a_filter_are_withdrawn_after_the_count_was_said(
    browser: Browser, address: str, world: World
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/cases?status=notified")
        seen(page, "bureau-cases")
        page.get_by_label("批量办理").select_option("withdraw")
        page.get_by_role("button", name="办理筛选出的全部").click()
        expect(page.locator(".figure")).to_contain_text("5 项")
        seen(page, "bureau-confirm-step")
        page.get_by_label("理由").fill("政策停止执行")
        page.get_by_role("button", name="撤回事项 5 项").click()
        expect(page.get_by_role("status")).to_have_text("所选事项均已办理。")
        expect(page.get_by_text("没有符合条件的事项。")).to_be_visible()
    assert set(statuses(world, "confirm")) == {Status.WITHDRAWN}
    assert set(statuses(world, "direct")) == {Status.MATCHED}


def test_cases_are_ticked_and_opened_by_keyboard(browser: Browser, address: str, world: World) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/cases?status=notified")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("button", name="关闭").click()
        page.locator("h1").click()
        for key in ("j", "x", "j", "j", "x"):
            page.keyboard.press(key)
        expect(page.locator("[data-ticked]")).to_have_text("2")
        page.get_by_label("批量办理").select_option("confirm")
        page.get_by_role("button", name="办理勾选的").click()
        expect(page.locator(".figure")).to_contain_text("2 项")
        page.get_by_role("button", name="代企业确认 2 项").click()
        expect(page.get_by_role("status")).to_be_visible()
        page.goto("/bureau/cases?status=notified")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("示例2有限公司")
        seen(page, "bureau-case")
    assert sorted(statuses(world, "confirm")) == sorted([Status.CONFIRMED] * 2 + [Status.NOTIFIED] * 3)


def test_a_choice_that_changed_meanwhile_is_not_acted_on(browser: Browser, address: str, world: World) -> None:
    with opened(browser, address) as page, opened(browser, address) as other:
        for each in (page, other):
            sign_in(each, CLERK)
            each.goto("/bureau/cases?status=notified")
            each.get_by_label("批量办理").select_option("withdraw")
        page.get_by_role("button", name="办理筛选出的全部").click()
        other.get_by_label("勾选本页全部").check()
        other.get_by_label("事项 ").first.uncheck()
        other.get_by_role("button", name="办理勾选的").click()
        _withdraw(other, 4)
        page.get_by_label("理由").fill("政策停止执行")
        page.get_by_role("button", name="撤回事项 5 项").click()
        expect(page.get_by_role("alert")).to_contain_text("与您确认的不一致")
        expect(page.locator(".figure")).to_contain_text("1 项")
        expect(page.get_by_label("理由")).to_have_value("政策停止执行")
    assert statuses(world, "confirm").count(Status.WITHDRAWN) == 4


def test_what_cannot_be_done_is_said_case_by_case(browser: Browser, address: str, world: World) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/cases")
        page.get_by_label("批量办理").select_option("confirm")
        page.get_by_role("button", name="办理筛选出的全部").click()
        page.get_by_role("button", name="代企业确认 10 项").click()
        expect(page.get_by_role("status")).to_contain_text("已办理 5 项，未能办理 5 项")
        seen(page, "bureau-steps-taken")


def test_a_day_on_which_no_office_is_open_is_refused_on_the_form(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/cases?status=notified")
        page.get_by_label("批量办理").select_option("extend")
        page.get_by_role("button", name="办理筛选出的全部").click()
        page.get_by_label("新的答复截止日").fill("2025-07-20")
        page.get_by_label("理由").fill("系统升级")
        page.get_by_role("button", name="延长答复期限 5 项").click()
        expect(page.get_by_role("alert")).to_contain_text("不是工作日")
        seen(page, "bureau-confirm-step-refused")


def test_work_on_a_whole_policy_is_asked_for_and_can_be_cancelled(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/cases?policy=direct")
        page.locator("#in-work").select_option("recheck_approval")
        page.get_by_role("button", name="下一步").click()
        expect(page.locator(".figure")).to_contain_text("5 项")
        seen(page, "bureau-confirm-whole")
        page.get_by_role("button", name="审批前复核").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("复核")
        seen(page, "bureau-work")
        page.get_by_role("button", name="取消").click()
        expect(page.get_by_text("已取消", exact=True)).to_be_visible()
        page.goto("/bureau/work")
        seen(page, "bureau-work-list")


def test_what_the_work_did_comes_by_itself_and_in_words(
    browser: Browser, address: str, door: Entrance, world: World, database: Database, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/whole/recheck_approval/direct")
        page.get_by_role("button", name="审批前复核").click()
        expect(page.get_by_role("status").first).to_contain_text("本页会自动更新进度")
        do_requests(WorldDesk(world, tmp_path), database, tmp_path / "rules")
        expect(page.locator("#result > *")).to_have_text(["审核", "5", "仍符合条件", "5"])
        expect(page.get_by_text("本页会自动更新进度")).to_have_count(0)
        seen(page, "bureau-work-done")


def test_a_firm_is_excluded_and_the_exclusion_lifted(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/exclusions")
        page.get_by_label("企业统一社会信用代码").fill(uscc(1))
        page.get_by_label("原因").fill("列入严重违法失信名单")
        page.get_by_role("button", name="列入", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已列入排除名单")
        seen(page, "bureau-exclusions")
        page.get_by_role("row", name=uscc(1)).get_by_role("link").click()
        page.get_by_label("解除理由").fill("已信用修复")
        seen(page, "bureau-exclusion")
        page.get_by_role("button", name="解除排除").click()
        expect(page.get_by_text("已信用修复")).to_be_visible()


def test_the_waiting_cases_show_their_limits(browser: Browser, door: Entrance, address: str) -> None:
    door.clock.move(20)
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        seen(page, "bureau-home-late")
        page.get_by_role("link", name="审核").first.click()
        expect(page.locator("td .chip.red").first).to_be_visible()
        seen(page, "bureau-late-cases")


def test_a_person_of_another_department_sees_no_case(browser: Browser, door: Entrance, address: str) -> None:
    door.staff("clerk", name="other.clerk", department="科技局")
    with opened(browser, address) as page:
        sign_in(page, "other.clerk")
        expect(page.get_by_text("您的范围内没有在办事项。")).to_be_visible()
        page.goto("/bureau/cases")
        expect(page.get_by_text("没有符合条件的事项。")).to_be_visible()
        seen(page, "bureau-cases-empty")


def _withdraw(page: Page, count: int) -> None:
    page.get_by_label("理由").fill("政策停止执行")
    page.get_by_role("button", name=f"撤回事项 {count} 项").click()
    expect(page.get_by_role("status")).to_be_visible()
