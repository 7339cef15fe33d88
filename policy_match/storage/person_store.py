"""Accounts of people with their credentials, and for whom users of firms act.

Guarantees, with the schema, that what happened to an account stays, while old passwords and secrets do not; and that a
code is used once, whoever comes at the same moment. What is a good password or code is left to the services.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from policy_match.identity.accounts import Account, AccountKind, AccountStep, Delegation
from policy_match.identity.sealing import SealedSecret
from policy_match.ports.identity import AccountRow, Credentials
from policy_match.storage.session import Row, Session
from policy_match.values import Uscc

DELEGATION_LOCK = 0x706D_6465


class PersonStore:
    """Accounts, credentials, delegations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, name: str, kind: AccountKind, label: str, *, at: datetime, by: str) -> int | None:
        """Keep an account and return its number; `None` when the name is taken."""
        row = self._session.one("add_account", name=name, kind=kind.value, label=label, at=at, by=by)
        return None if row is None else row["account_id"]

    def find(self, name: str) -> Account | None:
        """Return the account of a name."""
        row = self._session.one("accounts", name=name, kind=None, after="", most=1)
        return None if row is None else _account(row)

    def accounts(self, *, kind: AccountKind | None, after: str = "", most: int) -> Sequence[Account]:
        """Return a page of accounts by name, after a given one; of one kind or of all."""
        rows = self._session.all(
            "accounts", name=None, kind=None if kind is None else kind.value, after=after, most=most
        )
        return [_account(row) for row in rows]

    def credentials(self, name: str) -> Credentials | None:
        """Return what an account is signed in with."""
        row = self._session.one("credentials", name=name)
        if row is None:
            return None
        totp = None
        if row["totp_sealed"] is not None:
            totp = SealedSecret(key_id=row["totp_key_id"], sealed=bytes(row["totp_sealed"]))
        return Credentials(
            account=_account(row),
            password_hash=row["password_hash"],
            totp=totp,
            totp_confirmed=row["has_totp"],
            totp_step=row["totp_step"],
        )

    def record(self, account_id: int, event: AccountStep, *, reason: str = "", at: datetime, by: str) -> None:
        """Keep that something happened to an account."""
        self._session.run("add_account_event", account_id=account_id, event=event.value, reason=reason, at=at, by=by)

    def history(self, account_id: int, *, most: int) -> Sequence[AccountRow]:
        """Return what happened to an account, the latest first."""
        rows = self._session.all("account_events", account_id=account_id, most=most)
        return [
            AccountRow(event=AccountStep(row["event"]), reason=row["reason"], at=row["at"], by=row["by"])
            for row in rows
        ]

    def keep_password(self, account_id: int, password_hash: str) -> None:
        """Keep the hash of a new password instead of the old one."""
        self._session.run("keep_password", account_id=account_id, password_hash=password_hash)

    def keep_totp(self, account_id: int, secret: SealedSecret | None) -> None:
        """Keep a new secret of one-time codes, which is to be confirmed; `None` takes it away."""
        key_id, sealed = (None, None) if secret is None else (secret.key_id, secret.sealed)
        self._session.run("keep_totp", account_id=account_id, key_id=key_id, sealed=sealed)

    def use_totp_step(self, account_id: int, step: int, *, confirms: bool) -> bool:
        """Use up a time step and return whether it was free; `confirms` for the first code of a new secret."""
        return _used(self._session.one("use_totp_step", account_id=account_id, step=step, confirms=confirms))

    def keep_recovery_codes(self, account_id: int, digests: Collection[bytes]) -> None:
        """Keep new recovery codes instead of the old ones."""
        self._session.run("keep_recovery_codes", account_id=account_id, digests=list(digests))

    def use_recovery_code(self, account_id: int, digest: bytes) -> bool:
        """Use up a recovery code and return whether it was there."""
        return _used(self._session.one("use_recovery_code", account_id=account_id, digest=digest))

    def recovery_codes_left(self, account_id: int) -> int:
        """Return how many recovery codes are left."""
        row = self._session.one("recovery_codes_left", account_id=account_id)
        assert row is not None, "a count has one row"
        return int(row["codes"])

    def of_identity(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a provider's person."""
        row = self._session.one("account_of_identity", issuer=issuer, subject=subject)
        return None if row is None else self.find(row["name"])

    def has_identity(self, issuer: str, account_id: int) -> bool:
        """Return whether some person of a provider has the account."""
        return self._session.one("identity_of_account", issuer=issuer, account_id=account_id) is not None

    def link(self, issuer: str, subject: str, account_id: int, *, at: datetime, by: str) -> bool:
        """Keep which account a provider's person has, and return whether that was free."""
        row = self._session.one("link_identity", issuer=issuer, subject=subject, account_id=account_id, at=at, by=by)
        return row is not None

    def delegate(self, uscc: Uscc, account_id: int, *, is_owner: bool, granted: bool, at: datetime, by: str) -> None:
        """Keep that a user may act for a firm, or no longer."""
        self._session.run(
            "add_delegation", uscc=uscc, account_id=account_id, is_owner=is_owner, granted=granted, at=at, by=by
        )

    def of_account(self, account_id: int, *, after: str = "", most: int) -> Sequence[Delegation]:
        """Return a page of the firms for which a user acts now, by firm after a given one."""
        rows = self._session.all("delegations_of_account", account_id=account_id, after=after, most=most)
        return [Delegation(**row) for row in rows]

    def of_firm(self, uscc: Uscc, *, after: str = "", most: int) -> Sequence[Delegation]:
        """Return a page of the users who act for a firm now, by name after a given one."""
        rows = self._session.all("delegations_of_firm", uscc=uscc, after=after, most=most)
        return [Delegation(**row) for row in rows]

    def lock_delegations(self, uscc: Uscc) -> None:
        """Wait for the right to change who acts for a firm, until the transaction ends."""
        self._session.run("lock_delegations", purpose=DELEGATION_LOCK, uscc=uscc)


def _account(row: Row) -> Account:
    fields: dict[str, Any] = {
        name: row[name] for name in ("account_id", "name", "label", "is_open", "has_password", "has_totp", "at", "by")
    }
    return Account(kind=AccountKind(row["kind"]), **fields)


def _used(row: Row | None) -> bool:
    assert row is not None, "a function gives one row"
    return bool(row["used"])
