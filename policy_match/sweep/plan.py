"""All policies of a sweep compiled together, so that each distinct condition is evaluated once.

Guarantees that equal conditions of one grain share one place, whichever policy wrote them. How conditions are
evaluated is left to an engine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policy_match.expressions.nodes import Node, facts_read
from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.model import Policy, PolicyVersion
from policy_match.values import FactName, Money, PolicyId


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedCondition:
    """A distinct condition of one grain. `index` is its place in `SweepPlan.conditions`."""

    index: int
    grain: str
    node: Node
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedPolicy:
    """A policy version in force, with its conditions as indexes into `SweepPlan.conditions`."""

    index: int
    policy_id: PolicyId
    version: str
    grain: str
    conditions: tuple[int, ...]
    amount: Node
    cap: Node | None
    minimum: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepPlan:
    """What one sweep decides, as of one date."""

    as_of: date
    catalogue: FactCatalogue
    conditions: tuple[PlannedCondition, ...]
    policies: tuple[PlannedPolicy, ...]

    @property
    def grains(self) -> tuple[str, ...]:
        """The grains that some policy decides, in a fixed order."""
        return tuple(sorted({policy.grain for policy in self.policies}))

    def policies_of(self, grain: str) -> tuple[PlannedPolicy, ...]:
        """The policies that decide rows of `grain`."""
        return tuple(policy for policy in self.policies if policy.grain == grain)

    def conditions_of(self, grain: str) -> tuple[PlannedCondition, ...]:
        """The distinct conditions evaluated on rows of `grain`."""
        return tuple(condition for condition in self.conditions if condition.grain == grain)

    def facts_of(self, grain: str) -> tuple[FactName, ...]:
        """The facts that policies of `grain` read, in catalogue order; includes firm facts read per record."""
        read: set[FactName] = set()
        for condition in self.conditions_of(grain):
            read |= facts_read(condition.node)
        for policy in self.policies_of(grain):
            read |= facts_read(policy.amount)
            if policy.cap is not None:
                read |= facts_read(policy.cap)
        return tuple(name for name in self.catalogue if name in read)


def plan_sweep(policies: Iterable[tuple[Policy, PolicyVersion]], catalogue: FactCatalogue, as_of: date) -> SweepPlan:
    """Return the plan that decides every given version as of `as_of`."""
    conditions: list[PlannedCondition] = []
    places: dict[tuple[str, Node], int] = {}
    planned: list[PlannedPolicy] = []
    for policy, version in policies:
        indexes: list[int] = []
        for condition in version.conditions:
            key = (policy.grain, condition.when.node)
            if key not in places:
                places[key] = len(conditions)
                conditions.append(
                    PlannedCondition(
                        index=len(conditions),
                        grain=policy.grain,
                        node=condition.when.node,
                        text=condition.when.text,
                    )
                )
            indexes.append(places[key])
        planned.append(
            PlannedPolicy(
                index=len(planned),
                policy_id=policy.id,
                version=version.label,
                grain=policy.grain,
                conditions=tuple(indexes),
                amount=version.amount.node,
                cap=None if version.cap is None else version.cap.node,
                minimum=version.minimum,
            )
        )
    return SweepPlan(as_of=as_of, catalogue=catalogue, conditions=tuple(conditions), policies=tuple(planned))
