"""The session behind a request of signing in, which may still wait for something."""

from flask import request

from policy_match.identity.sessions import Session
from policy_match.services.sessions import NoSession, live_session
from policy_match.web.call import Call
from policy_match.web.identity.authenticator import check_forgery, see_after
from policy_match.web.identity.cookies import SESSION, cookie


def secret_of_session() -> str:
    """Return what the cookie holds. Raises `NoSession`."""
    secret = cookie(request, SESSION)
    if secret is None:
        raise NoSession
    return secret


def session_of(call: Call) -> Session:
    """Return the session, whatever it waits for. Raises `NoSession`, `ForgedRequest`."""
    secret = secret_of_session()
    session = live_session(call.database, call.clock, call.desk.identity, secret)
    if session is None:
        raise NoSession
    check_forgery(request, secret)
    see_after(call.desk, session)
    return session


def address_of() -> str:
    """Return the address that asks, as the proxies that are trusted say it."""
    return request.remote_addr or ""
