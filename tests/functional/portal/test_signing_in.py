"""Signing in, out and on, as people do it on pages; and what other sites can make a browser do, which is nothing."""

from collections.abc import Mapping

import pytest
from lxml import html
from werkzeug.test import TestResponse

from policy_match.storage.unit_of_work import Database
from policy_match.web.identity.cookies import CSRF_FIELD
from policy_match.web.portal.forms import KEY_FIELD
from tests.support.signed_in import PASSWORD, ROOT, Browser, Entrance, open_entrance

FIRM, OTHER = "91370000MA00000001", "91370000MA00000002"


@pytest.fixture
def entrance(database: Database) -> Entrance:
    return open_entrance(database)


def post(browser: Browser, path: str, *, headers: Mapping[str, str] | None = None, **fields: str) -> TestResponse:
    """Send a form of a page."""
    sent = {CSRF_FIELD: browser.csrf_token, KEY_FIELD: "a-key", **fields}
    return browser.client.post(path, data=sent, headers=dict(headers or {}), base_url=ROOT)


def who(browser: Browser) -> tuple[int, str | None]:
    answer = browser.get("/session")
    return answer.status_code, answer.json.get("firm") if answer.json is not None else None


def test_a_firms_user_signs_out_and_the_session_is_over(entrance: Entrance) -> None:
    browser = entrance.firm_user(FIRM)
    answer = post(browser, "/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?done=signed-out")
    assert who(browser)[0] == 401


def test_a_firms_user_goes_on_for_another_firm_and_the_head_says_for_which(entrance: Entrance) -> None:
    browser = entrance.firm_user(FIRM, OTHER)
    assert who(browser) == (200, FIRM)
    page = browser.client.get("/sign-in/firm", base_url=ROOT)
    assert html.fromstring(page.text).xpath("string(//header//*[@class='who'])").split() == ["firm.user", "·", FIRM]
    assert post(browser, "/sign-in/firm", firm=OTHER).status_code == 303
    assert who(browser) == (200, OTHER)


def test_a_firms_user_sets_up_a_second_factor(entrance: Entrance) -> None:
    assert "otpauth" not in (page := post(entrance.firm_user(FIRM), "/sign-in/enrolment").text)
    assert "<svg" in page


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "https://[evil"},
    ],
    ids=lambda sent: next(iter(sent.values())),
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language", "/api/v1/sign-in", "/api/v1/sign-out"])
def test_another_site_signs_nobody_in_or_out(entrance: Entrance, path: str, sent: Mapping[str, str]) -> None:
    browser = entrance.firm_user(FIRM)
    stranger = entrance.browser()
    for each in (browser, stranger):
        answer = post(each, path, headers=sent, name="firm.user", password=PASSWORD)
        assert answer.status_code == 403
        assert answer.headers.getlist("Set-Cookie") == []
    assert who(browser) == (200, FIRM)


@pytest.mark.parametrize(
    "sent",
    [{"Sec-Fetch-Site": "same-origin", "Origin": ROOT}, {"Sec-Fetch-Site": "none"}, {"Origin": f"{ROOT}:8443"}, {}],
    ids=["own page", "person", "own page of an old browser", "program"],
)
def test_our_own_pages_and_programs_are_let_in(entrance: Entrance, sent: Mapping[str, str]) -> None:
    entrance.firm_user(FIRM)
    answer = post(entrance.browser(), "/sign-in", headers=sent, name="firm.user", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/enterprise")


def test_signing_out_without_a_session_touches_no_cookie(entrance: Entrance) -> None:
    for path in ("/sign-out", "/api/v1/sign-out"):
        assert post(entrance.browser(), path).headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize(
    "back", ["//evil.test/x", "/\\evil.test", "/\t/evil.test", "/\n/evil.test", "https://evil.test"]
)
def test_the_language_button_leads_to_no_other_site(entrance: Entrance, back: str) -> None:
    answer = post(entrance.browser(), "/language", back=back, to="en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    "fields",
    [{"name": "a\x00b"}, {"name": "a\x01b"}, {"name": "\ufeff"}, {"password": "x\x00"}],
    ids=["NUL", "control", "mark", "NUL in the password"],
)
def test_what_the_operation_would_not_take_is_refused_on_the_form(
    entrance: Entrance, fields: Mapping[str, str]
) -> None:
    answer = post(entrance.browser(), "/sign-in", **{"name": "li.ming", "password": PASSWORD, **fields})
    assert answer.status_code in (401, 422)
    assert html.fromstring(answer.text).xpath("//form[@action='/sign-in']")


def test_a_key_that_is_none_is_refused(entrance: Entrance) -> None:
    answer = post(entrance.firm_user(FIRM), "/enterprise/suggestions", **{KEY_FIELD: "k\x00", "text": "建议"})
    assert answer.status_code == 400


def test_after_a_refused_form_the_language_button_leads_back_to_its_page(entrance: Entrance) -> None:
    answer = post(entrance.browser(), "/sign-in", name="li.ming", password="")
    assert answer.status_code == 422
    (back,) = html.fromstring(answer.text).xpath("//form[@action='/language']/input[@name='back']/@value")
    assert back == "/sign-in"


def test_whoever_is_refused_stays_signed_in_at_his_door(entrance: Entrance) -> None:
    page = html.fromstring(entrance.staff("clerk").client.get("/bureau/cases/77", base_url=ROOT).text)
    assert page.xpath("//form[@action='/sign-out']")
    assert page.xpath("//nav//a[@href='/bureau/cases']")
    assert page.xpath("//main//a[@href='/bureau']")


def test_a_filter_that_does_not_fit_leaves_the_list_there(entrance: Entrance) -> None:
    answer = entrance.staff("clerk").client.get("/bureau/cases?firm=三七", base_url=ROOT)
    page = html.fromstring(answer.text)
    assert answer.status_code == 422
    assert "firm" in page.xpath("string(//*[@role='alert'])")
    assert "string" not in page.xpath("string(//*[@role='alert'])")
    assert page.xpath("//form[contains(@action, '/bureau/cases') or @method='get']//*[@name='firm']")
