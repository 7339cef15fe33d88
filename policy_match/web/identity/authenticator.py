"""Finds out who asks: by the cookie of a session, or by the token of a machine, never by both.

Guarantees that a request that changes something and comes with a cookie also brings the session's token against forged
requests. Public operations are for anybody, so nobody is looked for; those of signing in read the cookie themselves.
"""

import logging

from flask import Request, Response, after_this_request

from policy_match.errors import StorageError
from policy_match.identity.principal import Principal
from policy_match.identity.sessions import Session
from policy_match.ports import Database
from policy_match.services.machine_tokens import machine_of
from policy_match.services.sessions import live_session, principal_of, see_session
from policy_match.web.access import ACCESS
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.foreign import SAFE_METHODS
from policy_match.web.identity.cookies import SESSION, brings_csrf_token, cookie, csrf_token
from policy_match.web.problems import RequestError

BEARER = "bearer"

log = logging.getLogger("policy_match.web")


class ForgedRequest(RequestError):
    """A write by cookie without the session's token: perhaps another site made the browser send it."""

    code = "access.forged"
    http_status = 403
    english = "send the session's token as X-CSRF-Token with every write; GET /session says it"
    chinese = "写操作须在 X-CSRF-Token 中附带会话令牌；可通过 GET /session 获取"


class TwoProofs(RequestError):
    """A cookie and a token at once, which may be of two different principals."""

    code = "access.two-proofs"
    english = "send either the cookie of a session or a bearer token, not both"
    chinese = "会话 Cookie 与令牌只能二选一，不得同时提供"


class WebAuthenticator:
    """Looks in the system of record; each request anew, so that what ended is over at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def principal(self, request: Request, work: RequestWork) -> Principal | None:
        """Return who asks, `None` when nobody signed in. Raises `ForgedRequest`, `TwoProofs`."""
        access = ACCESS.get(request.endpoint or "")
        if access is not None and access.public:
            return None
        authorization, secret = request.authorization, cookie(request, SESSION)
        if authorization is not None:
            if secret is not None:
                raise TwoProofs
            token = authorization.token if authorization.type == BEARER else None
            return None if not token else machine_of(work, self._desk.clock, token)
        if secret is None:
            return None
        session = live_session(work, self._desk.clock, self._desk.identity, secret)
        if session is None:
            return None
        check_forgery(request, secret)
        see_after(self._desk, session)
        return principal_of(session)

    def name(self, request: Request, work: RequestWork) -> str:
        """Return how the person who signed in is called, for a page's head; empty for nobody."""
        secret = cookie(request, SESSION)
        session = None if secret is None else live_session(work, self._desk.clock, self._desk.identity, secret)
        return "" if session is None else session.label or session.name

    def form_token(self, request: Request, work: RequestWork) -> str:
        """Return what a page's forms must send back against forged requests; empty for nobody."""
        secret = cookie(request, SESSION)
        return "" if secret is None else csrf_token(secret)


def check_forgery(request: Request, secret: str) -> None:
    """Check that a request comes from our own pages, when it changes something. Raises `ForgedRequest`."""
    if request.method not in SAFE_METHODS and not brings_csrf_token(request, secret):
        raise ForgedRequest


def see_after(desk: Desk, session: Session) -> None:
    """Keep that a session is used, when it is time: behind the answer, as requests that read write nothing."""
    if not session.is_seen_late(desk.clock.now(), desk.identity.rules.sessions):
        return
    database: Database = desk.database

    @after_this_request
    def see(response: Response) -> Response:
        try:
            see_session(database, desk.clock, session)
        except StorageError as error:
            # The answer stands; the session only ends a little early if this goes on.
            log.warning("session %d: %s", session.session_id, error.code)
        return response
