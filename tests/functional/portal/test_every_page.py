"""Every page that somebody can come to from his home, by following the links on it: none is dead, all have a form.

Guarantees for all pages what the tests of each door would repeat: one heading, named tables, labelled fields, forms
that can be sent, no script or style between the text. What is on a page is tested in a real browser, `tests/browser`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from lxml.html import HtmlElement

from policy_match.identity.principal import Principal, ServiceRole
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.app import PAGES
from policy_match.web.identity.cookies import CSRF_FIELD
from policy_match.web.portal.forms import KEY_FIELD
from policy_match.web.portal.page import PARAMETER
from tests.support.api import firm_user, staff
from tests.support.cases import uscc
from tests.support.everybody import DESK_ROLES, Everybody, Kind
from tests.support.full_world import full_world
from tests.support.walk import HOMES, READ, ROOT, Walk

PRINCIPALS: Mapping[Kind, Principal | None] = {
    Kind.NOBODY: None,
    Kind.FIRM: firm_user(uscc(1)),
    Kind.STAFF: staff(*DESK_ROLES),
    Kind.ADMINISTRATOR: staff(ServiceRole.ADMINISTRATOR),
}
ACCOUNT = re.compile(r"\d{15,}")


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


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


def test_every_link_leads_to_a_page_in_good_form_and_every_page_is_linked(world: Everybody) -> None:
    walks = [Walk(world, kind, defects).go() for kind in HOMES]
    wrong = [each for walk in walks for each in walk.wrong]
    assert wrong == [], "\n".join(wrong)
    assert READ - set().union(*(walk.pages for walk in walks)) == set()


@pytest.mark.parametrize("kind", [Kind.FIRM, Kind.STAFF, Kind.ADMINISTRATOR, Kind.NOBODY])
def test_nobody_comes_to_a_page_that_the_table_of_access_keeps_from_him(world: Everybody, kind: Kind) -> None:
    walk = Walk(world, kind)
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
