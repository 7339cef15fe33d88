"""What one does with one's own sessions and password."""

from typing import Annotated

from pydantic import Field

from policy_match.identity.credentials import WeakPassword
from policy_match.identity.principal import FirmUser, Staff
from policy_match.services import sessions
from policy_match.services.attempts import TooHasty
from policy_match.services.change_password import change_password
from policy_match.services.sessions import NoSuchSession
from policy_match.services.sign_in import NoLocalAccounts, WrongSignIn
from policy_match.web.api.v1.sign_in import Secret
from policy_match.web.call import Call
from policy_match.web.identity.waiting import address_of, session_of
from policy_match.web.models import Input, Moment, Number, Output, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.SIGN_IN)
OPERATIONS = CHAPTER.operations


class SessionId(Query):
    """Which session."""

    session_id: Number


class PasswordInput(Input):
    """The password that one has, and the one that one wants."""

    old: Secret
    new: Secret


class SessionItem(Output):
    """One open session."""

    session_id: int
    provider: str
    firm: Annotated[str | None, Field(description="for which firm it acts")]
    is_this: Annotated[bool, Field(description="whether it is the one that asks")]
    began_at: Moment
    seen_at: Moment
    ends_at: Moment


class SessionList(Output):
    """All open sessions of a person, the latest first."""

    items: list[SessionItem]


def name_of(call: Call) -> str:
    """Return the account of the person who asks."""
    assert isinstance(call.principal, Staff | FirmUser), "the table lets no machine in"
    return call.principal.person if isinstance(call.principal, Staff) else call.principal.user


def session_list(call: Call, name: str, this: int | None) -> SessionList:
    """Return the open sessions of a person."""
    rules = call.desk.identity.rules.sessions
    found = sessions.sessions_of(call.database, call.clock, call.desk.identity, name=name)
    return SessionList(
        items=[
            SessionItem(
                session_id=each.session_id,
                provider=each.provider,
                firm=each.uscc,
                is_this=each.session_id == this,
                began_at=each.began_at,
                seen_at=each.seen_at,
                ends_at=each.ends_at(rules),
            )
            for each in found
        ]
    )


@CHAPTER.operation(Method.GET, "/sessions")
def list_my_sessions(call: Call) -> SessionList:
    """List one's own open sessions, the latest first."""
    call.database.act_as_service()
    return session_list(call, name_of(call), session_of(call).session_id)


@CHAPTER.operation(Method.DELETE, "/sessions/{session_id}", raises=(NoSuchSession,))
def end_my_session(call: Call, path: SessionId) -> None:
    """End one of one's own sessions."""
    call.database.act_as_service()
    sessions.end_session_of(
        call.database, call.clock, call.desk.identity, name=name_of(call), session_id=path.session_id
    )


@CHAPTER.operation(
    Method.POST, "/account/password", raises=(WeakPassword, WrongSignIn, NoLocalAccounts, TooHasty), keyed=False
)
def change_my_password(call: Call, body: PasswordInput) -> None:
    """Change one's own password. All other sessions end."""
    call.database.act_as_service()
    session = session_of(call)
    call.database.release()
    change_password(
        call.desk.database,
        call.clock,
        call.desk.identity,
        session,
        old=body.old,
        new=body.new,
        address=address_of(),
    )
