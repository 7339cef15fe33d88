"""A connection of its own that says which process carries out jobs, and which one of them leads.

Guarantees that the database frees both locks when the process dies, that a connection which went silent is noticed by
either side within a minute, and that whoever lost it is another runner afterwards. It needs a session of its own: no
pooler that shares sessions among clients may stand in between.
"""

from datetime import datetime
from threading import Lock

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from policy_match.errors import StorageError
from policy_match.ports.jobs import RunnerId
from policy_match.storage.driver_errors import translated
from policy_match.storage.job_store import RUNNER_LOCK
from policy_match.storage.migrate import APP_ROLE
from policy_match.storage.session import Connection, Session

CONNECT_SECONDS = 10
IDLE_SECONDS = 10
PROBE_SECONDS = 5
PROBES = 3
SILENT_MILLISECONDS = 25_000
"""When the server's machine vanishes, this side notices."""

SETTINGS = {
    "search_path": "policy_match",
    "TimeZone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_session_timeout": "0",
    "application_name": "policy-match scheduler",
    "tcp_keepalives_idle": str(IDLE_SECONDS),
    "tcp_keepalives_interval": str(PROBE_SECONDS),
    "tcp_keepalives_count": str(PROBES),
}
"""The keepalives are the server's: when the machine of this process vanishes, the server notices."""


class PostgresRunnerLease:
    """The locks of one process. Several threads may ask."""

    def __init__(self, url: str, host: str, process: int) -> None:
        """Nothing is connected before the first `hold`."""
        self._url = url
        self._host = host
        self._process = process
        self._guard = Lock()
        self._connection: Connection | None = None
        self._runner: RunnerId | None = None
        self._leads = False

    @property
    def leads(self) -> bool:
        """Whether this process led when it was last asked."""
        return self._leads

    def hold(self, at: datetime) -> RunnerId:
        """Return the runner that this process is, a new one when the connection was lost. Raises a `StorageError`."""
        with self._guard:
            if self._connection is not None and self._lives(self._connection):
                assert self._runner is not None
                return self._runner
            self._drop()
            with translated():
                self._connection = self._connect()
                session = Session(self._connection)
                row = session.one("add_job_runner", host=self._host, process=self._process, at=at)
                assert row is not None
                session.run("lock_job_runner", purpose=RUNNER_LOCK, runner=row["runner_id"])
            self._runner = runner = RunnerId(row["runner_id"])
            return runner

    def lead(self) -> bool:
        """Return whether this process leads, becoming the leader when nobody is. Only after `hold`."""
        with self._guard:
            if not self._leads:
                assert self._connection is not None, "hold comes first"
                session = Session(self._connection)
                row = session.one("lead_jobs", purpose=RUNNER_LOCK)
                self._leads = row is not None and bool(row["leads"])
            return self._leads

    def close(self) -> None:
        """Be no runner any more."""
        with self._guard:
            self._drop()

    def _lives(self, connection: Connection) -> bool:
        """Return whether the session still holds what it took; the server may have ended it at any time."""
        session = Session(connection)
        try:
            row = session.one("job_runner_lives", purpose=RUNNER_LOCK, runner=self._runner)
        except StorageError:
            return False
        assert row is not None, "it counts"
        self._leads = row["leads"]
        return bool(row["lives"])

    def _drop(self) -> None:
        self._leads = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection:
        connection: Connection = psycopg.connect(
            self._url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=CONNECT_SECONDS,
            keepalives_idle=IDLE_SECONDS,
            keepalives_interval=PROBE_SECONDS,
            keepalives_count=PROBES,
            tcp_user_timeout=SILENT_MILLISECONDS,
        )
        for name, value in SETTINGS.items():
            connection.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), value))
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(APP_ROLE)))
        return connection
