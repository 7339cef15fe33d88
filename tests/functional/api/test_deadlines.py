"""What is due when over the API, and what the end of the year cuts off."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.identity.principal import Principal
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, staff
from tests.support.cases import World, make_world, notify_world, open_world
from tests.support.prepared import prepare_world


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Three firms, each asked and told; the last day to answer is 8 July 2025."""
    made = make_world(database, tmp_path, ("confirm",))
    open_world(made)
    notify_world(made)
    prepare_world(made)
    return made


class PayingDesk(WorldDesk):
    """A world with a cut-off."""

    has_payments = True

    def payment_cut_off(self, year: int) -> date:
        """Return the last day on which orders are made."""
        return date(year, 12, 20)


def client(world: World, principal: Principal | None = None) -> ApiClient:
    return client_of(PayingDesk(world, Path("/nonexistent")), principal or staff("clerk"))


def test_what_is_due_is_counted_by_kind_and_department(world: World) -> None:
    (group,) = client(world).get("/deadlines", within=10).get_json()["groups"]
    assert (group["what"], group["department"], group["soon"]) == ("answer", "人社局", 3)
    assert client(world).get("/deadlines", within=1).get_json() == {"groups": []}
    assert client(world).get("/deadlines", within=-1).status_code == 422


def test_due_cases_come_in_pages_the_earliest_first(world: World) -> None:
    found = client(world).pages("/deadlines/cases", what="answer", within=10, limit=1)
    assert [(each["case_id"], each["due"], each["notice"]) for each in found] == [
        (1, "2025-07-08", "open"),
        (2, "2025-07-08", "open"),
        (3, "2025-07-08", "open"),
    ]
    assert client(world).pages("/deadlines/cases", what="objection") == []
    assert client(world).get("/deadlines/cases").status_code == 422


def test_another_department_has_nothing_due(world: World) -> None:
    stranger = client(world, staff("clerk", department="科技局"))
    assert stranger.get("/deadlines", within=10).get_json() == {"groups": []}
    assert stranger.pages("/deadlines/cases", what="answer", within=10) == []
    assert stranger.get("/deadlines/cut-off").get_json()["groups"] == []


def test_the_cut_off_shows_what_is_unpaid(world: World) -> None:
    found = client(world).get("/deadlines/cut-off").get_json()
    assert (found["cut_off"], found["groups"][0]["cases"]) == ("2025-12-20", 3)
    tag = client(world).get("/deadlines/cut-off").headers["ETag"]
    assert client(world).get("/deadlines/cut-off", headers={"If-None-Match": tag}).status_code == 304


def test_an_administrator_sees_no_case(world: World) -> None:
    assert client(world, staff("administrator")).get("/deadlines").status_code == 403
