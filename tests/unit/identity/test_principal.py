"""How far a role goes: a department of a jurisdiction, and what lies within it."""

import pytest

from policy_match.identity.principal import Reach

HERE, ELSEWHERE = "人社局", "税务局"


@pytest.mark.parametrize(
    ("reach", "department", "jurisdiction", "covered"),
    [
        (Reach(), HERE, "370200", True),
        (Reach(jurisdiction="3702"), HERE, "370200", True),
        (Reach(jurisdiction="3702"), HERE, "370100", False),
        (Reach(jurisdiction="370200"), HERE, "370000", False),
        (Reach(department=HERE), HERE, "370100", True),
        (Reach(department=HERE), ELSEWHERE, "370100", False),
        (Reach(department=HERE, jurisdiction="3702"), HERE, "370100", False),
        (Reach(department=HERE, jurisdiction="3702"), ELSEWHERE, "370200", False),
        (Reach(department=HERE, jurisdiction="3702"), HERE, "370200", True),
    ],
)
def test_a_reach_covers_its_department_in_its_jurisdiction(
    reach: Reach, department: str, jurisdiction: str, covered: bool
) -> None:
    assert reach.covers(department, jurisdiction) is covered
