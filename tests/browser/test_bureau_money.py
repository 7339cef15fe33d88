"""Money at the bureau: funds, payments, a returned payment corrected and paid, the bank's files, the books."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from policy_match.storage.unit_of_work import Database
from tests.support.api import WorldDesk
from tests.support.browser import opened, seen, serving
from tests.support.money_api import PayingDesk
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import BANK_CODE, account_number, cases, fill, recheck
from tests.support.reviewed_cases import POLICY, open_office
from tests.support.signed_in import PASSWORD, Entrance, open_entrance

PAYER, BUDGET = "zhao.min", "he.jing"
OPENING_FEN = 10_000_000_000


@pytest.fixture
def desk(database: Database, database_url: str) -> Desk:
    return Desk(database, fill(database, database_url, cases(1_234_500, 200_000, 300_000), budget_fen=5_000_000))


@pytest.fixture
def entrance(desk: Desk, tmp_path: Path) -> Entrance:
    made = open_entrance(desk.database, desk=PayingDesk(desk, tmp_path))
    made.staff("payer", "clerk", name=PAYER)
    made.staff("budget", name=BUDGET)
    return made


@pytest.fixture
def address(entrance: Entrance) -> Iterator[str]:
    with serving(entrance.app) as at:
        yield at


def sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/sign-in?next={to}")
    page.get_by_label("账号", exact=True).fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{to}")


def upload(page: Page, content: bytes, name: str) -> None:
    page.goto("/bureau/payments/bank-files")
    file: FilePayload = {"name": name, "mimeType": "application/xml", "buffer": content}
    page.locator("#in-file").set_input_files(file)
    page.get_by_role("button", name="上传并处理").click()


def paid_and_one_returned(desk: Desk) -> Inbox:
    """Pay all and let the bank give the first case's payment back."""
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    desk.take(desk.statement(*(desk.booking(each) for each in bank.payments)))
    desk.clock.move(3)
    largest = bank.payments[-1]
    total = sum(each.amount_fen for each in bank.payments)
    desk.take(desk.statement(desk.returning(largest), opening_fen=OPENING_FEN - total))
    return bank


def test_a_returned_payment_is_corrected_and_paid(
    browser: Browser, desk: Desk, database_url: str, address: str
) -> None:
    first = paid_and_one_returned(desk)
    with opened(browser, address) as page:
        sign_in(page, PAYER, "/bureau/payments")
        seen(page, "bureau-payments")
        page.get_by_role("link", name="办理退票").click()
        expect(page.get_by_role("table", name="待办理的退票")).to_contain_text("账户已销户")
        seen(page, "bureau-returned")
        page.get_by_role("table", name="待办理的退票").get_by_role("link").first.click()
        page.get_by_label("账号").fill("6228 bad")
        page.get_by_label("联行号").fill(BANK_CODE)
        page.get_by_role("button", name="登记新账户").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#field-number .why")).to_be_visible()
        expect(page.get_by_label("联行号")).to_have_value(BANK_CODE)
        page.get_by_label("账号").fill(account_number(cases(1)[0], version=2))
        page.get_by_role("button", name="登记新账户").click()
        expect(page.get_by_role("status")).to_contain_text("新账户已登记")
        expect(page.get_by_role("main")).not_to_contain_text(account_number(cases(1)[0], version=2))
        recheck(database_url, [1], at=desk.clock.now())
        page.reload()
        seen(page, "bureau-returned-payment")
        page.get_by_role("button", name="重新支付").click()
        expect(page.get_by_role("status")).to_contain_text("重新生成支付")
        expect(page.get_by_text("没有待办理的退票")).to_be_visible()

        again = Inbox()
        desk.batch()
        desk.send(again)
        desk.clock.move(1)
        (payment,) = again.payments
        sign_in(page, PAYER, "/bureau/payments/bank-files")  # days have passed
        others = sum(each.amount_fen for each in first.payments) - payment.amount_fen
        upload(page, desk.statement(desk.booking(payment), opening_fen=OPENING_FEN - others), "对账单.xml")
        expect(page.get_by_role("status")).to_contain_text("银行文件已处理")
        seen(page, "bureau-bank-files")
        page.goto("/bureau/payments/orders?case=1")
        expect(page.get_by_role("row").nth(1)).to_contain_text("已付讫")
        expect(page.get_by_role("row").nth(1).get_by_role("cell").last).to_have_text("2")
        seen(page, "bureau-payment-orders")
        page.goto("/bureau/payments/batches")
        seen(page, "bureau-payment-batches")


def test_a_returned_payment_is_given_up_with_a_reason(browser: Browser, desk: Desk, address: str) -> None:
    paid_and_one_returned(desk)
    with opened(browser, address, "phone") as page:
        sign_in(page, PAYER, "/bureau/payments/returned/1")
        page.get_by_text("不再支付此款项").click()
        seen(page, "bureau-returned-payment-phone")
        page.get_by_label("理由").fill("企业已注销")
        page.get_by_role("button", name="注明理由并办结").click()
        expect(page.get_by_role("status")).to_contain_text("不再支付")


