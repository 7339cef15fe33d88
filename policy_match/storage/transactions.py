"""How a unit of work gets its transaction: one of its own, or a part of the one that a whole request has.

Guarantees that work that is left without a commit is rolled back, and that a connection goes back to its pool.
Which stores work in it is `unit_of_work`.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from policy_match.storage.driver_errors import translated
from policy_match.storage.migrate import APP_ROLE, FIRM_ROLE
from policy_match.storage.session import Connection
from policy_match.values import Uscc

FIRM_SETTING = "policy_match.firm"
"""Holds the firm's code while a request works under `FIRM_ROLE`; the row policies read it."""

SERVICE_PATH = "policy_match"
FIRM_PATH = "policy_match_firm, policy_match"
"""A firm's requests find the views of its own rows before the tables of the same names."""


class Transaction(Protocol):
    """What a unit of work stands on."""

    def begin(self) -> Connection:
        """Begin and return the connection. Raises a `StorageError`."""

    def commit(self) -> None:
        """Keep what was written. Raises a `StorageError`."""

    def leave(self) -> None:
        """Take back what was not kept, and give the connection back."""


class OwnTransaction:
    """A transaction of one unit of work, on a connection of the pool."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def begin(self) -> Connection:
        """Take a connection; the transaction begins with the first statement."""
        with translated():
            self._connection = self._pool.getconn()
        return self._connection

    def commit(self) -> None:
        """Commit."""
        with translated():
            self._connection.commit()

    def leave(self) -> None:
        """Roll back; a lost connection has done so, and the pool replaces it."""
        try:
            self._connection.rollback()
        except psycopg.OperationalError:
            pass
        finally:
            self._pool.putconn(self._connection)


class RequestTransaction:
    """One transaction for a whole request: each unit of work that a service begins is a part of it.

    Guarantees that what a request changed, and the answer that is kept for its repetition, are there together or not
    at all. Not for services that ask others outside between units of work: what they record must be there before.
    """

    def __init__(self, pool: ConnectionPool[Connection], *, read_only: bool) -> None:
        self._own = OwnTransaction(pool)
        self._read_only = read_only
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    @property
    def connection(self) -> Connection:
        """The connection, which is taken anew after a `release`."""
        return self._connection or self._begin()

    def _begin(self) -> Connection:
        self._connection = begun = self._own.begin()
        try:
            if self._read_only:
                # Every page of one answer sees the same moment.
                self._execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except BaseException:
            self._leave()
            raise
        return begun

    def release(self) -> None:
        """Keep what was committed in the parts and give the connection back, while somebody outside is asked.

        What comes behind is another transaction, as the service again.
        """
        if self._connection is not None:
            self._own.commit()
            self._leave()

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection = None
            self._own.leave()

    def part(self) -> "Transaction":
        """Return what the next unit of work stands on."""
        return _Reading(self.connection) if self._read_only else _Part(self.connection)

    def act_as_firm(self, uscc: Uscc) -> None:
        """From here on see and touch the rows of one firm alone, until the transaction ends."""
        self._set({FIRM_SETTING: str(uscc), "search_path": FIRM_PATH, "role": FIRM_ROLE})

    def act_as_service(self) -> None:
        """Be the service again, to record what the firm did."""
        if self._connection is None:
            return
        self._set({"role": APP_ROLE, "search_path": SERVICE_PATH, FIRM_SETTING: ""})

    def commit(self) -> None:
        """Keep everything that was committed in the parts."""
        if self._connection is not None:
            self._own.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _set(self, settings: Mapping[str, str]) -> None:
        """Set all until the transaction ends, in one round trip."""
        each = (sql.SQL("set_config({}, {}, true)").format(name, value) for name, value in settings.items())
        self._execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(each)))

    def _execute(self, statement: "str | sql.Composed") -> None:
        with translated():
            self.connection.execute(statement.encode() if isinstance(statement, str) else statement)


class _Reading:
    """A part of a transaction that writes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self) -> Connection:
        return self._connection

    def commit(self) -> None:
        """Nothing was written."""

    def leave(self) -> None:
        """Nothing to take back."""


class _Part:
    """A part of a request's transaction, between savepoints. Parts may lie within each other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self) -> Connection:
        self._execute("SAVEPOINT part")
        return self._connection

    def commit(self) -> None:
        self._execute("RELEASE SAVEPOINT part")
        self._execute("SAVEPOINT part")

    def leave(self) -> None:
        try:
            self._connection.execute("ROLLBACK TO SAVEPOINT part")
            self._connection.execute("RELEASE SAVEPOINT part")
        except psycopg.OperationalError:
            pass  # the connection is lost, and with it the whole transaction

    def _execute(self, statement: str) -> None:
        with translated():
            self._connection.execute(statement.encode())
