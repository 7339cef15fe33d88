"""Accounts of people: made, closed, opened again, with a password.

Guarantees that what happened to an account stays, that a new password ends the sessions of the old one, and that
nobody opens his own account again. Signing in is `sign_in`, the second factor `second_factor`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.errors import InputError
from policy_match.identity.accounts import Account, AccountKind, AccountStep, Delegation, checked_name
from policy_match.identity.credentials import check_password
from policy_match.identity.sessions import SessionEnd
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.identity import AccountRow
from policy_match.services.identity_desk import IdentityDesk, new_secret
from policy_match.services.roles import named
from policy_match.services.sessions import end_sessions_of

MOST_LABEL = 100
MADE_PASSWORD = 24
"""So many letters, digits, `-` and `_`: 144 bits."""
MOST_EVENTS = 200
"""So many events of an account are shown."""
MOST_DELEGATIONS = 100
"""So many firms of a user are shown."""


class NoSuchAccount(InputError):
    """There is no account of that name."""

    code = "account.unknown"
    http_status = 404
    english = "there is no account {name}; see `policy-match accounts list`"
    chinese = "没有账号 {name}；请见 policy-match accounts list"


class NameTaken(InputError):
    """Another account has the name, for ever: steps are kept under it."""

    code = "account.taken"
    http_status = 409
    english = "the name {name} belongs to an account; choose another, or open that account again"
    chinese = "账号名 {name} 已被使用；请换一个，或重新启用该账号"


class OwnAccount(InputError):
    """A person would close or open his own account."""

    code = "account.own"
    http_status = 409
    english = "{name} may not do this to the own account; somebody else must"
    chinese = "{name} 不得对本人账号进行此操作，须由他人办理"


class OtherKind(InputError):
    """An account of staff where one of a firm's user is needed, or the other way round."""

    code = "account.kind"
    http_status = 409
    english = "{name} is an account of kind {kind}, which cannot do this; use one of the other kind"
    chinese = "账号 {name} 的类型为 {kind}，不能用于此操作；请使用另一类账号"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountShown:
    """An account with its latest events and the firms its user acts for."""

    account: Account
    events: Sequence[AccountRow]
    delegations: Sequence[Delegation]
    recovery_codes_left: int


def add_account(database: Database, clock: Clock, *, name: str, kind: AccountKind, label: str = "", by: str) -> Account:
    """Make an account, with which nobody can sign in yet. Raises `WrongAccountName`, `NameTaken`, `NobodyNamed`."""
    name, by = checked_name(name), named(by)
    with database.unit_of_work() as work:
        account = new_account(work, clock, name=name, kind=kind, label=label, by=by)
        work.commit()
    return account


def new_account(work: UnitOfWork, clock: Clock, *, name: str, kind: AccountKind, label: str, by: str) -> Account:
    """Keep an account within other work. Raises `NameTaken`."""
    at = clock.now()
    number = work.accounts.add(name, kind, label.strip()[:MOST_LABEL], at=at, by=by)
    if number is None:
        raise NameTaken(name=name)
    work.accounts.record(number, AccountStep.OPEN, at=at, by=by)
    return existing(work, name)


def close_account(
    database: Database, clock: Clock, desk: IdentityDesk, *, name: str, reason: str = "", by: str
) -> bool:
    """Close an account and end its sessions; return whether it was open. Raises `NoSuchAccount`, `OwnAccount`."""
    by = other_person(name, by)
    with database.unit_of_work() as work:
        account, at = existing(work, name), clock.now()
        if not account.is_open:
            return False
        work.accounts.record(account.account_id, AccountStep.CLOSE, reason=reason, at=at, by=by)
        end_sessions_of(work, desk, account, at, SessionEnd.CREDENTIALS)
        work.commit()
    return True


def open_account(database: Database, clock: Clock, *, name: str, reason: str = "", by: str) -> bool:
    """Open a closed account again; return whether it was closed. Raises `NoSuchAccount`, `OwnAccount`."""
    by = other_person(name, by)
    with database.unit_of_work() as work:
        account = existing(work, name)
        if account.is_open:
            return False
        work.accounts.record(account.account_id, AccountStep.OPEN, reason=reason, at=clock.now(), by=by)
        work.commit()
    return True


def set_password(
    database: Database,
    clock: Clock,
    desk: IdentityDesk,
    *,
    name: str,
    password: str,
    by: str,
    but_session: int | None = None,
) -> None:
    """Give an account a password and end its sessions, `but_session` not. Raises `NoSuchAccount`, `WeakPassword`."""
    check_password(password, name)
    password_hash, by = desk.passwords.hashed(password), named(by)
    with database.unit_of_work() as work:
        account, at = existing(work, name), clock.now()
        work.accounts.keep_password(account.account_id, password_hash)
        work.accounts.record(account.account_id, AccountStep.PASSWORD, at=at, by=by)
        end_sessions_of(work, desk, account, at, SessionEnd.CREDENTIALS, but=but_session)
        work.commit()


def made_password(database: Database, clock: Clock, desk: IdentityDesk, *, name: str, by: str) -> str:
    """Give another's account a password made by chance, and return it, this once.

    Raises `NoSuchAccount`, `OwnAccount`.
    """
    by, password = other_person(name, by), new_secret()[:MADE_PASSWORD]
    set_password(database, clock, desk, name=name, password=password, by=by)
    return password


def accounts(database: Database, *, kind: AccountKind | None = None, after: str = "", most: int) -> Sequence[Account]:
    """Return a page of accounts by name, after a given one; of one kind or of all."""
    with database.unit_of_work() as work:
        return work.accounts.accounts(kind=kind, after=after, most=most)


def show_account(database: Database, *, name: str) -> AccountShown:
    """Return an account with what happened to it. Raises `NoSuchAccount`."""
    with database.unit_of_work() as work:
        account = existing(work, name)
        return AccountShown(
            account=account,
            events=work.accounts.history(account.account_id, most=MOST_EVENTS),
            delegations=work.accounts.of_account(account.account_id, most=MOST_DELEGATIONS),
            recovery_codes_left=work.accounts.recovery_codes_left(account.account_id),
        )


def existing(work: UnitOfWork, name: str) -> Account:
    """Return the account of a name. Raises `NoSuchAccount`."""
    account = work.accounts.find(name)
    if account is None:
        raise NoSuchAccount(name=name)
    return account


def other_person(name: str, by: str) -> str:
    """Return who does something to an account of somebody else. Raises `OwnAccount`."""
    by = named(by)
    if by == name:
        raise OwnAccount(name=name)
    return by
