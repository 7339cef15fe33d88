"""The record of one decision: everything that a firm, a clerk or an auditor needs to follow it.

Guarantees that the record is made by the reference semantics from the same facts, and joins facts with their
sources and dates, the policy version, each condition's truth and article, parameters with their references, and
the amount's arithmetic. How it is shown is left to the entry points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.expressions.arithmetic import written_out
from policy_match.expressions.nodes import Definition, FactValue, Lookup, Node, Parameter
from policy_match.expressions.semantics import FactualValue, Row, Unknown, evaluate
from policy_match.facts.catalogue import Fact
from policy_match.facts.reading import Reading, Readings
from policy_match.policy.model import Basis, Condition, Policy, PolicyVersion, RuleBook
from policy_match.sweep.change import Change, changes_needed
from policy_match.sweep.decide import AmountSteps, decide, truth_of
from policy_match.values import Digest, FactName, Outcome, SnapshotId, Truth, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class FactUsed:
    """A fact that the decision read."""

    fact: Fact
    reading: Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedValue:
    """A parameter or definition that the decision used; `value` is `None` when unknown."""

    name: str
    label: str
    reference: str
    value: FactualValue | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRecord:
    """One condition on this firm; `changes` is what would make it true, when it is false."""

    condition: Condition
    truth: Truth
    missing: tuple[FactName, ...]
    facts: tuple[FactName, ...]
    changes: Change | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountRecord:
    """The arithmetic of the award: the formula as written, the same with values put in, and the rounding steps."""

    formula: str
    written_out: str
    steps: AmountSteps


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRecord:
    """One policy's decision on one firm, or on one record of it."""

    policy: Policy
    version: PolicyVersion
    uscc: Uscc
    record_id: str | None
    as_of: date
    facts_digest: Digest | SnapshotId
    rules_fingerprint: Digest
    outcome: Outcome
    conditions: tuple[ConditionRecord, ...]
    amount: AmountRecord | None
    missing: tuple[FactName, ...]
    facts: tuple[FactUsed, ...]
    values: tuple[NamedValue, ...]

    @property
    def basis(self) -> Sequence[Basis]:
        """The documents on which the policy stands."""
        return self.policy.basis


def record_decision(
    rules: RuleBook,
    policy: Policy,
    version: PolicyVersion,
    readings: Readings,
    *,
    uscc: Uscc,
    record_id: str | None,
    as_of: date,
    facts_digest: Digest,
) -> DecisionRecord:
    """Return the record of deciding `version` on one row."""
    row = Row({name: reading.usable for name, reading in readings.items()}, as_of)
    values = [evaluate(condition.when.node, row) for condition in version.conditions]
    cap = None if version.cap is None else version.cap.node
    verdict = decide(values, version.amount.node, cap, version.minimum, row)
    amount = None
    if verdict.steps is not None:
        amount = AmountRecord(
            formula=version.amount.text, written_out=written_out(version.amount.node, row), steps=verdict.steps
        )
    expressions = _expressions(version)
    return DecisionRecord(
        policy=policy,
        version=version,
        uscc=uscc,
        record_id=record_id,
        as_of=as_of,
        facts_digest=facts_digest,
        rules_fingerprint=rules.fingerprint,
        outcome=verdict.outcome,
        conditions=tuple(_condition_record(condition, row) for condition in version.conditions),
        amount=amount,
        missing=tuple(sorted(verdict.missing)),
        facts=tuple(_facts_used(expressions, rules, readings)),
        values=tuple(_values_used(expressions, rules, row)),
    )


def _expressions(version: PolicyVersion) -> list[Node]:
    cap = [] if version.cap is None else [version.cap.node]
    return [*(condition.when.node for condition in version.conditions), version.amount.node, *cap]


def _condition_record(condition: Condition, row: Row) -> ConditionRecord:
    value = evaluate(condition.when.node, row)
    truth = truth_of(value)
    return ConditionRecord(
        condition=condition,
        truth=truth,
        missing=tuple(sorted(value.missing)) if isinstance(value, Unknown) else (),
        facts=tuple(dict.fromkeys(node.name for node in condition.when.node.walk() if isinstance(node, FactValue))),
        changes=changes_needed(condition.when.node, row) if truth is Truth.FALSE else None,
    )


def _facts_used(expressions: Sequence[Node], rules: RuleBook, readings: Readings) -> Iterator[FactUsed]:
    names = {node.name for expression in expressions for node in expression.walk() if isinstance(node, FactValue)}
    for name in rules.catalogue:
        if name in names:
            yield FactUsed(fact=rules.catalogue[name], reading=readings[name])


def _values_used(expressions: Sequence[Node], rules: RuleBook, row: Row) -> Iterator[NamedValue]:
    used: Mapping[str, Node] = {
        node.name: node
        for expression in expressions
        for node in expression.walk()
        if isinstance(node, Parameter | Lookup | Definition)
    }
    for name in sorted(used):
        value = evaluate(used[name], row)
        source = rules.sources[name]
        yield NamedValue(
            name=name,
            label=source.label,
            reference=source.reference,
            value=None if isinstance(value, Unknown) else value,
        )
