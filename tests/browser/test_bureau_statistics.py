"""Statistics at the bureau's console: coverage, money and time by every cut, as charts with a table behind each."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.reports.model import Cut
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_report_and_reviews import ReportDesk
from tests.support.browser import drawn, opened, seen, serving
from tests.support.report_world import Worked, make_report_world, work
from tests.support.signed_in import PASSWORD, open_entrance

DAYS = "first=2025-01-01&last=2025-12-31"


@pytest.fixture
def address(database: Database, database_url: str, tmp_path: Path) -> Iterator[str]:
    world = make_report_world(database, tmp_path, 60)
    work(database_url, world)
    entrance = open_entrance(database, desk=ReportDesk(Worked(world, tmp_path, database_url)))
    entrance.staff("supervisor", name="chief")
    entrance.staff("clerk", name="wang.fang", department="科技局")
    with serving(entrance.app) as at:
        yield at


def sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/sign-in?{urlencode({'next': to})}")
    page.get_by_label("账号", exact=True).fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{to}")


def test_each_cut_has_its_charts_and_its_table(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", f"/bureau/statistics?{DAYS}")
        seen(page, "bureau-statistics")
        for cut in Cut:
            page.goto(f"/bureau/statistics?by={cut}&{DAYS}")
            pictures = page.locator("img.chart")
            drawn(page, 3)
            assert all(pictures.nth(place).get_attribute("alt") for place in range(3))
            expect(page.get_by_role("table").last.get_by_role("row")).not_to_have_count(2)
        seen(page, "bureau-statistics-by-month")


def test_what_few_firms_stand_behind_is_hidden_unless_internal(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", f"/bureau/statistics?by=industry&{DAYS}")
        table = page.get_by_role("table").last
        expect(table).to_contain_text("*")
        page.get_by_label("内部口径").check()
        page.get_by_role("button", name="查看").click()
        expect(table).not_to_contain_text("*")
        expect(page.get_by_role("main")).to_contain_text("内部资料，不得公开")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载").click()
        assert download.value.suggested_filename == "industry.csv"


def test_who_is_limited_to_a_department_sees_no_internal_figures(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "wang.fang", f"/bureau/statistics?{DAYS}")
        expect(page.get_by_role("heading", level=1)).to_have_text("统计")
        expect(page.get_by_label("内部口径")).to_have_count(0)
        page.goto(f"/bureau/statistics?internal=true&{DAYS}")
        expect(page.get_by_role("alert")).to_be_visible()


def test_days_in_each_stage_and_notices_are_shown(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", f"/bureau/statistics/stages?{DAYS}")
        expect(page.get_by_role("table").last).to_contain_text("全部政策")
        seen(page, "bureau-stage-days")
        page.goto(f"/bureau/statistics/notices?internal=true&{DAYS}")
        expect(page.get_by_role("table", name="各渠道与服务商的投递")).to_contain_text("gateway")
        seen(page, "bureau-notice-figures")


def test_days_that_are_none_are_said(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, "chief", "/bureau/statistics?first=2025-05-02&last=2025-05-01")
        expect(page.get_by_role("alert")).to_contain_text("2025-05-02")
