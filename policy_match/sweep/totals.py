"""What a sweep adds up to, per policy, counted while the batches pass.

Guarantees that the counts of one policy add up to the rows of its grain. Where the totals go is left to services.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow.compute as pc

from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.plan import PlannedPolicy, SweepPlan
from policy_match.values import Money


class PolicyCounts(Protocol):
    """The counts of one policy, wherever they are kept."""

    @property
    def eligible(self) -> int:
        """Rows that get the benefit."""

    @property
    def ineligible(self) -> int:
        """Rows that do not."""

    @property
    def undetermined(self) -> int:
        """Rows that lack facts."""

    @property
    def amount_fen(self) -> int:
        """The sum of all awards in fen."""


@dataclass(kw_only=True, slots=True)
class PolicyTotals:
    """Counts of one policy. `missing` counts, per fact, the undetermined decisions that name it."""

    policy: PlannedPolicy
    eligible: int = 0
    ineligible: int = 0
    undetermined: int = 0
    amount_fen: int = 0
    missing: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """How many rows were decided."""
        return self.eligible + self.ineligible + self.undetermined

    @property
    def amount(self) -> Money:
        """The sum of all awards."""
        return Money(self.amount_fen)

    @property
    def matches_all(self) -> bool:
        """Whether every row is eligible, which is suspicious."""
        return self.rows > 0 and self.eligible == self.rows

    @property
    def matches_none(self) -> bool:
        """Whether no row is eligible and none is even open, which is suspicious."""
        return self.rows > 0 and self.ineligible == self.rows

    def blocked_fen(self, fact: str) -> int:
        """Estimate the money that this missing fact holds back: decisions that name it × the mean over decided rows."""
        decided = self.eligible + self.ineligible
        return 0 if decided == 0 else self.missing[fact] * self.amount_fen // decided

    def add(self, result: PolicyResult) -> None:
        """Count one batch."""
        undetermined = result.truth.null_count
        eligible = len(result.amount_fen)
        self.undetermined += undetermined
        self.eligible += eligible
        self.ineligible += len(result.truth) - undetermined - eligible
        self.amount_fen += pc.sum(result.amount_fen).as_py() or 0
        for counted in pc.value_counts(result.missing.indices):
            names = result.missing.dictionary[counted["values"].as_py()].as_py()
            for name in names:
                self.missing[name] += counted["counts"].as_py()


class Totals:
    """The totals of a sweep, by policy."""

    def __init__(self, plan: SweepPlan) -> None:
        self.policies = tuple(PolicyTotals(policy=policy) for policy in plan.policies)

    def watch(self, batches: Iterable[SweepBatch]) -> Iterator[SweepBatch]:
        """Yield the batches unchanged and count each."""
        for batch in batches:
            for result in batch.results:
                self.policies[result.policy.index].add(result)
            yield batch

    def restore(self, counts: Iterable[PolicyCounts], missing: Mapping[int, Mapping[str, int]]) -> None:
        """Take the totals of a sweep that was kept, policies in the order of the plan; `missing` is by their place."""
        for totals, kept in zip(self.policies, counts, strict=True):
            totals.eligible = kept.eligible
            totals.ineligible = kept.ineligible
            totals.undetermined = kept.undetermined
            totals.amount_fen = kept.amount_fen
            totals.missing = Counter(missing.get(totals.policy.index, {}))

    def blocking(self) -> list[tuple[str, int, int]]:
        """Return (fact, undetermined decisions that name it, estimated fen held back), most money first."""
        facts = {fact for totals in self.policies for fact in totals.missing}
        listed = [
            (
                fact,
                sum(totals.missing[fact] for totals in self.policies),
                sum(totals.blocked_fen(fact) for totals in self.policies),
            )
            for fact in facts
        ]
        return sorted(listed, key=lambda item: (-item[2], -item[1], item[0]))
