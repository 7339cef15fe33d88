"""From a file that is sent to released cases; the catalogue with its differences; sources; standing jobs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.policy.loader import load_rules
from policy_match.ports.requested_work import WorkHappening, WorkId, WorkStep
from policy_match.services.case_history import list_cases
from policy_match.storage.unit_of_work import Database
from tests.browser.test_public import sign_in
from tests.functional.api.test_registry import HEADER, RegistryDesk
from tests.support.browser import opened, seen, serving
from tests.support.cases import OUTSIDER, PolicyText, chosen, uscc, write_policies
from tests.support.requests import do_requests
from tests.support.signed_in import Entrance, open_entrance

CLERK = "zhao.min"
OPERATOR = "sun.li"

OUTSIDE = f"{OUTSIDER},局外有限公司,0,0,0\n"
DIRTY = (
    HEADER
    + "".join(f"{uscc(number)},示例{number}有限公司,10,{1999 + number},5000\n" for number in range(1, 6))
    + OUTSIDE
    + "坏代码,=危险,1,1,1\n"
    + f"{uscc(6)},示例6有限公司,很多,2005,1\n"
    + f"{uscc(1)},示例1有限公司,10,2000,5000\n"
)
LATER = (
    HEADER
    + f"{uscc(1)},示例1有限公司,10,9000,5000\n{uscc(2)},示例2有限公司,0,2001,5000\n"
    + "".join(f"{uscc(number)},示例{number}有限公司,10,{1999 + number},5000\n" for number in range(3, 10))
    + OUTSIDE
)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> RegistryDesk:
    return RegistryDesk(database, tmp_path)


@pytest.fixture
def door(desk: RegistryDesk, database: Database) -> Entrance:
    entrance = open_entrance(database, desk=desk)
    entrance.staff("clerk", name=CLERK)
    entrance.staff("administrator", name=OPERATOR)
    return entrance


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def work(desk: RegistryDesk) -> dict[str, int]:
    """Do what was asked for, as the scheduler does."""
    return do_requests(desk, desk.database, desk.config.data_dir / "rules")


def send(page: Page, folder: Path, name: str, text: str) -> None:
    """Send a file and ask for its import."""
    file = folder / name
    file.write_bytes(text.encode("gb18030"))
    page.goto("/bureau/data/import")
    page.get_by_label("数据文件").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("status")).to_contain_text("文件已保存")
    page.get_by_role("row").filter(has_text="刚刚上传").get_by_role("combobox").select_option(label="registry")


def imported(page: Page, desk: RegistryDesk, folder: Path, name: str, text: str) -> None:
    """Send a file, import it, and end on its report."""
    send(page, folder, name, text)
    page.get_by_role("button", name="开始导入").click()
    assert work(desk) == {"done": 1}
    page.get_by_role("link", name="查看质量报告").click()


def swept(page: Page, desk: RegistryDesk) -> None:
    """Sweep the snapshot whose report is shown, and end on what was found."""
    page.get_by_role("link", name="用此快照判定").click()
    page.get_by_role("button", name="开始判定").click()
    assert work(desk) == {"done": 1}
    page.get_by_role("link", name="查看判定结果").click()


def in_the_middle(desk: RegistryDesk, page: Page) -> WorkId:
    """Let a process begin with the work whose page is shown, get half way, and say no more."""
    number = WorkId(int(re.findall(r"/bureau/work/(\d+)", page.url)[0]))
    with desk.database.unit_of_work() as unit:
        unit.requested_work.take((), at=desk.clock.now(), by="system")
        half = WorkHappening(step=WorkStep.PROGRESS, at=desk.clock.now(), by="system", done=3, total=6)
        unit.requested_work.step([number], half)
        unit.commit()
    return number


def test_a_dirty_file_becomes_released_cases(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        page.goto("/bureau/data")
        seen(page, "bureau-data-empty")
        send(page, tmp_path, "firms.csv", DIRTY)
        seen(page, "bureau-data-import")
        page.get_by_role("button", name="开始导入").click()
        in_the_middle(desk, page)
        expect(page.locator("progress")).to_have_attribute("value", "3")
        seen(page, "bureau-work-progress")
        # Without scripts the page loads itself again.
        assert 'http-equiv="refresh"' in page.request.get(page.url).text()
        assert work(desk) == {"done": 1}
        # The page follows by itself.
        page.get_by_role("link", name="查看质量报告").click()
        expect(page.get_by_text("信用代码无法识别企业").first).to_be_visible()
        seen(page, "bureau-snapshot")
        page.get_by_role("link", name="拒收明细").click()
        expect(page.get_by_role("row").filter(has_text="很多")).to_contain_text("单个值")
        seen(page, "bureau-refused")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 CSV").click()
        assert "很多" in download.value.path().read_text(encoding="utf-8-sig")
        page.go_back()
        page.get_by_role("link", name="用此快照判定").click()
        seen(page, "bureau-sweeps")
        page.get_by_role("button", name="开始判定").click()
        in_the_middle(desk, page)
        expect(page.locator("progress")).to_have_attribute("value", "3")
        assert work(desk) == {"done": 1}
        page.get_by_role("link", name="查看判定结果").click()
        expect(page.get_by_text("未发布")).to_be_visible()
        seen(page, "bureau-sweep")
        page.get_by_role("cell", name="示例 direct").get_by_role("link").click()
        expect(page.get_by_role("row").filter(has_text="有参保人员")).to_contain_text("一")
        seen(page, "bureau-swept-policy")
        page.get_by_role("link", name=uscc(1)).click()
        expect(page.get_by_text("1,000.00 元")).to_be_visible()
        seen(page, "bureau-explanation")
        page.get_by_role("link", name="该企业的全部判定").click()
        seen(page, "bureau-firm-of-sweep")
        page.get_by_role("link", name="判定结果").click()
        page.get_by_role("link", name="发布：开立事项").click()
        seen(page, "bureau-release")
        page.get_by_label("我已核对上述结果").check()
        page.get_by_role("button", name="发布").click()
        assert work(desk) == {"done": 1}
        expect(page.get_by_text("已开立 5 个事项")).to_be_visible()
        seen(page, "bureau-released")
        page.get_by_role("link", name="返回判定结果").click()
        expect(page.get_by_text("已发布", exact=True)).to_be_visible()
    assert len(list_cases(desk.database)) == 5


def test_two_sweeps_and_their_snapshots_are_compared(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        imported(page, desk, tmp_path, "first.csv", DIRTY)
        swept(page, desk)
        imported(page, desk, tmp_path, "second.csv", LATER)
        page.get_by_role("button", name="比较").click()
        expect(
            page.get_by_role("row").filter(has_text="缴费").or_(page.get_by_text("缴纳失业保险费")).first
        ).to_be_visible()
        seen(page, "bureau-snapshot-difference")
        page.get_by_role("link", name="缴纳失业保险费").click()
        expect(page.get_by_role("row").filter(has_text=uscc(1))).to_contain_text("9000")
        seen(page, "bureau-moved-rows")
        page.get_by_role("link", name="两个快照的差异").click()
        page.get_by_role("link", name="数据质量报告").click()
        swept(page, desk)
        page.get_by_role("button", name="比较").click()
        seen(page, "bureau-sweep-difference")
        page.get_by_role("link", name="示例 direct").click()
        expect(page.get_by_role("row").filter(has_text=uscc(1))).to_contain_text("缴纳失业保险费 2000 → 9000")
        expect(page.get_by_role("row").filter(has_text=uscc(2))).to_contain_text("不再符合")
        seen(page, "bureau-changed-rows")
        page.goto("/bureau/data")
        expect(page.get_by_role("row").filter(has_text="样例").first).to_be_visible()
        seen(page, "bureau-data")
    with opened(browser, address, "phone") as page:
        sign_in(page, CLERK)
        page.goto("/bureau/data")
        seen(page, "bureau-data-phone")
        page.goto("/bureau/sweeps/latest")
        seen(page, "bureau-sweep-phone")


def test_a_source_that_delivers_less_turns_red(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        imported(page, desk, tmp_path, "first.csv", LATER)
        imported(page, desk, tmp_path, "second.csv", HEADER + f"{uscc(1)},示例,,,\nx,x,1,1,1\n" + OUTSIDE)
        page.goto("/bureau/data")
        source = page.get_by_role("row").filter(has_text="样例").first
        expect(source).to_contain_text("需处理")
        expect(source).to_contain_text("行数比上次少")
        seen(page, "bureau-source-red")


def test_a_policy_that_fits_everybody_stops_until_a_person_confirms_it(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        imported(page, desk, tmp_path, "all.csv", HEADER + f"{uscc(1)},示例1有限公司,10,2000,1\n")
        page.get_by_role("link", name="用此快照判定").click()
        page.get_by_role("button", name="开始判定").click()
        assert work(desk) == {"failed": 1}
        page.get_by_role("link", name="核对并确认").click()
        seen(page, "bureau-confirm-match")
        page.get_by_label("政策", exact=True).select_option("direct")
        page.get_by_label("全部符合").check()
        page.get_by_label("我已核对政策条件和数据").check()
        page.get_by_role("button", name="确认").click()
        expect(page.get_by_role("status")).to_contain_text("请重新开始判定")
        seen(page, "bureau-sweeps-after-confirmation")
        page.get_by_role("button", name="开始判定").click()
        assert work(desk) == {"done": 1}
        page.get_by_role("link", name="查看判定结果").click()
        expect(page.get_by_text("全部符合（已确认）")).to_be_visible()


def test_an_import_without_a_mapping_says_what_is_missing(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        send(page, tmp_path, "firms.csv", DIRTY)
        page.get_by_role("combobox").select_option("")
        page.get_by_role("button", name="开始导入").click()
        expect(page.get_by_role("alert")).to_contain_text("请至少为一个文件选择映射")
        seen(page, "bureau-data-import-refused")


def test_the_catalogue_is_searched_and_two_versions_are_compared(
    browser: Browser, desk: RegistryDesk, address: str, tmp_path: Path
) -> None:
    with opened(browser, address) as page:
        sign_in(page, CLERK)
        imported(page, desk, tmp_path, "first.csv", DIRTY)
        swept(page, desk)
        text = chosen("direct")["direct"]
        newer = PolicyText(head=text.head, tables=text.tables, amount="premium * 0.6", when="headcount > 5")
        write_policies(tmp_path / "newer", {"direct": newer, "title": chosen("title")["title"]})
        (tmp_path / "newer" / "direct.cases.toml").write_text(
            '[base]\nheadcount = 30\npremium = 1000\n[[case]]\nname = "三十人"\nas_of = 2025-06-30\n'
            'outcome = "eligible"\namount = 600\n',
            encoding="utf-8",
        )
        desk.rules = load_rules(tmp_path / "newer")
        page.get_by_role("link", name="政策", exact=True).click()
        seen(page, "bureau-policies")
        page.get_by_label("名称、文号或条件").fill("title")
        page.get_by_role("button", name="查询").click()
        expect(page.get_by_role("link", name="示例 direct")).to_have_count(0)
        page.get_by_label("名称、文号或条件").fill("无此政策")
        page.get_by_role("button", name="查询").click()
        expect(page.get_by_text("没有符合的政策。")).to_be_visible()
        page.goto("/bureau/policies")
        # By keyboard: down to the first policy, and into it.
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("示例 direct")
        seen(page, "bureau-policy")
        page.get_by_role("button", name="比较所选两个版本").click()
        expect(page.get_by_role("row").filter(has_text="金额算法")).to_contain_text("premium * 0.6")
        seen(page, "bureau-policy-difference")
        page.get_by_role("link", name="示例 direct").click()
        page.get_by_role("link", name="查看算例").click()
        expect(page.get_by_role("row").filter(has_text="三十人")).to_contain_text("一致")
        seen(page, "bureau-policy-examples")
    with opened(browser, address, "phone") as page:
        sign_in(page, CLERK)
        page.goto("/bureau/policies/direct")
        seen(page, "bureau-policy-phone")


def test_an_administrator_pauses_and_resumes_a_job(browser: Browser, desk: RegistryDesk, address: str) -> None:
    work(desk)
    with opened(browser, address) as page:
        sign_in(page, OPERATOR)
        page.goto("/bureau/jobs")
        seen(page, "bureau-jobs")
        page.goto("/bureau/jobs/requested-work")
        page.get_by_label("理由").fill("系统维护")
        page.get_by_role("button", name="暂停任务").click()
        expect(page.get_by_role("status")).to_contain_text("已暂停")
        seen(page, "bureau-job")
        page.get_by_label("理由").fill("维护完成")
        page.get_by_role("button", name="恢复任务").click()
        expect(page.get_by_role("status")).to_contain_text("已恢复")
