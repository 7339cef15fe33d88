"""How far staff reach: a jurisdiction keeps them to its cases, a department from what is of no single policy."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from policy_match.cases.history import CaseFilter
from policy_match.services.case_history import list_cases, show_case
from policy_match.services.payment_lists import recoveries
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.values import PolicyId
from tests.support.api import ApiClient, WorldDesk, client_of, staff
from tests.support.audited import LINE, Audited, audited_world
from tests.support.cases import uscc
from tests.support.postgres import new_database, of_superuser

JURISDICTIONS = {"confirm": "370200", "direct": "370100"}
SEEN = [("", {"confirm", "direct"}), ("37", {"confirm", "direct"}), ("3702", {"confirm"}), ("370200", {"confirm"})]
SEEN += [("3701", {"direct"}), ("370213", set()), ("11", set())]
WHY = {"reason": "示例"}

ELSEWHERE, HERE = "税务局", "人社局"
"""A department without a policy, and the one of both."""


@pytest.fixture(scope="module")
def audited(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database:
            yield audited_world(database, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def desk(audited: Audited, tmp_path_factory: pytest.TempPathFactory) -> WorldDesk:
    """The world with each policy in a jurisdiction of its own."""
    made, rules = WorldDesk(audited.world, tmp_path_factory.mktemp("desk")), audited.world.rules
    policies = {name: replace(each, jurisdiction=JURISDICTIONS[name]) for name, each in rules.policies.items()}
    made.rules = replace(rules, policies=policies)
    return made


def clerk(desk: WorldDesk, jurisdiction: str) -> ApiClient:
    return client_of(desk, staff("clerk", "supervisor", person="wang.fang", jurisdiction=jurisdiction))


def case_of(audited: Audited, policy: str) -> int:
    return list_cases(audited.world.database, CaseFilter(policy_id=PolicyId(policy)))[-1].case_id


@pytest.mark.parametrize(("jurisdiction", "seen"), SEEN)
def test_cases_are_those_of_policies_of_ones_jurisdiction(
    desk: WorldDesk, audited: Audited, jurisdiction: str, seen: set[str]
) -> None:
    client = clerk(desk, jurisdiction)
    assert {each["policy_id"] for each in client.pages("/cases")} == seen
    answers = {policy: client.get(f"/cases/{case_of(audited, policy)}").status_code for policy in JURISDICTIONS}
    assert {policy for policy, status in answers.items() if status == 200} == seen
    assert set(answers.values()) <= {200, 403, 404}


STEPS: Mapping[str, Mapping[str, Any] | None] = {
    "/case-answers": {"case_ids": [0], "answer": "confirm"},
    "/case-extensions": {"case_ids": [0], "until": "2025-07-31", **WHY},
    "/case-withdrawals": {"case_ids": [0], **WHY},
    "/requests/extensions": {"case_ids": [0], "until": "2025-07-31", **WHY},
    "/requests/withdrawals": {"case_ids": [0], **WHY},
    "/cases/{case}/contract": {"reference": "1"},
    "/cases/{case}/contract/close": None,
    "/cases/{case}/objections": {"lodged_by": "示例", "ground": "示例"},
}


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_on_a_case_of_another_jurisdiction(desk: WorldDesk, audited: Audited, step: str) -> None:
    case, body = case_of(audited, "confirm"), STEPS[step]
    before = show_case(audited.world.database, case)
    given = {**body, "case_ids": [case]} if body and "case_ids" in body else body
    for jurisdiction in ("3701", "370213"):
        answer = clerk(desk, jurisdiction).post(step.format(case=case), given)
        assert answer.status_code in (403, 404), answer.get_data(as_text=True)
    assert show_case(audited.world.database, case) == before


def test_whoever_is_limited_to_the_jurisdiction_of_the_policy_takes_steps(desk: WorldDesk, audited: Audited) -> None:
    case = case_of(audited, "confirm")
    answer = clerk(desk, "3702").post("/case-withdrawals", {"case_ids": [case], **WHY})
    assert answer.get_json() == {"taken": 1, "refused": []}


def of_no_policy() -> list[tuple[str, dict[str, str]]]:
    group = {"by": "policy", "group": "direct"}
    return [
        ("/audit/totals/export", {}),
        ("/audit/totals/cases", group),
        ("/audit/totals/cases/export", group),
        (f"/audit/lines/{LINE}", {}),
        (f"/audit/lines/{LINE}/export", {}),
        ("/audit/people/wang.fang", {}),
        ("/audit/people/wang.fang/export", {}),
    ]


@pytest.mark.parametrize("department", [ELSEWHERE, HERE])
def test_what_is_of_no_policy_is_kept_from_auditors_of_one_department(
    desk: WorldDesk, audited: Audited, department: str
) -> None:
    limited, free = (client_of(desk, staff("auditor", department=each)) for each in (department, ""))
    found = {
        path: (limited.get(path, **query).status_code, free.get(path, **query).status_code)
        for path, query in of_no_policy()
    }
    assert {path: statuses for path, statuses in found.items() if statuses != (403, 200)} == {}


def test_a_firm_without_a_case_within_reach_is_not_there(desk: WorldDesk) -> None:
    other, own = (client_of(desk, staff("auditor", department=each)) for each in (ELSEWHERE, HERE))
    assert other.get(f"/audit/firms/{uscc(1)}").status_code == 404
    assert own.get(f"/audit/firms/{uscc(1)}").status_code == 200
    assert other.pages(f"/audit/firms/{uscc(1)}/payments") == []
    assert len(own.pages(f"/audit/firms/{uscc(1)}/payments")) == 1
    tables = [each.get(f"/audit/firms/{uscc(1)}/payments/export").get_data(as_text=True) for each in (other, own)]
    assert [len(table.splitlines()) for table in tables] == [1, 2]


def test_money_of_another_department_is_not_asked_back_whether_it_was_paid_or_not(
    desk: WorldDesk, audited: Audited
) -> None:
    body = {"kind": "overpayment", "right_fen": 1, **WHY}
    payer = client_of(desk, staff("payer", person="zhou.wu", department=ELSEWHERE))
    for case in (audited.paid, case_of(audited, "confirm")):
        answer = payer.post(f"/cases/{case}/recoveries", body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "access.refused")
    assert recoveries(audited.world.database, policies=None, before=None, most=10) == []
    own = client_of(desk, staff("payer", person="zhou.wu", department=HERE))
    assert own.post(f"/cases/{audited.paid}/recoveries", body).status_code == 201
