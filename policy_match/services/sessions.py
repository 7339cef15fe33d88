"""Begins, looks up, renews and ends sessions of people.

Guarantees that a session has a new id whenever it can do more than before, that a person's sessions end when his
credentials change, and that an id that is not live is the same as none. Who may begin one is `sign_in`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.errors import InputError
from policy_match.identity.accounts import Account
from policy_match.identity.principal import FirmUser, Staff
from policy_match.identity.sessions import Session, SessionEnd, WaitsFor
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.identity import NewSession
from policy_match.services.identity_desk import IdentityDesk, digest_of, new_secret
from policy_match.values import Uscc

MOST_SESSIONS = 1000
"""The most sessions of one account that are listed or ended at once; its live ones are far fewer."""


class NoSession(InputError):
    """The session is over, or never was."""

    code = "session.none"
    exit_code = 4
    http_status = 401
    english = "the session is over; sign in again"
    chinese = "会话已结束，请重新登录"


class NoSuchSession(InputError):
    """The person has no open session of that number."""

    code = "session.unknown"
    http_status = 404
    english = "{name} has no open session {session_id}; see the list of sessions"
    chinese = "{name} 没有编号为 {session_id} 的有效会话；请查看会话列表"


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A session that has begun. `secret` is what the cookie holds, said once; `ends_at` if nothing more is heard."""

    secret: str = field(repr=False)
    session: Session
    ends_at: datetime


def begin_session(
    work: UnitOfWork,
    desk: IdentityDesk,
    account: Account,
    at: datetime,
    *,
    provider: str = "",
    waits_for: WaitsFor | None = None,
    uscc: Uscc | None = None,
    instead_of: Session | None = None,
) -> Begun:
    """Begin a session with a new id. `instead_of` is ended; its sign-in and its tokens are those of the new one.

    Raises `NoSession` when `instead_of` ended meanwhile: of two steps up at once only one counts.
    """
    secret = new_secret()
    number = work.sessions.begin(
        NewSession(
            digest=digest_of(secret),
            account_id=account.account_id,
            uscc=uscc,
            provider=provider if instead_of is None else instead_of.provider,
            waits_for=waits_for,
            began_at=at if instead_of is None else instead_of.began_at,
            at=at,
        )
    )
    if instead_of is not None:
        tokens = work.sessions.tokens(instead_of.session_id)
        if tokens is not None:
            work.sessions.keep_tokens(number, tokens)
        if not work.sessions.end([instead_of.session_id], at, SessionEnd.RENEWED):
            raise NoSession
    session = work.sessions.find(digest_of(secret))
    assert session is not None, "it was just kept"
    return Begun(secret=secret, session=session, ends_at=session.ends_at(desk.rules.sessions))


def live_session(database: Database, clock: Clock, desk: IdentityDesk, secret: str) -> Session | None:
    """Return the session of an id while it is live, `None` otherwise."""
    with database.unit_of_work() as work:
        session = work.sessions.find(digest_of(secret))
    return session if session is not None and session.is_live(clock.now(), desk.rules.sessions) else None


def see_session(database: Database, clock: Clock, session: Session) -> None:
    """Keep that a session is being used."""
    with database.unit_of_work() as work:
        work.sessions.see(session.session_id, clock.now())
        work.commit()


def principal_of(session: Session) -> Staff | FirmUser | None:
    """Return who asks in a session; `None` while it waits for something."""
    if session.waits_for is not None:
        return None
    if session.uscc is not None:
        return FirmUser(uscc=session.uscc, user=session.name)
    return Staff(person=session.name, roles=session.roles)


def renewed(database: Database, clock: Clock, desk: IdentityDesk, session: Session) -> Begun:
    """Give a session a new id and end the old one. Raises `NoSession` when it ended meanwhile."""
    at = clock.now()
    with database.unit_of_work() as work:
        account = work.accounts.find(session.name)
        assert account is not None, "a session has an account"
        begun = begin_session(
            work, desk, account, at, uscc=session.uscc, waits_for=session.waits_for, instead_of=session
        )
        work.commit()
    return begun


def end_session(database: Database, clock: Clock, session: Session, why: SessionEnd) -> bool:
    """End a session and return whether it had not ended."""
    with database.unit_of_work() as work:
        ended = work.sessions.end([session.session_id], clock.now(), why)
        work.commit()
    return bool(ended)


def sessions_of(database: Database, clock: Clock, desk: IdentityDesk, *, name: str) -> Sequence[Session]:
    """Return the live sessions of a person, the latest first; none for a name without an account."""
    with database.unit_of_work() as work:
        account = work.accounts.find(name)
        return [] if account is None else _live(work, desk, account, clock.now())


def end_session_of(
    database: Database, clock: Clock, desk: IdentityDesk, *, name: str, session_id: int, by_administrator: bool = False
) -> None:
    """End one session of a person. Raises `NoSuchSession`."""
    why = SessionEnd.ENDED_BY_ADMINISTRATOR if by_administrator else SessionEnd.ENDED_BY_PERSON
    with database.unit_of_work() as work:
        account, at = work.accounts.find(name), clock.now()
        live = [] if account is None else _live(work, desk, account, at)
        if session_id not in {each.session_id for each in live}:
            raise NoSuchSession(name=name, session_id=session_id)
        work.sessions.end([session_id], at, why)
        work.commit()


def end_sessions_of(
    work: UnitOfWork, desk: IdentityDesk, account: Account, at: datetime, why: SessionEnd, *, but: int | None = None
) -> int:
    """End every session of a person, `but` one, and return how many."""
    live = _live(work, desk, account, at)
    return work.sessions.end([each.session_id for each in live if each.session_id != but], at, why)


def _live(work: UnitOfWork, desk: IdentityDesk, account: Account, at: datetime) -> Sequence[Session]:
    since = at - desk.rules.sessions.absolute
    found = work.sessions.of_account(account.account_id, since=since, most=MOST_SESSIONS)
    return [each for each in found if each.is_live(at, desk.rules.sessions)]
