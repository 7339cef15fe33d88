"""The server: a parent that keeps so many processes serving, and each of them with its own connections.

Guarantees that a process that dies is replaced, that all of them end in time when the parent is told to, finishing
what is under way, and that they close nothing of the parent's. gunicorn does the work, with threads: psycopg and the
services wait in ways that greenlets would have to patch, and a process whose thread waits for the database serves on.
"""

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from policy_match.web.request_log import SERVER
from policy_match.web.worker import Worker
from policy_match.web_settings import WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CONNECTIONS_PER_PROCESS = 1_000
KEEP_ALIVE_SECONDS = 75
"""Longer than nginx keeps a connection that it does not use (60 s), so that it never writes into one that closes."""

LONGEST_REQUEST_LINE = 4_094
MOST_HEADERS = 64
LONGEST_HEADER = 8_190


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """When a process is replaced.

    One whose main loop says nothing for `silent_seconds` is killed. One that served `requests`, and by chance up to
    `jitter` more, ends, so that what leaks in a library stays bounded.
    """

    silent_seconds: int = 60
    requests: int = 50_000
    jitter: int = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """An application that one process serves, and how what it holds is released."""

    application: "WSGIApplication"
    close: Callable[[], None]


Open = Callable[[int], Opened]
"""Opens the application within a new process; the number is its seat, from 0, which only one process has at a time."""


def serve(settings: WebSettings, opened: Open, replacement: Replacement | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Always raises `SystemExit`: with 0 when it was told to end."""
    _Arbiter(_Server(settings, opened, replacement or Replacement())).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """Our settings, in gunicorn's words."""

    def __init__(self, settings: WebSettings, opened: Open, replacement: Replacement) -> None:
        self.settings = settings
        self._replacement = replacement
        self._open = opened
        self._opened: Opened | None = None
        self.seat = 0
        super().__init__()

    def load_config(self) -> None:
        server = self.settings.server
        doors = [server.bind, *filter(None, [self.settings.metrics.bind])]
        given: dict[str, Any] = {
            "bind": doors,
            "workers": server.processes,
            "threads": server.threads,
            "worker_class": Worker,
            "worker_connections": CONNECTIONS_PER_PROCESS,
            "max_requests": self._replacement.requests,
            "max_requests_jitter": self._replacement.jitter,
            "timeout": self._replacement.silent_seconds,
            "graceful_timeout": server.stop_seconds,
            "keepalive": KEEP_ALIVE_SECONDS,
            "limit_request_line": LONGEST_REQUEST_LINE,
            "limit_request_fields": MOST_HEADERS,
            "limit_request_field_size": LONGEST_HEADER,
            # Whom to believe is decided in `proxies`, with the addresses of the settings.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "forwarder_headers": "",
            "control_socket_disable": True,
            "sendfile": False,
            "logger_class": _Log,
            "proc_name": "policy-match web",
            "worker_exit": self._leave,
        }
        for name, value in given.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        self._opened = self._open(self.seat)
        return self._opened.application

    def _leave(self, _: Arbiter, __: Worker) -> None:
        if self._opened is not None:
            self._opened.close()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """The parent. Its processes have seats, so that figures of one that was replaced are gone on with."""

    def spawn_worker(self) -> int:
        """Start a process on a free seat."""
        taken = {worker.seat for worker in self.WORKERS.values()}
        self.app.seat = next(each for each in range(self.cfg.workers + 1) if each not in taken)
        try:
            pid: int = super().spawn_worker()
        except BaseException as ended:
            if os.getpid() == self.pid:
                raise
            # The frames above are the parent's: leaving through them would close what it still holds.
            logging.shutdown()
            sys.stdout.flush()
            code = ended.code if isinstance(ended, SystemExit) else 1
            os._exit(code if isinstance(code, int) else 1 if code else 0)
        self.WORKERS[pid].seat = self.app.seat
        return pid

    def _ignore(self) -> None:
        """Do nothing: settings, rules and the number of processes change with a restart."""

    handle_hup = handle_usr2 = handle_ttin = handle_ttou = handle_winch = _ignore


class _Log(Logger):  # type: ignore[misc]
    """What gunicorn has to say goes where `request_log` sends it; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log = logging.getLogger(SERVER)

    def access(self, *_: Any) -> None:
        """Nothing: addresses and query strings are not logged."""

    def reopen_files(self) -> None:
        """There are none."""

    def close_on_exec(self) -> None:
        """There are none."""
