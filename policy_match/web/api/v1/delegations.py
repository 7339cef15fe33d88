"""Who acts for a firm."""

from typing import Annotated

from pydantic import Field

from policy_match.identity.principal import FirmUser
from policy_match.services import delegations
from policy_match.services.accounts import NoSuchAccount, OtherKind
from policy_match.services.delegations import LastOwner, NotOwner, TooManyUsers
from policy_match.values import Uscc
from policy_match.web.api.v1.accounts import AccountName
from policy_match.web.api.v1.role_grants import ChangedAnswer
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Input, Moment, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag
from policy_match.web.problems import NotAllowed

CHAPTER = Chapter(Tag.DELEGATIONS)
OPERATIONS = CHAPTER.operations


class FirmId(Query):
    """Which firm."""

    uscc: CreditCode


class DelegationId(Query):
    """Which user of which firm."""

    uscc: CreditCode
    user: AccountName


class DelegationInput(Input):
    """What the user may do."""

    is_owner: Annotated[bool, Field(description="whether he says who else acts for the firm")] = False


class DelegationItem(Output):
    """A user who acts for a firm now."""

    uscc: str
    user: str
    is_owner: bool
    at: Moment
    by: str


@CHAPTER.operation(Method.GET, "/firms/{uscc}/users")
def list_firm_users(call: Call, path: FirmId, query: PageQuery) -> Page[DelegationItem]:
    """List the users who act for a firm, by name. A firm's users see their own firm."""
    _check_firm(call, path.uscc)
    place = call.cursors.place(str)
    found = delegations.users_of(
        call.database, uscc=Uscc(path.uscc), after=place[0] if place else "", most=query.limit + 1
    )
    return call.page(Page[DelegationItem], found, query.limit, "user")


@CHAPTER.operation(
    Method.PUT, "/firms/{uscc}/users/{user}", raises=(NoSuchAccount, OtherKind, NotOwner, LastOwner, TooManyUsers)
)
def delegate_user(call: Call, path: DelegationId, body: DelegationInput) -> ChangedAnswer:
    """Let a user act for a firm. An owner says so for his own firm, an administrator for its first owner."""
    changed = delegations.delegate(
        call.database,
        call.clock,
        uscc=Uscc(path.uscc),
        user=path.user,
        is_owner=body.is_owner,
        by=_by(call),
        as_owner=_check_firm(call, path.uscc),
    )
    return ChangedAnswer(changed=changed)


@CHAPTER.operation(Method.DELETE, "/firms/{uscc}/users/{user}", raises=(NoSuchAccount, NotOwner, LastOwner))
def end_user_delegation(call: Call, path: DelegationId) -> None:
    """Let a user act for a firm no longer; his sessions for it are over at once."""
    as_owner = _check_firm(call, path.uscc)
    delegations.end_delegation(
        call.database, call.clock, uscc=Uscc(path.uscc), user=path.user, by=_by(call), as_owner=as_owner
    )


def _check_firm(call: Call, uscc: str) -> str | None:
    """Return the account of a firm's user, who may ask about his own firm alone. Raises `NotAllowed`."""
    if not isinstance(call.principal, FirmUser):
        return None
    call.database.act_as_service()
    if call.principal.uscc != uscc:
        raise NotAllowed
    return call.principal.user


def _by(call: Call) -> str:
    return call.principal.user if isinstance(call.principal, FirmUser) else call.by
