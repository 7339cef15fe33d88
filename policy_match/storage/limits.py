"""How much of the database one process takes, and how long it waits there.

Guarantees that whoever waits gives up in time: for a connection, a lock, a statement, a transaction left open. Who has
which limits is said by `bootstrap`: commands and jobs work long, requests answer soon.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TRANSACTION_TIMEOUT_SINCE = 170_000
"""PostgreSQL 17 ends a transaction that takes too long as a whole; before, its statements have a limit each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Times are seconds; 0 is no limit. `waiting` is how many may wait for a connection at once."""

    connections: int
    wait_seconds: float
    waiting: int = 0
    lock_seconds: int
    statement_seconds: int
    idle_seconds: int = 0
    transaction_seconds: int = 0

    def settings(self, server_version: int) -> Mapping[str, str]:
        """Return what is set on each connection to a server of a version, as psycopg tells it."""
        found = {
            "lock_timeout": f"{self.lock_seconds}s",
            "statement_timeout": f"{self.statement_seconds}s",
            "idle_in_transaction_session_timeout": f"{self.idle_seconds}s",
        }
        if server_version >= TRANSACTION_TIMEOUT_SINCE:
            found["transaction_timeout"] = f"{self.transaction_seconds}s"
        return found


WORK = Limits(
    # For each lane of the scheduler one, for the two that send a second one, which holds their right to, and for the
    # look.
    connections=8,
    wait_seconds=30,
    lock_seconds=60,
    # The longest statement indexes the decisions of one sweep: a minute for thirty million.
    statement_seconds=1800,
)
"""The limits of commands and jobs."""
