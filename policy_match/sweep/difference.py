"""What changed between two sweeps for one policy, and because of what: a fact, the rules, the date, or the firm itself.

Guarantees that a change is put down only to what the policy reads and what really differs. Finding the rows that
changed is left to `services.compare_sweeps`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from policy_match.expressions.semantics import Facts, FactualValue
from policy_match.sweep.kept import KeptPolicy, RowKey, Standing
from policy_match.sweep.version_text import ExpressionText, ParameterText, VersionText
from policy_match.values import Digest, FactName, Outcome, PolicyId, Truth

MINIMUM = "minimum"
AMOUNT_PARTS = ("amount", "cap", MINIMUM)
"""The parts of a version that make the amount."""


class Transition(StrEnum):
    """The ways in which a row's standing changes."""

    NEWLY_ELIGIBLE = "newly_eligible"
    LOST = "lost"
    AMOUNT_CHANGED = "amount_changed"
    BECAME_UNDETERMINED = "became_undetermined"
    BECAME_INELIGIBLE = "became_ineligible"


class Presence(StrEnum):
    """A firm or record that only one of the two snapshots has."""

    NEW = "new"
    GONE = "gone"


TRANSITIONS: Mapping[tuple[Outcome | None, Outcome | None], Transition | None] = {
    (Outcome.ELIGIBLE, Outcome.ELIGIBLE): Transition.AMOUNT_CHANGED,
    (Outcome.ELIGIBLE, Outcome.INELIGIBLE): Transition.LOST,
    (Outcome.ELIGIBLE, Outcome.UNDETERMINED): Transition.BECAME_UNDETERMINED,
    (Outcome.ELIGIBLE, None): Transition.LOST,
    (Outcome.INELIGIBLE, Outcome.ELIGIBLE): Transition.NEWLY_ELIGIBLE,
    (Outcome.INELIGIBLE, Outcome.INELIGIBLE): None,
    (Outcome.INELIGIBLE, Outcome.UNDETERMINED): Transition.BECAME_UNDETERMINED,
    (Outcome.INELIGIBLE, None): None,
    (Outcome.UNDETERMINED, Outcome.ELIGIBLE): Transition.NEWLY_ELIGIBLE,
    (Outcome.UNDETERMINED, Outcome.INELIGIBLE): Transition.BECAME_INELIGIBLE,
    (Outcome.UNDETERMINED, Outcome.UNDETERMINED): None,
    (Outcome.UNDETERMINED, None): None,
    (None, Outcome.ELIGIBLE): Transition.NEWLY_ELIGIBLE,
    (None, Outcome.INELIGIBLE): None,
    (None, Outcome.UNDETERMINED): Transition.BECAME_UNDETERMINED,
    (None, None): None,
}
"""Outcome before and after; `None` is a row that the snapshot does not have."""


def transition_of(before: Standing | None, after: Standing | None) -> Transition | None:
    """Return how the standing changed, if it did; `None` stands for a row that is not there."""
    if before is not None and after is not None and before.amount_fen == after.amount_fen is not None:
        return None
    return TRANSITIONS[before.outcome if before else None, after.outcome if after else None]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactChange:
    """A fact whose usable value differs; `None` is unknown, be it missing or stale."""

    fact: FactName
    before: FactualValue | None
    after: FactualValue | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChange:
    """A part of the version that reads differently: `condition ID`, `amount`, `cap` or `minimum`."""

    part: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterChange:
    """A parameter with another value on the date of the decision, as JSON data.

    A parameter chosen by an event's date has no one value; both are then `None`, and its table differs.
    """

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class DateMoved:
    """The date of the decision, where the rule reads it."""

    before: date
    after: date


Reason = FactChange | RuleChange | ParameterChange | DateMoved | Presence


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionChange:
    """A condition whose truth differs; `None` where the version does not have it."""

    part: str
    text: str
    before: Truth | None
    after: Truth | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One sweep's view of one row: rules, date, the truth of each condition by meaning, and the facts."""

    as_of: date
    version: VersionText
    truths: Mapping[Digest, Truth]
    facts: Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class RowDifference:
    """What changed for one row, and why."""

    policy_id: PolicyId
    key: RowKey
    transition: Transition
    before: Standing | None
    after: Standing | None
    conditions: tuple[ConditionChange, ...]
    reasons: tuple[Reason, ...]


def explain_difference(
    policy_id: PolicyId,
    key: RowKey,
    transition: Transition,
    before: tuple[Standing, Side] | None,
    after: tuple[Standing, Side] | None,
) -> RowDifference:
    """Return why a row's standing changed; `None` stands for a row that is not in that snapshot.

    Only what the changed conditions read is looked at, and what else had to arrive or to go missing; where no
    condition changed, what the amount reads. A change that several facts brought about together names them all.
    """
    conditions: Sequence[ConditionChange] = ()
    reasons: Sequence[Reason] = (Presence.NEW if before is None else Presence.GONE,)
    if before is not None and after is not None:
        changes = _changed_conditions(before[1], after[1])
        conditions = [change for change in changes if _counts(change, transition)]
        parts = [change.part for change in conditions] or AMOUNT_PARTS
        if transition is Transition.AMOUNT_CHANGED:
            parts = AMOUNT_PARTS
        facts = {
            *_read(before[1], after[1], parts),
            *_completing(before, after, transition),
        }
        reasons = [
            *rule_changes(before[1].version, after[1].version, parts),
            *_parameter_changes(before[1], after[1], parts),
            *_date_moved(before[1], after[1], parts),
            *_fact_changes(before[1], after[1], facts),
        ]
    return RowDifference(
        policy_id=policy_id,
        key=key,
        transition=transition,
        before=before[0] if before else None,
        after=after[0] if after else None,
        conditions=tuple(conditions),
        reasons=tuple(reasons),
    )


