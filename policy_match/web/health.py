"""Whether the process lives, and whether it can serve: for proxies and whatever restarts processes.

Guarantees that asking often costs the database little: an answer serves for a moment. It names what is wrong and no
detail of it, as anybody may ask.
"""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from flask import Flask, Response, jsonify

from policy_match.errors import StorageError

LIVE, READY = "/health/live", "/health/ready"
FRESH_SECONDS = 2.0


class HealthDesk(Protocol):
    """What is looked at."""

    def is_current(self) -> bool:
        """Return whether the schema has all that the program knows. Raises a `StorageError` when nobody answers."""


class Health:
    """Looks whether the process can serve, at most every two seconds. Its rules were loaded before it began."""

    def __init__(self, database: Callable[[], HealthDesk], seconds: Callable[[], float]) -> None:
        """`database` opens the system of record when it is first asked for."""
        self._database = database
        self._seconds = seconds
        self._lock = threading.Lock()
        self._looked: tuple[float, str] | None = None

    def problem(self) -> str:
        """Return what is wrong: `database` does not answer, its `schema` is older than the program; else nothing."""
        with self._lock:
            now = self._seconds()
            if self._looked is None or now - self._looked[0] > FRESH_SECONDS:
                self._looked = now, self._look()
            return self._looked[1]

    def _look(self) -> str:
        try:
            return "" if self._database().is_current() else "schema"
        except StorageError:
            return "database"


def add_health(app: Flask, health: Health) -> None:
    """Let the application say how it is."""

    def live() -> Response:
        return jsonify({"status": "live"})

    def ready() -> Response:
        problem = health.problem()
        if not problem:
            return jsonify({"status": "ready"})
        answer = jsonify({"status": "not ready", "because": problem})
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return answer

    app.add_url_rule(LIVE, "health_live", live, methods=["GET"])
    app.add_url_rule(READY, "health_ready", ready, methods=["GET"])
