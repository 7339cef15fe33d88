"""Finds the decisions of kept sweeps, and explains one of them again from what was kept.

Guarantees that an explanation is made from the snapshot and the rules of the sweep, whatever the rules are now, and
that nothing is written.
"""

from collections.abc import Sequence

from policy_match.ports import Database
from policy_match.services.condition_coverage import NotDecided
from policy_match.services.replay_decision import KeptTexts, OpenSnapshot, replay_decision
from policy_match.sweep.decision import Decision
from policy_match.sweep.kept import KeptSweep, RowKey
from policy_match.sweep.record import DecisionRecord
from policy_match.values import PolicyId, Uscc


def firm_decisions(database: Database, sweep: KeptSweep, uscc: Uscc) -> Sequence[Decision]:
    """Return the kept decisions on one firm and its records, by policy: those that are not ineligible."""
    with database.unit_of_work() as work:
        return work.sweeps.decisions_of_firm(sweep.sweep_id, uscc)


def policy_decisions(
    database: Database, sweep: KeptSweep, policy_id: PolicyId, *, after: RowKey | None, most: int
) -> Sequence[Decision]:
    """Return a page of one policy's kept decisions, by code and record. Raises `NotDecided`."""
    if sweep.policy(policy_id) is None:
        raise NotDecided(policy=policy_id, sweep=sweep.sweep_id)
    with database.unit_of_work() as work:
        return work.sweeps.decisions_of_policy(sweep.sweep_id, policy_id, after=after, most=most)


def explain_kept(
    database: Database, open_snapshot: OpenSnapshot, sweep: KeptSweep, policy_id: PolicyId, row: RowKey
) -> DecisionRecord:
    """Return the record of one decision of a kept sweep. Raises `NotDecided`, `NoSuchFirm` or `NoSuchRow`."""
    with database.unit_of_work() as work:
        texts = work.cases.appeals.texts(sweep.sweep_id, policy_id)
        if texts is None:
            raise NotDecided(policy=policy_id, sweep=sweep.sweep_id)
        kept = work.cases.appeals.standing(sweep.sweep_id, policy_id, row)
    replay = replay_decision(
        KeptTexts(rules=texts.rules, catalogue=texts.catalogue, version=texts.version),
        sweep.identity,
        open_snapshot,
        row=row,
        kept=kept,
        corrections={},
    )
    return replay.old
