"""Forms and parameters of pages are UTF-8: what is not is refused, and nothing of it is kept."""

from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from policy_match.storage.unit_of_work import Database
from policy_match.web.identity.cookies import CSRF_FIELD
from policy_match.web.portal.forms import KEY_FIELD
from tests.support.signed_in import PASSWORD, ROOT, Browser, Entrance, open_entrance

FIRM, OTHER = "91370000MA00000001", "91370000MA00000002"
URL_ENCODED = "application/x-www-form-urlencoded"
PART = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
CHARSET = b"\r\nContent-Type: text/plain; charset=iso-8859-1"


@pytest.fixture
def entrance(database: Database) -> Entrance:
    return open_entrance(database)


def own_fields(browser: Browser) -> dict[str, str]:
    return {CSRF_FIELD: browser.csrf_token, KEY_FIELD: "a-key"}


def sent(browser: Browser, path: str, extra: bytes) -> TestResponse:
    """Send a form, with more behind it as it is written."""
    plain = "&".join(f"{name}={quote(value)}" for name, value in own_fields(browser).items()).encode()
    return browser.client.post(path, data=plain + b"&" + extra, content_type=URL_ENCODED, base_url=ROOT)


def in_parts(browser: Browser, path: str, name: bytes, value: bytes, more: bytes = b"") -> TestResponse:
    parts = [PART % (field.encode(), b"", text.encode()) for field, text in own_fields(browser).items()]
    body = b"".join([*parts, PART % (name, more, value)]) + b"--x--\r\n"
    return browser.client.post(path, data=body, content_type="multipart/form-data; boundary=x", base_url=ROOT)


def firm_of(browser: Browser) -> str:
    told = browser.get("/session").json
    assert told is not None
    return str(told["firm"])


def check_refused(answer: TestResponse) -> None:
    assert (answer.status_code, answer.mimetype) == (400, "text/html"), answer.text
    assert "不是 UTF-8 编码" in answer.text
    assert answer.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("extra", [b"firm=9%ff", b"firm=\xff", b"firm=%c3&x=%a4", b"%ff=1", b"firm=%ed%a0%80"])
def test_a_form_that_is_no_utf8_is_refused(entrance: Entrance, extra: bytes) -> None:
    browser = entrance.firm_user(FIRM, OTHER)
    check_refused(sent(browser, "/sign-in/firm", extra))
    assert firm_of(browser) == FIRM


@pytest.mark.parametrize(
    ("name", "value", "more"),
    [(b"firm", b"9\xff", b""), (b"firm\xff", b"9", b""), (b"firm", b"\xb4\xf3", CHARSET)],
    ids=["value", "name", "another encoding"],
)
def test_a_form_in_parts_that_is_no_utf8_is_refused(entrance: Entrance, name: bytes, value: bytes, more: bytes) -> None:
    check_refused(in_parts(entrance.firm_user(FIRM), "/sign-in/firm", name, value, more))


@pytest.mark.parametrize("path", ["/sign-in", "/language"])
def test_so_are_forms_for_everybody(entrance: Entrance, path: str) -> None:
    check_refused(sent(entrance.browser(), path, f"password={PASSWORD}&to=en&name=".encode() + b"a%ff"))


def test_text_in_utf8_comes_through_whole(entrance: Entrance) -> None:
    """Also the mark that others put in place of what they could not read."""
    for word in ("中文", "\ufffd"):
        answer = sent(entrance.browser(), "/sign-in", b"password=x&name=" + quote(word).encode())
        assert f'value="{word}"' in answer.text
        answer = in_parts(entrance.browser(), "/sign-in", b"name", word.encode())
        assert f'value="{word}"' in answer.text


def test_a_form_in_parts_does_what_it_says(entrance: Entrance) -> None:
    browser = entrance.firm_user(FIRM, OTHER)
    assert in_parts(browser, "/sign-in/firm", b"firm", OTHER.encode()).status_code == 303
    assert firm_of(browser) == OTHER


@pytest.mark.parametrize("query", ["name=%ff", "%ff=1", "x=%c3&y=%a4", "name=%ED%A0%80"])
def test_a_parameter_that_is_no_utf8_is_refused(entrance: Entrance, query: str) -> None:
    check_refused(entrance.browser().client.get(f"/?{query}", base_url=ROOT))
