"""Every policy of one grain decided on the rows of one batch.

Guarantees that each distinct condition is evaluated once for all policies, that amounts are computed for eligible
rows only, and that missing facts are named for every undetermined row.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from policy_match.engines.arrow.awards import award_after
from policy_match.engines.arrow.bitmaps import BitPlaces, TruthBits, bits_at
from policy_match.engines.arrow.columns import Numbers, Truths
from policy_match.engines.arrow.masks import Places, places_of
from policy_match.engines.arrow.missing import as_dictionary, missing_of, truths_missing, united
from policy_match.engines.arrow.program import Program, Rows
from policy_match.engines.arrow.steps import Compiler, Step
from policy_match.engines.arrow.words import Words
from policy_match.expressions.nodes import facts_read
from policy_match.facts.canonical import key_columns
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.sweep.plan import PlannedPolicy, SweepPlan
from policy_match.values import FactName


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
        self._words: dict[FactName, Words] = {}
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
        rows = Rows.of(batch, self._catalogue, self._words)
        truths, lost = self._truths(rows)
        decided = _Truths(self._single, truths, lost, rows)
        return SweepBatch(
            grain=self._grain,
            first_row=first_row,
            keys=batch.select(list(key_columns(self._grain))),
            results=[_decide_policy(policy, decided) for policy in self._policies],
            conditions=truths,
        )

    def _truths(self, rows: Rows) -> tuple[list[pa.BooleanArray], set[int]]:
        """Return the truth of every condition, and the places of those that needed Python integers."""
        truths = []
        lost = set()
        for place, column in enumerate(self._program.run(rows)):
            assert isinstance(column, Truths), "a condition is a truth"
            constant = isinstance(column.array, pa.BooleanScalar)
            truths.append(pa.repeat(column.array, rows.count) if constant else column.array)
            if column.lost is not None:
                lost.add(place)
        return truths, lost


def _award_step(compiler: Compiler, policy: PlannedPolicy) -> Step:
    operands = [policy.amount] if policy.cap is None else [policy.amount, policy.cap]
    # An award over the limit is laid to the facts of the amount and of the cap, as `sweep.decide` does.
    facts = frozenset().union(*map(facts_read, operands))
    return compiler.derived(award_after(policy.minimum), tuple(map(compiler.compile, operands)), facts)


class _Truths:
    """The truths of the conditions on one batch, and the facts missing where they are unknown."""

    def __init__(
        self, programs: Sequence[Program], truths: Sequence[pa.BooleanArray], lost: Set[int], rows: Rows
    ) -> None:
        self.rows = rows
        self.truths = [TruthBits.of(truth) for truth in truths]
        self.missing = [
            truths_missing(program, truth, rows, lost=place in lost)
            for place, (program, truth) in enumerate(zip(programs, self.truths, strict=True))
        ]


def _decide_policy(compiled: _CompiledPolicy, conditions: _Truths) -> PolicyResult:
    truth = TruthBits.all_of([conditions.truths[condition] for condition in compiled.conditions])
    missing = [conditions.missing[condition] for condition in compiled.conditions]
    possible, certain = truth.split()
    eligible = places_of(certain)
    award = _awards(compiled.award, conditions.rows.take(possible.take(eligible)))
    if len(award.unknown):
        unawarded = eligible.take(award.unknown)
        certain[unawarded] = False
        bitmap = bits_at(possible.take(unawarded), truth.count)
        truth = truth.without(bitmap)
        missing.append(missing_of(compiled.award, conditions.rows, bitmap, lost=award.lost))
    return PolicyResult(
        policy=compiled.policy,
        truth=truth.array(),
        amount_fen=pa.array(award.fen),
        missing=as_dictionary(united(missing), BitPlaces(possible.take(places_of(~certain)))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Awards:
    """Awards in fen where they are known, and the places of the rows where they are not."""

    fen: NDArray[np.int64]
    unknown: Places
    lost: bool


def _awards(program: Program, rows: Rows) -> _Awards:
    if rows.count == 0:
        return _Awards(np.zeros(0, np.int64), np.zeros(0, np.intp), lost=False)
    column = program.run(rows)[0]
    assert isinstance(column, Numbers), "an award is a number"
    fen = np.broadcast_to(column.numerator.values, rows.count)
    lost = column.lost is not None
    if column.known is None:
        return _Awards(fen, np.zeros(0, np.intp), lost)
    known = np.broadcast_to(column.known, rows.count)
    return _Awards(fen.take(places_of(known)), places_of(~known), lost)
