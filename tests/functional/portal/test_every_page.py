"""Every page that somebody can come to from his home, by following the links on it: none is dead, all have a form.

Guarantees for all pages what the tests of each door would repeat: one heading, named tables, labelled fields, forms
that can be sent, no script or style between the text. What is on a page is tested in a real browser, `tests/browser`.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.exceptions import HTTPException

from policy_match.identity.principal import Principal, ServiceRole
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.app import PAGES
from policy_match.web.identity.cookies import CSRF_FIELD, SESSION
from policy_match.web.portal.forms import KEY_FIELD
from policy_match.web.portal.page import PARAMETER, Door
from tests.support.api import firm_user, staff
from tests.support.cases import uscc
from tests.support.everybody import DESK_ROLES, Everybody, Kind, everybody

HOST = "policy-match.test"
ROOT = f"https://{HOST}"
HOMES = {Kind.NOBODY: "/", Kind.FIRM: "/enterprise", Kind.STAFF: "/bureau", Kind.ADMINISTRATOR: "/bureau"}
DOORS = {"/enterprise": Door.ENTERPRISE, "/bureau": Door.BUREAU, "/auditor": Door.AUDITOR}
PRINCIPALS: Mapping[Kind, Principal | None] = {
    Kind.NOBODY: None,
    Kind.FIRM: firm_user(uscc(1)),
    Kind.STAFF: staff(*DESK_ROLES),
    Kind.ADMINISTRATOR: staff(ServiceRole.ADMINISTRATOR),
}
EACH = 3
"""So many addresses of one page are looked at."""

MOST = 400
ACCOUNT = re.compile(r"\d{15,}")
FOR_ROWS = {
    "bureau.choose_step",
    "bureau.choose_whole",
    "bureau.confirm_match_page",
    "bureau.payment_orders_file",
    "bureau.returned_file",
    "bureau.transfers_file",
}
"""Pages that this small world has nothing for: ticked rows, a policy that was chosen, a match in question, payments."""

OTHERS = ("/api/", "/static/")
"""Addresses that are no pages."""


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with everybody(server, tmp_path_factory.mktemp("world")) as found:
        yield found


class Walk:
    """Goes from a home to whatever it links to."""

    def __init__(self, world: Everybody, kind: Kind, home: str) -> None:
        self.world = world
        self.client: FlaskClient = world.entrance.app.test_client()
        for name, value in world.proofs(kind).cookies.items():
            assert name == SESSION
            self.client.set_cookie(name, value, domain=HOST, secure=True)
        self.ahead = deque([(home, "")])
        self.seen: set[str] = set()
        self.times: Counter[str] = Counter()
        self.wrong: list[str] = []

    def go(self) -> None:
        """Look at every page that can be come to."""
        while self.ahead:
            path, origin = self.ahead.popleft()
            name = self.page_of(path)
            if name is None:
                self.wrong.append(f"{origin}: no page has the address {path}")
            elif path not in self.seen and self.times[name] < EACH:
                self.seen.add(path)
                self.times[name] += 1
                assert len(self.seen) < MOST, "pages without end"
                self.look(path, origin)

    def page_of(self, path: str, method: str = "GET") -> str | None:
        """Return the name of the page at an address."""
        parts = urlsplit(path)
        adapter = self.world.entrance.app.url_map.bind(HOST, url_scheme="https")
        try:
            name, _ = adapter.match(parts.path, method=method)
        except HTTPException:
            return None
        return str(name)

    def look(self, path: str, origin: str) -> None:
        """Check one page, and note where it leads."""
        answer = self.client.get(path, base_url=ROOT)
        if answer.status_code == 303:
            self.ahead.append((answer.headers["Location"], path))
            return
        if answer.status_code != 200:
            said = html.document_fromstring(answer.get_data(as_text=True)).xpath("string(//*[@role='alert'])")
            self.wrong.append(f"{origin}: {path} answers {answer.status_code}: {' '.join(said.split())}")
            return
        if answer.mimetype != "text/html":
            return
        page = html.document_fromstring(answer.get_data(as_text=True))
        self.wrong += [f"{path}: {each}" for each in defects(page)]
        for link in page.iterfind(".//a[@href]"):
            target = urljoin(path, unescape(link.get("href")))
            if target.startswith("/") and not target.startswith(OTHERS):
                self.ahead.append((target.split("#")[0], path))
        for form in page.iterfind(".//form"):
            action, method = urljoin(path, form.get("action") or path), (form.get("method") or "get").upper()
            if action.startswith(OTHERS):
                continue
            if self.page_of(action, method) is None:
                self.wrong.append(f"{path}: nothing takes the form for {method} {action}")
            elif method == "GET" and "tickable" not in (form.get("class") or ""):
                pressed = [(each.get("name"), each.get("value")) for each in form.xpath(".//button[@name]")[:1]]
                self.ahead.append((f"{action.split('?')[0]}?{urlencode([*form.form_values(), *pressed])}", path))


def defects(page: HtmlElement) -> Iterator[str]:
    """Yield what is wrong with a page."""
    if page.get("lang") not in ("zh-CN", "en"):
        yield "says no language"
    if (headings := len(page.findall(".//h1"))) != 1:
        yield f"has {headings} main headings"
    ids = Counter(each.get("id") for each in page.iterfind(".//*[@id]"))
    yield from (f"id {name} twice" for name, times in ids.items() if times > 1)
    if page.xpath("//*[@style] | //script[not(@src)] | //style | //@*[starts-with(name(), 'on')]"):
        yield "has style or script between the text"
    for table in page.iterfind(".//table"):
        if table.find("caption") is None:
            yield "a table without a caption"
    for image in page.xpath("//img[not(@alt)]"):
        yield f"an image without words: {image.get('src')}"
    for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labelled = (
            field.get("aria-label")
            or field.xpath("ancestor::label")
            or field.get("id") in {each.get("for") for each in page.iterfind(".//label")}
        )
        if not labelled:
            yield f"a field without a label: {field.get('name')}"
    for form in page.xpath("//form[@method='post' and not(@action='/language')]"):
        names = {each.get("name") for each in form.iterfind(".//input")}
        if not {KEY_FIELD, CSRF_FIELD} <= names:
            yield f"a form without a key: {form.get('action')}"
    for address in [*page.xpath("//@href"), *page.xpath("//@action")]:
        if ACCOUNT.search(address):
            yield f"an account number in an address: {address}"


@pytest.mark.parametrize(
    ("kind", "home"),
    [*HOMES.items(), (Kind.STAFF, "/auditor")],
    ids=["public", "enterprise", "bureau", "administrator", "auditor"],
)
def test_every_link_leads_to_a_page_in_good_form(world: Everybody, kind: Kind, home: str) -> None:
    walk = Walk(world, kind, home)
    walk.go()
    assert walk.wrong == [], "\n".join(walk.wrong)


@pytest.mark.parametrize(
    ("home", "kind"), [("/enterprise", Kind.FIRM), ("/bureau", Kind.STAFF), ("/auditor", Kind.STAFF)]
)
def test_every_page_of_a_door_that_needs_no_number_can_be_come_to(world: Everybody, home: str, kind: Kind) -> None:
    walk = Walk(world, kind, home)
    walk.go()
    wanted = {page.id for page in PAGES if page.reads and page.path_model is None and page.door is DOORS[home]}
    assert wanted - set(walk.times) <= FOR_ROWS


@pytest.mark.parametrize("kind", [Kind.FIRM, Kind.STAFF, Kind.ADMINISTRATOR, Kind.NOBODY])
def test_nobody_comes_to_a_page_that_the_table_of_access_keeps_from_him(world: Everybody, kind: Kind) -> None:
    walk = Walk(world, kind, HOMES[kind])
    wrong = []
    for page in PAGES:
        if ACCESS[page.like].allows(PRINCIPALS[kind]):
            continue
        path = PARAMETER.sub("1", page.path)
        answer = walk.client.open(path, method="POST" if page.changes else "GET", base_url=ROOT)
        to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
        if not (to_sign_in if kind is Kind.NOBODY else answer.status_code == 403):
            wrong.append(f"{page.id}: {answer.status_code}")
    assert wrong == []
