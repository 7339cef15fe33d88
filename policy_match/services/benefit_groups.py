"""Which benefits combine or exclude each other, what a firm has of each group, and what it has that nothing limits.

Guarantees only what the rules in use say; which of several benefits a firm was given, and why, its cases say.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.cases.model import Status
from policy_match.cases.words import Words
from policy_match.errors import Language
from policy_match.policy.model import Policy, RuleBook, StackingRule
from policy_match.ports import Database
from policy_match.values import PolicyId, Uscc

MOST_CASES = 5_000
"""The most cases of one firm that are looked at."""

ENDED = (Status.DECLINED, Status.WAIVED, Status.WITHDRAWN, Status.REJECTED)

RULE_WORDS: Mapping[StackingRule, Words] = {
    StackingRule.HIGHEST: Words("同组就高不重复，只给金额最高的一项", "only the highest of the group is given"),
    StackingRule.TOP_UP: Words("同组就高补差，已享受的予以扣除", "the highest counts, less what was had before"),
    StackingRule.EXCLUSIVE: Words("同组只能享受一项", "only one of the group can be had"),
    StackingRule.ADDITIVE: Words("同组可以叠加享受", "those of the group add up"),
}


Member = tuple[Policy, tuple[int, ...]]
"""A policy with the numbers of the firm's live cases of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BenefitGroup:
    """One group of several policies with its rule."""

    group: str
    rule: StackingRule
    members: tuple[Member, ...]

    def text(self, language: Language) -> str:
        """Return what the rule means, for a person."""
        words = RULE_WORDS[self.rule]
        return words.zh if language == "zh" else words.en


@dataclass(frozen=True, kw_only=True, slots=True)
class Combinations:
    """The groups, those first in which the firm has something; and what it has that combines with every other."""

    groups: tuple[BenefitGroup, ...]
    free: tuple[Member, ...]


def combinations(database: Database, uscc: Uscc, rules: RuleBook) -> Combinations:
    """Return how the policies in use limit each other, with what a firm has of them.

    A group of one policy limits nothing. Policies that deduct aid for the same matter exclude each other as well, so
    none of them is free.
    """
    with database.unit_of_work() as work:
        cases = work.firm.cases(uscc, status=None, after=0, most=MOST_CASES)
    own: dict[PolicyId, list[int]] = defaultdict(list)
    for case in cases:
        if case.status not in ENDED:
            own[case.policy_id].append(case.case_id)
    policies = sorted(rules.policies.values(), key=lambda one: one.id)
    groups = _groups(policies, own)
    bound = {policy.id for each in groups for policy, _ in each.members} | _sharing_a_matter(policies)
    return Combinations(
        groups=tuple(sorted(groups, key=lambda each: (not any(ids for _, ids in each.members), each.group, each.rule))),
        free=tuple(
            (policy, tuple(own[policy.id])) for policy in policies if policy.id in own and policy.id not in bound
        ),
    )


def _groups(policies: Sequence[Policy], own: Mapping[PolicyId, Sequence[int]]) -> list[BenefitGroup]:
    members: dict[tuple[str, StackingRule], list[Policy]] = defaultdict(list)
    for policy in policies:
        if policy.stacking is not None:
            members[policy.stacking.group, policy.stacking.rule].append(policy)
    return [
        BenefitGroup(group=group, rule=rule, members=tuple((policy, tuple(own.get(policy.id, ()))) for policy in found))
        for (group, rule), found in members.items()
        if len(found) > 1
    ]


def _sharing_a_matter(policies: Sequence[Policy]) -> set[PolicyId]:
    by_matter: dict[str, set[PolicyId]] = defaultdict(set)
    for policy in policies:
        for matter in policy.prior_aid.matters if policy.prior_aid is not None else ():
            by_matter[matter].add(policy.id)
    return {policy_id for found in by_matter.values() if len(found) > 1 for policy_id in found}
