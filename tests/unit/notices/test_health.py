"""When a provider is demoted, and when that ends."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from policy_match.notices.health import Demotion, DemotionRule, Outcomes, demotion

NOW = datetime(2025, 7, 1, 4, tzinfo=UTC)
RULE = DemotionRule(failures=5, share=Fraction(1, 2))


@pytest.mark.parametrize(("failures", "outcomes"), [(0, 0), (4, 4), (4, 100), (5, 11), (49, 100)])
def test_few_failures_or_a_small_share_demote_nobody(failures: int, outcomes: int) -> None:
    assert demotion("gate", Outcomes(failures=failures, outcomes=outcomes), RULE, NOW) is None


@pytest.mark.parametrize(("failures", "outcomes"), [(5, 5), (5, 10), (50, 100)])
def test_many_failures_and_a_large_share_demote(failures: int, outcomes: int) -> None:
    found = demotion("gate", Outcomes(failures=failures, outcomes=outcomes), RULE, NOW)
    assert found == Demotion(provider="gate", until=NOW + RULE.lasts, failures=failures, outcomes=outcomes, at=NOW)


def test_a_demotion_ends_by_itself_and_holds_not_before_it_was_made() -> None:
    found = demotion("gate", Outcomes(failures=9, outcomes=9), RULE, NOW)
    assert found is not None
    assert found.holds(NOW) and found.holds(found.until - timedelta(seconds=1))
    assert not found.holds(found.until)
    assert not found.holds(NOW - timedelta(days=1))
