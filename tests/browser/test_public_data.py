"""Open data: the published statistics without a sign-in, with charts, tables, files and their description."""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from policy_match.reports.model import Cut
from policy_match.services.publish_report import publish_report, titles_of
from policy_match.storage.atomic_file import write_file
from policy_match.storage.report_page import report_page
from policy_match.storage.report_plots import report_plots
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_report_and_reviews import ReportDesk
from tests.support.browser import SIZES, drawn, opened, seen, serving
from tests.support.report_world import Worked, make_report_world, work
from tests.support.signed_in import Entrance, open_entrance


@pytest.fixture
def worked(database: Database, database_url: str, tmp_path: Path) -> Worked:
    world = make_report_world(database, tmp_path, 60)
    work(database_url, world)
    return Worked(world, tmp_path, database_url)


@pytest.fixture
def entrance(worked: Worked) -> Entrance:
    return open_entrance(worked.world.database, desk=ReportDesk(worked))


@pytest.fixture
def address(entrance: Entrance) -> Iterator[str]:
    with serving(entrance.app) as at:
        yield at


def publish(worked: Worked, entrance: Entrance) -> Path:
    folder = entrance.desk.report_folder
    publish_report(
        worked.report(),
        titles_of(worked.world.rules),
        plots=report_plots,
        page=report_page,
        write=write_file,
        out=folder,
    )
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_everybody_reads_what_was_published(
    browser: Browser, worked: Worked, entrance: Entrance, address: str, size: str
) -> None:
    publish(worked, entrance)
    with opened(browser, address, size) as page:
        page.goto("/")
        page.get_by_role("contentinfo").get_by_role("link", name="公开数据").click()
        drawn(page, 5)
        page.get_by_text("图中的数字：各政策受惠面").click()
        expect(page.get_by_role("table", name="各政策受惠面")).to_contain_text("%")
        seen(page, f"public-data-{size}")


def test_before_anything_was_published_the_page_says_so(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.goto("/public/data")
        expect(page.get_by_text("还没有公开的统计数据")).to_be_visible()
        seen(page, "public-data-empty")


def test_a_table_is_taken_away_by_keyboard(browser: Browser, worked: Worked, entrance: Entrance, address: str) -> None:
    folder = publish(worked, entrance)
    with opened(browser, address) as page:
        page.goto("/public/data")
        page.get_by_role("link", name="by-industry.csv").focus()
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        content = Path(download.value.path()).read_bytes()
        assert content == (folder / "by-industry.csv").read_bytes()
        assert "*" in {cell for row in csv.reader(content.decode("utf-8-sig").splitlines()) for cell in row}


def test_the_description_is_true_of_every_table(worked: Worked, entrance: Entrance) -> None:
    folder = publish(worked, entrance)
    answer = entrance.app.test_client().get("/public/data/datapackage.json")
    assert answer.mimetype == "application/json"
    package = json.loads(answer.data)
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert {f"by-{cut}" for cut in Cut} <= {each["name"] for each in package["resources"]}
    assert {each["path"] for each in package["resources"]} == {path.name for path in folder.glob("*.csv")}
    for each in package["resources"]:
        content = (folder / each["path"]).read_bytes()
        assert (each["bytes"], each["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        header, *lines = csv.reader(content.decode("utf-8-sig").splitlines())
        fields = {field["name"]: field["type"] for field in each["schema"]["fields"]}
        assert list(fields) == header
        for line in lines:
            for name, cell in zip(header, line, strict=True):
                if cell not in each["schema"]["missingValues"] and fields[name] != "string":
                    assert fields[name] == "number" or cell.lstrip("-").isdecimal(), (each["name"], name, cell)
                    float(cell)


def test_what_was_not_published_is_not_there(entrance: Entrance) -> None:
    client = entrance.app.test_client()
    assert client.get("/public/data/report.json").status_code == 404
    assert client.get("/public/data/..%2fsecret.json").status_code == 404
