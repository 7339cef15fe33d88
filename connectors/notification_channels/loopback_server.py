"""A server for senders on this machine: each connection has a thread, and stopping ends them all.

Guarantees that it listens on 127.0.0.1 only, that stopping leaves neither a thread nor a socket behind, and that a
sender that goes away is no error. What is said on a connection is left to the handler.
"""

import socket
import socketserver
import sys
import threading
from contextlib import suppress
from typing import Any

HOST = "127.0.0.1"
CONNECTION_SECONDS = 60.0
"""A connection on which nothing is said for so long is closed."""


class HangUp(Exception):
    """Raised by a handler to close its connection at once; a server does so on purpose."""


class LoopbackServer(socketserver.ThreadingTCPServer):
    """Listens from the start; `start` serves and `stop` ends it."""

    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, handler: type[socketserver.BaseRequestHandler]) -> None:
        """Port 0 takes a free one. Raises an `OSError` for a port that is taken."""
        super().__init__((HOST, port), handler)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection, wait for their threads and close the port."""
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                _end(connection)
        self.server_close()
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, so that it can be ended, and serve it in a thread."""
        request.settimeout(CONNECTION_SECONDS)
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._connections.discard(request)
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that ended; all else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError | HangUp):
            super().handle_error(request, client_address)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # the sender was faster
        connection.shutdown(socket.SHUT_RDWR)
