"""The signs that make somebody look at a policy."""

import pytest

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.reports.reviews import MOST_MISSING, PolicyCounts, Sign, findings
from policy_match.values import FactName, PolicyId

ID = PolicyId("refund")


@pytest.mark.parametrize(
    ("counts", "sign"),
    [
        (PolicyCounts(policy_id=ID, windows_ended=20, declined=2), Sign.DECLINED),
        (PolicyCounts(policy_id=ID, eligible=500, upheld=1), Sign.UPHELD),
        (PolicyCounts(policy_id=ID, eligible=20, unreached=1), Sign.UNREACHED),
        (PolicyCounts(policy_id=ID, rows=100, undetermined=20), Sign.UNDETERMINED),
        (PolicyCounts(policy_id=ID, suggestions=1), Sign.SUGGESTIONS),
    ],
)
def test_a_sign_is_found_at_its_limit(counts: PolicyCounts, sign: Sign) -> None:
    assert [finding.sign for finding in findings(counts)] == [sign]


@pytest.mark.parametrize(
    "counts",
    [
        PolicyCounts(policy_id=ID),
        PolicyCounts(policy_id=ID, windows_ended=19, declined=19),
        PolicyCounts(policy_id=ID, windows_ended=100, declined=9),
        PolicyCounts(policy_id=ID, eligible=19, unreached=19),
        PolicyCounts(policy_id=ID, rows=19, undetermined=19),
        PolicyCounts(policy_id=ID, rows=100, undetermined=19),
    ],
)
def test_few_cases_and_small_shares_are_no_sign(counts: PolicyCounts) -> None:
    assert findings(counts) == ()


def test_a_sign_names_what_stands_behind_it() -> None:
    missing = [(FactName(f"fact_{number}"), 100 - number) for number in range(9)]
    counts = PolicyCounts(
        policy_id=ID,
        windows_ended=50,
        declined=10,
        reasons={DeclineReason.TOO_SMALL: 7, DeclineReason.OTHER: 3},
        rows=1000,
        undetermined=400,
        missing=missing,
    )
    declined, undetermined = findings(counts)
    assert declined.detail == {"too_small": 7, "other": 3}
    assert declined.share is not None and float(declined.share) == 0.2
    assert list(undetermined.detail) == [f"fact_{number}" for number in range(MOST_MISSING)]
