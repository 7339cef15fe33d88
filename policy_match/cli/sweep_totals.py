"""The report of a sweep as tables: per policy, and the missing facts that hold back most money."""

from collections.abc import Mapping

from policy_match.cli.screen import Screen
from policy_match.policy.model import RuleBook
from policy_match.sweep.totals import Totals
from policy_match.values import FactName, Money, PolicyId

MAX_BLOCKING = 10

REASONS = {
    "not-in-force": ("该日期无生效版本", "no version in force on that day"),
}


def print_totals(screen: Screen, rules: RuleBook, totals: Totals, skipped: Mapping[str, str]) -> None:
    """Print what each policy found, what was not decided and why, and what is missing."""
    columns = [
        (screen.say("政策", "policy"), "left"),
        (screen.say("版本", "version"), "left"),
        (screen.say("对象", "per"), "left"),
        (screen.say("符合", "eligible"), "right"),
        (screen.say("不符合", "ineligible"), "right"),
        (screen.say("无法判定", "undetermined"), "right"),
        (screen.say("金额（元）", "amount (yuan)"), "right"),
        ("", "left"),
    ]
    rows = []
    for item in totals.policies:
        policy = rules.policies[item.policy.policy_id]
        flag = ""
        if item.matches_all:
            flag = screen.say("全部符合？", "matches all?")
        elif item.matches_none:
            flag = screen.say("无一符合？", "matches none?")
        rows.append(
            [
                screen.say(policy.title, policy.title_en or policy.id),
                item.policy.version,
                item.policy.grain,
                f"{item.eligible:,}",
                f"{item.ineligible:,}",
                f"{item.undetermined:,}",
                str(item.amount),
                flag,
            ]
        )
    screen.table(screen.say("各项政策", "Policies"), columns, rows)
    _print_skipped(screen, rules, skipped)
    _print_blocking(screen, rules, totals)


def _print_skipped(screen: Screen, rules: RuleBook, skipped: Mapping[str, str]) -> None:
    for policy_id, reason in sorted(skipped.items()):
        policy = rules.policies[PolicyId(policy_id)]
        chinese, english = REASONS.get(reason, ("数据中没有该记录表", f"the facts have no {policy.grain} table"))
        screen.print(f"未判定：{policy.title}({chinese})", f"not decided: {policy.title_en or policy.id} ({english})")


def _print_blocking(screen: Screen, rules: RuleBook, totals: Totals) -> None:
    blocking = totals.blocking()[:MAX_BLOCKING]
    if not blocking:
        return
    columns = [
        (screen.say("缺少的事实", "missing fact"), "left"),
        (screen.say("来源部门", "source"), "left"),
        (screen.say("无法判定", "undetermined"), "right"),
        (screen.say("估计受阻金额（元）", "money held back, estimated (yuan)"), "right"),
    ]
    rows = []
    for name, count, fen in blocking:
        fact = rules.catalogue[FactName(name)]
        rows.append([screen.say(fact.label, fact.label_en or name), fact.source, f"{count:,}", str(Money(fen))])
    title = screen.say(
        "缺少哪些事实使最多资金无法判定（按该政策已判定企业的平均金额估计）",
        "Which missing facts hold back most money (estimated at the policy's mean over all decided rows)",
    )
    screen.table(title, columns, rows)
