"""Lists that grow while they are read: what was there when the first page was read is seen once, whatever comes in."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_differences import import_text
from tests.functional.api.test_registry import FIRMS, HEADER, RegistryDesk
from tests.support.api import ApiClient, client_of, firm_user, staff, world_client
from tests.support.cases import World, amended, firm, firms, make_world, open_world, uscc

THERE = 4
"""So many items are there when the first page is read."""

MANY_SWEEPS = """
INSERT INTO policy_match.sweep (number, sweep_id, snapshot_id, rules, as_of, engine, truth)
SELECT nextval('policy_match.sweep_number'), encode(sha256(n::text::bytea), 'hex'), snapshot_id, rules,
       as_of + n, engine, truth
  FROM policy_match.sweep, generate_series(1, %s) AS n
"""


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ["direct"], 1)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> RegistryDesk:
    return RegistryDesk(database, tmp_path)


def told_while_growing(client: ApiClient, path: str, name: str, grow: Callable[[], object], limit: int) -> list[Any]:
    """Return the names of all items, page by page; one more comes in before each page but the first."""
    told: list[Any] = []
    cursor = None
    for _ in range(3 * THERE):
        page = client.get(path, limit=limit, cursor=cursor).get_json()
        told += [each[name] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return told
        if len(told) < 2 * THERE:
            grow()
    raise AssertionError("the list does not end")


def check(client: ApiClient, path: str, name: str, grow: Callable[[], object], limit: int) -> None:
    for _ in range(THERE - len(client.pages(path))):
        grow()
    there = [each[name] for each in client.pages(path)]
    told = told_while_growing(client, path, name, grow, limit)
    assert len(told) == len(set(told))
    assert [each for each in told if each in there] == there


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_sweeps(world: World, limit: int) -> None:
    numbers = count(2)
    client = world_client(world, staff("clerk"))
    check(client, "/sweeps", "sweep_id", lambda: world.again(firms(next(numbers))), limit)


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("path", ["/snapshots", "/imports"])
def test_snapshots_and_imports(desk: RegistryDesk, path: str, limit: int) -> None:
    numbers = count(1)
    client = client_of(desk, staff("clerk"))
    check(
        client, path, "snapshot_id", lambda: import_text(desk, client, f"{HEADER}{FIRMS}{'x' * next(numbers)}\n"), limit
    )


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize(
    ("path", "name", "to", "body"),
    [
        ("/exclusions", "exclusion_id", "/exclusions", {"uscc": uscc(1), "reason": "列入失信名单"}),
        ("/requests", "request_id", "/requests/openings", {"sweep_id": "latest"}),
    ],
    ids=["exclusions", "requests"],
)
def test_others(world: World, path: str, name: str, to: str, body: dict[str, str], limit: int) -> None:
    client = world_client(world, staff("clerk"))
    reasons = count(1)

    def grow() -> None:
        more = {"reason": f"第{next(reasons)}次"} if "reason" in body else {}
        assert client.post(to, {**body, **more}).status_code < 300

    check(client, path, name, grow, limit)


@pytest.mark.parametrize("path", ["/snapshots", "/imports"])
def test_snapshots_of_one_moment_are_each_seen(desk: RegistryDesk, path: str) -> None:
    client = client_of(desk, staff("clerk"))
    made = {import_text(desk, client, f"{HEADER}{FIRMS}{'x' * number}\n") for number in range(1, 4)}
    for each in made:
        os.utime(desk.snapshots_folder / each, (1_750_000_000, 1_750_000_000))
    told = [each["snapshot_id"] for each in client.pages(path, limit=1)]
    assert (len(told), set(told)) == (3, made)


def test_the_list_of_sweeps_goes_on_to_the_first(world: World, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(MANY_SWEEPS, [1_050])
    client = world_client(world, staff("clerk"))
    told = [each["sweep_id"] for each in client.pages("/sweeps", limit=100)]
    assert (len(told), len(set(told)), told[-1]) == (1_051, 1_051, world.sweep.sweep_id)


@pytest.fixture
def short(database: Database, tmp_path: Path) -> World:
    """A firm that lacks two benefits, of a released sweep."""
    policies = {
        "larger": amended("direct", when="headcount >= 13"),
        "largest": amended("direct", when="headcount > 99"),
    }
    world = make_world(database, tmp_path, policies, [firm(1), firm(2, headcount=50), firm(3, headcount=100)])
    open_world(world)
    return world


def test_what_another_sweep_says_is_another_list(short: World) -> None:
    client = world_client(short, firm_user(uscc(1)))
    first = client.get("/firm/not-yet", limit=1).get_json()
    assert len(first["items"]) == 1
    assert len(client.get("/firm/not-yet", limit=1, cursor=first["next"]).get_json()["items"]) == 1
    open_world(short.again([firm(1), firm(2, headcount=50), firm(3, headcount=101)]))
    answer = client.get("/firm/not-yet", limit=1, cursor=first["next"])
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.cursor")
