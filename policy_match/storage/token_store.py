"""Tokens of other systems. Of a token itself only a SHA-256 is there; what it opens is the core's."""

from collections.abc import Sequence
from datetime import datetime

from policy_match.identity.principal import Scope
from policy_match.identity.tokens import MachineToken
from policy_match.storage.session import Row, Session


class TokenStore:
    """Tokens of other systems."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, token: MachineToken, digest: bytes) -> int:
        """Keep a token and return its number; the number that it has is not looked at."""
        row = self._session.one(
            "add_machine_token",
            name=token.name,
            prefix=token.prefix,
            digest=digest,
            scopes=sorted(token.scopes),
            ends_on=token.ends_on,
            at=token.at,
            by=token.by,
        )
        assert row is not None, "an insert gives its row"
        return int(row["token_id"])

    def find(self, digest: bytes) -> MachineToken | None:
        """Return the token of a secret."""
        row = self._session.one("machine_token_by_digest", digest=digest)
        return None if row is None else _token(row)

    def tokens(self, *, after: int = 0, most: int) -> Sequence[MachineToken]:
        """Return a page of tokens by number, after a given one; those that ended too."""
        return [_token(row) for row in self._session.all("machine_tokens", after=after, most=most)]

    def end(self, token_id: int, *, at: datetime, by: str) -> bool | None:
        """End a token; return whether it had not been ended, `None` when there is none."""
        row = self._session.one("end_machine_token", token_id=token_id, at=at, by=by)
        return None if row is None else bool(row["ended"])


def _token(row: Row) -> MachineToken:
    return MachineToken(
        token_id=row["token_id"],
        name=row["name"],
        prefix=row["prefix"],
        scopes=frozenset(map(Scope, row["scopes"])),
        ends_on=row["ends_on"],
        at=row["at"],
        by=row["by"],
        ended_at=row["ended_at"],
    )
