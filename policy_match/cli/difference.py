"""What changed between two sweeps, as tables and as JSON."""

from typing import Any

from policy_match.cli.screen import Screen
from policy_match.expressions.arithmetic import shown
from policy_match.policy.model import RuleBook
from policy_match.services.compare_sweeps import DifferencePage, SweepDifference
from policy_match.services.decision_json import plain_value
from policy_match.sweep.difference import (
    DateMoved,
    FactChange,
    ParameterChange,
    Presence,
    Reason,
    RowDifference,
    RuleChange,
    Transition,
)
from policy_match.sweep.kept import Standing
from policy_match.values import Money

TRANSITIONS = {
    Transition.NEWLY_ELIGIBLE: ("新符合", "newly eligible"),
    Transition.LOST: ("不再符合", "lost"),
    Transition.AMOUNT_CHANGED: ("金额变化", "amount changed"),
    Transition.BECAME_UNDETERMINED: ("变为无法判定", "became undetermined"),
    Transition.BECAME_INELIGIBLE: ("变为不符合", "became ineligible"),
}
PRESENCES = {
    Presence.NEW: ("新出现", "new in the registry"),
    Presence.GONE: ("已不在登记数据中", "gone from the registry"),
}
OUTCOMES = {"eligible": ("符合", "eligible"), "ineligible": ("不符合", "ineligible")}


def difference_json(difference: SweepDifference) -> dict[str, Any]:
    """Return the counts of a comparison."""
    return {
        "before": difference.before.sweep_id,
        "after": difference.after.sweep_id,
        "policies": [
            {
                "policy_id": policy.policy_id,
                "before_version": policy.before.label if policy.before else None,
                "after_version": policy.after.label if policy.after else None,
                **{transition.value: policy.count(transition) for transition in Transition},
                "added_amount": str(Money(policy.added_fen).yuan),
            }
            for policy in difference.policies
        ],
    }


def print_difference(screen: Screen, rules: RuleBook, difference: SweepDifference) -> None:
    """Print a row per policy."""
    columns = [(screen.say("政策", "policy"), "left")]
    columns += [(screen.say(*TRANSITIONS[transition]), "right") for transition in Transition]
    columns += [(screen.say("金额增减（元）", "change of amounts (yuan)"), "right"), ("", "left")]
    rows = []
    for policy in difference.policies:
        known = rules.policies.get(policy.policy_id)
        title = policy.policy_id if known is None else screen.say(known.title, known.title_en or known.id)
        note = ""
        if policy.before is None:
            note = screen.say("前一批次未判定", "not in the earlier sweep")
        elif policy.after is None:
            note = screen.say("后一批次未判定", "not in the later sweep")
        elif policy.before.version != policy.after.version:
            note = f"{policy.before.label} → {policy.after.label}"
        counts = [f"{policy.count(transition):,}" for transition in Transition]
        rows.append([title, *counts, str(Money(policy.added_fen)), note])
    before, after = difference.before.identity.as_of, difference.after.identity.as_of
    screen.table(screen.say(f"{before} → {after} 的变化", f"Changes from {before} to {after}"), columns, rows)


def page_json(page: DifferencePage) -> dict[str, Any]:
    """Return the rows that changed, with their reasons."""
    return {
        "rows": [_row_json(row) for row in page.rows],
        "next": None if page.next_row is None else [page.next_row.uscc, page.next_row.record_id],
    }


def _row_json(row: RowDifference) -> dict[str, Any]:
    return {
        "uscc": row.key.uscc,
        "record": row.key.record_id or None,
        "transition": row.transition.value,
        "before": _standing_json(row.before),
        "after": _standing_json(row.after),
        "conditions": [
            {"part": c.part, "before": c.before and c.before.value, "after": c.after and c.after.value}
            for c in row.conditions
        ],
        "reasons": [_reason_json(reason) for reason in row.reasons],
    }


def _standing_json(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    amount = None if standing.amount_fen is None else str(Money(standing.amount_fen).yuan)
    return {"outcome": standing.outcome.value, "amount": amount, "missing": list(standing.missing)}


def _reason_json(reason: Reason) -> dict[str, Any]:
    match reason:
        case FactChange():
            return {"fact": reason.fact, "before": plain_value(reason.before), "after": plain_value(reason.after)}
        case RuleChange():
            return {"rule": reason.part, "before": reason.before, "after": reason.after}
        case ParameterChange():
            return {"parameter": reason.name, "before": reason.before, "after": reason.after}
        case DateMoved():
            return {"as_of": True, "before": reason.before.isoformat(), "after": reason.after.isoformat()}
        case Presence():
            return {"firm": reason.value}


def print_page(screen: Screen, rules: RuleBook, page: DifferencePage) -> None:
    """Print the rows that changed, with their reasons."""
    columns = [
        (screen.say("企业", "firm"), "left"),
        (screen.say("记录", "record"), "left"),
        (screen.say("变化", "change"), "left"),
        (screen.say("之前", "before"), "right"),
        (screen.say("之后", "after"), "right"),
        (screen.say("原因", "because of"), "left"),
    ]
    rows = [
        [
            row.key.uscc,
            row.key.record_id,
            screen.say(*TRANSITIONS[row.transition]),
            _standing_text(screen, row.before),
            _standing_text(screen, row.after),
            "; ".join(_reason_text(screen, rules, reason) for reason in row.reasons),
        ]
        for row in page.rows
    ]
    screen.table("", columns, rows)
    if page.next_row is not None:
        screen.print("还有更多；用 --most 增加行数", "there are more; ask for more rows with --most")


def _standing_text(screen: Screen, standing: Standing | None) -> str:
    if standing is None:
        return ""
    if standing.amount_fen is not None:
        return str(Money(standing.amount_fen))
    return screen.say(*OUTCOMES.get(standing.outcome, ("无法判定", "undetermined")))


def _reason_text(screen: Screen, rules: RuleBook, reason: Reason) -> str:
    match reason:
        case FactChange():
            fact = rules.catalogue.get(reason.fact)
            label = reason.fact if fact is None else screen.say(fact.label, fact.label_en or fact.name)
            before = "?" if reason.before is None else shown(reason.before)
            after = "?" if reason.after is None else shown(reason.after)
            return f"{label} {before} → {after}"
        case RuleChange():
            return f"{screen.say('规则', 'rule')} {reason.part}: {reason.before} → {reason.after}"
        case ParameterChange():
            return f"{screen.say('参数', 'parameter')} {reason.name}: {reason.before} → {reason.after}"
        case DateMoved():
            return f"{screen.say('判定日期', 'date')} {reason.before} → {reason.after}"
        case Presence():
            return screen.say(*PRESENCES[reason])
