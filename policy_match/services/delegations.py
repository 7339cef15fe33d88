"""Who acts for a firm: its owners say so, and the administrator says who its first owner is.

Guarantees that the last word on a firm and a user counts, and that an owner does not take the last ownership of a firm
away. Whether somebody owns a firm in truth is for who grants the first ownership to see.
"""

from collections.abc import Sequence

from policy_match.errors import InputError
from policy_match.identity.accounts import AccountKind, Delegation
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.services.accounts import NoSuchAccount, OtherKind, existing
from policy_match.services.roles import named
from policy_match.values import Uscc

MOST_USERS = 200
"""The most users of one firm."""


class NotOwner(InputError):
    """Only an owner says who acts for a firm."""

    code = "delegation.not-owner"
    http_status = 403
    english = "only an owner of {uscc} says who acts for it"
    chinese = "只有 {uscc} 的负责人可以授权或取消授权"


class LastOwner(InputError):
    """The firm would have no owner left."""

    code = "delegation.last-owner"
    http_status = 409
    english = "{name} is the last owner of {uscc}; make somebody else an owner first"
    chinese = "{name} 是 {uscc} 的最后一名负责人；请先将他人设为负责人"


class TooManyUsers(InputError):
    """A firm has as many users as it may have."""

    code = "delegation.too-many"
    http_status = 409
    english = "{uscc} has {most} users, the most there may be; take somebody away first"
    chinese = "{uscc} 已有 {most} 名用户，达到上限；请先取消他人授权"


def delegate(
    database: Database, clock: Clock, *, uscc: Uscc, user: str, is_owner: bool, by: str, as_owner: str | None = None
) -> bool:
    """Let a user act for a firm, and return whether that says anything new.

    `as_owner` is the account of the owner who says so, `None` for staff. Raises `NoSuchAccount`, `OtherKind`,
    `NotOwner`, `LastOwner`, `TooManyUsers`.
    """
    by = named(by)
    with database.unit_of_work() as work:
        users = _users(work, uscc, as_owner)
        account = existing(work, user)
        if account.kind is not AccountKind.FIRM:
            # To a firm, members of staff are nobody.
            raise NoSuchAccount(name=user) if as_owner is not None else OtherKind(name=user, kind=account.kind)
        before = users.get(user)
        if before is not None and before.is_owner == is_owner:
            return False
        if before is None and len(users) >= MOST_USERS:
            raise TooManyUsers(uscc=uscc, most=MOST_USERS)
        if before is not None and as_owner is not None:
            _check_last(users, before)
        work.accounts.delegate(uscc, account.account_id, is_owner=is_owner, granted=True, at=clock.now(), by=by)
        work.commit()
    return True


def end_delegation(
    database: Database, clock: Clock, *, uscc: Uscc, user: str, by: str, as_owner: str | None = None
) -> bool:
    """Let a user act for a firm no longer, from this moment, and return whether he did.

    Raises `NoSuchAccount`, `NotOwner`; `LastOwner` when an owner would leave the firm without one.
    """
    by = named(by)
    with database.unit_of_work() as work:
        users = _users(work, uscc, as_owner)
        account = existing(work, user)
        before = users.get(user)
        if before is None:
            return False
        if as_owner is not None:
            _check_last(users, before)
        work.accounts.delegate(uscc, account.account_id, is_owner=before.is_owner, granted=False, at=clock.now(), by=by)
        work.commit()
    return True


def users_of(database: Database, *, uscc: Uscc, after: str = "", most: int) -> Sequence[Delegation]:
    """Return a page of the users who act for a firm, by name after a given one."""
    with database.unit_of_work() as work:
        return work.accounts.of_firm(uscc, after=after, most=most)


def _users(work: UnitOfWork, uscc: Uscc, as_owner: str | None) -> dict[str, Delegation]:
    work.accounts.lock_delegations(uscc)
    users = {each.user: each for each in work.accounts.of_firm(uscc, most=MOST_USERS)}
    if as_owner is not None and not (as_owner in users and users[as_owner].is_owner):
        raise NotOwner(uscc=uscc)
    return users


def _check_last(users: dict[str, Delegation], leaving: Delegation) -> None:
    if leaving.is_owner and sum(each.is_owner for each in users.values()) == 1:
        raise LastOwner(name=leaving.user, uscc=leaving.uscc)
