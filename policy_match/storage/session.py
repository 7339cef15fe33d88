"""One transaction's conversation with the database: named queries in, rows out, COPY for millions of rows.

Guarantees that every driver error leaves as one of ours. Beginning and ending the transaction is `unit_of_work`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from policy_match.storage.driver_errors import translated
from policy_match.storage.named_queries import all_queries

Row = Mapping[str, Any]
Connection = psycopg.Connection[Row]


class Session:
    """Runs the named queries on one connection. A query's placeholders are given as keyword arguments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, name: str, /, **parameters: object) -> None:
        """Run a query for its effect."""
        with translated():
            self._connection.execute(_text(name), parameters)

    def run_many(self, name: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Run a query once per row of parameters, in one round trip."""
        with translated(), self._connection.cursor() as cursor:
            cursor.executemany(_text(name), list(rows))

    def one(self, name: str, /, **parameters: object) -> Row | None:
        """Return the only row, or `None`."""
        rows = self.all(name, **parameters)
        assert len(rows) <= 1, f"{name} gave {len(rows)} rows"
        return rows[0] if rows else None

    def all(self, name: str, /, **parameters: object) -> Sequence[Row]:
        """Return every row. Queries that may give many take a limit."""
        with translated():
            return self._connection.execute(_text(name), parameters).fetchall()

    def pages(self, name: str, size: int, /, **parameters: object) -> Iterator[Sequence[Row]]:
        """Yield every row, at most `size` at a time; the rest waits in the server. Other queries may run in between."""
        with self._connection.cursor(name) as cursor:
            with translated():
                cursor.execute(_text(name), parameters)
                rows = cursor.fetchmany(size)
            while rows:
                yield rows
                with translated():
                    rows = cursor.fetchmany(size)

    def copy_csv(self, table: str, columns: Sequence[str], chunks: Iterable[bytes | memoryview]) -> None:
        """Load CSV rows into a table made in this transaction; an empty field without quotes is null."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FREEZE)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with translated(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for chunk in chunks:
                copy.write(chunk)

    def copy_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Load rows into a table; `None` is null."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with translated(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def taken(row: Row | None) -> int:
    """Return what a query says that gives the number of rows it took, as `taken`."""
    assert row is not None, "a count has one row"
    count: int = row["taken"]
    return count


def _text(name: str) -> bytes:
    return all_queries()[name].text.encode()
