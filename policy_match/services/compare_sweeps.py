"""Says what changed from one kept sweep to another, per policy in numbers and row by row with the reasons.

Guarantees that both sweeps are read as they were kept: truths from their files, decisions and rules from the system
of record, facts from their snapshots. Nothing is evaluated again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.errors import InputError
from policy_match.expressions.semantics import Facts
from policy_match.facts.canonical import key_columns, record_column
from policy_match.facts.catalogue import FIRM, KEY, FactCatalogue
from policy_match.facts.column_values import rule_value
from policy_match.ports import Database, FactTables, TruthFiles, TruthReader, UnitOfWork
from policy_match.sweep.difference import PolicyDifference, RowDifference, Side, explain_difference, transition_of
from policy_match.sweep.kept import ChangedRow, KeptPolicy, KeptSweep, RowKey, Standing
from policy_match.sweep.truth import CONDITION, POLICY, Alignment, align, count_transitions, count_truths
from policy_match.sweep.version_text import VersionText, read_version_text
from policy_match.values import FactName, Outcome, PolicyId, SnapshotId, SweepId, Truth

OUTCOME_OF = {Truth.TRUE: Outcome.ELIGIBLE, Truth.FALSE: Outcome.INELIGIBLE, Truth.UNKNOWN: Outcome.UNDETERMINED}


class NoSuchSweep(InputError):
    """No sweep with this id is kept."""

    code = "compare-no-sweep"
    http_status = 404
    english = "no sweep {sweep_id} is kept; list the sweeps to see those that are"
    chinese = "没有保存批次 {sweep_id}；请先列出已保存的批次"


class NotInBoth(InputError):
    """The policy was not decided by both sweeps, so there are no rows to compare."""

    code = "compare-not-in-both"
    http_status = 404
    english = (
        "policy `{policy}` was not in force in both sweeps; compare the sweeps without --policy to see what changed"
    )
    chinese = "政策“{policy}”并非在两个批次中都生效；请不带 --policy 比较两个批次"


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepDifference:
    """Two kept sweeps and how each policy's decisions moved, by policy id."""

    before: KeptSweep
    after: KeptSweep
    policies: Sequence[PolicyDifference]


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferencePage:
    """Some rows that changed, in order of code and record; `next_row` asks for what follows, if anything does."""

    rows: Sequence[RowDifference]
    next_row: RowKey | None


def compare_sweeps(database: Database, truth_files: TruthFiles, before: SweepId, after: SweepId) -> SweepDifference:
    """Return how every policy's decisions moved. Raises `NoSuchSweep`."""
    with database.unit_of_work() as work:
        old, new = _kept(work, before), _kept(work, after)
        old_truth, new_truth = _open(truth_files, old), _open(truth_files, new)
        grains = {policy.grain for sweep in (old, new) for policy in sweep.policies}
        alignments = {
            grain: align(old_truth.columns(grain, key_columns(grain)), new_truth.columns(grain, key_columns(grain)))
            for grain in grains
        }
        policies = []
        for policy_id in sorted({policy.policy_id for sweep in (old, new) for policy in sweep.policies}):
            was, now = old.policy(policy_id), new.policy(policy_id)
            moves = _moves(was, now, old_truth, new_truth, alignments)
            amounts = (0, 0)
            if was is not None and now is not None:
                amounts = work.sweeps.count_changed_amounts(before, after, policy_id)
            policies.append(
                PolicyDifference(
                    policy_id=policy_id,
                    before=was,
                    after=now,
                    moves=moves,
                    changed_amounts=amounts[0],
                    added_fen=amounts[1],
                )
            )
    return SweepDifference(before=old, after=new, policies=policies)


def _kept(work: UnitOfWork, sweep_id: SweepId) -> KeptSweep:
    kept = work.sweeps.find(sweep_id)
    if kept is None:
        raise NoSuchSweep(sweep_id=sweep_id)
    return kept


def _open(truth_files: TruthFiles, sweep: KeptSweep) -> TruthReader:
    return truth_files.open(sweep.sweep_id, sweep.truth)


def _moves(
    was: KeptPolicy | None,
    now: KeptPolicy | None,
    old_truth: TruthReader,
    new_truth: TruthReader,
    alignments: Mapping[str, Alignment],
) -> Mapping[tuple[Outcome | None, Outcome | None], int]:
    """Count the moves from each outcome to each; rows that only one side has move from or to `None`."""
    moves: dict[tuple[Outcome | None, Outcome | None], int] = {}
    old = None if was is None else _truths(old_truth, was)
    new = None if now is None else _truths(new_truth, now)
    if old is not None and new is not None and was is not None and now is not None and was.grain == now.grain:
        rows = alignments[now.grain]
        stayed_old = old if rows.before is None else old.take(rows.before)
        stayed_new = new if rows.after is None else new.take(rows.after)
        for (left, right), count in count_transitions(stayed_old, stayed_new).items():
            moves[OUTCOME_OF[left], OUTCOME_OF[right]] = count
        old, new = old.take(rows.gone), new.take(rows.appeared)
    for outcome, count in _outcomes(old):
        moves[outcome, None] = count
    for outcome, count in _outcomes(new):
        moves[None, outcome] = count
    return moves


def _truths(truth: TruthReader, policy: KeptPolicy) -> pa.ChunkedArray:
    name = f"{POLICY}{policy.policy_id}"
    return truth.columns(policy.grain, [name])[name]


