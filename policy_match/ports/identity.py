"""Accounts, sessions, tries to sign in and tokens of machines, as services need them.

Guarantees that services know no adapter, and that every page has a limit. Implementations are in `storage`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from policy_match.identity.accounts import Account, AccountKind, AccountStep, Delegation
from policy_match.identity.sealing import SealedSecret
from policy_match.identity.sessions import Session, SessionEnd, WaitsFor
from policy_match.identity.throttle import Failures
from policy_match.identity.tokens import MachineToken
from policy_match.values import Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What an account is signed in with. `totp_step` is the last time step whose code was used."""

    account: Account
    password_hash: str | None = field(repr=False)
    totp: SealedSecret | None
    totp_confirmed: bool
    totp_step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRow:
    """One thing that happened to an account."""

    event: AccountStep
    reason: str
    at: datetime
    by: str


class AccountStore(Protocol):
    """Accounts with their credentials, and for whom users of firms act."""

    def add(self, name: str, kind: AccountKind, label: str, *, at: datetime, by: str) -> int | None:
        """Keep an account and return its number; `None` when the name is taken."""

    def find(self, name: str) -> Account | None:
        """Return the account of a name."""

    def accounts(self, *, kind: AccountKind | None, after: str = "", most: int) -> Sequence[Account]:
        """Return a page of accounts by name, after a given one; of one kind or of all."""

    def credentials(self, name: str) -> Credentials | None:
        """Return what an account is signed in with."""

    def record(self, account_id: int, event: AccountStep, *, reason: str = "", at: datetime, by: str) -> None:
        """Keep that something happened to an account."""

    def history(self, account_id: int, *, most: int) -> Sequence[AccountRow]:
        """Return what happened to an account, the latest first."""

    def keep_password(self, account_id: int, password_hash: str) -> None:
        """Keep the hash of a new password instead of the old one."""

    def keep_totp(self, account_id: int, secret: SealedSecret | None) -> None:
        """Keep a new secret of one-time codes, which is to be confirmed; `None` takes it away."""

    def use_totp_step(self, account_id: int, step: int, *, confirms: bool) -> bool:
        """Use up a time step and return whether it was free; `confirms` for the first code of a new secret."""

    def keep_recovery_codes(self, account_id: int, digests: Collection[bytes]) -> None:
        """Keep new recovery codes instead of the old ones."""

    def use_recovery_code(self, account_id: int, digest: bytes) -> bool:
        """Use up a recovery code and return whether it was there."""

    def recovery_codes_left(self, account_id: int) -> int:
        """Return how many recovery codes are left."""

    def of_identity(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a provider's person."""

    def has_identity(self, issuer: str, account_id: int) -> bool:
        """Return whether some person of a provider has the account."""

    def link(self, issuer: str, subject: str, account_id: int, *, at: datetime, by: str) -> bool:
        """Keep which account a provider's person has, and return whether that was free."""

    def delegate(self, uscc: Uscc, account_id: int, *, is_owner: bool, granted: bool, at: datetime, by: str) -> None:
        """Keep that a user may act for a firm, or no longer."""

    def of_account(self, account_id: int, *, after: str = "", most: int) -> Sequence[Delegation]:
        """Return a page of the firms for which a user acts now, by firm after a given one."""

    def of_firm(self, uscc: Uscc, *, after: str = "", most: int) -> Sequence[Delegation]:
        """Return a page of the users who act for a firm now, by name after a given one."""

    def lock_delegations(self, uscc: Uscc) -> None:
        """Wait for the right to change who acts for a firm, until the transaction ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSession:
    """A session that begins; `digest` is the SHA-256 of what the cookie holds."""

    digest: bytes = field(repr=False)
    account_id: int
    uscc: Uscc | None
    provider: str
    waits_for: WaitsFor | None
    began_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionTokens:
    """What a provider gave for a session: its own name of it, and the sealed tokens."""

    provider_session: str
    sealed: SealedSecret
    checked_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderRequest:
    """A sign-in that was sent to a provider."""

    provider: str
    sealed: SealedSecret
    at: datetime


class SessionStore(Protocol):
    """Sessions, tries to sign in, and sign-ins that are at a provider."""

    def begin(self, new: NewSession) -> int:
        """Keep a session and return its number."""

    def find(self, digest: bytes) -> Session | None:
        """Return the session of an id, ended ones too, with the roles that its person holds now."""

    def of_account(self, account_id: int, *, since: datetime, most: int) -> Sequence[Session]:
        """Return the sessions of an account that have not been ended and began since a moment, the latest first."""

    def see(self, session_id: int, at: datetime) -> None:
        """Keep when a session was last used."""

    def end(self, sessions: Collection[int], at: datetime, why: SessionEnd) -> int:
        """End sessions and return how many had not ended; their tokens are forgotten."""

    def keep_tokens(self, session_id: int, tokens: SessionTokens) -> None:
        """Keep what a provider gave for a session."""

    def tokens(self, session_id: int) -> SessionTokens | None:
        """Return what a provider gave for a session."""

    def of_provider(
        self, issuer: str, subject: str, provider: str, provider_session: str, *, most: int
    ) -> Sequence[int]:
        """Return the sessions that a provider's log-out names: by its name of the session, else all of a person."""

    def lock_attempts(self, account_mark: str, address_mark: str) -> None:
        """Wait for the right to judge tries of an account and an address, until the transaction ends."""

    def failures_of_account(
        self, account_mark: str, address_mark: str, *, since: datetime, known_since: datetime
    ) -> Failures:
        """Return the failures since the last success.

        From an address with a success since `known_since` only those from there.
        """

    def failures_of_address(self, address_mark: str, *, since: datetime) -> Failures:
        """Return the failures from an address."""

    def add_attempt(self, account_mark: str, address_mark: str, at: datetime) -> int:
        """Keep a try, which counts as failed until `succeed`; return its number."""

    def succeed(self, attempt_id: int, at: datetime) -> None:
        """Keep that a try was right."""

    def forget_attempts(self, before: datetime, most: int) -> int:
        """Forget tries that are too old to count, and return how many."""

    def add_request(self, digest: bytes, request: ProviderRequest) -> None:
        """Keep a sign-in that is sent to a provider."""

    def take_request(self, digest: bytes) -> ProviderRequest | None:
        """Return a sign-in that comes back, once."""

    def forget_requests(self, before: datetime, most: int) -> None:
        """Forget sign-ins that never came back."""

    def use_log_out(self, issuer: str, token_id: str, at: datetime) -> bool:
        """Use up a log-out token and return whether it was new."""


class TokenStore(Protocol):
    """Tokens of other systems."""

    def add(self, token: MachineToken, digest: bytes) -> int:
        """Keep a token and return its number."""

    def find(self, digest: bytes) -> MachineToken | None:
        """Return the token of a secret."""

    def tokens(self, *, after: int = 0, most: int) -> Sequence[MachineToken]:
        """Return a page of tokens by number, after a given one; those that ended too."""

    def end(self, token_id: int, *, at: datetime, by: str) -> bool | None:
        """End a token; return whether it had not been ended, `None` when there is none."""
