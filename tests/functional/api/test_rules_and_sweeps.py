"""The rules over the API, and kept sweeps: coverage, decisions, explanations, differences."""

from pathlib import Path

import pytest

from policy_match.storage.unit_of_work import Database
from tests.support.api import ApiClient, WorldDesk, client_of, staff, world_client
from tests.support.cases import OUTSIDER, World, firm, make_world, uscc


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path, ["direct", "bank"], 3)


@pytest.fixture
def clerk(world: World) -> ApiClient:
    return world_client(world, staff("clerk"))


def test_policies_are_listed_by_department_place_and_day(clerk: ApiClient) -> None:
    assert [each["id"] for each in clerk.pages("/policies", limit=1)] == ["bank", "direct"]
    assert clerk.pages("/policies", department="财政局") == []
    assert len(clerk.pages("/policies", jurisdiction="37")) == 2
    assert clerk.pages("/policies", jurisdiction="11") == []
    assert clerk.pages("/policies", in_force_on="2023-12-31") == []
    assert len(clerk.pages("/policies", in_force_on="2024-01-01")) == 2


def test_a_policy_is_shown_with_its_conditions_and_process(clerk: ApiClient) -> None:
    found = clerk.get("/policies/direct").get_json()
    (version,) = found["versions"]
    assert (version["effective_from"], version["effective_to"]) == ("2024-01-01", None)
    (condition,) = version["conditions"]
    assert (condition["article"], condition["when"]) == ("一", "headcount > 0")
    assert found["budget"] == {"fund": "jobs", "allocation": "first_come"}
    assert [each["role"] for each in found["process"]["approvals"]] == ["reviewer", "approver"]
    answer = clerk.get("/policies/drect")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "explain.no-policy")


def test_the_facts_are_listed_with_their_sources(clerk: ApiClient) -> None:
    found = {each["name"]: each for each in clerk.pages("/facts", limit=2)}
    assert (found["loan_interest"]["grain"], found["headcount"]["source"]) == ("loan", "人社局")


def test_dates_of_policies_are_listed(clerk: ApiClient) -> None:
    assert clerk.get("/policy-dates").get_json() == {"items": []}


def test_a_sweep_is_shown_policy_by_policy(world: World, clerk: ApiClient) -> None:
    (listed,) = clerk.pages("/sweeps")
    assert listed["sweep_id"] == world.sweep.sweep_id
    shown = clerk.get("/sweeps/latest").get_json()
    assert shown["sweep"] == listed
    assert {each["policy_id"]: each["eligible"] for each in shown["policies"]} == {"bank": 3, "direct": 3}
    assert clerk.get(f"/sweeps/{'0' * 64}").get_json()["code"] == "sweep.unknown"


def test_coverage_counts_near_misses(clerk: ApiClient) -> None:
    found = clerk.get("/sweeps/latest/policies/direct/coverage").get_json()
    (condition,) = found["conditions"]
    assert (condition["true"], condition["false"], condition["only_false"]) == (3, 1, 1)
    assert clerk.get("/sweeps/latest/policies/none/coverage").status_code == 404


def test_the_decisions_on_one_firm_are_found(clerk: ApiClient) -> None:
    found = clerk.get("/sweeps/latest/decisions", firm=uscc(1)).get_json()["items"]
    assert [(each["policy_id"], each["outcome"], each["amount_fen"]) for each in found] == [
        ("bank", "eligible", 20_000),
        ("direct", "eligible", 100_000),
    ]
    assert clerk.get("/sweeps/latest/decisions", firm=OUTSIDER).get_json() == {"items": []}


def test_the_decisions_of_a_policy_come_in_pages(clerk: ApiClient) -> None:
    found = clerk.pages("/sweeps/latest/policies/bank/decisions", limit=2)
    assert [(each["uscc"], each["record_id"]) for each in found] == [(uscc(n), "L1") for n in (1, 2, 3)]


