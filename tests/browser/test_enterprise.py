"""A firm's door in a real browser: from the home page to the money, and every way to say no, or to see it otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.identity.accounts import AccountKind
from policy_match.ledger.accounts import LineId
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.appeals import replay_appeal
from policy_match.services.approval_lists import lists, make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.decide_lists import approve_list
from policy_match.services.decision_json import record_json
from policy_match.services.delegations import delegate
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import (
    World,
    amended,
    answer,
    approve_world,
    budget,
    chosen,
    firm,
    make_world,
    notify_world,
    open_world,
    process,
    publish_world,
    recheck_world,
    stacking,
    statuses,
    tables,
    uscc,
)
from tests.support.everybody import PayingWorldDesk
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import SEALER
from tests.support.prepared import prepare_world
from tests.support.signed_in import PASSWORD, PERSONNEL, Entrance, open_entrance

NUMBER = "6228480402564890018"
BANK = "102452000017"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Three firms, each asked about three benefits: plainly, with publicity, and with a letter to sign."""
    policies = {
        **chosen("confirm", "relief", "capped"),
        "one": amended("direct", tables=tables(stacking("pick", "exclusive"), budget(), process())),
        "other": amended(
            "direct", tables=tables(stacking("pick", "exclusive"), budget(), process()), amount="premium * 0.3"
        ),
        "quick": amended("confirm", tables=tables(budget(), process())),
        "sworn": amended("confirm", tables=tables(budget(), process(commitment=True)).replace("True", "true")),
    }
    world = make_world(database, tmp_path, policies, [firm(1), firm(2), firm(3)])
    open_world(world)
    notify_world(world)
    return world


@pytest.fixture
def door(world: World, tmp_path: Path) -> Entrance:
    door = open_entrance(world.database, desk=PayingWorldDesk(world, tmp_path))
    door.account("firm.user", AccountKind.FIRM)
    delegate(world.database, world.clock, uscc=uscc(1), user="firm.user", is_owner=True, by=PERSONNEL)
    return door


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def sign_in(page: Page, path: str = "/enterprise") -> None:
    page.goto(path)
    page.get_by_label("账号").fill("firm.user")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{path}")


def case_of(world: World, policy: str, number: int = 1) -> int:
    with world.database.unit_of_work() as work:
        cases = work.firm.cases(uscc(number), status=None, after=0, most=100)
    (found,) = [case.case_id for case in cases if case.policy_id == policy]
    return found


def decide(world: World, policy: str) -> None:
    """Review, fund and approve the confirmed cases of a policy, as staff do."""
    database, clock = world.database, world.clock
    recheck_world(world)
    add_line(database, clock, fund="jobs", year=2025, label="jobs", by="budget.officer")
    appropriate(database, clock, line=LineId("jobs-2025"), amount_fen=100_000_000, by="budget.officer")
    allocate_budget(database, clock, policy_id=PolicyId(policy), by="budget.officer")
    for person, role in (("li.ming", "reviewer"), ("sun.li", "approver")):
        grant_role(database, clock, person=person, role=role, by=PERSONNEL)
    make_lists(database, clock, policy_id=PolicyId(policy), by="wang.fang")
    for kept in lists(database, policy_id=PolicyId(policy), only_open=True):
        for person in ("li.ming", "sun.li"):
            approve_list(database, clock, list_id=kept.list_id, by=person)
    recheck_world(world, RecheckPurpose.PAYMENT)


def pay(world: World) -> None:
    """Order, send, and let the bank say that it paid."""
    desk, bank = Desk(database=world.database, clock=world.clock), Inbox()
    desk.pay(bank)
    desk.take(desk.statement(*[desk.booking(payment) for payment in bank.payments]))


def state(world: World, number: int = 1) -> None:
    """State an account of a firm, as the tax office does."""
    stated = StatedAccount(
        row=1, uscc=uscc(number), holder=f"示例{number}有限公司", number=NUMBER, bank_code=BANK, source="tax"
    )
    take_accounts([stated], world.database, SEALER, world.clock, by="wang.fang")


