"""A sweep as the system of record keeps it: which facts, which rules, which day, and what came out.

Guarantees that the same facts, rules and day are one sweep, whoever runs it and however often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from policy_match.policy.fingerprint import canonical, digest
from policy_match.sweep.match import Match
from policy_match.values import Digest, Outcome, PolicyId, SnapshotId, SweepId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepIdentity:
    """What makes a sweep the same sweep. Engines agree, so the engine is no part of it."""

    snapshot_id: SnapshotId
    rules: Digest
    as_of: date

    @property
    def sweep_id(self) -> SweepId:
        """The SHA-256 of the canonical JSON of the three parts."""
        return SweepId(digest(canonical({"snapshot": self.snapshot_id, "rules": self.rules, "as_of": self.as_of})))


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPolicy:
    """One policy of a kept sweep; `place` is its place in the plan, `version` the version's fingerprint."""

    place: int
    policy_id: PolicyId
    label: str
    grain: str
    version: Digest
    total: int
    eligible: int
    ineligible: int
    undetermined: int
    amount_fen: int
    matches: Match | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptSweep:
    """A whole kept sweep; later ones have larger numbers. `truth` is the digest of its truth files' manifest."""

    number: int
    sweep_id: SweepId
    identity: SweepIdentity
    engine: str
    truth: Digest
    kept_at: datetime
    policies: Sequence[KeptPolicy]

    def policy(self, policy_id: PolicyId) -> KeptPolicy | None:
        """Return the policy of that id, if it was in force."""
        return next((policy for policy in self.policies if policy.policy_id == policy_id), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepOpening:
    """One run that opened cases of a sweep: by it the sweep is released."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class RowKey:
    """A firm (`record_id` is empty), or one record of a firm. Ordered by code, then record."""

    uscc: Uscc
    record_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What a policy says of one row: eligible with an amount in fen, undetermined with missing facts, or ineligible."""

    outcome: Outcome
    amount_fen: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedRow:
    """A row whose kept decision differs between two sweeps; `None` where one kept none: ineligible, or not there."""

    key: RowKey
    before: Standing | None
    after: Standing | None
