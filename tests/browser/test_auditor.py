"""The auditor's desk in a browser: from a payment back to the article and the fact, totals that are the ledger's."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.policy.loader import load_rules
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.web import auditor
from tests.functional.api.test_differences import import_text
from tests.functional.api.test_registry import FIRMS, HEADER, RegistryDesk
from tests.support.api import WorldDesk, client_of, staff
from tests.support.audited import BUDGET_OFFICER, CLERK, LINE, MONEY_FEN, NAMES, REF, SIGNERS, Audited, audited_world
from tests.support.browser import SIZES, opened, seen, serving
from tests.support.cases import amended, make_world, uscc, write_policies
from tests.support.everybody import PayingWorldDesk
from tests.support.postgres import new_database, of_superuser
from tests.support.signed_in import PASSWORD, open_entrance

AUDITOR = "audit.zhao"
OTHERS = ("clerk", "budget", "payer", "supervisor", "administrator")


class Desk:
    """The service with its address, and that of its database."""

    def __init__(self, audited: Audited, url: str, address: str) -> None:
        self.audited, self.url, self.address = audited, url, address


@pytest.fixture(scope="module")
def desk(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("audited")
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            audited = audited_world(database, folder)
            entrance = open_entrance(database, desk=PayingWorldDesk(audited.world, folder))
            entrance.staff("auditor", name=AUDITOR)
            for role in OTHERS:
                entrance.staff(role, name=f"{role}.one")
            with serving(entrance.app) as address:
                yield Desk(audited, url, address)


def sign_in(page: Page, name: str = AUDITOR) -> None:
    page.goto("/sign-in?next=/auditor")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def look_for(page: Page, text: str) -> None:
    page.goto("/auditor")
    page.get_by_label("查什么").fill(text)
    page.get_by_role("search").get_by_role("button", name="检索").click()


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=f"下载 {name}").first.click()
    return Path(waiting.value.path()).read_bytes()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("size", SIZES)
def test_an_auditor_goes_from_a_payment_back_to_the_article_and_the_fact(
    browser: Browser, desk: Desk, size: str
) -> None:
    audited = desk.audited
    with opened(browser, desk.address, size) as page:
        sign_in(page)
        expect(page).to_have_url(f"{desk.address}/auditor")
        seen(page, f"auditor-home-{size}")
        look_for(page, audited.attempt_id)
        seen(page, f"auditor-payment-found-{size}")
        page.get_by_role("link", name=audited.attempt_id).click()
        expect(page).to_have_url(f"{desk.address}/auditor/cases/{audited.paid}#{audited.attempt_id}")
        payment = page.locator(f"#{audited.attempt_id}")
        expect(payment).to_contain_text("已付讫")
        for words in ("判定已复算一致", "步骤摘要一致", "签署内容一致"):
            expect(page.get_by_role("main")).to_contain_text(words)
        bank = page.get_by_role("region", name="银行回单")
        expect(bank).to_contain_text(REF)
        expect(bank).to_contain_text("statement-2025-07-02.xml")
        condition = page.locator("#condition-size")
        expect(condition).to_contain_text("有参保人员")
        expect(condition).to_contain_text("一")
        expect(condition).to_contain_text("满足")
        condition.get_by_role("link", name="headcount").click()
        fact = page.locator("#fact-headcount")
        expect(fact).to_contain_text("参保人数")
        expect(fact).to_contain_text("10")
        expect(fact).to_contain_text("人社局")
        signed = page.locator(f"#list-{audited.list_id}")
        for person in SIGNERS.values():
            expect(signed).to_contain_text(person)
        expect(signed).to_contain_text("重新计算的摘要与签署一致")
        time = page.get_by_role("region", name="按时间顺序")
        first, last = time.locator("tbody tr").first, time.locator("tbody tr").last
        expect(first).to_contain_text("由比对批次启动")
        expect(last).to_contain_text("支付")
        seen(page, f"auditor-case-{size}")


def test_each_kind_of_thing_is_found_by_the_one_box(browser: Browser, desk: Desk) -> None:
    audited = desk.audited
    with opened(browser, desk.address) as page:
        sign_in(page)
        for text, name, place in (
            (str(audited.paid), f"事项 {audited.paid}", f"/auditor/cases/{audited.paid}"),
            (uscc(1).lower(), f"企业 {uscc(1)}", f"/auditor/firms/{uscc(1)}"),
            ("direct", "政策 示例 direct", "/auditor/policies/direct"),
            ("jobs", "资金 jobs", "/auditor/totals/cases?by=fund&group=jobs"),
            (LINE, f"预算科目 {LINE}", f"/auditor/lines/{LINE}"),
            ("名单 1", "审批名单 1", "/auditor/lists/1"),
            ("li.ming", "经办人员 li.ming", "/auditor/people/li.ming"),
        ):
            look_for(page, text)
            page.get_by_role("heading", level=3).get_by_role("link", name=name).click()
            expect(page).to_have_url(f"{desk.address}{place}")
        look_for(page, "2025-07-01 至 2025-07-01")
        expect(page.get_by_role("region").locator("tbody tr")).to_have_count(6)
        look_for(page, "2025年6月")
        expect(page.get_by_role("main")).to_contain_text("没有找到")
        look_for(page, "示例二")
        expect(page.get_by_role("region").locator("tbody tr")).to_have_count(2)
        seen(page, "auditor-found")
        look_for(page, "没有这样的企业")
        expect(page.get_by_role("main")).to_contain_text("没有找到")
        seen(page, "auditor-nothing-found")
        page.get_by_text("按项目筛选").click()
        page.get_by_label("查什么").fill("")
        page.get_by_label("状态", exact=True).select_option(label="已支付")
        page.get_by_role("search").get_by_role("button", name="检索").click()
        expect(page.get_by_role("region").locator("tbody tr")).to_have_count(1)


def test_totals_add_up_to_the_ledger_and_so_do_the_files(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.get_by_role("link", name="金额核对").first.click()
        for way in ("政策", "资金", "区划", "月份"):
            page.get_by_role("link", name=f"按{way}").click()
            expect(page.get_by_role("main")).to_contain_text("逐笔相加与总账余额一致")
            differences = page.locator("#differences td.number").all_inner_texts()
            assert differences == ["0"] * 6
            sums: dict[str, int] = {}
            for row in rows_of(downloaded(page, "CSV")):
                sums[row["account"]] = sums.get(row["account"], 0) + int(row["total_fen"])
            table = pq.read_table(io.BytesIO(downloaded(page, "Parquet"))).to_pylist()
            assert sum(row["total_fen"] for row in table if row["account"] == "paid") == sums["paid"]
            assert sums["paid"] == desk.audited.paid_fen
            assert sums["appropriation"] == -MONEY_FEN
        seen(page, "auditor-totals")
        page.get_by_role("link", name="按资金").click()
        page.get_by_role("link", name="jobs", exact=True).click()
        expect(page.get_by_role("main")).to_contain_text("差额为 0")
        shown = [
            int(each) for each in page.locator("#of-cases td").evaluate_all("all => all.map(e => e.dataset.value)")
        ]
        file = rows_of(downloaded(page, "CSV"))
        accounts = ("appropriation", "available", "reserved", "paid", "returned", "recovered")
        assert shown == [sum(int(row[f"{account}_fen"]) for row in file) for account in accounts]
        assert {row["name"] for row in file} == {f"'{NAMES[0]}", *NAMES[1:]}
        seen(page, "auditor-group")
        page.get_by_role("region", name="明细").get_by_role("row").nth(1).get_by_role("link").first.click()
        expect(page).to_have_url(f"{desk.address}/auditor/cases/{desk.audited.paid}#ledger")


def test_a_difference_to_the_ledger_is_said_in_red_words_and_nothing_is_exported(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        with _one_fen_too_much(desk.url):
            page.goto("/auditor/totals?by=fund")
            expect(page.get_by_role("alert")).to_contain_text("合计与总账不一致")
            expect(page.locator("#differences .differs")).to_have_text("不符 -0.01 元")
            expect(page.get_by_role("link", name="下载 CSV")).to_have_count(0)
            seen(page, "auditor-totals-differ")
            page.goto("/auditor/totals/cases?by=fund&group=jobs")
            expect(page.get_by_role("alert")).to_contain_text("明细与总账不一致")


@contextmanager
def _one_fen_too_much(url: str) -> Iterator[None]:
    """Let the ledger keep a fen that no transfer brought, as nobody but the owner of the database could."""
    change = "UPDATE policy_match.ledger_balance SET balance_fen = balance_fen + %s WHERE account = 'available'"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change, [1])
        try:
            yield
        finally:
            connection.execute(change, [-1])


PAGES = {
    "person": f"/auditor/people/{BUDGET_OFFICER}",
    "signer": f"/auditor/people/{SIGNERS['approver']}",
    "firm": f"/auditor/firms/{uscc(1)}",
    "list": "/auditor/lists/1",
    "line": f"/auditor/lines/{LINE}",
    "policies": "/auditor/policies",
    "policy": "/auditor/policies/direct",
    "snapshots": "/auditor/snapshots",
    "actions": "/auditor/actions",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_fit_for_everybody(browser: Browser, desk: Desk, name: str) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.goto(PAGES[name])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("无法完成")
        seen(page, f"auditor-{name}")


def test_a_person_is_seen_with_all_that_was_done(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.goto(f"/auditor/people/{BUDGET_OFFICER}")
        done = page.get_by_role("region", name="做过的操作")
        for words in ("建立预算科目", "下达或缴回预算", "分配预算"):
            expect(done).to_contain_text(words)
        kinds = [row["kind"] for row in rows_of(downloaded(page, "CSV"))]
        assert sorted(kinds) == ["allocation", "appropriation", "budget_line"]
        page.goto(f"/auditor/people/{CLERK}")
        expect(page.get_by_role("region", name="做过的操作")).to_contain_text("生成审批名单")
        page.goto(f"/auditor/people/{SIGNERS['approver']}")
        page.get_by_role("region", name="做过的操作").get_by_role("link", name="名单 1").first.click()
        expect(page.get_by_role("main")).to_contain_text("重新计算的摘要与签署一致")


def test_a_firms_accounts_are_masked_and_no_file_has_a_formula(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.goto(f"/auditor/firms/{uscc(1)}")
        expect(page.get_by_role("region", name="账户")).to_contain_text("**** 0001")
        assert "6228480402564890001" not in page.content()
        rows = rows_of(downloaded(page, "CSV"))
        assert {row["name"] for row in rows} == {f"'{NAMES[0]}"}
        look_for(page, "direct")
        listed = pq.read_table(io.BytesIO(downloaded(page, "Parquet"))).to_pylist()
        assert sum(row["amount_fen"] for row in listed) == 300_150
        assert listed[0]["name"] == NAMES[0]
        assert listed[0]["due_from"] >= date(2025, 6, 30)


def test_a_printed_trail_is_paper_alone(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.goto(f"/auditor/cases/{desk.audited.paid}")
        page.emulate_media(media="print")
        expect(page.get_by_role("button", name="打印本页")).to_be_hidden()
        expect(page.get_by_role("banner")).to_be_hidden()
        expect(page.locator("#condition-size")).to_be_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")
        seen(page, "auditor-case-printed")


def test_the_desk_works_by_keyboard_alone(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        page.get_by_label("查什么").focus()
        page.keyboard.type("direct")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region")).to_be_visible()
        page.locator("body").press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("事项")


def test_what_two_snapshots_differ_in_is_shown_down_to_the_row(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    desk = RegistryDesk(database, tmp_path)
    clerk = client_of(desk, staff("clerk"))
    import_text(desk, clerk, HEADER + FIRMS)
    import_text(desk, clerk, HEADER + FIRMS.replace(",10,", ",11,"))
    entrance = open_entrance(database, desk=desk)
    entrance.staff("auditor", name=AUDITOR)
    with serving(entrance.app) as address, opened(browser, address) as page:
        sign_in(page)
        page.get_by_role("link", name="数据快照").first.click()
        seen(page, "auditor-snapshots-two")
        page.get_by_role("link", name="与上一快照比较").click()
        seen(page, "auditor-snapshot-difference")
        changed = {row["fact"]: row["changed"] for row in rows_of(downloaded(page, "CSV"))}
        assert {fact: count for fact, count in changed.items() if count != "0"} == {"headcount": "1"}
        page.get_by_role("link", name="参保人数").click()
        row = page.get_by_role("region").locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(uscc(1))
        expect(row).to_contain_text("11")
        seen(page, "auditor-moved-rows")
        page.goto("/auditor/snapshots")
        page.get_by_role("region").get_by_role("link").first.click()
        expect(page.get_by_role("region", name="来源文件")).to_be_visible()
        seen(page, "auditor-snapshot")


def test_what_two_versions_of_a_policy_differ_in_is_shown(browser: Browser, database: Database, tmp_path: Path) -> None:
    desk = WorldDesk(make_world(database, tmp_path, ["direct"], 1), tmp_path)
    newer = tmp_path / "newer"
    write_policies(newer, {"direct": amended("direct", amount="premium * 0.6", when="headcount > 5")})
    desk.rules = load_rules(newer)
    entrance = open_entrance(database, desk=desk)
    entrance.staff("auditor", name=AUDITOR)
    with serving(entrance.app) as address, opened(browser, address) as page:
        sign_in(page)
        page.get_by_role("link", name="政策版本").first.click()
        page.get_by_role("region").get_by_role("link", name="示例 direct").click()
        page.get_by_role("link", name="与上一版本比较").click()
        differences = page.get_by_role("region", name="差异")
        for words in ("headcount > 0", "headcount > 5", "premium * 0.5", "premium * 0.6"):
            expect(differences).to_contain_text(words)
        assert len(rows_of(downloaded(page, "CSV"))) == 2
        seen(page, "auditor-version-difference")


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_refused(browser: Browser, desk: Desk, role: str) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page, f"{role}.one")
        for path in ("/auditor", f"/auditor/cases/{desk.audited.paid}", *PAGES.values()):
            answered = page.goto(path)
            assert answered is not None and answered.status == 403, path


def test_no_page_of_the_desk_takes_a_form() -> None:
    assert [each.id for each in auditor.PAGES if each.changes or each.form or each.uploads] == []


def test_nothing_is_written_by_looking(browser: Browser, desk: Desk) -> None:
    with opened(browser, desk.address) as page:
        sign_in(page)
        before = _latest_action(desk)
        for path in PAGES.values():
            page.goto(path)
        assert _latest_action(desk) == before


def _latest_action(desk: Desk) -> list[int]:
    with desk.audited.world.database.unit_of_work() as work:
        return [each.action_id for each in work.actions.newest(before=None, most=1)]
