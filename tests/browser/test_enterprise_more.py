"""Around a firm's benefits in a real browser: what it lacks, wrong facts, ratings, wishes, messages, users."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.cases.corrections import CorrectionAnswer
from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Reach
from policy_match.notices.model import Channel
from policy_match.reports.reviews import SuggestionStatus
from policy_match.services.corrections import answer_correction
from policy_match.services.delegations import delegate
from policy_match.services.ratings import answer_rating
from policy_match.services.reserve_list import decide_suggestion
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.answered import PDF, paid_desk
from tests.support.api import WorldDesk
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import World, amended, chosen, firm, make_world, notify_world, open_world, uscc
from tests.support.prepared import prepare_world
from tests.support.signed_in import PASSWORD, PERSONNEL, Entrance, open_entrance


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms that are three insured staff short of one policy; of another nobody knows a fact that it needs."""
    policies = {
        **chosen("confirm", "relief"),
        "larger": amended("direct", when="headcount >= 13", amount="premium * 2"),
        "taxed": amended("direct", when="tax_retained > 0", amount="premium * 3"),
    }
    world = make_world(
        database, tmp_path, policies, [firm(1, tax_retained=None), firm(2, tax_retained=None), firm(3, headcount=50)]
    )
    open_world(world)
    notify_world(world)
    return world


@pytest.fixture
def door(world: World, tmp_path: Path) -> Entrance:
    return with_user(open_entrance(world.database, desk=WorldDesk(world, tmp_path)))


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


@pytest.fixture
def paid(database: Database, database_url: str, tmp_path: Path) -> Entrance:
    """Firm 1 has a case that was paid."""
    return with_user(open_entrance(database, desk=paid_desk(database, database_url, tmp_path, 70_000, 30_000)))


def with_user(door: Entrance) -> Entrance:
    door.account("firm.user", AccountKind.FIRM)
    delegate(door.desk.database, door.clock, uscc=uscc(1), user="firm.user", is_owner=True, by=PERSONNEL)
    return door


def sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("账号").fill("firm.user")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("size", SIZES)
def test_not_yet_says_how_far_the_firm_is_and_what_a_missing_fact_unlocks(
    browser: Browser, address: str, size: str
) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/not-yet")
        expect(page.get_by_text("还差 3")).to_be_visible()
        unlocks = page.get_by_role("table", name="补上这些数据")
        expect(unlocks.get_by_role("row")).to_have_count(2)
        expect(unlocks).to_contain_text("6,000.00 元")
        cards = page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
        expect(cards.first).to_contain_text("6,000.00 元")
        seen(page, f"enterprise-not-yet-{size}")
        unlocks.get_by_role("link", name="地方留存税收").click()
        expect(page.get_by_label("哪项数据")).to_have_value("tax_retained")


