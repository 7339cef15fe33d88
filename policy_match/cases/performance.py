"""How well the service does, policy by policy, in figures that may be published.

Guarantees that every case is counted in one group, that shares are of what they say, and that no amount is shown from
which one firm's could be told. Counting is a store's; the page is `storage.performance_page`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

from policy_match.values import PolicyId

FEWEST_FIRMS = 3
"""Amounts of fewer firms are not shown: a reader who is one of two could tell the other's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyCounts:
    """What became of a policy's cases. Amounts in fen, days are calendar days in China.

    `owed` cases were opened with an amount. Each is now `paid` (closed after payment included), `under_way`,
    `given_up` (declined, waived, given up after a return), or `fallen` (withdrawn, rejected). `reached` firms got a
    notice, `answered` had an answer from the firm. `corrected` cases were put right by an objection or a recovery, each
    counted once. `median_days` and `slow_days` (nine of ten were faster) run from opening to payment; `None` when
    nothing was paid.
    """

    policy_id: PolicyId
    owed: int = 0
    owed_fen: int = 0
    firms: int = 0
    reached: int = 0
    answered: int = 0
    paid: int = 0
    paid_fen: int = 0
    paid_firms: int = 0
    under_way: int = 0
    under_way_fen: int = 0
    waiting_for_budget: int = 0
    given_up: int = 0
    given_up_fen: int = 0
    fallen: int = 0
    fallen_fen: int = 0
    objections: int = 0
    objections_upheld: int = 0
    objections_late: int = 0
    attempts: int = 0
    came_back: int = 0
    paid_after_return: int = 0
    recovered_cases: int = 0
    corrected: int = 0
    median_days: int | None = None
    slow_days: int | None = None

    @property
    def coverage(self) -> Fraction | None:
        """受惠面: paid cases of those owed."""
        return share(self.paid, self.owed)

    @property
    def money_coverage(self) -> Fraction | None:
        """Money paid of what is owed."""
        return share(self.paid_fen, self.owed_fen)

    @property
    def answer_rate(self) -> Fraction | None:
        """Cases with an answer of the firm, of those that it was told of."""
        return share(self.answered, self.reached)

    @property
    def return_rate(self) -> Fraction | None:
        """Payment attempts that came back or were refused, of all."""
        return share(self.came_back, self.attempts)

    @property
    def error_rate(self) -> Fraction | None:
        """Cases that an objection or a recovery put right, of those owed."""
        return share(self.corrected, self.owed)

    @property
    def amounts_may_be_shown(self) -> bool:
        """Whether enough firms share the amounts that none can be told."""
        return self.firms >= FEWEST_FIRMS and (self.paid_firms == 0 or self.paid_firms >= FEWEST_FIRMS)


NOT_ADDED = frozenset({"policy_id", "median_days", "slow_days"})


def share(part: int, whole: int) -> Fraction | None:
    """Return part of whole; `None` of nothing."""
    return Fraction(part, whole) if whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Performance:
    """All policies with cases, and their sum. Days of the sum are over all cases; firms are counted once each."""

    policies: Sequence[PolicyCounts]
    total: PolicyCounts


def added_up(policies: Iterable[PolicyCounts], whole: PolicyCounts) -> Performance:
    """Return the report; `whole` was counted over all policies and must be their sum, but for firms and days."""
    ordered = tuple(sorted(policies, key=lambda each: each.policy_id))
    for field in fields(PolicyCounts):
        if field.name not in NOT_ADDED | {"firms", "paid_firms"}:
            parts = sum(getattr(each, field.name) for each in ordered)
            assert parts == getattr(whole, field.name), f"{field.name}: {parts} in all policies"
    return Performance(policies=ordered, total=whole)
