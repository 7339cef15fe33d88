"""The versions of a policy: those of the rules in use and those that were ever kept, and what two of them differ in.

Guarantees that a version is read from its canonical text, so that one whose file is long gone is compared like any
other. What a difference is, is `sweep.version_difference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.errors import InputError
from policy_match.policy.decoding import decode_version
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import Database, KeptVersion
from policy_match.services.explain import NoSuchPolicy
from policy_match.sweep.version_difference import VersionChange, version_changes
from policy_match.values import Digest, Period, PolicyId

MOST_VERSIONS = 200
"""The most kept versions of one policy that are looked at, the latest in force first."""


class NoSuchVersion(InputError):
    """The policy has no version of this fingerprint."""

    code = "policy.no-version"
    http_status = 404
    english = "policy `{policy}` has no version {fingerprint}; list its versions to see those that there are"
    chinese = "政策“{policy}”没有版本 {fingerprint}；请先列出其版本"


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionListed:
    """One version of a policy. `in_use` says that the rules in use have it; sweeps are those that decided by it."""

    fingerprint: Digest
    label: str
    in_force: Period
    in_use: bool
    sweeps: int
    first_swept_at: datetime | None
    last_swept_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionDifference:
    """What the later of two versions of a policy says otherwise; no changes when they say the same."""

    policy_id: PolicyId
    before: tuple[Policy, PolicyVersion]
    after: tuple[Policy, PolicyVersion]
    changes: Sequence[VersionChange]


def policy_versions(database: Database, rules: RuleBook, policy_id: PolicyId) -> Sequence[VersionListed]:
    """Return every version of a policy, in use or kept, the latest in force first. Raises `NoSuchPolicy`."""
    policy = rules.policies.get(policy_id)
    with database.unit_of_work() as work:
        kept = {each.fingerprint: each for each in work.rules.versions(policy_id, MOST_VERSIONS)}
    if policy is None and not kept:
        raise NoSuchPolicy(policy_id, sorted(rules.policies))
    used = {each.fingerprint: each for each in policy.versions} if policy is not None else {}
    found = [_listed(kept.get(name), used.get(name)) for name in dict.fromkeys([*used, *kept])]
    return sorted(found, key=lambda each: (each.in_force.first, each.in_use, _late(each)), reverse=True)


def compare_versions(
    database: Database, rules: RuleBook, policy_id: PolicyId, before: Digest, after: Digest
) -> VersionDifference:
    """Return what version `after` of a policy says otherwise than `before`. Raises `NoSuchPolicy`, `NoSuchVersion`."""
    policy_versions(database, rules, policy_id)
    old, new = (_version(database, rules, policy_id, each) for each in (before, after))
    return VersionDifference(policy_id=policy_id, before=old, after=new, changes=version_changes(old, new))


def _version(
    database: Database, rules: RuleBook, policy_id: PolicyId, fingerprint: Digest
) -> tuple[Policy, PolicyVersion]:
    policy = rules.policies.get(policy_id)
    for version in policy.versions if policy is not None else ():
        if policy is not None and version.fingerprint == fingerprint:
            return policy, version
    with database.unit_of_work() as work:
        text = work.rules.version_text(fingerprint)
    found = None if text is None else decode_version(text.encode())
    if found is None or found[0].id != policy_id:
        raise NoSuchVersion(policy=policy_id, fingerprint=fingerprint)
    return found


def _listed(kept: KeptVersion | None, used: PolicyVersion | None) -> VersionListed:
    if used is not None:
        fingerprint, label, in_force = used.fingerprint, used.label, used.in_force
    else:
        assert kept is not None, "a version is in use or kept"
        fingerprint, label, in_force = kept.fingerprint, kept.label, kept.in_force
    return VersionListed(
        fingerprint=fingerprint,
        label=label,
        in_force=in_force,
        in_use=used is not None,
        sweeps=0 if kept is None else kept.sweeps,
        first_swept_at=None if kept is None else kept.first_swept_at,
        last_swept_at=None if kept is None else kept.last_swept_at,
    )


def _late(version: VersionListed) -> float:
    return 0.0 if version.last_swept_at is None else version.last_swept_at.timestamp()
