"""Files that the bureau sends, and a job that it lets run now, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from policy_match.storage.unit_of_work import Database
from tests.support.api import TestDesk
from tests.support.browser import opened, seen, serving
from tests.support.cases import MovableClock, chosen, uscc, write_policies
from tests.support.requests import do_requests
from tests.support.signed_in import PASSWORD, open_entrance

NUMBER = "9999000011112222333"
BANK = "102452000017"


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> TestDesk:
    return TestDesk(database, write_policies(tmp_path / "rules", chosen("direct")), MovableClock(), tmp_path)


@pytest.fixture
def address(database: Database, desk: TestDesk) -> Iterator[str]:
    entrance = open_entrance(database, desk=desk)
    entrance.staff("payer", "clerk", name="zhao.min")
    entrance.staff("administrator", name="admin")
    with serving(entrance.app) as at:
        yield at


def sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/sign-in?next={to}")
    page.get_by_label("账号", exact=True).fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{to}")


def choose(page: Page, content: str) -> None:
    file: FilePayload = {"name": "table.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.locator("#in-file").set_input_files(file)


def test_a_table_of_accounts_is_sent_and_its_wrong_rows_are_named(browser: Browser, address: str) -> None:
    rows = f"{uscc(1)},示例一有限公司,{NUMBER},{BANK}\n{uscc(2)},示例二,6.2E+18,{BANK}\n{NUMBER},,{NUMBER},{BANK}\n"
    with opened(browser, address) as page:
        sign_in(page, "zhao.min", "/bureau/payments")
        page.get_by_role("link", name="收款账户").click()
        choose(page, "uscc,holder,number,bank_code\n" + rows)
        page.get_by_role("button", name="上传并登记").click()
        expect(page.get_by_role("alert")).to_contain_text("缺少列“来源”")
        seen(page, "bureau-account-tables")
        choose(page, "uscc,holder,number,bank_code\n" + rows)
        page.get_by_label("账户由谁提供").select_option("tax")
        page.get_by_role("button", name="上传并登记").click()
        expect(page.get_by_role("status")).to_contain_text("账户表已登记")
        expect(page.get_by_role("main")).to_contain_text("****2333")
        expect(page.get_by_role("main")).not_to_contain_text(NUMBER)
        seen(page, "bureau-account-table")
        page.get_by_role("link", name="上传更正的行").click()
        expect(page.get_by_role("table", name="已登记的账户表")).to_contain_text("税务登记账户")


def test_prior_aid_is_sent_and_followed(browser: Browser, desk: TestDesk, address: str, tmp_path: Path) -> None:
    lines = (
        f"source,reference,uscc,matter,paid_on,amount_yuan\n市科技局,1,{uscc(1)},equipment,2025-01-31,500\nx,2,,,,\n"
    )
    with opened(browser, address) as page:
        sign_in(page, "zhao.min", "/bureau/data")
        page.get_by_role("link", name="已享补助").click()
        choose(page, lines)
        seen(page, "bureau-prior-aid")
        page.get_by_role("button", name="上传并登记").click()
        page.wait_for_url("**/bureau/work/*")
        assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 1}
        page.reload()
        expect(page.get_by_role("main")).to_contain_text("新增 1 行")
        expect(page.get_by_role("table", name="未采用的行")).to_contain_text("来源、凭证号")
        seen(page, "bureau-prior-aid-done")


def test_a_job_is_asked_to_run_now(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "admin", "/bureau/jobs")
        page.get_by_role("link", name="判定最新快照并发起事项").click()
        page.get_by_label("我已确认现在需要执行此任务").check()
        page.get_by_role("button", name="立即执行").click()
        expect(page.get_by_role("status")).to_contain_text("已交调度进程执行")
        expect(page.get_by_role("table", name="最近的在前")).to_contain_text("要求执行：admin")
        seen(page, "bureau-job-asked")