def _outcomes(truths: pa.ChunkedArray | None) -> Sequence[tuple[Outcome, int]]:
    if truths is None:
        return []
    counts = count_truths(truths)
    return [
        (Outcome.ELIGIBLE, counts.true),
        (Outcome.INELIGIBLE, counts.false),
        (Outcome.UNDETERMINED, counts.unknown),
    ]


def changed_rows(
    database: Database,
    truth_files: TruthFiles,
    open_snapshot: Callable[[SnapshotId], FactTables],
    catalogue: FactCatalogue,
    before: SweepId,
    after: SweepId,
    policy_id: PolicyId,
    *,
    from_row: RowKey | None = None,
    most: int = 100,
) -> DifferencePage:
    """Return a page of one policy's rows that changed, each with its reasons. Raises `NoSuchSweep`, `NotInBoth`."""
    with database.unit_of_work() as work:
        old, new = _kept(work, before), _kept(work, after)
        was, now = old.policy(policy_id), new.policy(policy_id)
        if was is None or now is None or was.grain != now.grain:
            raise NotInBoth(policy=policy_id)
        rows = work.sweeps.changed_rows(before, after, policy_id, from_row=from_row, most=most)
        texts = [_version_text(work, policy) for policy in (was, now)]
    keys = [row.key for row in rows]
    old_sides, new_sides = (
        _sides(
            open_snapshot(sweep.identity.snapshot_id), _open(truth_files, sweep), catalogue, sweep, policy, text, keys
        )
        for sweep, policy, text in ((old, was, texts[0]), (new, now, texts[1]))
    )
    found = [
        difference
        for row in rows
        if (difference := _difference(policy_id, row, old_sides.get(row.key), new_sides.get(row.key))) is not None
    ]
    return DifferencePage(rows=found, next_row=keys[-1] if len(rows) == most else None)


def _difference(policy_id: PolicyId, row: ChangedRow, old: Side | None, new: Side | None) -> RowDifference | None:
    """Return the difference of a row; `None` where a row that is not there counts for nothing."""
    before = None if old is None else (row.before or Standing(outcome=Outcome.INELIGIBLE), old)
    after = None if new is None else (row.after or Standing(outcome=Outcome.INELIGIBLE), new)
    transition = transition_of(before[0] if before else None, after[0] if after else None)
    return None if transition is None else explain_difference(policy_id, row.key, transition, before, after)


def _version_text(work: UnitOfWork, policy: KeptPolicy) -> VersionText:
    text = work.rules.version_text(policy.version)
    assert text is not None, "a foreign key keeps the versions of kept sweeps"
    return read_version_text(text)


def _sides(
    tables: FactTables,
    truth: TruthReader,
    catalogue: FactCatalogue,
    sweep: KeptSweep,
    policy: KeptPolicy,
    version: VersionText,
    keys: Sequence[RowKey],
) -> Mapping[RowKey, Side]:
    """Return one sweep's view of each of the rows that its snapshot has."""
    as_of = sweep.identity.as_of
    numbers = _row_numbers(truth, policy.grain, keys)
    read = {fact for expression in version.expressions.values() for fact in expression.facts}
    facts = _facts_at(tables, policy.grain, [name for name in catalogue if name in read], catalogue, as_of, numbers)
    meanings = [expression.meaning for expression in version.conditions.values()]
    names = [f"{CONDITION}{meaning}" for meaning in dict.fromkeys(meanings)]
    found = truth.columns(policy.grain, names).take(pa.array(numbers.values(), pa.int64())).to_pylist()
    return {
        key: Side(
            as_of=as_of,
            version=version,
            truths={meaning: Truth.of(truths[f"{CONDITION}{meaning}"]) for meaning in meanings},
            facts=facts[number],
        )
        for (key, number), truths in zip(numbers.items(), found, strict=True)
    }


def _row_numbers(truth: TruthReader, grain: str, keys: Sequence[RowKey]) -> Mapping[RowKey, int]:
    """Return the row number of each key that is there."""
    codes = pa.array([key.uscc for key in keys], pa.string())
    table = truth.columns(grain, key_columns(grain))
    places = pc.indices_nonzero(pc.is_in(table[KEY], value_set=codes))
    here = table.take(places).to_pydict()
    records = [""] * len(places) if grain == FIRM else here[record_column(grain)]
    numbers = {
        RowKey(uscc=uscc, record_id=record): number
        for uscc, record, number in zip(here[KEY], records, places.to_pylist(), strict=True)
    }
    return {key: numbers[key] for key in keys if key in numbers}


def _facts_at(
    tables: FactTables,
    grain: str,
    names: Sequence[FactName],
    catalogue: FactCatalogue,
    as_of: date,
    numbers: Mapping[RowKey, int],
) -> Mapping[int, Facts]:
    """Return the usable facts of some rows, read in one pass that ends with the last of them."""
    wanted = sorted(numbers.values())
    found: dict[int, Facts] = {}
    first_row = 0
    for batch in tables.batches(grain, names, as_of):
        here = [number for number in wanted if first_row <= number < first_row + batch.num_rows]
        rows = batch.select(list(names)).take(pa.array([number - first_row for number in here], pa.int64()))
        for number, row in zip(here, rows.to_pylist(), strict=True):
            found[number] = {name: rule_value(catalogue[name], row[name]) for name in names}
        first_row += batch.num_rows
        if not wanted or first_row > wanted[-1]:
            break
    return found
