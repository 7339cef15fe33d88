"""A file that was sent has the name that it had where it came from: in lists, in forms and in what is wrong with it."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from lxml import html
from werkzeug.test import TestResponse

from policy_match.ports.requested_work import UploadedFile
from policy_match.services.ask_for_work import UploadNameUnfit, upload_name
from policy_match.storage.driver_errors import InvariantRefused
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_registry import FIRMS, HEADER, RegistryDesk
from tests.support.api import client_of, staff
from tests.support.cases import MovableClock
from tests.support.requests import do_requests
from tests.support.signed_in import ROOT, Browser, Entrance, open_entrance

WHERE = "/bureau/data/import"
CONTENT = (HEADER + FIRMS).encode()
OTHER = b"uscc,headcount\n91370000MA00000001,10\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> RegistryDesk:
    return RegistryDesk(database, tmp_path)


@pytest.fixture
def door(database: Database, desk: RegistryDesk) -> Entrance:
    return open_entrance(database, desk=desk)


@pytest.fixture
def clerk(door: Entrance) -> Browser:
    return door.staff("clerk", name="wang.fang")


def page(browser: Browser, path: str = WHERE) -> html.HtmlElement:
    answer = browser.client.get(path, base_url=ROOT)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return html.document_fromstring(answer.get_data(as_text=True))


def send(browser: Browser, name: str, content: bytes = CONTENT, where: str = WHERE) -> TestResponse:
    """Choose a file in the form of a page, and send it."""
    (form,) = page(browser, where).xpath("//form[@enctype]")
    fields: dict[str, object] = {each.name: each.value for each in form.xpath(".//input[@type='hidden']")}
    fields["file"] = (BytesIO(content), name)
    return browser.client.post(form.get("action"), data=fields, base_url=ROOT, headers={"Origin": ROOT})


def failed(desk: RegistryDesk, browser: Browser, content: bytes, rules: Path, language: str = "zh") -> str:
    """Import a file that does not fit its mapping, and return what the request's page says."""
    upload = hashlib.sha256(content).hexdigest()
    asked = browser.post(
        "/requests/imports", {"sources": [{"mapping": "registry", "upload": upload}], "as_of": "2025-06-30"}
    )
    assert asked.status_code == 202, asked.text
    assert do_requests(desk, desk.database, rules) == {"failed": 1}
    browser.client.set_cookie("language", language, domain="policy-match.test")
    shown = page(browser, f"/bureau/work/{asked.get_json()['request_id']}").xpath("//*[contains(@class, 'error')]")
    return " ".join(shown[0].text_content().split())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("企业名册.csv", "企业名册.csv"),
        ("../../etc/passwd", "passwd"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
    ],
)
def test_a_file_is_shown_under_its_name_and_never_as_a_path(clerk: Browser, sent: str, kept: str) -> None:
    assert send(clerk, sent).status_code == 303
    shown = page(clerk)
    (row,) = shown.xpath("//tbody/tr")
    assert row[0].xpath(".//text()")[:2] == [kept, DIGEST[:12]]
    assert row.xpath(".//select/@aria-label") == [f"映射：文件 {kept} {DIGEST[:12]}"]
    assert shown.xpath("//img") == []
    (item,) = clerk.get("/uploads").get_json()["items"]
    assert (item["name"], item["digest"]) == (kept, DIGEST)


def test_a_file_from_another_system_is_shown_by_its_digest(desk: RegistryDesk, clerk: Browser) -> None:
    api = client_of(desk, staff("clerk"))
    assert api.upload("PUT", f"/uploads/{DIGEST}", CONTENT, "text/csv").get_json()["name"] == ""
    (row,) = page(clerk).xpath("//tbody/tr")
    assert row[0].xpath(".//text()") == [DIGEST[:12]]
    assert row.xpath(".//select/@aria-label") == [f"映射：文件 {DIGEST[:12]}"]


def test_the_first_name_of_a_content_stays(clerk: Browser) -> None:
    for name in ("一.csv", "二.csv"):
        assert send(clerk, name).status_code == 303
    assert [each["name"] for each in clerk.get("/uploads").get_json()["items"]] == ["一.csv"]


@pytest.mark.parametrize("name", ["a\u202evsc.csv", "a\u200b.csv", "x" * 201, "a\x1b[2J.csv"])
def test_a_name_that_cannot_be_shown_is_refused_before_anything_is_kept(
    desk: RegistryDesk, clerk: Browser, name: str
) -> None:
    refused = send(clerk, name)
    assert refused.status_code == 422
    assert "请改名后重新上传" in refused.get_data(as_text=True)
    assert clerk.get("/uploads").get_json()["items"] == []
    assert not (desk.config.data_dir / "uploads").exists()


@pytest.mark.parametrize(
    ("given", "name"),
    [("C:\\送数\\六月 参保.csv", "六月 参保.csv"), ("a/b\\c.csv", "c.csv"), (" x.csv ", "x.csv"), ("a/", "")],
)
def test_folders_are_no_part_of_a_name(given: str, name: str) -> None:
    assert upload_name(given) == name


@pytest.mark.parametrize("name", ["a\nb.csv", "a\x00.csv", "a\u2028b.csv"])
def test_no_line_is_hidden_in_a_name(name: str) -> None:
    with pytest.raises(UploadNameUnfit):
        upload_name(name)


@pytest.mark.parametrize("name", ["a/b.csv", "a\\b.csv", "a\nb.csv", "x" * 201])
def test_the_database_keeps_no_path_and_no_control_character(database: Database, name: str) -> None:
    with database.unit_of_work() as work, pytest.raises(InvariantRefused):
        work.requested_work.add_file(
            UploadedFile(digest="0" * 64, kind="csv", size_bytes=1, at=MovableClock().now(), by="wang.fang", name=name)
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_wrong_with_a_file_is_said_under_its_name(
    desk: RegistryDesk, clerk: Browser, tmp_path: Path, language: str
) -> None:
    send(clerk, "六月参保.csv", OTHER)
    said = failed(desk, clerk, OTHER, tmp_path / "rules", language)
    assert said.startswith("六月参保.csv")
    assert str(tmp_path) not in said
    assert hashlib.sha256(OTHER).hexdigest() not in said


def test_what_is_wrong_with_a_file_without_a_name_is_said_under_its_digest(
    desk: RegistryDesk, clerk: Browser, tmp_path: Path
) -> None:
    digest = hashlib.sha256(OTHER).hexdigest()
    client_of(desk, staff("clerk")).upload("PUT", f"/uploads/{digest}", OTHER, "text/csv")
    said = failed(desk, clerk, OTHER, tmp_path / "rules")
    assert said.startswith(digest)
    assert str(tmp_path) not in said


def test_a_file_of_prior_aid_has_its_name_too(clerk: Browser) -> None:
    content = b"source,reference,uscc,matter,paid_on,amount_yuan\n"
    assert send(clerk, "已享补助.csv", content, "/bureau/data/prior-aid").status_code == 303
    assert [each["name"] for each in clerk.get("/uploads").get_json()["items"]] == ["已享补助.csv"]