def test_a_decision_is_explained_with_articles_facts_and_arithmetic(clerk: ApiClient) -> None:
    found = clerk.get("/sweeps/latest/explanation", firm=uscc(1), policy="direct").get_json()
    assert (found["outcome"], found["amount"]) == ("eligible", "1000.00")
    assert [each["article"] for each in found["conditions"]] == ["一"]
    assert {each["name"]: each["source"] for each in found["facts"]}["premium"]
    assert found["arithmetic"]["formula"] == "premium * 0.5"
    loan = clerk.get("/sweeps/latest/explanation", firm=uscc(1), policy="bank", record="L1").get_json()
    assert (loan["record"], loan["amount"]) == ("L1", "200.00")
    outside = clerk.get("/sweeps/latest/explanation", firm=OUTSIDER, policy="direct").get_json()
    assert (outside["outcome"], outside["amount"]) == ("ineligible", None)
    assert outside["conditions"][0]["to_change"] is not None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"firm": uscc(99), "policy": "direct"}, 404),
        ({"firm": uscc(1), "policy": "none"}, 404),
        ({"firm": uscc(1), "policy": "bank", "record": "L9"}, 404),
        ({"firm": uscc(1)}, 422),
        ({"firm": "x", "policy": "direct"}, 422),
    ],
)
def test_what_was_not_decided_is_not_explained(clerk: ApiClient, given: dict[str, str], status: int) -> None:
    assert clerk.get("/sweeps/latest/explanation", **given).status_code == status


def test_two_sweeps_are_compared_and_the_changed_rows_come_in_pages(world: World, tmp_path: Path) -> None:
    newer = world.again([firm(1, premium=4000), firm(2, headcount=0), firm(4)])
    desk = WorldDesk(world, tmp_path)
    snapshots = {str(each.digest): each for each in (world.snapshot, newer.snapshot)}
    desk.open_snapshot = lambda name, catalogue: snapshots[name]  # type: ignore[method-assign,assignment,return-value]
    clerk = client_of(desk, staff("clerk"))
    before = world.sweep.sweep_id
    found = clerk.get("/sweeps/latest/difference", before=before).get_json()
    (direct,) = [each for each in found["policies"] if each["policy_id"] == "direct"]
    assert (direct["newly_eligible"], direct["lost"], direct["amount_changed"]) == (1, 2, 1)
    rows = clerk.pages("/sweeps/latest/policies/direct/difference", before=before, limit=1)
    assert [(each["uscc"], each["transition"]) for each in rows] == [
        (uscc(1), "amount_changed"),
        (uscc(2), "lost"),
        (uscc(3), "lost"),
        (uscc(4), "newly_eligible"),
    ]
    assert rows[0]["reasons"] == [{"kind": "fact", "name": "premium", "before": "2000", "after": "4000"}]
    assert rows[2]["reasons"] == [{"kind": "presence", "name": "gone", "before": None, "after": None}]
    limited = client_of(desk, staff("clerk", department="财政局"))
    assert limited.get("/sweeps/latest/difference", before=before).get_json()["policies"] == []
    assert limited.get("/sweeps/latest/policies/direct/difference", before=before).status_code == 403


def test_who_is_limited_to_another_department_sees_none_of_it(world: World) -> None:
    foreign = world_client(world, staff("clerk", department="财政局"))
    assert foreign.get("/sweeps/latest").get_json()["policies"] == []
    assert foreign.pages("/sweeps")[0]["amount_fen"] == 0
    assert foreign.get("/sweeps/latest/policies/direct/coverage").status_code == 403
    assert foreign.get("/sweeps/latest/policies/direct/decisions").status_code == 403
    assert foreign.get("/sweeps/latest/decisions", firm=uscc(1)).get_json() == {"items": []}
    assert foreign.get("/sweeps/latest/explanation", firm=uscc(1), policy="direct").status_code == 403
    word = {"policy_id": "direct", "as_of": "2025-06-30", "matches": "all"}
    assert foreign.post("/match-confirmations", word).status_code == 403
    assert [each["id"] for each in foreign.pages("/policies")] == ["bank", "direct"]
