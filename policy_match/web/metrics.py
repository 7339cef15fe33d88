"""Figures for a Prometheus: requests, their times, the pool, and what waits in the system of record.

Guarantees that the figures are those of all processes of a machine, also after one was replaced: prometheus-client, the
kept library of the format, shares them in files. Labels are names of operations, never what somebody sent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from policy_match.errors import StorageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30)
PATH = "/metrics"

Watch = Callable[[], Mapping[str, float]]
"""Gives figures of the system of record by name. Raises a `StorageError`."""

WATCHED: Mapping[str, str] = {
    "policy_match_jobs_late": "Standing jobs whose last success is older than their limit",
    "policy_match_jobs_failed": "Standing jobs whose newest run was given up",
    "policy_match_runners": "Schedulers that are alive",
    "policy_match_notices_waiting": "Notices that are due, and not handed over to a provider",
    "policy_match_payments_in_doubt": "Payment attempts of which nobody knows whether money moved",
}
"""What is watched, and what it means. Every machine tells the same figure: take the greatest."""


def share_figures(seat: int) -> None:
    """Keep the figures of this process in the files of its seat, which whoever replaces it goes on with.

    The folder is named by a variable (`config.set_figures_folder`). No two processes have one seat at a time.
    """
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: seat)  # type: ignore[no-untyped-call]


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "policy_match_http_requests", "Requests answered", ["operation", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "policy_match_http_request_seconds",
            "How long requests took",
            ["operation"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._in_use = Gauge(
            "policy_match_pool_connections_in_use",
            "Connections to the database in use",
            multiprocess_mode="sum",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "policy_match_pool_waiting",
            "Requests that wait for a connection",
            multiprocess_mode="sum",
            registry=self.registry,
        )
        self.tell_pool(0, 0)

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(operation, f"{status // 100}xx").inc()
        self._seconds.labels(operation).observe(seconds)

    def tell_pool(self, in_use: int, waiting: int) -> None:
        """Say how the pool of this process stands."""
        self._in_use.set(in_use)
        self._waiting.set(waiting)


class Watched:
    """Asks the system of record when figures are asked for."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        """Yield each figure, and whether the database answers."""
        try:
            found = self._watch()
        except StorageError:
            found = {}
        for name, value in found.items():
            yield GaugeMetricFamily(name, WATCHED[name], value=value)
        yield GaugeMetricFamily("policy_match_database_up", "Whether the database answers", value=1 if found else 0)


def figures_application(folder: Path, watch: Watch) -> "WSGIApplication":
    """Return what answers with the figures of all processes that share `folder`."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") != "GET":
            start_response(f"{HTTPStatus.NOT_FOUND:d} {HTTPStatus.NOT_FOUND.phrase}", [("Content-Length", "0")])
            return []
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
        registry.register(Watched(watch))
        content = generate_latest(registry)
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(content)))])
        return [content]

    return serve