def _changed_conditions(before: Side, after: Side) -> Sequence[ConditionChange]:
    old, new = before.version.conditions, after.version.conditions
    changes = [
        ConditionChange(
            part=part,
            text=new[part].text if part in new else old[part].text,
            before=before.truths[old[part].meaning] if part in old else None,
            after=after.truths[new[part].meaning] if part in new else None,
        )
        for part in dict.fromkeys([*old, *new])
    ]
    return [change for change in changes if change.before is not change.after]


def rule_changes(before: VersionText, after: VersionText, parts: Iterable[str]) -> Iterator[RuleChange]:
    """Yield the parts that are written differently, or mean something else because a definition changed."""
    for part in parts:
        if part == MINIMUM:
            if before.minimum_fen != after.minimum_fen:
                yield RuleChange(part=part, before=before.minimum_fen, after=after.minimum_fen)
            continue
        old, new = before.expressions.get(part), after.expressions.get(part)
        if (old.shape if old else None) != (new.shape if new else None):
            yield RuleChange(part=part, before=old.text if old else None, after=new.text if new else None)


def _parameter_changes(before: Side, after: Side, parts: Iterable[str]) -> Iterator[ParameterChange]:
    old, new = _parameters(before, parts), _parameters(after, parts)
    for name in sorted(old.keys() & new.keys()):
        was, now = old[name], new[name]
        if was.by_event or now.by_event:
            if was != now:
                yield ParameterChange(name=name, before=None, after=None)
        elif was.value_at(before.as_of) != now.value_at(after.as_of):
            yield ParameterChange(name=name, before=was.value_at(before.as_of), after=now.value_at(after.as_of))


def _date_moved(before: Side, after: Side, parts: Iterable[str]) -> Iterator[DateMoved]:
    read = any(expression.reads_date for side in (before, after) for expression in _expressions(side, parts))
    if read and before.as_of != after.as_of:
        yield DateMoved(before=before.as_of, after=after.as_of)


def _fact_changes(before: Side, after: Side, facts: Iterable[FactName]) -> Iterator[FactChange]:
    for fact in sorted(facts):
        old, new = before.facts.get(fact), after.facts.get(fact)
        if old != new:
            yield FactChange(fact=fact, before=old, after=new)


def _counts(change: ConditionChange, transition: Transition) -> bool:
    """Return whether a changed condition has to do with the transition.

    A refusal is down to what is false now. To become eligible everything had to come right; to become undetermined,
    what was false had to go, and something had to be unknown.
    """
    match transition:
        case Transition.LOST | Transition.BECAME_INELIGIBLE:
            return change.after is Truth.FALSE
        case Transition.BECAME_UNDETERMINED:
            return change.before is Truth.FALSE or change.after is Truth.UNKNOWN
        case Transition.NEWLY_ELIGIBLE:
            return True
        case Transition.AMOUNT_CHANGED:
            return False


def _completing(
    before: tuple[Standing, Side], after: tuple[Standing, Side], transition: Transition
) -> Iterable[FactName]:
    """Return the facts beside those of the conditions that had to arrive, or to go missing."""
    if transition is Transition.BECAME_UNDETERMINED:
        return [FactName(name) for name in after[0].missing]
    if transition is Transition.NEWLY_ELIGIBLE:
        return [fact for fact in _read(before[1], after[1], AMOUNT_PARTS) if before[1].facts.get(fact) is None]
    return ()


def _read(before: Side, after: Side, parts: Iterable[str]) -> frozenset[FactName]:
    """Return the facts that the given parts read, on either side."""
    sides = (before, after)
    return frozenset(fact for side in sides for expression in _expressions(side, parts) for fact in expression.facts)


def _expressions(side: Side, parts: Iterable[str]) -> Sequence[ExpressionText]:
    return [side.version.expressions[part] for part in parts if part in side.version.expressions]


def _parameters(side: Side, parts: Iterable[str]) -> Mapping[str, ParameterText]:
    return {name: text for expression in _expressions(side, parts) for name, text in expression.parameters.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDifference:
    """How many rows of one policy went from each outcome to each; `None` stands for rows that are not there.

    A policy that only one sweep decided has only that side. `changed_amounts` counts rows eligible in both with
    another amount, and `added_fen` is by how much in all.
    """

    policy_id: PolicyId
    before: KeptPolicy | None
    after: KeptPolicy | None
    moves: Mapping[tuple[Outcome | None, Outcome | None], int]
    changed_amounts: int
    added_fen: int

    def count(self, transition: Transition) -> int:
        """Return how many rows changed in that way."""
        if transition is Transition.AMOUNT_CHANGED:
            return self.changed_amounts
        return sum(count for move, count in self.moves.items() if TRANSITIONS[move] is transition)
