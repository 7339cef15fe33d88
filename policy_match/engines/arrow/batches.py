"""Every policy of one grain decided on the rows of one batch.

Guarantees that each distinct condition is evaluated once for all policies, that amounts are computed for eligible
rows only, and that missing facts are named for every undetermined row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policy_match.engines.arrow.awards import award_after
from policy_match.engines.arrow.columns import Numbers, Truths
from policy_match.engines.arrow.logic import all_true
from policy_match.engines.arrow.masks import Places, places_of, truth_array, truth_masks, validity
from policy_match.engines.arrow.missing import Combined, FactNames, FactSets, in_row_order, missing_of
from policy_match.engines.arrow.program import Program, Rows
from policy_match.engines.arrow.steps import Compiler, Step
from policy_match.expressions.nodes import facts_read
from policy_match.facts.canonical import key_columns
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.plan import PlannedPolicy, SweepPlan

CHUNK_ROWS = 65_536
"""Rows on which conditions are evaluated at a time: the columns in use stay within the second-level cache, and are
small enough for the allocator to hand out the same memory again (fresh pages cost more than the arithmetic)."""

SMALL_SETS = 255
"""As many sets of missing facts as one byte per row can number, with one for "known"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _CompiledPolicy:
    policy: PlannedPolicy
    conditions: tuple[int, ...]
    award: Program


class CompiledGrain:
    """All policies of one grain, compiled together. Raises `NodeNotCompiled` when made."""

    def __init__(self, plan: SweepPlan, grain: str) -> None:
        compiler = Compiler(plan.as_of)
        planned = plan.conditions_of(grain)
        places = {condition.index: place for place, condition in enumerate(planned)}
        self._catalogue = plan.catalogue
        self._grain = grain
        self._names = FactNames(plan.facts_of(grain))
        self._conditions = [compiler.compile(condition.node) for condition in planned]
        self._program = Program(self._conditions)
        self._single = [Program([condition]) for condition in self._conditions]
        self._policies = [
            _CompiledPolicy(
                policy=policy,
                conditions=tuple(places[index] for index in policy.conditions),
                award=Program([_award_step(compiler, policy)]),
            )
            for policy in plan.policies_of(grain)
        ]

    @property
    def steps(self) -> int:
        """How many distinct operations the conditions take."""
        return len(self._program.steps)

    def decide(self, first_row: int, batch: pa.RecordBatch) -> SweepBatch:
        """Return the decisions on one batch of canonical columns with at least one row."""
        rows = Rows.of(batch, self._catalogue)
        truths = self._truths(rows)
        unknowns = _Unknowns(self._single, truths, rows, self._names)
        return SweepBatch(
            grain=self._grain,
            first_row=first_row,
            keys=batch.select(list(key_columns(self._grain))),
            results=[_decide_policy(policy, truths, unknowns, rows, self._names) for policy in self._policies],
            conditions=truths,
        )

    def _truths(self, rows: Rows) -> list[pa.BooleanArray]:
        """Return the truth of every condition."""
        chunks = [rows.slice(first, CHUNK_ROWS) for first in range(0, rows.count, CHUNK_ROWS)]
        parts = [[_truth_column(column, chunk.count) for column in self._program.run(chunk)] for chunk in chunks]
        return [pa.concat_arrays(of_condition) for of_condition in zip(*parts, strict=True)]


def _award_step(compiler: Compiler, policy: PlannedPolicy) -> Step:
    operands = [policy.amount] if policy.cap is None else [policy.amount, policy.cap]
    # An award over the limit is laid to the facts of the amount, as `sweep.decide` does.
    return compiler.derived(
        award_after(policy.minimum), tuple(map(compiler.compile, operands)), facts_read(policy.amount)
    )


def _truth_column(column: object, rows: int) -> pa.BooleanArray:
    assert isinstance(column, Truths), "a condition is a truth"
    if isinstance(column.array, pa.BooleanScalar):
        return pa.repeat(column.array, rows)
    return column.array


class _Unknowns:
    """The missing facts of single conditions on the rows of a batch, found when first asked for."""

    def __init__(
        self, programs: Sequence[Program], truths: Sequence[pa.BooleanArray], rows: Rows, names: FactNames
    ) -> None:
        self._programs = programs
        self._truths = truths
        self._rows = rows
        self._names = names
        self._sets: dict[int, FactSets] = {}

    def of(self, condition: int, places: Places) -> FactSets | None:
        """Return the missing facts of a condition at some rows, none where it is known; `None` if always known."""
        truth, only = self._truths[condition], self._programs[condition].only_fact
        if truth.null_count == 0:
            return None
        if only is not None:
            return FactSets(_null_bits(truth, places), (0, self._names.set_of([only])))
        if condition not in self._sets:
            self._sets[condition] = self._found(condition)
        found = self._sets[condition]
        return FactSets(found.codes.take(places), found.sets)

    def _found(self, condition: int) -> FactSets:
        known = validity(self._truths[condition])
        assert known is not None, "asked only where something is unknown"
        places = places_of(~known)
        found = missing_of(self._programs[condition], self._rows.take(places), self._names)
        codes = np.zeros(self._rows.count, np.uint8 if len(found.sets) <= SMALL_SETS else np.int64)
        codes[places] = found.codes + 1
        return FactSets(codes, (0, *found.sets))


def _null_bits(truth: pa.BooleanArray, places: Places) -> NDArray[np.uint8]:
    bits = places + truth.offset
    octets = np.frombuffer(truth.buffers()[0], np.uint8).take(bits >> 3)
    nulls: NDArray[np.uint8] = (~octets >> (bits & 7).astype(np.uint8)) & np.uint8(1)
    return nulls


def _decide_policy(
    compiled: _CompiledPolicy,
    truths: Sequence[pa.BooleanArray],
    unknowns: _Unknowns,
    rows: Rows,
    names: FactNames,
) -> PolicyResult:
    truth = all_true([truths[condition] for condition in compiled.conditions])
    is_true, known = truth_masks(truth)
    undecided = np.zeros(rows.count, np.bool_) if known is None else ~known
    places = places_of(undecided)
    combined = Combined(len(places))
    for condition in compiled.conditions:
        found = unknowns.of(condition, places)
        if found is not None:
            combined.add(found)
    missing, unpaid = (places, combined.united()), None
    eligible = places_of(is_true & ~undecided)
    fen = np.zeros(0, np.int64)
    if len(eligible):
        chosen = rows.take(eligible)
        fen, unawarded = _awards(compiled.award, chosen)
        if len(unawarded):
            unpaid = eligible[unawarded], missing_of(compiled.award, chosen.take(unawarded), names)
            fen = np.delete(fen, unawarded)
            undecided[eligible[unawarded]] = True
            truth = truth_array(is_true, ~undecided)
    return PolicyResult(
        policy=compiled.policy,
        truth=truth,
        amount_fen=pa.array(fen),
        missing=in_row_order(missing, unpaid, names),
    )


def _awards(program: Program, rows: Rows) -> tuple[NDArray[np.int64], Places]:
    """Return the award of every row in fen, and the rows whose award is unknown."""
    column = program.run(rows)[0]
    assert isinstance(column, Numbers), "an award is a number"
    fen = np.broadcast_to(column.numerator.values, rows.count).astype(np.int64, copy=False)
    if column.known is None:
        return fen, np.zeros(0, np.intp)
    return fen, places_of(~np.broadcast_to(column.known, rows.count))
