"""Why firms do not get a benefit, over a whole kept sweep: how often each condition holds, fails or is unknown.

Guarantees that the counts come from the truths that the sweep wrote, not from a new evaluation. Near misses are the
rows that one condition alone keeps out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from policy_match.errors import InputError
from policy_match.ports import Database, TruthFiles, TruthReader
from policy_match.sweep.kept import KeptPolicy, KeptSweep
from policy_match.sweep.truth import CONDITION
from policy_match.sweep.version_text import VersionText, read_version_text
from policy_match.values import PolicyId

CHUNK_ROWS = 262_144


class NotDecided(InputError):
    """The sweep did not decide the policy."""

    code = "coverage.not-decided"
    http_status = 404
    english = "sweep {sweep} did not decide `{policy}`; it was not in force, or its records were not there"
    chinese = "批次 {sweep} 没有判定“{policy}”：当日未生效，或缺少相应记录表"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionCoverage:
    """One condition over all rows.

    `only_false` counts rows where it fails and every other condition holds; `only_unknown` those where it is unknown
    and every other holds.
    """

    part: str
    text: str
    true: int
    false: int
    unknown: int
    only_false: int
    only_unknown: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyCoverage:
    """One policy of a kept sweep."""

    policy: KeptPolicy
    conditions: Sequence[ConditionCoverage]


def condition_coverage(
    database: Database, truth_files: TruthFiles, sweep: KeptSweep, policy_id: PolicyId
) -> PolicyCoverage:
    """Return how each condition of a policy came out. Raises `NotDecided`."""
    policy = sweep.policy(policy_id)
    if policy is None:
        raise NotDecided(policy=policy_id, sweep=sweep.sweep_id)
    with database.unit_of_work() as work:
        text = work.rules.version_text(policy.version)
    assert text is not None, "a foreign key keeps the versions of kept sweeps"
    version = read_version_text(text)
    truth = truth_files.open(sweep.sweep_id, sweep.truth)
    return PolicyCoverage(policy=policy, conditions=_count(truth, policy.grain, version))


def _count(truth: TruthReader, grain: str, version: VersionText) -> Sequence[ConditionCoverage]:
    parts = list(version.conditions)
    names = [f"{CONDITION}{version.conditions[part].meaning}" for part in parts]
    counts = np.zeros((len(parts), 5), np.int64)
    for first_row in range(0, truth.rows(grain), CHUNK_ROWS):
        columns = truth.columns(grain, sorted(set(names)), first_row, CHUNK_ROWS)
        true = np.array([pc.fill_null(columns[name], False).to_numpy() for name in names])
        unknown = np.array([columns[name].is_null().to_numpy() for name in names])
        false = ~true & ~unknown
        others_hold = true.sum(axis=0) == len(parts) - 1
        for column, mask in enumerate((true, false, unknown, false & others_hold, unknown & others_hold)):
            counts[:, column] += mask.sum(axis=1)
    return [
        ConditionCoverage(
            part=part.removeprefix("condition "),
            text=version.conditions[part].text,
            true=int(row[0]),
            false=int(row[1]),
            unknown=int(row[2]),
            only_false=int(row[3]),
            only_unknown=int(row[4]),
        )
        for part, row in zip(parts, counts, strict=True)
    ]
