"""How the conditions of a policy came out over a whole sweep, as a table and as JSON."""

from dataclasses import asdict
from typing import Any

from policy_match.cli.screen import Screen
from policy_match.policy.model import RuleBook
from policy_match.services.condition_coverage import PolicyCoverage


def coverage_json(coverage: PolicyCoverage) -> dict[str, Any]:
    """Return the counts of each condition."""
    return {
        "policy_id": coverage.policy.policy_id,
        "version": coverage.policy.label,
        "rows": coverage.policy.total,
        "eligible": coverage.policy.eligible,
        "conditions": [asdict(condition) for condition in coverage.conditions],
    }


def print_coverage(screen: Screen, rules: RuleBook, coverage: PolicyCoverage) -> None:
    """Print a row per condition, with the policy's own words where the rules still have this version."""
    words = {
        condition.id: screen.say(condition.text, condition.text_en or condition.text)
        for policy in rules.policies.values()
        for version in policy.versions
        if version.fingerprint == coverage.policy.version
        for condition in version.conditions
    }
    columns = [
        (screen.say("条件", "condition"), "left"),
        (screen.say("成立", "holds"), "right"),
        (screen.say("不成立", "fails"), "right"),
        (screen.say("未知", "unknown"), "right"),
        (screen.say("只有它不成立", "only this fails"), "right"),
        (screen.say("只有它未知", "only this is unknown"), "right"),
    ]
    rows = [
        [
            words.get(condition.part, condition.text),
            f"{condition.true:,}",
            f"{condition.false:,}",
            f"{condition.unknown:,}",
            f"{condition.only_false:,}",
            f"{condition.only_unknown:,}",
        ]
        for condition in coverage.conditions
    ]
    title = screen.say(
        f"{coverage.policy.policy_id}：{coverage.policy.total:,} 行中 {coverage.policy.eligible:,} 行符合",
        f"{coverage.policy.policy_id}: {coverage.policy.eligible:,} of {coverage.policy.total:,} rows eligible",
    )
    screen.table(title, columns, rows)
