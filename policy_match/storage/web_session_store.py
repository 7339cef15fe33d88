"""Sessions of people, tries to sign in, and sign-ins that are at a provider.

Guarantees that of a session's id only a SHA-256 is there, and that a request to a provider and a log-out token are
taken once. When a session is over, and how long somebody waits, is the core's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Reach, RoleName
from policy_match.identity.sealing import SealedSecret
from policy_match.identity.sessions import Session as WebSession
from policy_match.identity.sessions import SessionEnd, WaitsFor
from policy_match.identity.throttle import Failures
from policy_match.ports.identity import NewSession, ProviderRequest, SessionTokens
from policy_match.storage.session import Row, Session, taken

ACCOUNT_LOCK, ADDRESS_LOCK = 0x706D_6163, 0x706D_6164
"""Accounts are locked first, always, so that nobody waits in a circle."""


class WebSessionStore:
    """Sessions, tries, requests to providers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, new: NewSession) -> int:
        """Keep a session and return its number."""
        row = self._session.one(
            "begin_session",
            digest=new.digest,
            account_id=new.account_id,
            uscc=new.uscc,
            provider=new.provider,
            waits_for=None if new.waits_for is None else new.waits_for.value,
            began_at=new.began_at,
            at=new.at,
        )
        assert row is not None, "an insert gives its row"
        return int(row["session_id"])

    def find(self, digest: bytes) -> WebSession | None:
        """Return the session of an id, ended ones too, with the roles that its person holds now."""
        row = self._session.one("session_by_digest", digest=digest)
        return None if row is None else _web_session(row)

    def of_account(self, account_id: int, *, since: datetime, most: int) -> Sequence[WebSession]:
        """Return the sessions of an account that have not been ended and began since a moment, the latest first."""
        rows = self._session.all("sessions_of_account", account_id=account_id, since=since, most=most)
        return [_web_session(row) for row in rows]

    def see(self, session_id: int, at: datetime) -> None:
        """Keep when a session was last used."""
        self._session.run("see_session", session_id=session_id, at=at)

    def end(self, sessions: Collection[int], at: datetime, why: SessionEnd) -> int:
        """End sessions and return how many had not ended; their tokens are forgotten."""
        return taken(self._session.one("end_sessions", sessions=list(sessions), at=at, why=why.value))

    def keep_tokens(self, session_id: int, tokens: SessionTokens) -> None:
        """Keep what a provider gave for a session."""
        self._session.run(
            "keep_session_tokens",
            session_id=session_id,
            provider_session=tokens.provider_session,
            key_id=tokens.sealed.key_id,
            sealed=tokens.sealed.sealed,
            checked_at=tokens.checked_at,
        )

    def tokens(self, session_id: int) -> SessionTokens | None:
        """Return what a provider gave for a session."""
        row = self._session.one("session_tokens", session_id=session_id)
        if row is None:
            return None
        return SessionTokens(
            provider_session=row["provider_session"], sealed=_sealed(row), checked_at=row["checked_at"]
        )

    def of_provider(
        self, issuer: str, subject: str, provider: str, provider_session: str, *, most: int
    ) -> Sequence[int]:
        """Return the sessions that a provider's log-out names: by its name of the session, else all of a person."""
        rows = self._session.all(
            "sessions_of_provider",
            issuer=issuer,
            subject=subject,
            provider=provider,
            provider_session=provider_session,
            most=most,
        )
        return [row["session_id"] for row in rows]

    def lock_attempts(self, account_mark: str, address_mark: str) -> None:
        """Wait for the right to judge tries of an account and an address, until the transaction ends."""
        self._session.run("lock_attempts", purpose=ACCOUNT_LOCK, mark=account_mark)
        self._session.run("lock_attempts", purpose=ADDRESS_LOCK, mark=address_mark)

    def failures_of_account(
        self, account_mark: str, address_mark: str, *, since: datetime, known_since: datetime
    ) -> Failures:
        """Return the failures since the last success; from an address that is known only those from there."""
        row = self._session.one(
            "failures_of_account",
            account_mark=account_mark,
            address_mark=address_mark,
            since=since,
            known_since=known_since,
        )
        return _failures(row)

    def failures_of_address(self, address_mark: str, *, since: datetime) -> Failures:
        """Return the failures from an address."""
        return _failures(self._session.one("failures_of_address", address_mark=address_mark, since=since))

    def add_attempt(self, account_mark: str, address_mark: str, at: datetime) -> int:
        """Keep a try, which counts as failed until `succeed`; return its number."""
        row = self._session.one("add_attempt", account_mark=account_mark, address_mark=address_mark, at=at)
        assert row is not None, "an insert gives its row"
        return int(row["attempt_id"])

    def succeed(self, attempt_id: int, at: datetime) -> None:
        """Keep that a try was right."""
        self._session.run("add_success", attempt_id=attempt_id, at=at)

    def forget_attempts(self, before: datetime, most: int) -> int:
        """Forget tries that are too old to count, and return how many."""
        return taken(self._session.one("forget_attempts", before=before, most=most))

    def add_request(self, digest: bytes, request: ProviderRequest) -> None:
        """Keep a sign-in that is sent to a provider."""
        self._session.run(
            "add_provider_request",
            digest=digest,
            provider=request.provider,
            key_id=request.sealed.key_id,
            sealed=request.sealed.sealed,
            at=request.at,
        )

    def take_request(self, digest: bytes) -> ProviderRequest | None:
        """Return a sign-in that comes back, once."""
        row = self._session.one("take_provider_request", digest=digest)
        return None if row is None else ProviderRequest(provider=row["provider"], sealed=_sealed(row), at=row["at"])

    def forget_requests(self, before: datetime, most: int) -> None:
        """Forget sign-ins that never came back."""
        self._session.run("forget_provider_requests", before=before, most=most)

    def use_log_out(self, issuer: str, token_id: str, at: datetime) -> bool:
        """Use up a log-out token and return whether it was new."""
        return self._session.one("use_log_out", issuer=issuer, token_id=token_id, at=at) is not None


def _sealed(row: Row) -> SealedSecret:
    return SealedSecret(key_id=row["key_id"], sealed=bytes(row["sealed"]))


def _failures(row: Row | None) -> Failures:
    assert row is not None, "a count has one row"
    return Failures(count=row["count"], latest=row["latest"])


def _web_session(row: Row) -> WebSession:
    return WebSession(
        session_id=row["session_id"],
        account_id=row["account_id"],
        name=row["name"],
        label=row["label"],
        kind=AccountKind(row["kind"]),
        is_open=row["is_open"],
        uscc=row["uscc"],
        may_act=row["may_act"],
        provider=row["provider"],
        waits_for=None if row["waits_for"] is None else WaitsFor(row["waits_for"]),
        roles=frozenset(
            (RoleName(role), Reach(department=department, jurisdiction=jurisdiction))
            for role, department, jurisdiction in row["roles"] or ()
        ),
        began_at=row["began_at"],
        at=row["at"],
        seen_at=row["seen_at"],
        checked_at=row["checked_at"],
        ended_at=row["ended_at"],
    )
