"""The cookies of signing in, and the token that stands against forged requests.

Guarantees that a cookie goes only to this host, over TLS, out of reach of scripts, and not with requests that another
site makes a browser send (RFC 6265bis, `__Host-`). What a session is, is `services.sessions`.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from flask import Request, Response, after_this_request

SESSION = "__Host-session"
STATE = "__Host-sign-in"
"""Holds the state of a sign-in that is at a provider, so that no other browser can end it."""

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "_csrf"
"""The same in the form of a page, which has no headers of its own."""

MOST_SIGNS = 200


def cookie(request: Request, name: str) -> str | None:
    """Return a cookie's value, `None` when there is none that could be ours."""
    value = request.cookies.get(name, "")
    return value if 0 < len(value) <= MOST_SIGNS else None


def set_cookie(name: str, value: str, lasts: timedelta | None = None) -> None:
    """Send a cookie with this answer; without `lasts` it goes when the browser closes."""

    @after_this_request
    def send(response: Response) -> Response:
        response.set_cookie(
            name,
            value,
            max_age=None if lasts is None else int(lasts.total_seconds()),
            path="/",
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response


def drop_cookie(name: str) -> None:
    """Take a cookie back with this answer."""
    set_cookie(name, "", timedelta(0))


def csrf_token(secret: str) -> str:
    """Return the token against forged requests of a session's secret; the secret does not follow from it."""
    digest = hashlib.sha256(b"policy-match csrf " + secret.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def form_token(request: Request) -> str:
    """Return the token for the forms of a page; empty without a session."""
    secret = cookie(request, SESSION)
    return "" if secret is None else csrf_token(secret)


def brings_csrf_token(request: Request, secret: str) -> bool:
    """Return whether a request brings the token of its session, in its header or its form."""
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), csrf_token(secret).encode())
