"""What a proxy in front says of a request: who really asks, whether by TLS, under which id.

Guarantees that only proxies that are trusted are believed: from anybody else `X-Forwarded-*`, `Forwarded` and
`X-Request-Id` are dropped before anything reads them. The host that people type is a setting, never a header.
"""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from uuid import UUID

from policy_match.web_settings import Network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "policy_match.request_id"
"""Where in the environment of a request the id lies that a trusted proxy gave it."""

MOST_HOPS = 20
FORWARDED = (
    *("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"),
    *("HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SSL", "HTTP_X_REQUEST_ID"),
)


class TrustedProxies:
    """Stands before an application."""

    def __init__(self, application: "WSGIApplication", networks: Sequence[Network], *, trusts_unix: bool) -> None:
        self._application = application
        self._networks = networks
        self._trusts_unix = trusts_unix

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a request."""
        told = {name: environ.pop(name, "") for name in FORWARDED}
        if self._trusts(environ.get("REMOTE_ADDR", "")):
            environ["REMOTE_ADDR"] = self._who(environ.get("REMOTE_ADDR", ""), told["HTTP_X_FORWARDED_FOR"])
            scheme = told["HTTP_X_FORWARDED_PROTO"].rpartition(",")[2].strip()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
            request_id = _request_id(told["HTTP_X_REQUEST_ID"])
            if request_id is not None:
                environ[REQUEST_ID] = request_id
        return self._application(environ, start_response)

    def _trusts(self, address: str) -> bool:
        if not address:
            return self._trusts_unix
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def _who(self, peer: str, chain: str) -> str:
        """Return the nearest address of the chain that is no proxy of ours; each proxy wrote whom it saw."""
        who = peer
        for hop in reversed(chain.split(",")[-MOST_HOPS:]):
            try:
                who = str(ip_address(hop.strip()))
            except ValueError:
                return who
            if not self._trusts(who):
                return who
        return who


def _request_id(text: str) -> str | None:
    """Return an id that is a UUID, with or without its hyphens."""
    try:
        return str(UUID(text)) if len(text) in (32, 36) else None
    except ValueError:
        return None


class SecondDoor:
    """Sends what comes in by another address to another application, and that alone."""

    def __init__(
        self, application: "WSGIApplication", behind: "WSGIApplication", came_by: Callable[[dict[str, Any]], bool]
    ) -> None:
        self._application = application
        self._behind = behind
        self._came_by = came_by

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a request."""
        application = self._behind if self._came_by(environ) else self._application
        return application(environ, start_response)