@pytest.mark.parametrize("size", SIZES)
def test_a_wrong_fact_is_corrected_with_evidence_and_answered(
    browser: Browser, world: World, door: Entrance, address: str, size: str
) -> None:
    with world.database.unit_of_work() as work:
        cases = work.firm.cases(uscc(1), status=None, after=0, most=100)
    case = next(each.case_id for each in cases if each.policy_id == "confirm")
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/corrections/new?fact=headcount&case={case}")
        expect(page.get_by_text("政府掌握的值")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("10")
        seen(page, f"enterprise-correction-form-{size}")
        page.get_by_label("正确的值").fill("13 人")
        page.get_by_label("说明").fill("6 月新增 3 人参保")
        page.get_by_label("证明材料").set_input_files(
            {"name": "proof.pdf", "mimeType": "application/pdf", "buffer": b"<html>no document</html>"}
        )
        page.get_by_role("button", name="提交申请").click()
        expect(page.get_by_role("alert")).to_contain_text("PDF")
        expect(page.get_by_label("正确的值")).to_have_value("13 人")
        expect(page.get_by_label("哪项数据")).to_have_value("headcount")
        seen(page, f"enterprise-correction-refused-{size}")
        page.get_by_label("证明材料").set_input_files(
            {"name": "proof.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.get_by_role("button", name="提交申请").click()
        expect(page.get_by_role("status")).to_contain_text("已提交")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载").click()
        assert download.value.suggested_filename == "evidence-1.pdf"
        answer_correction(
            world.database,
            door.clock,
            [Reach(department="人社局")],
            1,
            CorrectionAnswer.ACCEPTED,
            reason="核实无误,已更正登记",
            by="li.na",
        )
        page.goto("/enterprise/corrections/1")
        expect(page.get_by_role("main")).to_contain_text("核实无误")
        expect(page.get_by_role("main")).to_contain_text("待下次数据导入")
        seen(page, f"enterprise-correction-{size}")
        page.goto("/enterprise/corrections")
        expect(page.get_by_role("table")).to_contain_text("已采纳")
        seen(page, f"enterprise-corrections-{size}")


def test_a_request_is_taken_back(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "/enterprise/corrections")
        seen(page, "enterprise-corrections-empty")
        page.goto("/enterprise/corrections/new?fact=headcount")
        page.get_by_label("正确的值").fill("13 人")
        page.get_by_label("说明").fill("6 月新增 3 人参保")
        page.get_by_label("证明材料").set_input_files({"name": "p.pdf", "mimeType": "application/pdf", "buffer": PDF})
        page.get_by_role("button", name="提交申请").click()
        page.get_by_role("button", name="撤回申请").click()
        expect(page.get_by_role("main")).to_contain_text("已撤回")


@pytest.mark.parametrize("size", SIZES)
def test_a_paid_case_is_rated_and_a_bad_grade_answered(browser: Browser, paid: Entrance, size: str) -> None:
    with serving(paid.app) as address, opened(browser, address, size) as page:
        sign_in(page, "/enterprise/cases/1/rating")
        seen(page, f"enterprise-rating-{size}")
        page.get_by_label("非常不满意").check()
        page.get_by_label("意见").fill("等了三个月")
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_role("status")).to_contain_text("感谢")
        expect(page.get_by_role("main")).to_contain_text("2025年7月8日 前答复")
        answer_rating(paid.desk.database, paid.clock, 1, "已回访,缩短复核环节", by="li.na")
        page.goto("/enterprise/ratings")
        expect(page.get_by_role("table")).to_contain_text("已回访")
        seen(page, f"enterprise-ratings-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_a_suggestion_is_sent_and_its_fate_is_seen(
    browser: Browser, world: World, door: Entrance, address: str, size: str
) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/suggestions")
        page.get_by_label("关于哪项政策").select_option("confirm")
        page.get_by_label("您的建议").fill("一次发放,不分两期")
        page.get_by_role("button", name="提交建议").click()
        expect(page.get_by_role("table")).to_contain_text("已收到")
        decide_suggestion(
            world.database,
            door.clock,
            1,
            SuggestionStatus.TAKEN_UP,
            taken_into=PolicyId("confirm"),
            reason="明年起执行",
            by="li.na",
        )
        page.goto("/enterprise/suggestions")
        expect(page.get_by_role("table")).to_contain_text("已采纳 纳入 示例 confirm")
        seen(page, f"enterprise-suggestions-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_messages_are_read(browser: Browser, world: World, address: str, size: str) -> None:
    prepare_world(world)
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/inbox")
        messages = page.get_by_role("article")
        there = messages.count()
        assert there >= 2
        seen(page, f"enterprise-inbox-{size}")
        messages.first.get_by_role("button", name="标为已读").click()
        expect(page.get_by_role("article").filter(has_text="未读")).to_have_count(there - 1)
        page.get_by_role("link", name="未读").click()
        expect(page.get_by_role("article")).to_have_count(there - 1)
        page.goto("/enterprise/inbox")
        for button in page.get_by_role("button", name="标为已读").all()[:1]:
            button.click()
        page.goto("/enterprise/inbox?unread=true")
        expect(page.get_by_role("main")).to_contain_text("没有未读消息")


@pytest.mark.parametrize("size", SIZES)
def test_the_firm_says_how_it_wants_to_be_told(browser: Browser, world: World, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/preferences")
        page.get_by_label("首选渠道").select_option(Channel.SMS.value)
        page.get_by_label("其次").select_option(Channel.SMS.value)
        page.get_by_role("button", name="保存设置").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("其次").select_option(Channel.EMAIL.value)
        page.get_by_role("button", name="保存设置").click()
        expect(page.get_by_role("status")).to_contain_text("已保存")
        expect(page.get_by_label("其次")).to_have_value(Channel.EMAIL.value)
        seen(page, f"enterprise-preferences-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_an_owner_adds_a_user_and_takes_him_away(
    browser: Browser, world: World, door: Entrance, address: str, size: str
) -> None:
    door.account("second.user", AccountKind.FIRM)
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/users")
        page.get_by_label("对方的企业服务账号").fill("nobody.there")
        page.get_by_role("button", name="授权", exact=True).click()
        page.goto("/enterprise/users")
        page.get_by_label("对方的企业服务账号").fill("second.user")
        page.get_by_role("button", name="授权", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已生效")
        seen(page, f"enterprise-users-{size}")
        page.get_by_role("button", name="取消授权 second.user").click()
        expect(page.get_by_role("table")).not_to_contain_text("second.user")
