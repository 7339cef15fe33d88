"""Wires the processes of the web: what the parent opens, and what each process opens for itself.

Guarantees that everything that can be wrong is looked at before a process starts, that the parent shares memory and
no connection, and that each process has a pool of its own. Serving is `web.server`; other wiring is `bootstrap`.
"""

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TextIO

from policy_match.bootstrap import Application
from policy_match.config import set_figures_folder
from policy_match.errors import StorageError
from policy_match.services.watch import watched_figures
from policy_match.storage.limits import Limits
from policy_match.storage.migrate import migrate
from policy_match.web.app import create_app
from policy_match.web.authenticator import Authenticator
from policy_match.web.guard import Guard
from policy_match.web.identity.authenticator import WebAuthenticator
from policy_match.web.metrics import Metrics, figures_application, share_figures
from policy_match.web.proxies import SecondDoor, TrustedProxies
from policy_match.web.rate_limits import RateLimits, SharedBuckets
from policy_match.web.request_log import write_json_lines
from policy_match.web.server import Opened, Replacement, serve
from policy_match.web_settings import WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("policy_match.web")


def serve_web(
    application: Application,
    stream: TextIO,
    authenticator: Callable[[Application], Authenticator] = WebAuthenticator,
    replacement: Replacement | None = None,
) -> None:
    """Serve the web until told to end, then raise `SystemExit`. What happens is told on `stream`, a line each.

    `authenticator` is made in each process, of its application; `replacement` says when a process is replaced. Raises
    an `InputError`, `RulesDefective` or `StorageError` before anything starts.
    """
    application.check_settings()
    with ExitStack() as opened:
        parent = _Parent(
            application=application,
            authenticator=authenticator,
            settings=application.config.web,
            figures=Path(opened.enter_context(TemporaryDirectory(prefix="policy-match-figures-"))),
            buckets=opened.enter_context(SharedBuckets()),
        )
        # Read here, once, for all processes.
        rules = application.rules
        migrate(application.database_address)
        set_figures_folder(parent.figures)
        write_json_lines(stream)
        log.info("serve", extra={"fields": {"bind": parent.settings.server.bind, "policies": len(rules.policies)}})
        # What was read until here is the same in all processes. Python's collector would mark it, which copies it into
        # each of them: 66 MiB, minutes after the start.
        gc.freeze()
        serve(parent.settings, parent.open, replacement)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parent:
    """What the processes have in common."""

    application: Application
    authenticator: Callable[[Application], Authenticator]
    settings: WebSettings
    figures: Path
    buckets: SharedBuckets

    def open(self, seat: int) -> Opened:
        """Open what a process needs, within the process."""
        share_figures(seat)
        application = self.application.for_process(request_limits(self.settings))
        try:
            _ = application.database
        except StorageError as error:
            # The process serves all the same, and says that it is not ready, until the database is back.
            log.warning("no database", extra={"fields": {"why": error.code}})
        guard = Guard(
            seconds=application.clock.seconds,
            limits=self.settings.limits,
            rates=RateLimits(buckets=self.buckets, limits=self.settings.limits, seconds=application.clock.seconds),
            metrics=Metrics(),
            pool_use=lambda: application.database.pool_use(),
        )
        return Opened(application=self._doors(application, guard), close=application.close)

    def _doors(self, application: Application, guard: Guard) -> "WSGIApplication":
        server = self.settings.server
        flask = create_app(application, self.authenticator(application), guard)
        public = TrustedProxies(flask, server.proxies, trusts_unix=server.trusts_unix)
        figures = figures_application(
            self.figures, lambda: watched_figures(application, application.timetable, application.jobs)
        )
        return SecondDoor(public, figures, lambda environ: _came_by(environ, self.settings.metrics.bind))


def request_limits(settings: WebSettings) -> Limits:
    """Return how much of the database the requests of one process take."""
    pool, server = settings.database, settings.server
    return Limits(
        connections=pool.connections,
        wait_seconds=pool.wait_seconds,
        waiting=server.threads,
        lock_seconds=pool.lock_seconds,
        statement_seconds=pool.statement_seconds,
        idle_seconds=server.request_seconds,
        transaction_seconds=server.request_seconds,
    )


def _came_by(environ: dict[str, Any], bind: str) -> bool:
    """Return whether a connection came in by an address, which the connection itself knows and no header."""
    if not bind:
        return False
    address = environ["gunicorn.socket"].getsockname()
    return isinstance(address, tuple) and address[1] == int(bind.rpartition(":")[2])