@pytest.mark.parametrize("size", SIZES)
def test_from_the_home_page_to_the_receipt(browser: Browser, world: World, address: str, size: str) -> None:
    state(world)
    with opened(browser, address, size) as page:
        sign_in(page)
        seen(page, f"enterprise-home-{size}")
        page.get_by_role("link", name="查看并办理 示例 quick").click()
        seen(page, f"enterprise-benefit-{size}")
        page.get_by_role("button", name="确认享受 1,000.00 元").click()
        expect(page.get_by_role("status")).to_contain_text("已确认享受")
        seen(page, f"enterprise-confirmed-{size}")
        decide(world, "quick")
        pay(world)
        page.goto("/enterprise")
        expect(page.get_by_role("main")).to_contain_text("1 项已支付")
        page.goto("/enterprise/cases?status=paid")
        seen(page, f"enterprise-benefits-{size}")
        with page.expect_download() as download:
            page.get_by_role("link", name="我的惠企资金 csv").click()
        assert "示例 quick" in Path(download.value.path()).read_text(encoding="utf-8-sig")
        page.get_by_role("link", name="示例 quick").click()
        seen(page, f"enterprise-paid-{size}")
        page.get_by_role("link", name="查看回执").click()
        expect(page.get_by_role("article")).to_contain_text("1,000.00 元")
        expect(page.get_by_role("article")).to_contain_text("**** 0018")
        seen(page, f"enterprise-receipt-{size}")


def test_the_keyboard_alone_confirms(browser: Browser, world: World, address: str) -> None:
    case = case_of(world, "quick")
    with opened(browser, address) as page:
        sign_in(page)
        press_to(page, "查看并办理 示例 quick")
        page.wait_for_url(f"**/enterprise/cases/{case}")
        press_to(page, "确认享受 1,000.00 元")
        expect(page.get_by_role("status")).to_contain_text("已确认享受")


