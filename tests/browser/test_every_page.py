"""Every page in a real browser: nothing serious against WCAG 2.2 AA, nothing too wide for a phone, one language each.

Guarantees that no page is left out: the addresses come from following links, and one that nobody comes to fails its
test. What pages do is tested door by door.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from playwright.sync_api import Browser, Page, expect

from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.app import PAGES
from policy_match.web.identity.cookies import SESSION
from policy_match.web.portal.page import Door
from policy_match.web.portal.routes import LANGUAGE
from tests.support.browser import SCREENSHOTS, SIZES, checked, opened, serving
from tests.support.everybody import Everybody, Kind
from tests.support.full_world import INVENTED, full_world
from tests.support.walk import HOMES, READ, Walk

KINDS: Mapping[str, tuple[Kind, frozenset[Door]]] = {
    "public": (Kind.NOBODY, frozenset(Door)),
    "enterprise": (Kind.FIRM, frozenset(Door)),
    "bureau": (Kind.STAFF, frozenset(Door) - {Door.AUDITOR}),
    "auditor": (Kind.STAFF, frozenset({Door.AUDITOR})),
    "administrator": (Kind.ADMINISTRATOR, frozenset({Door.BUREAU})),
}
"""Who looks at the pages of which doors."""

OF_LANGUAGE = (
    "html-has-lang",
    "html-lang-valid",
    "html-xml-lang-mismatch",
    "valid-lang",
    "document-title",
    "link-name",
)
"""What can be otherwise on the same page in another language."""

CHINESE = re.compile(r"[一-鿿]+")

UNMARKED = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), { lang } = walker.currentNode.parentElement.closest("[lang]");
    if (/[一-鿿]/.test(text) && !lang.startsWith("zh")) found.push(text);
  }
  return found;
}
"""

OURS = """
() => {
  const copy = document.body.cloneNode(true);
  for (const each of copy.querySelectorAll(".letter, [lang='zh-CN']:is(button)")) each.remove();
  return copy.textContent;
}
"""
"""Text without letters, which are in the language that each firm chose, and without the way to the other language."""


class Visits:
    """The world, served, and where each kind of person can go in it."""

    def __init__(self, world: Everybody, address: str) -> None:
        self.world, self.address = world, address
        self.walk = cache(self._walk)

    def _walk(self, kind: Kind) -> Walk:
        return Walk(self.world, kind, files=False).go()

    def begin(self, page: Page, kind: Kind, language: str) -> None:
        """Sign somebody in who reads this language."""
        page.context.add_cookies([{"name": LANGUAGE, "value": language[:2], "url": self.address}])
        for name, value in self.world.proofs(kind).cookies.items():
            assert name == SESSION
            # Such a cookie is taken over an encrypted line alone, and brought to one's own machine over any.
            secure = self.address.replace("http:", "https:")
            page.context.add_cookies([{"name": name, "value": value, "url": secure, "secure": True}])


