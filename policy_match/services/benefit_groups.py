"""Which benefits combine or exclude each other, and what a firm has of each group.

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


@dataclass(frozen=True, kw_only=True, slots=True)
class BenefitGroup:
    """One group with its rule: each policy with the numbers of the firm's live cases of it."""

    group: str
    rule: StackingRule
    members: tuple[tuple[Policy, tuple[int, ...]], ...]

    def text(self, language: Language) -> str:
        """Return what the rule means, for a person."""
        words = RULE_WORDS[self.rule]
        return words.zh if language == "zh" else words.en


def benefit_groups(database: Database, uscc: Uscc, rules: RuleBook) -> Sequence[BenefitGroup]:
    """Return every group of the rules in use, those first in which the firm has something."""
    with database.unit_of_work() as work:
        cases = work.firm.cases(uscc, status=None, after=0, most=MOST_CASES)
    own: dict[PolicyId, list[int]] = defaultdict(list)
    for case in cases:
        if case.status not in ENDED:
            own[case.policy_id].append(case.case_id)
    members: dict[tuple[str, StackingRule], list[Policy]] = defaultdict(list)
    for policy in rules.policies.values():
        if policy.stacking is not None:
            members[policy.stacking.group, policy.stacking.rule].append(policy)
    groups = [
        BenefitGroup(
            group=group,
            rule=rule,
            members=tuple((policy, tuple(own.get(policy.id, ()))) for policy in sorted(found, key=lambda one: one.id)),
        )
        for (group, rule), found in members.items()
    ]
    return sorted(groups, key=lambda each: (not any(ids for _, ids in each.members), each.group, each.rule))
