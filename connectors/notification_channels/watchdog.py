"""A limit in seconds for everything that is said on a connection, however slowly the other side says it.

Guarantees that a wait ends: a socket's own timeout begins anew with every byte, this one does not. What an ended wait
means for a message is left to the channel.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self


class Watchdog:
    """Ends a connection when its time is over; one thread for as long as it is open."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._socket: socket.socket | None = None
        self._due = 0.0
        self._wakes_at = 0.0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    @contextmanager
    def watch(self, connection: socket.socket, seconds: float) -> Iterator[None]:
        """End the connection if the block takes longer: whoever reads from it finds its end."""
        with self._changed:
            self._socket, self._due = connection, time.monotonic() + seconds
            if self._due < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._socket = None

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:  # ends: __exit__ stops it
                now = time.monotonic()
                if self._socket is not None and self._due <= now:
                    _end(self._socket)
                    self._socket = None
                wait = None if self._socket is None else self._due - now
                self._wakes_at = float("inf") if wait is None else self._due
                self._changed.wait(wait)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # beneath TLS, which is not made for two threads
