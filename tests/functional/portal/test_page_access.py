"""Each page is like one operation of the API, and lets in whom the table of access lets call that one.

`pages_like.txt` says which, line by line, so that whoever lets more people in shows it. It is written anew with
`python -m tests.functional.portal.test_page_access`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from policy_match.identity.access import Access, Anybody
from policy_match.identity.principal import Principal, ServiceRole, Staff
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.app import PAGES
from policy_match.web.portal.page import PARAMETER
from tests.support.api import SignedIn, application_of, firm_user, staff
from tests.support.cases import uscc
from tests.support.everybody import Everybody
from tests.support.full_world import full_world

LIKE = Path(__file__).with_name("pages_like.txt")
SHOWN = (200, 303, 404, 409, 422)
"""A page, a way on, or that the number one of something is not there."""

PRINCIPALS: Mapping[str, Principal | None] = {
    "nobody": None,
    "firm": firm_user(uscc(1)),
    "staff without a role": staff(person="person.new"),
    "reviewer": staff("reviewer", person="person.reviewer"),
    **{role.value: staff(role.value, person=f"person.{role.value}") for role in ServiceRole},
}


def as_written() -> str:
    """Return what each page is like, one to a line."""
    return "".join(f"{page.id} {page.like}\n" for page in sorted(PAGES, key=lambda page: page.id))


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with full_world(server, tmp_path_factory.mktemp("world")) as found:
        yield found


def test_each_page_is_like_the_operation_that_was_agreed_on() -> None:
    assert as_written().splitlines() == LIKE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("who", PRINCIPALS)
def test_each_page_lets_in_whom_the_table_lets_in_and_nobody_else(world: Everybody, who: str) -> None:
    principal = PRINCIPALS[who]
    client = application_of(world.entrance.desk, SignedIn(principal)).test_client()
    wrong = []
    for page in PAGES:
        if page.changes or ACCESS[page.like].public:
            continue
        answer = client.get(PARAMETER.sub("1", page.path))
        if not fits(answer, principal, ACCESS[page.like]):
            wrong.append(f"{page.id}: {answer.status_code}")
    assert wrong == []


def fits(answer: TestResponse, principal: Principal | None, access: Access) -> bool:
    """Return whether a page was answered as to somebody who may see it, or may not.

    Where any staff may call, the operation itself says how far each reaches.
    """
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    if not access.allows(principal):
        return to_sign_in if principal is None else answer.status_code == 403
    by_reach = access.staff is Anybody.STAFF and isinstance(principal, Staff) and answer.status_code == 403
    return by_reach or (answer.status_code in SHOWN and not to_sign_in)


if __name__ == "__main__":
    LIKE.write_text(as_written(), encoding="utf-8")
