"""An auditor over the API: search, the trail of a case, totals that are the ledger's, files."""

import csv
import io
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.api import NOWHERE, ApiClient, TestDesk, client_of, staff, world_client
from tests.support.cases import (
    World,
    answer,
    chosen,
    firm,
    make_world,
    notify_world,
    open_world,
    recheck_world,
    uscc,
    write_policies,
)
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import FlowCase, cases, fill

AUDITOR = staff("auditor", person="audit.zhao")
NAMES = '=HYPERLINK("x")', "示例2有限公司"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Two firms with cases of two policies; the first confirmed one of its own."""
    world = make_world(
        database, tmp_path, ("confirm", "direct"), [firm(1, ent_name=NAMES[0]), firm(2, ent_name=NAMES[1])]
    )
    open_world(world)
    notify_world(world)
    first = next(item["case_id"] for item in client(world).pages("/audit/cases", policy="confirm"))
    answer(world, first)
    world.clock.move(1)
    recheck_world(world)
    return world


def client(world: World) -> ApiClient:
    return world_client(world, AUDITOR, NOWHERE)


def found(world: World, **query: object) -> list[tuple[str, str]]:
    return [(item["uscc"], item["policy_id"]) for item in client(world).pages("/audit/cases", **query)]


def test_a_search_asks_for_everything_that_is_given(world: World) -> None:
    assert len(found(world)) == 4
    assert found(world, firm=uscc(2), policy="direct") == [(uscc(2), "direct")]
    assert found(world, name="示例2") == [(uscc(2), "confirm"), (uscc(2), "direct")]
    assert found(world, name="%") == []
    assert found(world, person=f"firm:{uscc(1)}") == [(uscc(1), "confirm")]
    assert found(world, person="nobody") == []
    assert len(found(world, district="3700")) == 4
    assert found(world, district="3701") == []
    assert found(world, fund="jobs") == []


def test_a_search_by_day_means_days_in_china(world: World) -> None:
    assert len(found(world, first="2025-07-01", last="2025-07-01")) == 4
    assert found(world, first="2025-07-02", status="reviewed") == found(world, status="reviewed")
    assert found(world, first="2025-07-03") == []
    assert found(world, last="2025-06-30") == []


def test_the_trail_of_a_case_goes_back_to_the_fact_and_the_article(world: World) -> None:
    case = client(world).pages("/audit/cases", person=f"firm:{uscc(1)}")[0]["case_id"]
    trail = client(world).get(f"/audit/cases/{case}")
    assert trail.status_code == 200, trail.get_data(as_text=True)
    document = trail.get_json()
    assert document["same_as_kept"] is True
    assert [(step["event"], step["by"]) for step in document["case"]["events"]] == [
        ("notify", "system"),
        ("confirm", f"firm:{uscc(1)}"),
        ("review", "system"),
    ]
    assert {fact["name"]: fact["source"] for fact in document["decision"]["facts"]}["premium"] == "人社局"
    assert document["decision"]["conditions"][0]["article"] == "一"
    assert [notice["kind"] for notice in document["notices"]] == ["confirmation_asked"]
    assert document["money"]["orders"] == []


def test_a_case_that_there_is_not_has_no_trail(world: World) -> None:
    assert client(world).get("/audit/cases/99").status_code == 404


def test_a_csv_file_holds_what_the_search_lists_and_no_formula(world: World) -> None:
    file = client(world).get("/audit/cases/export", policy="confirm")
    assert file.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(file.get_data().decode("utf-8-sig"))))
    assert [(row["uscc"], row["policy_id"]) for row in rows] == found(world, policy="confirm")
    assert [row["name"] for row in rows] == [f"'{NAMES[0]}", NAMES[1]]
    assert [row["amount_fen"] for row in rows] == ["100000", "100050"]


def test_a_parquet_file_holds_the_same_as_it_is(world: World) -> None:
    file = client(world).get("/audit/cases/export", format="parquet", policy="confirm")
    table = pq.read_table(io.BytesIO(file.get_data()))
    assert table.column("name").to_pylist() == list(NAMES)
    assert table.column("amount_fen").to_pylist() == [100_000, 100_050]


def test_an_auditor_of_one_department_sees_its_policies_only(world: World) -> None:
    other = world_client(world, staff("auditor", department="税务局"), NOWHERE)
    assert other.pages("/audit/cases") == []
    assert other.get("/audit/cases/1").status_code == 403
    assert other.get("/audit/totals").status_code == 403
    own = world_client(world, staff("auditor", department="人社局"), NOWHERE)
    assert len(own.pages("/audit/cases")) == 4


@pytest.mark.parametrize("by", ["policy", "fund", "district", "month"])
def test_totals_are_the_ledgers_to_the_fen(database: Database, database_url: str, tmp_path: Path, by: str) -> None:
    clock = fill(database, database_url, (*cases(70_000, 30_000), FlowCase(case_id=3, amount_fen=50_000, place=1)))
    desk, bank = Desk(database=database, clock=clock), Inbox()
    desk.pay(bank)
    desk.take(desk.statement(desk.booking(bank.payments[0])))
    rules = write_policies(tmp_path, chosen("direct"))
    found = client_of(TestDesk(database, rules, clock, NOWHERE), AUDITOR).get("/audit/totals", by=by).get_json()
    assert found["in_order"] is True
    sums: dict[str, int] = defaultdict(int)
    for total in found["totals"]:
        sums[total["account"]] += total["total_fen"]
    assert (sums["paid"], sums["reserved"]) == (30_000, 120_000)
    assert sum(sums.values()) == 0
    assert {check["account"]: check["ledger_fen"] for check in found["checks"] if check["groups_fen"]} == {
        account: fen for account, fen in sums.items() if fen
    }
