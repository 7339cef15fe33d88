"""The truth of every policy and every distinct condition for every row of a sweep, and what two truths add up to.

Guarantees that a condition is known by its meaning, so that sweeps of different rules can be compared. Counting is
done on bitmaps. Keeping the bitmaps is `storage.truth_files`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.expressions.nodes import facts_read
from policy_match.policy.fingerprint import canonical, digest
from policy_match.sweep.plan import PlannedCondition, SweepPlan
from policy_match.values import Digest, FactName, PolicyId, Truth

CONDITION = "condition:"
POLICY = "policy:"
"""How the columns of truths are named: by meaning, and by policy id."""

TRUTHS = (Truth.TRUE, Truth.FALSE, Truth.UNKNOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionTruth:
    """A distinct condition of one grain. `meaning` is the digest of what it means, `facts` are those it reads."""

    meaning: Digest
    text: str
    facts: tuple[FactName, ...]

    @property
    def column(self) -> str:
        """The column that holds its truth."""
        return f"{CONDITION}{self.meaning}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyTruth:
    """A policy version; `conditions` are the meanings of its conditions, in their order."""

    policy_id: PolicyId
    version: str
    conditions: tuple[Digest, ...]

    @property
    def column(self) -> str:
        """The column that holds its truth: true eligible, false ineligible, null undetermined."""
        return f"{POLICY}{self.policy_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class GrainTruths:
    """Whose truth is known of one grain."""

    conditions: Mapping[Digest, ConditionTruth]
    policies: Mapping[PolicyId, PolicyTruth]


def truths_of(plan: SweepPlan, grain: str) -> GrainTruths:
    """Return what a sweep of `plan` says of the rows of `grain`, in the order of the plan."""
    meanings = {condition.index: meaning_of(condition) for condition in plan.conditions_of(grain)}
    return GrainTruths(
        conditions={
            meanings[condition.index]: ConditionTruth(
                meaning=meanings[condition.index],
                text=condition.text,
                facts=tuple(sorted(facts_read(condition.node))),
            )
            for condition in plan.conditions_of(grain)
        },
        policies={
            policy.policy_id: PolicyTruth(
                policy_id=policy.policy_id,
                version=policy.version,
                conditions=tuple(meanings[index] for index in policy.conditions),
            )
            for policy in plan.policies_of(grain)
        },
    )


def meaning_of(condition: PlannedCondition) -> Digest:
    """Return the digest of what a condition means, the values of its parameters included."""
    return digest(canonical(condition.node))


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthCounts:
    """How many rows are true, false and unknown."""

    true: int
    false: int
    unknown: int


def count_truths(truths: pa.ChunkedArray) -> TruthCounts:
    """Return the counts of one column of truths."""
    true = sum(chunk.true_count for chunk in truths.chunks)
    return TruthCounts(true=true, false=len(truths) - truths.null_count - true, unknown=truths.null_count)


def count_transitions(before: pa.ChunkedArray, after: pa.ChunkedArray) -> Mapping[tuple[Truth, Truth], int]:
    """Return how many rows went from each truth to each, for two columns over the same rows."""
    before_masks, after_masks = _masks(before), _masks(after)
    return {
        (old, new): pc.sum(pc.and_(before_masks[old], after_masks[new]), min_count=0).as_py()
        for old in TRUTHS
        for new in TRUTHS
    }


def _masks(truths: pa.ChunkedArray) -> Mapping[Truth, pa.ChunkedArray]:
    return {
        Truth.TRUE: pc.fill_null(truths, False),
        Truth.FALSE: pc.invert(pc.fill_null(truths, True)),
        Truth.UNKNOWN: pc.is_null(truths),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Alignment:
    """Which rows of two tables are of the same firm or record.

    `before` and `after` are row numbers of equal length, or `None` when the tables have the same rows in the same
    order; `appeared` and `gone` are the row numbers of the others, in the later and in the earlier table.
    """

    before: pa.Array | None
    after: pa.Array | None
    appeared: pa.Array
    gone: pa.Array


def align(before: pa.Table, after: pa.Table) -> Alignment:
    """Return how the rows of two tables of key columns, without repeated keys, correspond."""
    nothing = pa.array([], pa.int32())
    if before.equals(after):
        return Alignment(before=None, after=None, appeared=nothing, gone=nothing)
    old, new = _joined_key(before), _joined_key(after)
    places = pc.index_in(new, value_set=old)
    kept = pc.is_valid(places)
    after_rows = pc.indices_nonzero(kept)
    before_rows = places.filter(kept)
    gone = pc.invert(pc.is_in(old, value_set=new))
    return Alignment(
        before=_flat(before_rows),
        after=_flat(after_rows),
        appeared=_flat(pc.indices_nonzero(pc.invert(kept))),
        gone=_flat(pc.indices_nonzero(gone)),
    )


def _joined_key(keys: pa.Table) -> pa.ChunkedArray:
    columns: Sequence[pa.ChunkedArray] = keys.columns
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")


def _flat(rows: pa.Array | pa.ChunkedArray) -> pa.Array:
    return rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
