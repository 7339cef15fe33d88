"""Counts what became of all cases, in one statement.

Guarantees figures of one moment. What they mean is `cases.performance`.
"""

from dataclasses import fields
from datetime import datetime

from policy_match.cases.performance import Performance, PolicyCounts, added_up
from policy_match.cases.working_days import china_day
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId

ALL = PolicyId("")
"""Stands for all policies in the row of the sum."""


class PerformanceStore:
    """Counts what became of all cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, now: datetime) -> Performance:
        """Return the figures of every policy with cases that were due by now."""
        rows = self._session.all("performance", day=china_day(now), now=now)
        whole = [row for row in rows if row["policy_id"] is None]
        policies = [_counts(row) for row in rows if row["policy_id"] is not None]
        return added_up(policies, _counts(whole[0]) if policies else PolicyCounts(policy_id=ALL))


def _counts(row: Row) -> PolicyCounts:
    figures = {field.name: row[field.name] for field in fields(PolicyCounts) if field.name != "policy_id"}
    return PolicyCounts(policy_id=PolicyId(row["policy_id"] or ALL), **figures)
