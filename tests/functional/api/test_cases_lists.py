"""Lists of cases, how many there are, and the whole file of one."""

from pathlib import Path

import pytest

from policy_match.cases.model import Status
from policy_match.identity.principal import Scope
from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, machine, staff, world_client
from tests.support.cases import POLICIES, World, amended, chosen, make_world, open_world, uscc


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Three firms, each with a case of `direct` and one of `confirm`."""
    made = make_world(database, tmp_path)
    open_world(made)
    return made


@pytest.fixture
def clerk(world: World) -> ApiClient:
    return world_client(world, staff("clerk"))


def test_all_pages_of_a_list_together_are_all_cases(clerk: ApiClient) -> None:
    found = clerk.pages("/cases", limit=4)
    assert [each["case_id"] for each in found] == sorted(each["case_id"] for each in found)
    assert len(found) == 6


def test_nobody_sees_no_case(world: World) -> None:
    assert world_client(world, None).get("/cases").status_code == 401


def test_a_machine_without_the_scope_sees_no_case(world: World) -> None:
    assert world_client(world, machine(Scope.RULES_READ)).get("/cases").status_code == 403
    assert world_client(world, machine(Scope.CASES_READ)).get("/cases").status_code == 200


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"policy": "direct"}, 3),
        ({"firm": uscc(2)}, 2),
        ({"status": "matched"}, 6),
        ({"status": "paid"}, 0),
        ({"route": "confirm"}, 3),
        ({"period": "2025"}, 6),
        ({"period": "2024"}, 0),
        ({"due_by": "2025-12-31"}, 0),
        ({"found": "eligible"}, 0),
    ],
)
def test_a_filter_lets_through_what_it_names(clerk: ApiClient, given: dict[str, str], count: int) -> None:
    assert len(clerk.pages("/cases", **given)) == count


def test_counts_add_up_to_the_list(clerk: ApiClient) -> None:
    counts = clerk.get("/cases/counts").get_json()["items"]
    assert sum(each["cases"] for each in counts) == 6
    assert sum(each["amount_fen"] for each in counts) == sum(each["amount_fen"] for each in clerk.pages("/cases"))
    assert {each["status"] for each in counts} == {Status.MATCHED.value}


def test_a_file_says_where_the_amount_comes_from(database: Database, tmp_path: Path) -> None:
    world = make_world(database, tmp_path, chosen("capped", "high", "low"), 1)
    open_world(world)
    client = world_client(world, staff("clerk"))
    (capped,) = client.pages("/cases", policy="capped")
    file = client.get(f"/cases/{capped['case_id']}", headers={"Accept-Language": "en"}).get_json()
    assert file["entitlement"]["decided_fen"] == 100_000
    assert file["entitlement"]["entitled_fen"] == file["case"]["amount_fen"] == 60_000
    (step,) = file["entitlement"]["steps"]
    assert (step["before_fen"], step["after_fen"]) == (100_000, 60_000)
    assert step["text"]
    assert file["events"] == file["rechecks"] == file["objections"] == []


def test_a_file_names_the_combinations_that_were_not_chosen(database: Database, tmp_path: Path) -> None:
    either = {
        name: amended("high", tables=POLICIES["high"].tables.replace('"highest"', '"exclusive"'), amount=amount)
        for name, amount in (("more", "premium * 0.4"), ("less", "premium * 0.3"))
    }
    world = make_world(database, tmp_path, either, 1)
    open_world(world)
    client = world_client(world, staff("clerk"))
    (case,) = client.pages("/cases")
    (other,) = client.get(f"/cases/{case['case_id']}").get_json()["alternatives"]
    assert other == {"total_fen": 60_000, "chosen": [{"policy_id": "less", "record_id": "", "amount_fen": 60_000}]}


def test_a_case_that_there_is_not_is_not_found(clerk: ApiClient) -> None:
    answer = clerk.get("/cases/999999")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "case.unknown")


@pytest.mark.parametrize("path", ["/cases/abc", "/cases/0", "/cases/-1", "/cases/99999999999999999999"])
def test_a_number_that_cannot_be_is_not_found(clerk: ApiClient, path: str) -> None:
    assert clerk.get(path).status_code == 404


@pytest.mark.parametrize(
    "given", [{"firm": "x"}, {"status": "gone"}, {"limit": 0}, {"limit": 501}, {"due_by": "soon"}, {"color": "red"}]
)
def test_a_wrong_parameter_is_refused(clerk: ApiClient, given: dict[str, object]) -> None:
    assert clerk.get("/cases", **given).status_code == 422  # type: ignore[arg-type]


def test_a_cursor_of_another_filter_is_refused(clerk: ApiClient) -> None:
    cursor = clerk.get("/cases", limit=1).get_json()["next"]
    assert clerk.get("/cases", limit=1, policy="direct", cursor=cursor).get_json()["code"] == "request.cursor"


def test_who_is_limited_to_a_department_sees_its_cases_alone(world: World) -> None:
    everything = world_client(world, staff("clerk")).pages("/cases")
    own = world_client(world, staff("clerk", department="人社局", jurisdiction="37"))
    other = world_client(world, staff("clerk", department="财政局"))
    assert len(own.pages("/cases")) == 6
    assert other.pages("/cases") == []
    assert other.get("/cases/counts").get_json()["items"] == []
    assert own.get(f"/cases/{everything[0]['case_id']}").status_code == 200
    assert other.get(f"/cases/{everything[0]['case_id']}").status_code == 403
