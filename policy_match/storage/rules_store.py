"""Rules repositories and policy versions by fingerprint, each with the whole canonical text.

Guarantees, with the schema, that a text has the fingerprint under which it is kept, so that a decision can be
replayed when the files are gone. Loading the files is `policy.loader`.
"""

from collections.abc import Sequence, Set

from policy_match.policy.fingerprint import (
    canonical_catalogue,
    canonical_rules,
    canonical_version,
    catalogue_digest,
)
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import KeptVersion
from policy_match.storage.session import Session
from policy_match.values import Digest, Period, PolicyId


class RulesStore:
    """The rules that sweeps were decided by."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, rules: RuleBook) -> None:
        """Keep a whole rules repository; doing so again changes nothing."""
        catalogue = catalogue_digest(rules.catalogue)
        facts = canonical_catalogue(rules.catalogue)
        self._session.run("add_fact_catalogue", fingerprint=catalogue, canonical=facts.decode())
        versions = [(policy, version) for _, policy in sorted(rules.policies.items()) for version in policy.versions]
        text = canonical_rules(rules.catalogue, rules.sources, rules.policies).decode()
        self._session.run("add_rules", fingerprint=rules.fingerprint, catalogue=catalogue, canonical=text)
        self._session.run_many("add_version", (_version_row(policy, version) for policy, version in versions))
        self._session.run_many(
            "add_rules_version",
            ({"rules": rules.fingerprint, "version": version.fingerprint} for _, version in versions),
        )

    def keep_version(self, policy: Policy, version: PolicyVersion) -> None:
        """Keep one version, so that it can be confirmed before its first sweep."""
        self._session.run("add_version", **_version_row(policy, version))

    def versions(self, policy_id: PolicyId, most: int) -> Sequence[KeptVersion]:
        """Return the kept versions of a policy, the latest in force first."""
        rows = self._session.all("versions_of_policy", policy_id=policy_id, most=most)
        return [
            KeptVersion(
                fingerprint=row["fingerprint"],
                label=row["label"],
                in_force=Period(row["effective_from"], row["effective_to"]),
                sweeps=row["sweeps"],
                first_swept_at=row["first_swept_at"],
                last_swept_at=row["last_swept_at"],
            )
            for row in rows
        ]

    def version_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a version."""
        row = self._session.one("version_text", fingerprint=fingerprint)
        return None if row is None else row["canonical"]

    def versions_with_letter(self, fingerprints: Set[Digest]) -> Set[Digest]:
        """Return those of some versions that want a letter of commitment with the firm's answer."""
        return {row["fingerprint"] for row in self._session.all("versions_with_letter", versions=sorted(fingerprints))}

    def rules_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a rules repository."""
        row = self._session.one("rules_text", fingerprint=fingerprint)
        return None if row is None else row["canonical"]

    def catalogue_text(self, fingerprint: Digest) -> str | None:
        """Return the canonical JSON of a fact catalogue."""
        row = self._session.one("catalogue_text", fingerprint=fingerprint)
        return None if row is None else row["canonical"]


def _version_row(policy: Policy, version: PolicyVersion) -> dict[str, object]:
    return {
        "fingerprint": version.fingerprint,
        "policy_id": policy.id,
        "label": version.label,
        "grain": policy.grain,
        "effective_from": version.in_force.first,
        "effective_to": version.in_force.last,
        "canonical": canonical_version(policy, version).decode(),
    }
