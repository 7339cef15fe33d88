"""Requests to one server over HTTPS: one connection for many, every wait and every answer limited, no redirects.

Guarantees that a caller can tell what was surely not sent from what may have been, and that an address, which may hold
a key, is in no error and no log: `http.client` writes none, while `httpx`, `requests` and `urllib3` log every address.
"""

import http.client
import select
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from connectors.notification_channels.watchdog import Watchdog

MAX_ANSWER_BYTES = 1024 * 1024


class NotSent(Exception):
    """There was no connection, so nothing was sent. `detail` says which way it failed, without an address.

    `untrusted`: there was somebody, whose certificate is not one that we trust.
    """

    def __init__(self, detail: str, *, untrusted: bool) -> None:
        self.detail = detail
        self.untrusted = untrusted
        super().__init__(detail)


class NoAnswer(Exception):
    """The request may have arrived, and no answer came, or one that is too long to be meant for us."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the server said, in status and body; the body is that of a redirect too, which is not followed."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpsAccess:
    """How to reach a server: `url` is https, or http to this machine, and may hold a path before all paths."""

    url: str = field(repr=False)
    tls: ssl.SSLContext
    timeout_seconds: int

    @contextmanager
    def open(self) -> Iterator["HttpsClient"]:
        """Give a client; it connects with the first request."""
        with Watchdog() as watchdog, HttpsClient(self, watchdog) as client:
            yield client


class HttpsClient:
    """Sends requests, one after the other."""

    def __init__(self, access: HttpsAccess, watchdog: Watchdog) -> None:
        parts = urlsplit(access.url)
        assert parts.hostname is not None
        self._base = parts.path
        self._timeout_seconds = access.timeout_seconds
        self._watchdog = watchdog
        if parts.scheme == "https":
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=access.timeout_seconds, context=access.tls
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=access.timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def target(self, path: str) -> str:
        """Return path and query as they are sent, which some signatures cover."""
        return self._base + path

    def request(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and return the answer. Raises `NotSent` or `NoAnswer`."""
        connected = self._connected()
        try:
            with self._watchdog.watch(connected, self._timeout_seconds):
                self._connection.request(method, self.target(path), body, dict(headers or {}))
                response = self._connection.getresponse()
                content = response.read(MAX_ANSWER_BYTES + 1)
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise NoAnswer from None
        if len(content) > MAX_ANSWER_BYTES or response.length:
            self._connection.close()
            raise NoAnswer
        return Answer(status=response.status, body=content)

    def _connected(self) -> socket.socket:
        """Return the socket of a connection on which nothing is waiting: one that the server closed is opened anew."""
        current: socket.socket | None = self._connection.sock
        if current is not None and is_quiet(current):
            return current
        self._connection.close()
        try:
            self._connection.connect()
        except (http.client.HTTPException, OSError, UnicodeError) as error:
            self._connection.close()
            untrusted = isinstance(error, ssl.SSLCertVerificationError)
            detail = "TLS certificate not trusted" if untrusted else type(error).__name__
            raise NotSent(detail, untrusted=untrusted) from None
        found: socket.socket = self._connection.sock
        return found


def is_quiet(connection: socket.socket) -> bool:
    """Return whether nothing waits on a connection that nobody asked anything on; its end is something, too."""
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLHUP)
    return not poll.poll(0)
