"""Who said that a policy version rightly matches all, or none, of a registry.

Guarantees that the first word stays. Asking the question is `services.keep_sweep`.
"""

from collections.abc import Collection

from policy_match.storage.session import Session
from policy_match.sweep.match import Match
from policy_match.values import Digest


class ConfirmationStore:
    """The confirmations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, version: Digest, match: Match, confirmed_by: str) -> None:
        """Keep one person's word; doing so again, by whomever, changes nothing. The version must be kept."""
        self._session.run("add_confirmation", version=version, matches=match.value, confirmed_by=confirmed_by)

    def confirmed(self, versions: Collection[Digest]) -> frozenset[tuple[Digest, Match]]:
        """Return what was confirmed of the given versions."""
        rows = self._session.all("confirmed_matches", versions=list(versions))
        return frozenset((row["version"], Match(row["matches"])) for row in rows)
