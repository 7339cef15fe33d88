"""Sweeps a snapshot and keeps the result: decisions in the database, truths beside the snapshot.

Guarantees that a sweep is kept whole or not at all, that the same facts, rules and day are kept once, and that a
policy that matches all or none of the registry stops it until a person has said that this is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.policy.model import RuleBook
from policy_match.ports import Database, KeptSnapshot, Progress, SweepEngine, TruthFiles
from policy_match.services.sweep_file import PlannedSweep, plan_for
from policy_match.sweep.kept import KeptSweep, SweepIdentity
from policy_match.sweep.match import UnconfirmedMatch, match_of
from policy_match.sweep.totals import PolicyTotals, Totals
from policy_match.values import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepKept:
    """A kept sweep with its totals. `repeated` says that it had been kept before, and nothing was done again."""

    sweep: KeptSweep
    planned: PlannedSweep
    totals: Totals
    repeated: bool


def keep_sweep(
    rules: RuleBook,
    snapshot: KeptSnapshot,
    engine: SweepEngine,
    database: Database,
    truth_files: TruthFiles,
    *,
    as_of: date,
    progress: Progress | None = None,
) -> SweepKept:
    """Keep the sweep of `snapshot` by `rules` as of a day, or find that it is kept.

    One transaction, and one reader of the snapshot: truth files that were finished before the transaction failed are
    orphans, which the next run replaces. Raises `UnconfirmedMatch` before anything is visible.
    """
    planned = plan_for(rules, snapshot, as_of)
    identity = SweepIdentity(snapshot_id=snapshot.snapshot_id, rules=rules.fingerprint, as_of=as_of)
    versions = [version.fingerprint for _, version in planned.versions]
    totals = Totals(planned.plan)
    with database.unit_of_work() as work:
        found = work.sweeps.claim(identity)
        if found is not None:
            totals.restore(found.policies, work.sweeps.missing_counts(found.sweep_id))
            return SweepKept(sweep=found, planned=planned, totals=totals, repeated=True)
        work.rules.keep(rules)
        work.snapshots.keep(snapshot.snapshot_id, snapshot.manifest_text)
        load = work.sweeps.load(identity)
        with truth_files.write(identity.sweep_id, planned.plan) as truth:
            for batch in totals.watch(engine.sweep(planned.plan, snapshot, progress)):
                load.add(batch)
                truth.add(batch)
            _stop_unconfirmed(totals.policies, versions, work.confirmations.confirmed(versions))
            manifest = truth.finish()
        sweep_id = load.finish(totals.policies, versions, engine=engine.name, truth=manifest)
        kept = work.sweeps.find(sweep_id)
        assert kept is not None, "it was written in this transaction"
        work.commit()
    return SweepKept(sweep=kept, planned=planned, totals=totals, repeated=False)


def _stop_unconfirmed(
    totals: Sequence[PolicyTotals], versions: Sequence[Digest], confirmed: frozenset[tuple[Digest, object]]
) -> None:
    open_questions = [
        each
        for each, version in zip(totals, versions, strict=True)
        if (match := match_of(each)) is not None and (version, match) not in confirmed
    ]
    if open_questions:
        raise UnconfirmedMatch(open_questions)
