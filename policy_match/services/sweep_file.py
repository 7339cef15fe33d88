"""Sweeps a file or snapshot of facts into a folder; needs no database and keeps nothing else.

Guarantees that `decisions.parquet` and `summary.json` appear under their names only when complete. A policy that
matches all or none is reported, not stopped: nothing is paid from a file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import Clock, DecisionWriter, FactTables, FileWriter, Progress, SweepEngine
from policy_match.sweep.plan import SweepPlan, plan_sweep
from policy_match.sweep.totals import PolicyTotals, Totals

SUMMARY_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedSweep:
    """What will be swept and what will not, each with its reason."""

    plan: SweepPlan
    versions: Sequence[tuple[Policy, PolicyVersion]]
    skipped: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepSummary:
    """What was done, for `summary.json` and for the report."""

    as_of: date
    engine: str
    facts_digest: str
    rules_fingerprint: str
    rows: Mapping[str, int]
    totals: Totals
    skipped: Mapping[str, str]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the summary as JSON data; amounts are yuan in text, so that no reader rounds them."""
        return {
            "format": SUMMARY_FORMAT,
            "as_of": self.as_of.isoformat(),
            "engine": self.engine,
            "snapshot_digest": self.facts_digest,
            "rules_fingerprint": self.rules_fingerprint,
            "rows": dict(self.rows),
            "policies": [_policy_json(totals) for totals in self.totals.policies],
            "skipped": dict(self.skipped),
            "missing_facts": [
                {"fact": fact, "undetermined": count, "estimated_amount": _yuan(fen)}
                for fact, count, fen in self.totals.blocking()
            ],
            "decisions": sum(totals.rows for totals in self.totals.policies),
            "timings": {"seconds": round(self.seconds, 3)},
        }


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}" if fen >= 0 else f"-{_yuan(-fen)}"


def _policy_json(totals: PolicyTotals) -> dict[str, Any]:
    return {
        "policy_id": totals.policy.policy_id,
        "version": totals.policy.version,
        "per": totals.policy.grain,
        "eligible": totals.eligible,
        "ineligible": totals.ineligible,
        "undetermined": totals.undetermined,
        "amount": _yuan(totals.amount_fen),
        "matches_all": totals.matches_all,
        "matches_none": totals.matches_none,
        "missing": dict(totals.missing.most_common()),
    }


def plan_for(rules: RuleBook, tables: FactTables, as_of: date) -> PlannedSweep:
    """Return the plan of every policy in force whose table is there."""
    skipped: dict[str, str] = {
        policy.id: "not-in-force" for policy in rules.policies.values() if policy.version_at(as_of) is None
    }
    versions = []
    for policy, version in rules.in_force(as_of):
        if policy.grain in tables.grains:
            versions.append((policy, version))
        else:
            skipped[policy.id] = f"no-{policy.grain}-table"
    return PlannedSweep(plan=plan_sweep(versions, rules.catalogue, as_of), versions=versions, skipped=skipped)


def sweep_file(
    rules: RuleBook,
    tables: FactTables,
    engine: SweepEngine,
    decisions: DecisionWriter,
    files: FileWriter,
    clock: Clock,
    *,
    as_of: date,
    out: Path,
    include_ineligible: bool,
    progress: Progress | None = None,
) -> SweepSummary:
    """Write `decisions.parquet` and `summary.json` under `out` and return the summary."""
    started = clock.seconds()
    planned = plan_for(rules, tables, as_of)
    totals = Totals(planned.plan)
    batches = totals.watch(engine.sweep(planned.plan, tables, progress))
    decisions(batches, out / "decisions.parquet", include_ineligible=include_ineligible)
    summary = SweepSummary(
        as_of=as_of,
        engine=engine.name,
        facts_digest=tables.digest,
        rules_fingerprint=rules.fingerprint,
        rows={grain: tables.rows(grain) for grain in tables.grains},
        totals=totals,
        skipped=planned.skipped,
        seconds=clock.seconds() - started,
    )
    text = json.dumps(summary.as_json(), ensure_ascii=False, indent=2, sort_keys=False)
    files(out / "summary.json", text.encode() + b"\n")
    return summary
