"""Public display: approved cases are put there, everybody sees them masked, an objection is kept and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from policy_match.cases.model import Status
from policy_match.storage.unit_of_work import Database
from tests.browser.test_public import sign_in
from tests.support.api import WorldDesk
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import (
    World,
    amended,
    approve_world,
    budget,
    chosen,
    firm,
    make_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    statuses,
    uscc,
)
from tests.support.signed_in import Entrance, open_entrance

HOUSEHOLD = "92370000MA00000009"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    text = amended("direct", tables="\n".join((budget(), process(publicity_days=5))))
    rows = [firm(1), firm(2), firm(3), firm(4, uscc=HOUSEHOLD, ent_name="青岛市王小明餐饮店")]
    made = make_world(database, tmp_path, chosen(direct=text), rows)
    open_world(made)
    recheck_world(made)
    approve_world(made)
    return made


@pytest.fixture
def door(world: World, database: Database, tmp_path: Path) -> Entrance:
    entrance = open_entrance(database, desk=WorldDesk(world, tmp_path))
    entrance.staff("clerk", name="clerk")
    entrance.staff("supervisor", name="supervisor")
    return entrance


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def test_nothing_is_shown_before_it_is_published(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/public/lists")
        expect(page.get_by_text("目前没有公示中的名单。")).to_be_visible()
        seen(page, "public-lists-empty")


def test_a_clerk_asks_for_publication(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "clerk")
        page.goto("/bureau/publicity")
        seen(page, "bureau-publicity-waiting")
        page.get_by_role("link", name="上网公示").click()
        expect(page.locator(".figure")).to_contain_text("4 项")
        page.get_by_role("button", name="上网公示").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("上网公示")


@pytest.mark.parametrize("size", SIZES)
def test_everybody_sees_the_lists_masked(browser: Browser, address: str, world: World, size: str) -> None:
    publish_world(world)
    with opened(browser, address, size) as page:
        page.goto("/public/lists")
        expect(page.get_by_role("listitem").filter(has_text="示例 direct")).to_contain_text("4")
        seen(page, f"public-lists-{size}")
        page.get_by_role("link", name="示例 direct").click()
        main = page.get_by_role("main")
        expect(main).to_contain_text("示例1有限公司")
        expect(main).to_contain_text("913700********0001")
        expect(main).not_to_contain_text(uscc(1))
        expect(main).not_to_contain_text("王小明")
        expect(main).to_contain_text("2025年7月8日")
        seen(page, f"public-list-{size}")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
        assert uscc(1) not in text
        assert "王小明" not in text
        assert len(text.splitlines()) == 5


def test_what_is_over_is_shown_to_staff_only(browser: Browser, address: str, door: Entrance, world: World) -> None:
    publish_world(world)
    door.clock.move(10)
    with opened(browser, address) as page:
        page.goto("/public/lists/direct/2025-07-01")
        expect(page.get_by_role("alert")).to_be_visible()
        sign_in(page, "clerk")
        page.goto("/bureau/publicity")
        expect(page.get_by_text("期满，待下一步")).to_be_visible()


def test_an_objection_is_kept_and_answered(browser: Browser, address: str, world: World) -> None:
    publish_world(world)
    with opened(browser, address) as page:
        sign_in(page, "clerk")
        page.goto("/bureau/cases/1")
        page.get_by_text("登记异议").click()
        page.get_by_label("异议人").fill("李大妈")
        page.get_by_label("理由").fill("该企业已停业")
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("异议已登记")
        page.goto("/bureau/publicity")
        seen(page, "bureau-publicity")
    with opened(browser, address) as page:
        sign_in(page, "supervisor")
        page.goto("/bureau/objections")
        seen(page, "bureau-objections")
        page.get_by_role("row", name="李大妈").get_by_role("link").first.click()
        page.get_by_label("异议成立，撤回事项").check()
        page.get_by_label("答复内容").fill("经核实已停业")
        seen(page, "bureau-objection")
        page.get_by_role("button", name="提交答复").click()
        expect(page.get_by_role("status")).to_contain_text("异议已答复")
        seen(page, "bureau-objection-answered")
    assert statuses(world).count(Status.WITHDRAWN) == 1


def test_who_objected_is_refused_the_answer_on_the_form(browser: Browser, address: str, world: World) -> None:
    publish_world(world)
    with opened(browser, address) as page:
        sign_in(page, "clerk")
        page.goto("/bureau/cases/2")
        page.get_by_text("登记异议").click()
        page.get_by_label("异议人").fill("clerk")
        page.get_by_label("理由").fill("重复享受")
        page.get_by_role("button", name="登记", exact=True).click()
        page.get_by_label("异议不成立，继续公示").check()
        page.get_by_label("答复内容").fill("不成立")
        page.get_by_role("button", name="提交答复").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("答复内容")).to_have_value("不成立")


def test_an_appeal_is_taken_and_decided_again(browser: Browser, address: str, world: World) -> None:
    with opened(browser, address) as page:
        sign_in(page, "clerk")
        page.goto("/bureau/cases/1/appeal")
        page.get_by_label("申诉人").fill("示例1有限公司")
        page.get_by_label("哪里不对").fill("缴费金额少算")
        page.get_by_label("有误的数据").select_option("premium")
        page.get_by_label("正确的值").fill("3000")
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.locator("#why-source")).to_have_text("必填")
        page.get_by_label("依据的文件或部门").fill("完税证明")
        seen(page, "bureau-new-appeal")
        page.get_by_role("button", name="登记", exact=True).click()
        page.get_by_role("button", name="重新核算").click()
        expect(page.get_by_role("main")).to_contain_text("1500")
        seen(page, "bureau-appeal")
        page.goto("/bureau/appeals")
        seen(page, "bureau-appeals")


def test_a_review_is_opened_answered_and_decided(browser: Browser, address: str, door: Entrance) -> None:
    door.staff("clerk", name="owner")
    with opened(browser, address) as page:
        sign_in(page, "supervisor")
        page.goto("/bureau/reviews")
        page.get_by_label("政策", exact=True).select_option("direct")
        page.get_by_label("由谁评估").fill("owner")
        seen(page, "bureau-reviews")
        page.get_by_role("button", name="发起", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("评估已发起")
        at = page.url.partition("?")[0]
    with opened(browser, address) as page:
        sign_in(page, "owner")
        page.goto(at)
        page.get_by_label("评估意见").fill("条件合理")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("status")).to_be_visible()
    with opened(browser, address) as page:
        sign_in(page, "supervisor")
        page.goto(at)
        page.get_by_label("维持").check()
        page.get_by_label("理由").fill("继续执行")
        seen(page, "bureau-review")
        page.get_by_role("button", name="作出结论").click()
        expect(page.get_by_text("继续执行")).to_be_visible()