def press_to(page: Page, name: str) -> None:
    """Go with the tabulator to what has this name, and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name == page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {name}")


@pytest.mark.parametrize("size", SIZES)
def test_a_firm_declines_with_a_reason_and_takes_it_back(
    browser: Browser, world: World, address: str, size: str
) -> None:
    case = case_of(world, "quick")
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        page.get_by_text("不需要，放弃享受").click()
        page.get_by_label("金额太小").check()
        page.get_by_label("补充说明").fill("不够差旅费")
        seen(page, f"enterprise-decline-{size}")
        page.get_by_role("button", name="放弃享受").click()
        expect(page.get_by_role("status")).to_contain_text("已放弃")
        expect(page.get_by_role("main")).to_contain_text("不够差旅费")
        seen(page, f"enterprise-declined-{size}")
        page.get_by_role("button", name="撤回放弃").click()
        expect(page.get_by_role("button", name="确认享受 1,000.00 元")).to_be_visible()


def test_a_refusal_without_a_reason_is_shown_again_with_what_is_missing(
    browser: Browser, world: World, address: str
) -> None:
    case = case_of(world, "quick")
    before = statuses(world, "quick")
    with opened(browser, address) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        page.get_by_text("不需要，放弃享受").click()
        page.get_by_label("补充说明").fill("没有选原因")
        page.evaluate("document.querySelector('form[action$=decline]').noValidate = true")
        page.get_by_role("button", name="放弃享受").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("有 1 处需要更正")
        expect(page.get_by_role("link", name="放弃的原因 · 必填")).to_be_visible()
        expect(page.get_by_label("补充说明")).to_have_value("没有选原因")
        seen(page, "enterprise-decline-refused")
    assert statuses(world, "quick") == before


def test_an_answer_to_a_page_that_is_no_longer_so_is_refused_in_plain_words(
    browser: Browser, world: World, address: str
) -> None:
    case = case_of(world, "quick")
    with opened(browser, address) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        answer(world, case)
        page.get_by_role("button", name="确认享受 1,000.00 元").click()
        expect(page.get_by_role("alert")).to_contain_text("当前为“已确认”，不能办理“确认”")
        seen(page, "enterprise-confirm-refused")


@pytest.mark.parametrize("size", SIZES)
def test_a_letter_is_read_and_signed_to_take_the_benefit(
    browser: Browser, world: World, address: str, size: str
) -> None:
    case = case_of(world, "sworn")
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        expect(page.get_by_text("1. 有参保人员")).to_be_visible()
        seen(page, f"enterprise-letter-{size}")
        page.get_by_label("已阅读以上承诺书").check()
        page.get_by_label("签署人姓名").fill("张三")
        page.get_by_role("button", name="签署并确认享受 1,000.00 元").click()
        expect(page.get_by_role("status")).to_contain_text("承诺书已签署")
        expect(page.get_by_role("main")).to_contain_text("letter of commitment: 张三, SHA-256")


@pytest.mark.parametrize("size", SIZES)
def test_a_firm_objects_while_its_benefit_is_on_display(
    browser: Browser, world: World, address: str, size: str
) -> None:
    case = case_of(world, "confirm")
    answer(world, case)
    recheck_world(world)
    approve_world(world)
    publish_world(world)
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        page.get_by_role("link", name="对公示提出异议").click()
        seen(page, f"enterprise-objection-form-{size}")
        page.get_by_label("理由").fill("金额有误，应为全额")
        page.get_by_role("button", name="提交异议").click()
        expect(page.get_by_role("status")).to_contain_text("异议已收到")
        expect(page.get_by_role("main")).to_contain_text("复核中")
        seen(page, f"enterprise-objections-{size}")
        page.get_by_role("link", name=f"事项 {case}").click()
        expect(page.get_by_role("main")).to_contain_text("异议复核")


@pytest.mark.parametrize("size", SIZES)
def test_a_firm_appeals_and_sees_where_it_stands(
    browser: Browser, world: World, door: Entrance, address: str, size: str
) -> None:
    case = case_of(world, "quick")
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        page.get_by_role("link", name="对核定结果提出申诉").click()
        seen(page, f"enterprise-appeal-form-{size}")
        page.get_by_label("理由").fill("参保人数少计")
        page.get_by_role("button", name="提交申诉").click()
        expect(page.get_by_role("status")).to_contain_text("申诉已收到")
        expect(page.get_by_role("main")).to_contain_text("等待主管部门重新核算")
        seen(page, f"enterprise-appeal-{size}")
        replay_appeal(world.database, door.desk.open_snapshot, record_json, 1, by="wang.fang", clock=world.clock)
        page.goto("/enterprise/appeals")
        seen(page, f"enterprise-appeals-{size}")
        page.get_by_role("link", name="申诉 1").click()
        expect(page.get_by_role("main")).to_contain_text("已重新核算")
        expect(page.get_by_role("main")).to_contain_text("1,000.00 元")
        seen(page, f"enterprise-appeal-answered-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_a_firm_states_its_account_and_is_led_back(browser: Browser, world: World, address: str, size: str) -> None:
    case = case_of(world, "quick")
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case}")
        page.get_by_role("link", name="填写或更正收款账户").click()
        page.get_by_label("户名").fill("示例1有限公司")
        page.get_by_label("账号").fill("not a number")
        page.get_by_label("开户行联行号").fill(BANK)
        page.get_by_role("button", name="保存账户").click()
        expect(page.get_by_role("alert")).to_contain_text("账户未保存")
        expect(page.get_by_label("户名")).to_have_value("示例1有限公司")
        expect(page.get_by_label("账号")).to_have_value("")
        seen(page, f"enterprise-account-refused-{size}")
        page.get_by_label("账号").fill("6228 4804 0256 4890 018")
        page.get_by_role("button", name="保存账户").click()
        page.wait_for_url(f"**/enterprise/cases/{case}?done=account-stated")
        expect(page.get_by_role("main")).to_contain_text("**** 0018 企业填写")
        page.goto("/enterprise/accounts")
        seen(page, f"enterprise-accounts-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_what_excludes_what_is_said_and_why_an_amount_was_lowered(
    browser: Browser, world: World, address: str, size: str
) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, "/enterprise/combinations")
        expect(page.get_by_role("main")).to_contain_text("同组只能享受一项")
        expect(page.get_by_role("listitem").filter(has_text="示例 other")).to_contain_text("您在本组已享受另一项")
        seen(page, f"enterprise-combinations-{size}")
        page.get_by_role("link", name="您已匹配 示例 one").click()
        page.get_by_text("没有选用的其他组合（1 种）").click()
        expect(page.get_by_role("main")).to_contain_text("示例 other 600.00 元")
        page.goto(f"/enterprise/cases/{case_of(world, 'capped')}")
        expect(page.get_by_role("main")).to_contain_text("本政策年度上限：1,000.00 元 → 600.00 元")
        seen(page, f"enterprise-lowered-{size}")


@pytest.mark.parametrize("path", ["", "/receipt", "/objection", "/appeal"])
def test_a_case_of_another_firm_is_not_found(browser: Browser, world: World, address: str, path: str) -> None:
    with opened(browser, address) as page:
        sign_in(page)
        answered = page.goto(f"/enterprise/cases/{case_of(world, 'quick', 2)}{path}")
        assert answered is not None
        assert answered.status == 404


def test_a_form_that_is_sent_twice_does_one_thing(browser: Browser, world: World, address: str) -> None:
    case = case_of(world, "quick")
    with opened(browser, address) as page:
        sign_in(page, f"/enterprise/cases/{case}/appeal")
        page.get_by_label("理由").fill("参保人数少计")
        fields = page.evaluate("Object.fromEntries(new FormData(document.querySelector('main form')))")
        sent = [page.request.post(f"/enterprise/cases/{case}/appeal", form=fields, max_redirects=0) for _ in range(2)]
        assert [each.status for each in sent] == [303, 303]
        assert sent[0].headers["location"] == sent[1].headers["location"]
        page.goto("/enterprise/appeals")
        expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize("size", SIZES)
def test_the_notices_about_a_benefit_are_on_its_card(browser: Browser, world: World, address: str, size: str) -> None:
    prepare_world(world)
    with opened(browser, address, size) as page:
        sign_in(page, f"/enterprise/cases/{case_of(world, 'quick')}")
        notice = page.get_by_role("group").filter(has_text="未读")
        expect(notice).to_have_count(1)
        notice.locator("summary").click()
        expect(notice).to_contain_text("示例 quick")
        seen(page, f"enterprise-notice-{size}")


def test_a_relief_that_the_firm_claims_itself_asks_for_nothing(browser: Browser, world: World, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, f"/enterprise/cases/{case_of(world, 'relief')}")
        expect(page.get_by_role("main")).to_contain_text("已告知；须由您在申报时自行填报享受")
        expect(page.get_by_role("button", name="确认享受")).to_have_count(0)
        seen(page, "enterprise-relief")


def test_the_door_speaks_english(browser: Browser, world: World, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page)
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Home")
        seen(page, "enterprise-home-english")
        page.goto(f"/enterprise/cases/{case_of(world, 'sworn')}")
        expect(page.get_by_role("main")).to_contain_text("Confirm or decline")
        seen(page, "enterprise-benefit-english")


def test_a_firm_without_anything_is_told_what_to_do(
    browser: Browser, world: World, door: Entrance, address: str
) -> None:
    door.account("new.user", AccountKind.FIRM)
    delegate(world.database, world.clock, uscc=uscc(99), user="new.user", is_owner=True, by=PERSONNEL)
    with opened(browser, address, "phone") as page:
        page.goto("/enterprise")
        page.get_by_label("账号").fill("new.user")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("main")).to_contain_text("没有等您办理的事项")
        seen(page, "enterprise-home-empty-phone")
        for path in ("cases", "objections", "appeals", "accounts"):
            page.goto(f"/enterprise/{path}")
            expect(page.locator(".empty")).to_be_visible()
            seen(page, f"enterprise-{path}-empty-phone")
