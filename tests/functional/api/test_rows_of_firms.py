"""What a firm reads is read with the rights of firms: whatever a query asks for, rows of others are out of its reach.

Shown by taking those rights away: what still answered would be read with the rights of the service.
"""

from collections.abc import Iterator

import psycopg
import pytest

from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.migrate import FIRM_ROLE
from policy_match.storage.unit_of_work import Database
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT, PAGES
from policy_match.web.portal.page import PARAMETER, Door
from tests.support.api import ApiClient, firm_user, staff, world_client
from tests.support.cases import World, make_world, notify_world, open_world, uscc
from tests.support.minimal import path_of, query_of
from tests.support.postgres import new_database, of_superuser

BY_THE_SERVICE = frozenset({"list_my_sessions", "list_firm_users"})
"""Reads about accounts, which belong to no firm; the service asks for those of the person and the firm alone."""

READS = [each for each in OPERATIONS if each.reads and ACCESS[each.id].firm and each.id not in BY_THE_SERVICE]
"""Every operation by which a firm's users read what is the firm's."""

READ_NO_ROWS = frozenset({"enterprise.list_users", "enterprise.correction_form"})
"""The page of accounts, and a form that is empty without a case."""


PAGES_OF_FIRMS = {
    page.id: page.path for page in PAGES if page.door is Door.ENTERPRISE and page.reads and page.id not in READ_NO_ROWS
}


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Firms with cases, in a database in which the role of firms may look at nothing."""
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            world = make_world(database, tmp_path_factory.mktemp("world"), ("confirm", "direct"))
            open_world(world)
            notify_world(world)
            assert len(world_client(world, firm_user(uscc(1))).pages("/firm/cases")) == 2
            with psycopg.connect(url) as connection:
                for schema in ("policy_match_firm", "policy_match"):
                    connection.execute(f"REVOKE USAGE ON SCHEMA {schema} FROM {FIRM_ROLE}".encode())
            yield world


@pytest.fixture
def firm(world: World) -> ApiClient:
    return world_client(world, firm_user(uscc(1)))


@pytest.mark.parametrize("name", [each.id for each in READS])
def test_a_firm_reads_with_the_rights_of_firms(firm: ApiClient, name: str) -> None:
    operation = next(each for each in READS if each.id == name)
    answer = firm.client.get(API_ROOT + path_of(operation), query_string=query_of(operation))
    assert answer.status_code == 503, answer.get_data(as_text=True)


@pytest.mark.parametrize("name", PAGES_OF_FIRMS)
def test_a_firm_looks_at_pages_with_the_rights_of_firms(firm: ApiClient, name: str) -> None:
    path = PARAMETER.sub("1", PAGES_OF_FIRMS[name])
    assert firm.client.get(path).status_code == 503


def test_staff_read_with_the_rights_of_the_service(world: World) -> None:
    assert world_client(world, staff("clerk")).pages("/cases")
