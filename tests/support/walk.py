"""Goes through the portals as people do: from a home to whatever it links to, and on from there.

Guarantees that each address was come to by a link, a form that asks, or a picture; `wrong` says what was not as it
should be on the way. Which pages there must be, and what is on them, is said by the tests that walk.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from typing import get_args, get_type_hints
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.exceptions import HTTPException

from policy_match.web.app import PAGES
from policy_match.web.identity.cookies import SESSION
from policy_match.web.portal.page import Page, View
from tests.support.everybody import Everybody, Kind

HOST = "policy-match.test"
ROOT = f"https://{HOST}"
HOMES: Mapping[Kind, tuple[str, ...]] = {
    Kind.NOBODY: ("/", "/sign-in/code", "/sign-in/enrolment"),
    Kind.FIRM: ("/enterprise", "/sign-in/firm"),
    Kind.STAFF: ("/bureau", "/auditor"),
    Kind.ADMINISTRATOR: ("/bureau",),
}
"""Where each kind of person begins, or is led to while signing in."""

EACH, ASKED = 5, 2
"""So many addresses of one page are looked at, and so many with the same parameters."""

MOST = 600
OTHERS = ("/api/", "/static/")
"""Addresses that are no pages."""


class Walk:
    """One person's way; `check` says what is wrong with a page. Without `files` he takes none away."""

    def __init__(
        self,
        world: Everybody,
        kind: Kind,
        check: Callable[[HtmlElement], Iterable[str]] = lambda _: (),
        *,
        files: bool = True,
    ) -> None:
        self.world, self.kind, self.check = world, kind, check
        self.links = "//a/@href" if files else "//a[not(@download)]/@href"
        self.client: FlaskClient = world.entrance.app.test_client()
        for name, value in world.proofs(kind).cookies.items():
            assert name == SESSION
            self.client.set_cookie(name, value, domain=HOST, secure=True)
        self.ahead = deque((home, "") for home in HOMES[kind])
        self.seen: set[str] = set()
        self.times: Counter[tuple[str, ...]] = Counter()
        self.wrong: list[str] = []
        self.longest: dict[str, tuple[int, str]] = {}

    @property
    def pages(self) -> set[str]:
        """The ids of the pages that were come to."""
        return {name for name, *_ in self.times}

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address of each page that is read in a browser: that where there was most to read."""
        return {name: path for name, (_, path) in self.longest.items()}

    def go(self) -> "Walk":
        """Look at every page that can be come to."""
        while self.ahead:
            path, origin = self.ahead.popleft()
            name = self.page_of(path)
            if name is None:
                self.wrong.append(f"{origin}: no page has the address {path}")
                continue
            kind = (name, *sorted({each for each, _ in parse_qsl(urlsplit(path).query)}))
            if path not in self.seen and self.times[kind] < (EACH if len(kind) == 1 else ASKED):
                self.seen.add(path)
                self.times[kind] += 1
                assert len(self.seen) < MOST, "pages without end"
                self.look(name, path, origin)
        return self

    def page_of(self, path: str, method: str = "GET") -> str | None:
        """Return the name of the page at an address."""
        adapter = self.world.entrance.app.url_map.bind(HOST, url_scheme="https")
        try:
            name, _ = adapter.match(urlsplit(path).path, method=method)
        except HTTPException:
            return None
        return str(name)

    def look(self, name: str, path: str, origin: str) -> None:
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
        text = answer.get_data(as_text=True)
        self.longest[name] = max(self.longest.get(name, (0, "")), (len(text), path))
        page = html.document_fromstring(text)
        self.wrong += [f"{path}: {each}" for each in self.check(page)]
        self.ahead += [(target, path) for target in self.targets(page, path)]

    def targets(self, page: HtmlElement, path: str) -> Iterator[str]:
        """Yield where a page leads."""
        for address in page.xpath(f"{self.links} | //img/@src | //@data-progress"):
            target = urljoin(path, unescape(address))
            if target.startswith("/") and not target.startswith(OTHERS):
                yield target.split("#")[0]
        for form in page.iterfind(".//form"):
            action, method = urljoin(path, form.get("action") or path), (form.get("method") or "get").upper()
            if action.startswith(OTHERS):
                continue
            if self.page_of(action, method) is None:
                self.wrong.append(f"{path}: nothing takes the form for {method} {action}")
            elif method == "GET":
                yield f"{action.split('?')[0]}?{urlencode(_filled_in(form))}"


def _filled_in(form: HtmlElement) -> list[tuple[str, str]]:
    """Return what a form sends when its first row is ticked, and its first button pressed."""
    ticks = form.xpath(".//tbody//input[@type='checkbox']")[:1]
    buttons = form.xpath(".//button[@name]")[:1]
    return [*form.form_values(), *((each.get("name"), each.get("value")) for each in (*ticks, *buttons))]


def _is_read(page: Page) -> bool:
    returned = get_type_hints(page.handler)["return"]
    return page.reads and View in (returned, *get_args(returned))


READ = frozenset(page.id for page in PAGES if _is_read(page))
"""Every page that is there to be read: no file, no way on to another, no form that is taken."""