@pytest.fixture(scope="module")
def visits(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    with full_world(server, tmp_path_factory.mktemp("world")) as world, serving(world.entrance.app) as address:
        yield Visits(world, address)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("who", KINDS)
def test_every_page_is_fit_for_everybody(browser: Browser, visits: Visits, who: str, language: str) -> None:
    kind, doors = KINDS[who]
    door_of = {page.id: page.door for page in PAGES}
    wrong = []
    with opened(browser, visits.address, language=language) as page:
        visits.begin(page, kind, language)
        for name, path in visits.walk(kind).addresses.items():
            if door_of[name] in doors:
                page.goto(path)
                wrong += [f"{name} {path}: {each}" for each in unfit(page, language)]
    assert wrong == [], "\n".join(wrong)


def unfit(page: Page, language: str) -> Iterator[str]:
    """Yield what is wrong with the page that is shown."""
    desk, phone = ({"width": width, "height": height} for width, height in SIZES.values())
    page.set_viewport_size(phone)  # type: ignore[arg-type]
    yield from checked(page, rules=())
    page.set_viewport_size(desk)  # type: ignore[arg-type]
    yield from checked(page, rules=OF_LANGUAGE if language == "en" else None)
    if language == "en":
        yield from (f"says {each!r} as if it were English" for each in page.evaluate(UNMARKED))
        said = INVENTED.sub("", page.evaluate(OURS))
        yield from (f"says {each!r} in Chinese" for each in CHINESE.findall(said))


STOPS = 8
PAPERS = {
    "enterprise.show_receipt": Kind.FIRM,
    "enterprise.show_benefit": Kind.FIRM,
    "enterprise.list_messages": Kind.FIRM,
    "bureau.approval_list": Kind.STAFF,
    "auditor.case": Kind.STAFF,
}
"""What people put into their files."""

PRESSED = "nav, button, .button, header, footer, input:not([type=hidden]), select, textarea, .skip"


@pytest.mark.parametrize("name", PAPERS)
def test_on_paper_is_what_it_is_and_nothing_to_press(browser: Browser, visits: Visits, name: str) -> None:
    kind = PAPERS[name]
    with opened(browser, visits.address) as page:
        visits.begin(page, kind, "zh-CN")
        page.goto(visits.walk(kind).addresses[name])
        page.emulate_media(media="print")
        assert [each.inner_text() for each in page.locator(PRESSED).all() if each.is_visible()] == []
        expect(page.locator(".print-head")).to_contain_text("惠企政策免申即享")
        expect(page.locator(".print-head")).to_contain_text("打印于 2025年7月3日 09:00")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert {page.locator("main").evaluate("each => getComputedStyle(each).color")} == {"rgb(0, 0, 0)"}
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.pdf(path=SCREENSHOTS / f"paper-{name}.pdf", prefer_css_page_size=True)
        page.evaluate("dispatchEvent(new Event('afterprint'))")


REFUSED = {
    "enterprise.appeal_form": (Kind.FIRM, "提交申诉"),
    "enterprise.correction_form": (Kind.FIRM, "提交申请"),
    "enterprise.show_accounts": (Kind.FIRM, "保存账户"),
    "bureau.exclusion_list": (Kind.STAFF, "列入"),
    "bureau.new_order": (Kind.STAFF, "签发"),
}
"""Forms that are sent empty, and by which button."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_says_where_and_why_to_everybody(browser: Browser, visits: Visits, name: str) -> None:
    kind, button = REFUSED[name]
    with opened(browser, visits.address) as page:
        visits.begin(page, kind, "zh-CN")
        page.goto(visits.walk(kind).addresses[name])
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
        alert = page.get_by_role("alert")
        expect(alert).to_be_focused()
        for link in alert.get_by_role("link").all():
            field = (
                page.locator(str(link.get_attribute("href")))
                .locator("[aria-invalid=true]")
                .or_(page.locator(f"fieldset{link.get_attribute('href')}[aria-invalid=true]"))
            )
            expect(field).to_have_attribute("aria-describedby", re.compile(r"why-"))
            why = str(field.get_attribute("aria-describedby")).split()[-1]
            expect(page.locator(f"#{why}")).to_be_visible()
        assert list(checked(page)) == []


@pytest.mark.parametrize("kind", [Kind.NOBODY, Kind.FIRM, Kind.STAFF])
def test_the_first_key_skips_to_the_content_and_every_stop_is_seen(
    browser: Browser, visits: Visits, kind: Kind
) -> None:
    with opened(browser, visits.address) as page:
        visits.begin(page, kind, "zh-CN")
        page.goto(HOMES[kind][0])
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        expect(page.get_by_role("link", name="跳到正文")).to_be_in_viewport()
        for _ in range(STOPS):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px", page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
        page.goto(HOMES[kind][0])
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_no_page_is_left_out(visits: Visits) -> None:
    seen = {name for kind in {kind for kind, _ in KINDS.values()} for name in visits.walk(kind).addresses}
    assert READ - seen == set()
