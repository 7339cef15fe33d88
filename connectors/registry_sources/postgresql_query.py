"""The rows of a query on a PostgreSQL database.

Guarantees one consistent, read-only view of the database, fetched through a server-side cursor so that memory holds
one chunk, and messages that never show the address, which may hold a password.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import pyarrow as pa
from psycopg import sql

from connectors.registry_sources.header import column_names
from policy_match.facts.defects import SourceUnreadable
from policy_match.facts.mapping import SourceMapping
from policy_match.facts.source_rows import SourceChunk, SourceInput
from policy_match.values import Digest

CONNECT_TIMEOUT_SECONDS = 15


class PostgresqlQuery:
    """Rows of a query, in the order of its `ORDER BY`. The first row is row 1."""

    def __init__(self, mapping: SourceMapping, location: str) -> None:
        assert mapping.query is not None
        self._query = mapping.query.sql.strip().removesuffix(";")
        self._name = f"{mapping.source} (query)"
        self._variable = mapping.query.connection
        self._address = location
        self._digest = hashlib.sha256()
        self._rows = 0

    @property
    def name(self) -> str:
        """The source that the mapping names."""
        return self._name

    def columns(self) -> tuple[str, ...]:
        """Return the names that the query gives to its columns."""
        with self._connected() as connection:
            cursor = connection.execute(self._around("SELECT * FROM ({}) AS rows LIMIT 0"))
            return self._names(cursor.description)

    def expected_rows(self) -> int:
        """Return how many rows the query gives now."""
        with self._connected() as connection:
            counted = connection.execute(self._around("SELECT count(*) FROM ({}) AS rows")).fetchone()
            assert counted is not None
            return int(counted[0])

    def chunks(self, max_rows: int) -> Iterator[SourceChunk]:
        """Yield the rows in order."""
        self._rows, self._digest = 0, hashlib.sha256()
        with self._connected() as connection, connection.cursor(name="registry_source") as cursor:
            cursor.execute(self._around("{}"))
            while fetched := cursor.fetchmany(max_rows):
                names = self._names(cursor.description)
                rows = [tuple(_text(cell) for cell in row) for row in fetched]
                for row in rows:
                    self._digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
                yield SourceChunk(
                    numbers=pa.array(range(self._rows + 1, self._rows + len(rows) + 1), pa.int64()),
                    rows=pa.RecordBatch.from_arrays(columns, names=list(names)),
                )
                self._rows += len(rows)

    def evidence(self) -> SourceInput:
        """Return what the rows were read from; the digest is of the rows as JSON lines, once all were read."""
        return SourceInput(name=self.name, sha256=Digest(self._digest.hexdigest()), rows=self._rows)

    def _around(self, outer: str) -> sql.Composed:
        return sql.SQL(outer).format(sql.SQL(self._query))

    def _names(self, description: list[psycopg.Column] | None) -> tuple[str, ...]:
        if description is None:
            raise SourceUnreadable(file=self.name, detail="the query gives no rows: it must be a SELECT")
        return column_names([column.name for column in description], self.name)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            connection = psycopg.connect(self._address, connect_timeout=CONNECT_TIMEOUT_SECONDS)
        except psycopg.Error as error:
            detail = f"no connection ({type(error).__name__}); check the address in {self._variable}"
            raise SourceUnreadable(file=self.name, detail=detail) from None
        try:
            with connection:
                connection.read_only = True
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                yield connection
        except psycopg.Error as error:
            said = error.diag.message_primary or type(error).__name__
            raise SourceUnreadable(file=self.name, detail=f"the query failed: {said}") from None


def _text(cell: object) -> str | None:
    """Return a value as text that says the same; NaN and the empty text are empty cells."""
    match cell:
        case None | "":
            return None
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return None if cell.is_nan() else format(cell, "f")
        case float():
            return None if math.isnan(cell) else repr(cell)
        case list() | dict():
            return json.dumps(cell, ensure_ascii=False, default=str)
        case _:
            return str(cell)