def test_a_line_is_explained_and_the_books_close_at_zero_only(browser: Browser, desk: Desk, address: str) -> None:
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    bookings = [desk.booking(each) for each in bank.payments]
    fee = replace(desk.booking(bank.payments[0], ref="FEE", fen=700), attempt_id=None)
    with opened(browser, address) as page:
        sign_in(page, PAYER, "/bureau/payments/bank-files")
        upload(page, desk.statement(*bookings, fee), "对账单.xml")
        page.goto("/bureau/payments/reconciliations")
        page.get_by_label("核对为零时").check()
        page.get_by_role("button", name="对账").click()
        expect(page.get_by_role("status")).to_contain_text("对账不为零")
        seen(page, "bureau-reconciliation-differs")
        page.get_by_role("link", name="现在去说明").click()
        seen(page, "bureau-bank-lines")
        page.get_by_role("link", name="说明", exact=True).click()
        seen(page, "bureau-bank-line")
        page.get_by_label("这笔是什么").fill("手续费")
        page.get_by_role("button", name="记录说明").click()
        expect(page.get_by_text("没有待说明的明细")).to_be_visible()
        page.goto("/bureau/payments/reconciliations")
        page.get_by_label("核对为零时").check()
        page.get_by_role("button", name="对账").click()
        expect(page.get_by_role("status")).to_contain_text("对账一致")
        seen(page, "bureau-reconciliation")
        page.goto("/bureau/payments/reconciliations")
        seen(page, "bureau-reconciliations")


def test_a_file_that_cannot_be_trusted_is_refused_and_listed(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, PAYER, "/bureau/payments/bank-files")
        upload(page, b"<nothing", "坏文件.xml")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("table")).to_contain_text("拒收")


def test_money_is_asked_back_and_the_approver_is_refused(
    browser: Browser, desk: Desk, entrance: Entrance, address: str
) -> None:
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    desk.take(desk.statement(*(desk.booking(each) for each in bank.payments)))
    entrance.staff("payer", name="li.ming")
    for name, refused in (("li.ming", True), (PAYER, False)):
        with opened(browser, address) as page:
            sign_in(page, name, "/bureau/payments/recoveries")
            page.get_by_label("事项编号").fill("2")
            page.get_by_label("多付").check()
            page.get_by_label("应付金额").fill("1,500.00")
            page.get_by_label("理由与依据").fill("多计一人")
            page.get_by_role("button", name="决定追回").click()
            if refused:
                expect(page.get_by_role("alert")).to_contain_text("曾审批该事项")
                expect(page.get_by_label("应付金额")).to_have_value("1,500.00")
                seen(page, "bureau-recoveries-refused")
            else:
                expect(page.get_by_role("main")).to_contain_text("500.00 元")
                seen(page, "bureau-recovery")


def test_a_line_is_added_gets_money_and_the_ledger_adds_up(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, BUDGET, "/bureau/funds")
        page.get_by_label("资金代码").fill("Parks")
        page.get_by_role("button", name="建立").click()
        expect(page.locator("#field-fund .why")).to_be_visible()
        page.get_by_label("资金代码").fill("parks")
        page.get_by_label("名称").fill("公园资金")
        page.get_by_role("button", name="建立").click()
        page.get_by_label("金额（元）").fill("12,000.50")
        page.get_by_label("文号").fill("财社〔2025〕1号")
        page.get_by_role("button", name="下达").click()
        expect(page.get_by_role("status")).to_contain_text("预算已下达")
        expect(page.get_by_role("table")).to_contain_text("12,000.50 元")
        seen(page, "bureau-fund-line")
        page.goto("/bureau/funds")
        seen(page, "bureau-funds")
        page.get_by_role("link", name="账务核对与分录").click()
        expect(page.get_by_text("账是平的")).to_be_visible()
        page.get_by_label("科目").select_option("parks-2025")
        page.get_by_role("button", name="筛选").click()
        expect(page.get_by_role("row")).to_have_count(2)
        seen(page, "bureau-ledger")


def test_funds_are_read_by_keyboard_alone(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, BUDGET, "/bureau/funds")
        page.locator("body").press("j")
        page.locator("body").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("2025")


def test_the_budget_is_shared_among_those_that_wait(
    browser: Browser, database: Database, database_url: str, tmp_path: Path
) -> None:
    office = open_office(database_url, database, tmp_path)
    office.reviewed((100_00, 200_00, 300_00))
    office.money(150_00)
    entrance = open_entrance(database, desk=WorldDesk(office.world, tmp_path))
    entrance.staff("budget", name=BUDGET)
    with serving(entrance.app) as at, opened(browser, at) as page:
        sign_in(page, BUDGET, f"/bureau/funds/queues/{POLICY}")
        expect(page.get_by_role("table")).to_contain_text("尚缺 450.00 元")
        seen(page, "bureau-fund-queue")
        page.get_by_role("button", name="按政策规则分配预算").click()
        expect(page.get_by_role("status")).to_contain_text("分配预算")
        expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)


def test_lists_of_money_are_taken_away_as_files(browser: Browser, desk: Desk, address: str) -> None:
    paid_and_one_returned(desk)
    with opened(browser, address) as page:
        sign_in(page, PAYER, "/bureau/payments/orders")
        for path, name in (("orders?status=returned", "orders.csv"), ("returned", "returned.csv")):
            page.goto(f"/bureau/payments/{path}")
            with page.expect_download() as download:
                page.get_by_role("link", name="CSV").click()
            assert download.value.suggested_filename == name
            lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
            assert len(lines) == 2, path
