"""What pages say is so: whom to ask, what a box finds by the name that pages show, what was done in words."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import html

from policy_match.ports.actions import ActionRow, Actor
from policy_match.reports.model import FEWEST_FIRMS
from policy_match.services.actions import keep_action
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.web.app import PAGES
from policy_match.web.auditor.operations import OPERATION_WORDS
from tests.functional.api.test_report_and_reviews import ReportDesk
from tests.support.audited import DIRECT, Audited, audited_world
from tests.support.everybody import PayingWorldDesk
from tests.support.postgres import new_database, of_superuser
from tests.support.report_world import Worked, make_report_world, work
from tests.support.signed_in import ROOT, Browser, Entrance, open_entrance

TITLE = f"示例 {DIRECT}"


@pytest.fixture(scope="module")
def audited(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            yield audited_world(database, tmp_path_factory.mktemp("audited"))


@pytest.fixture(scope="module")
def entrance(audited: Audited, tmp_path_factory: pytest.TempPathFactory) -> Entrance:
    desk = PayingWorldDesk(audited.world, tmp_path_factory.mktemp("desk"))
    return open_entrance(audited.world.database, desk=desk)


@pytest.fixture(scope="module")
def auditor(entrance: Entrance) -> Browser:
    return entrance.staff("auditor", name="audit.zhao")


def shown(browser: Browser, path: str, **query: str) -> html.HtmlElement:
    answer = browser.client.get(path, query_string=query, base_url=ROOT)
    assert answer.status_code == HTTPStatus.OK
    return html.fromstring(answer.get_data(as_text=True)).find(".//main")


def links(page: html.HtmlElement) -> dict[str, str]:
    return {each.text_content().strip(): each.get("href") for each in page.iterfind(".//a")}


def cases_on(page: html.HtmlElement) -> set[str]:
    return {each.get("href") for each in page.xpath(".//tbody//a[starts-with(@href, '/auditor/cases/')]")}


def test_help_names_the_hotline_and_the_department_of_each_policy(entrance: Entrance) -> None:
    page = shown(entrance.browser(), "/help")
    words = page.text_content()
    assert "12345" in words
    assert "我的惠企资金" in words
    assert "我的事项" not in words
    rows = [[cell.text_content() for cell in row] for row in page.iterfind(".//tbody/tr")]
    policies = entrance.desk.rules.policies.values()
    assert sorted(rows) == sorted([each.title, each.department, each.jurisdiction] for each in policies)


def test_public_lists_lead_to_whom_to_tell(entrance: Entrance) -> None:
    browser = entrance.browser()
    address = links(shown(browser, "/public/lists"))["联系方式"]
    path, _, place = address.partition("#")
    assert path == "/help"
    assert shown(browser, path).find(f".//*[@id='{place}']") is not None


@pytest.mark.parametrize("text", [TITLE, TITLE.upper(), DIRECT[1:]])
def test_a_policy_is_found_by_its_title(auditor: Browser, text: str) -> None:
    page = shown(auditor, "/auditor", text=text)
    assert links(page)[f"政策 {TITLE}"] == f"/auditor/policies/{DIRECT}"
    assert cases_on(page) == cases_on(shown(auditor, "/auditor", policy=DIRECT)) != set()
    assert f"policy={DIRECT}" in links(page)["下载 CSV"]


def test_words_of_several_titles_name_all_of_them(auditor: Browser) -> None:
    page = shown(auditor, "/auditor", text="ir")
    assert {f"政策 {TITLE}", "政策 示例 confirm"} <= set(links(page))
    assert cases_on(page) == set()
    assert "没有" not in page.text_content()


def test_words_of_a_title_that_firms_have_in_their_names_find_the_firms_too(auditor: Browser) -> None:
    page = shown(auditor, "/auditor", text="示例")
    assert f"政策 {TITLE}" in links(page)
    assert cases_on(page) == cases_on(shown(auditor, "/auditor", name="示例")) != set()


def test_a_policy_out_of_reach_is_not_found_by_its_title(entrance: Entrance) -> None:
    elsewhere = entrance.staff("auditor", name="audit.elsewhere", department="科技局")
    assert "没有找到" in shown(elsewhere, "/auditor", text=TITLE).text_content()


def test_what_was_done_is_said_by_the_title_of_its_page(audited: Audited, auditor: Browser) -> None:
    for operation in ("bureau.start_sweep", "take_a_step_of_another_system"):
        row = ActionRow(
            request_id=uuid4(),
            at=audited.world.clock.now(),
            actor=Actor(by="chen.jing"),
            operation=operation,
            path="/bureau/sweeps",
            status=HTTPStatus.FORBIDDEN,
        )
        keep_action(audited.world.database, row, None)
    done = shown(auditor, "/auditor/actions").text_content()
    assert "开始判定 bureau.start_sweep" in done
    assert "take_a_step_of_another_system" in done
    assert "开始判定" in shown(auditor, "/auditor/people/chen.jing").text_content()


def test_every_page_on_which_something_is_done_has_its_words() -> None:
    assert set(OPERATION_WORDS) == {each.id for each in PAGES if each.changes}


def test_a_hidden_figure_may_be_hidden_for_another(database: Database, database_url: str, tmp_path: Path) -> None:
    world = make_report_world(database, tmp_path, 20)
    work(database_url, world)
    browser = open_entrance(database, desk=ReportDesk(Worked(world, tmp_path, database_url))).staff("supervisor")
    days = {"first": "2025-01-01", "last": "2025-12-31"}
    words = shown(browser, "/bureau/statistics", **days).text_content()
    assert f"企业不足 {FEWEST_FIRMS} 家\uff0c或为防止推算而隐去" in words
    assert "不含发生追回的事项" in words
