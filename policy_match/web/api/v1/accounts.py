"""Accounts of people, as an administrator keeps them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.identity.accounts import AccountKind, AccountStep, WrongAccountName
from policy_match.services import accounts, second_factor, sessions
from policy_match.services.accounts import NameTaken, NoSuchAccount, OwnAccount
from policy_match.services.sessions import NoSuchSession
from policy_match.services.sign_in import NoLocalAccounts
from policy_match.web.api.v1.my_account import SessionList, session_list
from policy_match.web.api.v1.sign_in import FirmItem
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Input, Moment, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.ACCOUNTS)
OPERATIONS = CHAPTER.operations

AccountName = Annotated[str, StringConstraints(pattern=rf"^[^{BLANK}/]+$", max_length=64)]


class AccountId(Query):
    """Which account."""

    name: AccountName


class AccountSessionId(Query):
    """Which session of which account."""

    name: AccountName
    session_id: Number


class AccountQuery(PageQuery):
    """Which accounts."""

    kind: AccountKind | None = None


class AccountInput(Input):
    """A new account."""

    name: AccountName
    kind: Annotated[AccountKind, Field(strict=False)]
    label: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=100)] = ""


class ReasonInput(Input):
    """Why."""

    reason: Text = ""


class AccountItem(Output):
    """One account."""

    name: str
    kind: AccountKind
    label: str
    is_open: bool
    has_password: bool
    has_totp: Annotated[bool, Field(description="whether a second factor is set up")]
    at: Moment
    by: str


class AccountEventItem(Output):
    """One thing that happened to an account."""

    event: AccountStep
    reason: str
    at: Moment
    by: str


class AccountAnswer(Output):
    """An account with what happened to it, the latest first."""

    account: AccountItem
    events: list[AccountEventItem]
    delegations: list[FirmItem]
    recovery_codes_left: int


class PasswordAnswer(Output):
    """A password, said once."""

    password: str


@CHAPTER.operation(Method.GET, "/accounts")
def list_accounts(call: Call, query: AccountQuery) -> Page[AccountItem]:
    """List accounts by name."""
    place = call.cursors.place(str)
    found = accounts.accounts(call.database, kind=query.kind, after=place[0] if place else "", most=query.limit + 1)
    return call.page(Page[AccountItem], found, query.limit, "name")


@CHAPTER.operation(Method.POST, "/accounts", raises=(WrongAccountName, NameTaken))
def add_account(call: Call, body: AccountInput) -> Made[AccountItem]:
    """Make an account. Nobody can sign in with it until it has a password, or a provider vouches for its person."""
    made = accounts.add_account(call.database, call.clock, name=body.name, kind=body.kind, label=body.label, by=call.by)
    return Made(AccountItem.model_validate(made), f"/accounts/{made.name}")


@CHAPTER.operation(Method.GET, "/accounts/{name}", raises=(NoSuchAccount,))
def show_account(call: Call, path: AccountId) -> AccountAnswer:
    """Show an account with what happened to it and the firms its user acts for."""
    return _shown(call, path.name)


@CHAPTER.operation(Method.POST, "/accounts/{name}/close", raises=(NoSuchAccount, OwnAccount))
def close_account(call: Call, path: AccountId, body: ReasonInput) -> AccountAnswer:
    """Close an account and end its sessions. Its name stays taken: steps are kept under it."""
    accounts.close_account(
        call.database, call.clock, call.desk.identity, name=path.name, reason=body.reason, by=call.by
    )
    return _shown(call, path.name)


@CHAPTER.operation(Method.POST, "/accounts/{name}/open", raises=(NoSuchAccount, OwnAccount))
def open_account(call: Call, path: AccountId, body: ReasonInput) -> AccountAnswer:
    """Open a closed account again."""
    accounts.open_account(call.database, call.clock, name=path.name, reason=body.reason, by=call.by)
    return _shown(call, path.name)


@CHAPTER.operation(
    Method.POST, "/accounts/{name}/password", raises=(NoSuchAccount, OwnAccount, NoLocalAccounts), secret=True
)
def make_password(call: Call, path: AccountId) -> PasswordAnswer:
    """Give an account a password made by chance, said this once, and end its sessions."""
    password = accounts.made_password(call.database, call.clock, call.desk.identity, name=path.name, by=call.by)
    return PasswordAnswer(password=password)


@CHAPTER.operation(Method.DELETE, "/accounts/{name}/second-factor", raises=(NoSuchAccount, OwnAccount))
def drop_second_factor(call: Call, path: AccountId) -> None:
    """Take a second factor away, when the phone and the recovery codes are lost."""
    second_factor.drop_totp(call.database, call.clock, call.desk.identity, name=path.name, by=call.by)


@CHAPTER.operation(Method.GET, "/accounts/{name}/sessions")
def list_sessions_of_account(call: Call, path: AccountId) -> SessionList:
    """List the open sessions of a person, the latest first."""
    return session_list(call, path.name, None)


@CHAPTER.operation(Method.DELETE, "/accounts/{name}/sessions/{session_id}", raises=(NoSuchSession,))
def end_session_of_account(call: Call, path: AccountSessionId) -> None:
    """End a session of a person."""
    sessions.end_session_of(
        call.database,
        call.clock,
        call.desk.identity,
        name=path.name,
        session_id=path.session_id,
        by_administrator=True,
    )


def _shown(call: Call, name: str) -> AccountAnswer:
    return AccountAnswer.model_validate(accounts.show_account(call.database, name=name))
