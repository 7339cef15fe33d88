"""`policy-match explain`: why a firm gets a benefit, does not get it, or cannot be decided."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from policy_match.cli.options import (
    as_of_option,
    facts_option,
    record_files,
    records_option,
    rules_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.expressions.arithmetic import shown
from policy_match.expressions.nodes import Comparator
from policy_match.facts.reading import FactState
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.decision_json import record_json
from policy_match.services.explain import explain_firm
from policy_match.sweep.change import Change, Combination, CombinedChange, Need, SingleChange
from policy_match.sweep.record import DecisionRecord, FactUsed
from policy_match.values import FactName, Outcome, PolicyId, Truth, Uscc

TRUTHS = {Truth.TRUE: ("✓ 是", "✓ yes"), Truth.FALSE: ("✗ 否", "✗ no"), Truth.UNKNOWN: ("? 未知", "? unknown")}
OUTCOMES = {
    Outcome.ELIGIBLE: ("符合", "eligible"),
    Outcome.INELIGIBLE: ("不符合", "ineligible"),
    Outcome.UNDETERMINED: ("无法判定", "undetermined"),
}
STATES = {
    FactState.KNOWN: ("", ""),
    FactState.MISSING: ("缺少", "missing"),
    FactState.STALE: ("已过期，不采用", "stale, not used"),
}
NEEDS = {
    Need.ONE_OF: ("应属于", "must be one of"),
    Need.NOT_ONE_OF: ("不应属于", "must not be one of"),
    Need.STARTS_WITH: ("应以下列开头：", "must start with one of"),
    Need.STARTS_NOT_WITH: ("不应以下列开头：", "must start with none of"),
    Need.TRUE: ("应成立", "must be true"),
    Need.FALSE: ("应不成立", "must be false"),
    Comparator.EQ: ("应等于", "must be"),
    Comparator.NE: ("不应等于", "must not be"),
    Comparator.LT: ("应小于", "must be below"),
    Comparator.LE: ("应不超过", "must be at most"),
    Comparator.GT: ("应大于", "must be above"),
    Comparator.GE: ("应不低于", "must be at least"),
}
MAX_TARGETS = 12


@click.command()
@click.argument("uscc")
@facts_option
@records_option
@as_of_option
@click.option("--policy", "policy_id", help="只解释这一项政策 / this policy only")
@rules_option
@screen_options
def explain(
    uscc: str,
    facts_path: Path,
    records: tuple[str, ...],
    as_of: date,
    policy_id: str | None,
    rules_folder: Path,
    screen: Screen,
) -> None:
    """解释一家企业的判定：条件、事实与来源、依据、金额算式 / explain the decisions on one firm.

    \b
      policy-match explain 91370200MA3… --facts firms.csv --as-of 2025-06-30
      policy-match explain 91370200MA3… --facts firms.csv --as-of 2025-06-30 --policy cit-small-low-profit --json
    """
    application = current_session().application
    book = load_rules(rules_folder)
    tables = application.open_facts(facts_path, book.catalogue, record_files(records))
    found = explain_firm(
        book,
        tables,
        uscc=Uscc(uscc.strip().upper()),
        as_of=as_of,
        policy_id=None if policy_id is None else PolicyId(policy_id),
    )
    if screen.json:
        screen.result([record_json(record) for record in found])
        return
    for record in found:
        print_record(screen, book, record)


def print_record(screen: Screen, rules: RuleBook, record: DecisionRecord) -> None:
    """Print one decision record for a person."""
    policy = record.policy
    of_record = f" · {policy.grain} {record.record_id}" if record.record_id else ""
    outcome = screen.say(*OUTCOMES[record.outcome])
    amount = f" · {record.amount.steps.paid} {screen.say('元', 'yuan')}" if record.amount else ""
    title = screen.say(policy.title, policy.title_en or policy.title)
    version = screen.say("版本", "version")
    line = f"■ {title} ({policy.id}, {version} {record.version.label}){of_record}: {outcome}{amount}"
    screen.print(line, line)
    for basis in record.basis:
        screen.print(
            f"  依据：{basis.document} {basis.number} {basis.url}",
            f"  basis: {basis.document} {basis.number} {basis.url}",
        )
    _print_conditions(screen, rules, record)
    if record.amount is not None:
        _print_amount(screen, record)
    if record.missing:
        labels = ", ".join(_label(screen, rules, name) for name in record.missing)
        screen.print(f"  缺少的事实：{labels}", f"  missing facts: {labels}")
    _print_facts(screen, record.facts)
    for value in record.values:
        text = "?" if value.value is None else shown(value.value)
        screen.print(
            f"  参数/定义 {value.label} = {text}({value.reference})",
            f"  value {value.name} = {text} ({value.reference})",
        )
    screen.print("", "")


def _print_conditions(screen: Screen, rules: RuleBook, record: DecisionRecord) -> None:
    for item in record.conditions:
        condition = item.condition
        text = screen.say(condition.text, condition.text_en or condition.text)
        truth = screen.say(*TRUTHS[item.truth])
        screen.print(f"  {truth}  {text}〔{condition.article}〕", f"  {truth}  {text} [{condition.article}]")
        if item.changes is not None:
            screen.print(
                f"      要改变：{describe_change(screen, rules, item.changes)}",
                f"      to change: {describe_change(screen, rules, item.changes)}",
            )


def _print_amount(screen: Screen, record: DecisionRecord) -> None:
    assert record.amount is not None
    steps = record.amount.steps
    sums = f"{record.amount.formula} = {record.amount.written_out} = {shown(steps.exact)}"
    screen.print(f"  金额：{sums} → 四舍五入到分 {steps.rounded}", f"  amount: {sums} → to the fen {steps.rounded}")
    if steps.rounded < record.version.minimum:
        screen.print(
            f"    低于起付额 {record.version.minimum}，不予发放",
            f"    below the minimum {record.version.minimum}: nothing is paid",
        )
    if steps.cap is not None and steps.rounded > steps.cap:
        screen.print(f"    超过上限，按 {steps.cap} 计", f"    above the cap: {steps.cap}")


def _print_facts(screen: Screen, facts: Sequence[FactUsed]) -> None:
    columns = [
        (screen.say("事实", "fact"), "left"),
        (screen.say("值", "value"), "right"),
        (screen.say("单位", "unit"), "left"),
        (screen.say("来源", "source"), "left"),
        (screen.say("数据日期", "observed"), "left"),
        ("", "left"),
    ]
    rows = [
        [
            screen.say(used.fact.label, used.fact.label_en or used.fact.name),
            "" if used.reading.value is None else shown(used.reading.value).strip("'"),
            used.fact.unit,
            used.reading.source or used.fact.source,
            "" if used.reading.observed is None else used.reading.observed.isoformat(),
            screen.say(*STATES[used.reading.state]),
        ]
        for used in facts
    ]
    screen.table("", columns, rows)


def _label(screen: Screen, rules: RuleBook, name: FactName) -> str:
    fact = rules.catalogue[name]
    return screen.say(fact.label, fact.label_en or name)


def describe_change(screen: Screen, rules: RuleBook, change: Change) -> str:
    """Return in words what would have to change."""
    match change:
        case CombinedChange():
            word = screen.say("且", "and") if change.combination is Combination.ALL else screen.say("或", "or")
            return f" {word} ".join(f"({describe_change(screen, rules, part)})" for part in change.parts)
        case SingleChange():
            subject = screen.say("、", ", ").join(_label(screen, rules, name) for name in change.facts) or "…"
            current = "?" if change.current is None else shown(change.current)
            targets = ", ".join(shown(target) for target in change.target[:MAX_TARGETS])
            more = " …" if len(change.target) > MAX_TARGETS else ""
            gap = f", {screen.say('相差', 'short by')} {shown(change.gap)}" if change.gap else ""
            now = screen.say("现为", "now")
            return f"{subject} {screen.say(*NEEDS[change.need])} {targets}{more} ({now} {current}{gap})"
