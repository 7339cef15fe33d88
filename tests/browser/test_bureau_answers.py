"""Staff answer what firms say: corrections of facts, bad grades, suggestions; and only those whom it concerns."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.cases.ratings import Grade
from policy_match.services.corrections import ask_correction, keep_evidence
from policy_match.services.policy_reviews import suggest
from policy_match.services.ratings import rate_case
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest, FactName, PolicyId
from tests.support.answered import PDF, digest_of, paid_desk
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import uscc
from tests.support.money_api import HERE
from tests.support.signed_in import PASSWORD, PERSONNEL, Entrance, open_entrance

FIRST = f"firm:{uscc(1)}"


@pytest.fixture
def door(database: Database, database_url: str, tmp_path: Path) -> Entrance:
    """Firm 1 says that a fact is wrong, is not content with how it was paid, and suggests something."""
    desk = paid_desk(database, database_url, tmp_path, 70_000, 30_000)
    door = open_entrance(database, desk=desk)
    digest = Digest(digest_of(PDF))
    keep_evidence(database, desk.evidence, door.clock, uscc(1), BytesIO(PDF), digest, by=FIRST)
    ask_correction(
        database,
        desk.working_days,
        desk.rules.catalogue,
        door.clock,
        uscc(1),
        fact=FactName("headcount"),
        record_id="",
        case_id=1,
        claim="13 人",
        reason="6 月新增 3 人参保,附缴费记录",
        evidence=digest,
        by=FIRST,
    )
    rate_case(database, desk.working_days, door.clock, uscc(1), 1, Grade.VERY_BAD, "等了三个月才到账", by=FIRST)
    suggest(database, door.clock, PolicyId("flow-one"), "希望一次发放,不分两期", by=FIRST)
    return door


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


def clerk(door: Entrance, name: str = "li.na", department: str = HERE) -> str:
    door.account(name)
    grant_role(door.desk.database, door.clock, person=name, role="clerk", department=department, by=PERSONNEL)
    return name


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("size", SIZES)
def test_the_department_of_a_fact_answers_the_firm(browser: Browser, door: Entrance, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, clerk(door), "/bureau/corrections")
        seen(page, f"bureau-corrections-{size}")
        page.get_by_role("table").get_by_role("link").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 PDF").click()
        assert download.value.suggested_filename == "evidence-1.pdf"
        seen(page, f"bureau-correction-{size}")
        page.get_by_label("采纳：企业所说属实").check()
        page.get_by_label("答复内容").fill("核实无误,已更正参保登记")
        page.get_by_role("button", name="提交答复").click()
        expect(page.get_by_role("status")).to_contain_text("答复已发给企业")
        expect(page.get_by_role("main")).to_contain_text("已采纳")
        expect(page.get_by_role("button", name="提交答复")).to_have_count(0)
        page.goto("/bureau/corrections")
        expect(page.get_by_role("main")).to_contain_text("没有更正申请")
        page.get_by_label("看已办结").check()
        page.get_by_role("button", name="筛选").click()
        expect(page.get_by_role("table")).to_contain_text("已采纳")
        seen(page, f"bureau-corrections-ended-{size}")


def test_another_department_sees_no_request_and_no_file(browser: Browser, door: Entrance, address: str) -> None:
    with opened(browser, address) as page:
        sign_in(page, clerk(door, "zhao.lei", "税务局"), "/bureau/corrections")
        expect(page.get_by_role("main")).to_contain_text("没有更正申请")
        for path in ("/bureau/corrections/1", "/bureau/corrections/1/evidence"):
            answered = page.goto(path)
            assert answered is not None
            assert answered.status == 404
        refused = page.goto("/bureau/ratings/1")
        assert refused is not None
        assert refused.status == 403


@pytest.mark.parametrize("size", SIZES)
def test_a_bad_grade_is_answered(browser: Browser, door: Entrance, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, clerk(door), "/bureau/ratings")
        expect(page.get_by_role("main")).to_contain_text("不足 3 家企业，不显示")
        seen(page, f"bureau-ratings-{size}")
        page.get_by_role("table").first.get_by_role("link").first.click()
        page.get_by_label("核实情况和处理结果").fill("已回访企业，缩短复核环节")
        seen(page, f"bureau-rating-{size}")
        page.get_by_role("button", name="提交答复").click()
        expect(page.get_by_role("status")).to_contain_text("答复已发给企业")
        page.goto("/bureau/ratings")
        expect(page.get_by_role("main")).to_contain_text("没有待答复的差评")


@pytest.mark.parametrize("size", SIZES)
def test_a_suggestion_goes_through_the_reserve_list(browser: Browser, door: Entrance, address: str, size: str) -> None:
    with opened(browser, address, size) as page:
        sign_in(page, clerk(door), "/bureau/suggestions")
        page.get_by_text("处理", exact=False).filter(visible=True).last.click()
        page.get_by_label("处理结果").select_option("taken_up")
        page.get_by_label("说明").fill("明年起一次发放")
        page.get_by_role("button", name="保存处理结果").click()
        expect(page.get_by_role("alert")).to_contain_text("纳入的政策")
        expect(page.get_by_label("说明")).to_have_value("明年起一次发放")
        seen(page, f"bureau-suggestion-refused-{size}")
        page.get_by_label("处理结果").select_option("reserved")
        page.get_by_role("button", name="保存处理结果").click()
        expect(page.get_by_role("article")).to_contain_text("已列入储备")
        page.get_by_text("处理", exact=False).filter(visible=True).last.click()
        page.get_by_label("处理结果").select_option("taken_up")
        page.get_by_label("纳入哪项政策").select_option("flow-two")
        page.get_by_label("说明").fill("明年起一次发放")
        page.get_by_role("button", name="保存处理结果").click()
        expect(page.get_by_role("article")).to_contain_text("已采纳 纳入 示例 flow-two")
        seen(page, f"bureau-suggestions-{size}")
