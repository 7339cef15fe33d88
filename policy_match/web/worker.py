"""The process that serves requests: gunicorn's worker of threads, which waits for nobody too long.

Guarantees that a connection that says nothing holds no thread, that a request must be read in time as a whole, however
slowly it trickles, and that what is no HTTP is refused as a problem document. What requests do is the application's.
"""

import logging
import math
import selectors
import socket
import time
import uuid
from http import HTTPStatus
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from policy_match.web.headers import ALWAYS, BAREST
from policy_match.web.problems import problem
from policy_match.web.unreadable import TooSlow, refusal_of

HEADER_SECONDS = 10.0
"""How long the head of a request may take. A proxy in front sends whole requests, within milliseconds."""

SEND_SECONDS = 60.0
"""How long sending one part of an answer may take."""

log = logging.getLogger("policy_match.web")


class TimedSocket(socket.socket):
    """A connection whose next request must be read by `deadline`; it began at `begun`.

    Both are seconds of the clock that never runs backwards.
    """

    begun = 0.0
    deadline = float("inf")
    answered = False

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return what came. Raises `TooSlow`."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow
        self.settimeout(left)
        try:
            return super().recv(size, flags)
        except TimeoutError:
            raise TooSlow from None

    def sendall(self, content: Any, flags: int = 0, /) -> None:
        """Send all of it. Raises `TimeoutError`."""
        self.answered = True
        self.settimeout(SEND_SECONDS)
        super().sendall(content, flags)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Serves requests in threads."""

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread once it says something; until then it only waits, as kept ones do."""
        if isinstance(conn.sock, TimedSocket):
            super().enqueue_req(conn)
            return
        conn.sock = TimedSocket(fileno=conn.sock.detach())
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, lambda ready: self.on_pending_socket_readable(conn, ready)
        )

    def set_accept_enabled(self, enabled: bool) -> None:
        """Let connections in, or not; a process that ends refuses them at once instead of letting them wait."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """Close what only waits by `deadline`, when the process is told to end."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: TConn) -> Any:
        """Serve a request of a connection that has something to read."""
        conn.sock.answered = False
        conn.sock.begun = time.monotonic()
        conn.sock.deadline = conn.sock.begun + min(HEADER_SECONDS, self.app.settings.server.request_seconds)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Serve a request whose head was read."""
        conn.sock.deadline = time.monotonic() + self.app.settings.server.request_seconds
        return bool(super().handle_request(req, conn))

    def handle_error(self, req: Any, client: TimedSocket, addr: Any, exc: BaseException) -> None:
        """Refuse what could not be read."""
        refusal, request_id = refusal_of(exc), str(uuid.uuid4())
        status = HTTPStatus(refusal.http_status)
        ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        fields = {
            "id": request_id,
            "operation": "unreadable",
            "method": "none" if req is None else req.method,
            "status": int(status),
            "ms": math.ceil((time.monotonic() - client.begun) * 1000),
            "who": "nobody",
            "why": type(exc).__name__,
        }
        level = logging.ERROR if ours else logging.INFO
        log.log(level, "request", extra={"fields": fields}, exc_info=exc if ours else None)
        if client.answered:
            return
        answer = problem(refusal, "zh", request_id)
        headers = {
            **ALWAYS,
            "Content-Security-Policy": BAREST,
            "Cache-Control": "no-store",
            "Connection": "close",
            "X-Request-Id": request_id,
            "Content-Type": answer.mimetype,
            "Content-Length": answer.content_length,
        }
        head = [f"HTTP/1.1 {status:d} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            client.sendall("\r\n".join([*head, "", ""]).encode("ascii") + answer.get_data())
        except OSError:
            log.info("gone", extra={"fields": {"id": request_id}})
