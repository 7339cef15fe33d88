"""Two people approve a list of which each saw all; whoever may not is told why, and refused by the service too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.storage.unit_of_work import Database
from tests.browser.test_public import sign_in
from tests.support.api import WorldDesk
from tests.support.browser import opened, seen, serving
from tests.support.reviewed_cases import Office, open_office
from tests.support.signed_in import Entrance, open_entrance

HERE, ELSEWHERE = "人社局", "科技局"


@pytest.fixture
def office(database_url: str, database: Database, tmp_path: Path) -> Office:
    return open_office(database_url, database, tmp_path)


@pytest.fixture
def door(office: Office, database: Database, tmp_path: Path) -> Entrance:
    entrance = open_entrance(database, desk=WorldDesk(office.world, tmp_path))
    entrance.staff("clerk", name="clerk")
    entrance.staff("reviewer", name="wang.fang", department=HERE)
    entrance.staff("approver", name="li.ming", department=HERE)
    entrance.staff("reviewer", "approver", name="both.roles", department=HERE)
    entrance.staff("reviewer", name="elsewhere", department=ELSEWHERE)
    entrance.staff("supervisor", name="no.role", department=HERE)
    return entrance


@pytest.fixture
def address(door: Entrance) -> Iterator[str]:
    with serving(door.app) as at:
        yield at


@pytest.fixture
def number(office: Office, door: Entrance) -> int:
    made, _ = office.list()
    return made.kept.list_id


def look_at(page: Page, person: str, number: int) -> None:
    sign_in(page, person)
    page.goto(f"/bureau/approvals/{number}")


def sign(page: Page) -> None:
    page.get_by_label("我已核对名单内容").check()
    page.get_by_role("button", name="签署", exact=True).click()


def post_signature(page: Page, number: int, digest: str) -> int:
    """Send the form that the page does not show, as somebody would who knows its fields; return the status."""
    page.goto("/bureau/approvals")
    sent = page.evaluate(
        """async ([number, digest]) => {
            const form = new URLSearchParams({_key: "forged", digest: digest, looked: "yes",
                _csrf: document.querySelector("input[name=_csrf]").value});
            const answer = await fetch(`/bureau/approvals/${number}/sign`, {method: "POST", body: form});
            return answer.status;
        }""",
        [str(number), digest],
    )
    return int(sent)


def digest_of(office: Office, number: int) -> str:
    with office.connection() as connection:
        row = connection.execute("SELECT digest FROM approval_list WHERE list_id = %s", (number,)).fetchone()
    assert row is not None
    return str(row[0])


def test_a_clerk_makes_a_list_of_reviewed_cases(browser: Browser, address: str, office: Office) -> None:
    cases = office.reviewed((100, 250))
    office.money(350)
    office.allocate()
    with opened(browser, address) as page:
        sign_in(page, "clerk")
        page.goto("/bureau/approvals")
        page.get_by_label("为哪项政策生成名单").select_option("direct")
        page.get_by_role("button", name="生成审批名单").click()
        expect(page.get_by_role("status")).to_have_text("审批名单已生成。")
        seen(page, "bureau-approvals")
        page.get_by_role("row", name="签署中").get_by_role("link").click()
        for case in cases:
            expect(page.get_by_role("cell", name=str(case), exact=True)).to_be_visible()
        expect(page.get_by_text("您不能签署本名单。")).to_be_visible()
        seen(page, "bureau-approval-clerk")


def test_two_people_approve_what_they_saw(browser: Browser, address: str, office: Office, number: int) -> None:
    with opened(browser, address) as page:
        sign_in(page, "wang.fang")
        page.get_by_role("link", name=f"名单 {number}").click()
        main = page.get_by_role("main")
        expect(main).to_contain_text(digest_of(office, number))
        expect(main).to_contain_text("6.00 元")
        expect(main).to_contain_text("********0001")
        seen(page, "bureau-approval")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
        assert len(text.splitlines()) == 4
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("已签署")
    with opened(browser, address) as page:
        look_at(page, "li.ming", number)
        expect(page.get_by_role("main")).to_contain_text("wang.fang")
        seen(page, "bureau-approval-second")
        sign(page)
        expect(page.get_by_role("status")).to_contain_text("已批准")
        seen(page, "bureau-approval-done")
    assert office.statuses() == {"approved": 3}


@pytest.mark.parametrize(
    ("person", "why"),
    [("no.role", "须由角色 reviewer 办理"), ("elsewhere", "它属于人社局，您的角色范围不含")],
)
def test_the_wrong_person_is_told_why_and_refused(
    browser: Browser, address: str, office: Office, number: int, person: str, why: str
) -> None:
    with opened(browser, address) as page:
        look_at(page, person, number)
        expect(page.get_by_role("button", name="签署", exact=True)).to_have_count(0)
        expect(page.locator("#why-not")).to_contain_text(why)
        seen(page, f"bureau-approval-refused-{person.replace('.', '-')}")
        assert post_signature(page, number, digest_of(office, number)) == 403
    assert office.statuses() == {"reviewed": 3}


def test_the_same_person_does_not_take_the_second_stage(
    browser: Browser, address: str, office: Office, number: int
) -> None:
    with opened(browser, address) as page:
        look_at(page, "both.roles", number)
        sign(page)
        expect(page.locator("#why-not")).to_contain_text("同一人不得再办理")
        expect(page.get_by_role("button", name="签署", exact=True)).to_have_count(0)
        seen(page, "bureau-approval-refused-second-stage")
        assert post_signature(page, number, digest_of(office, number)) == 409
    assert office.statuses() == {"reviewed": 3}


def test_some_cases_are_rejected_and_the_others_are_on_a_new_list(
    browser: Browser, address: str, office: Office, number: int
) -> None:
    with opened(browser, address) as page:
        look_at(page, "wang.fang", number)
        page.get_by_label("驳回事项").first.check()
        page.get_by_text("驳回（勾选的事项，未勾选则整份）").click()
        page.get_by_label("驳回理由").fill("金额有疑问")
        page.get_by_role("button", name="驳回（1 项已勾选）").click()
        expect(page.get_by_role("status")).to_contain_text("已驳回")
        page.goto("/bureau/approvals")
        expect(page.get_by_role("link", name=str(number + 1), exact=True).first).to_be_visible()
    assert office.statuses() == {"rejected": 1, "reviewed": 2}


def test_a_clerk_takes_a_list_back(browser: Browser, address: str, office: Office, number: int) -> None:
    with opened(browser, address) as page:
        look_at(page, "clerk", number)
        page.get_by_text("作废本名单").click()
        page.get_by_label("作废理由").fill("数据有更新")
        page.get_by_role("button", name="作废", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("名单已作废")


def test_a_list_that_changed_while_it_was_looked_at_is_void(
    browser: Browser, address: str, office: Office, number: int
) -> None:
    with opened(browser, address) as page:
        look_at(page, "wang.fang", number)
        office.amend(1, 50)
        sign(page)
        expect(page.get_by_role("alert")).to_contain_text("已作废")
        expect(page.get_by_role("button", name="签署", exact=True)).to_have_count(0)
