"""A real PostgreSQL for tests, and a database of its own in it for each.

Guarantees that a test finds no rows and the current schema; the server is started once per run.
"""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from policy_match.storage.embedded import SUPERUSER, EmbeddedPostgres
from policy_match.storage.migrate import migrate
from policy_match.storage.unit_of_work import Database

_numbers = count(1)

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 << 30


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL with a database in the current schema, which tests copy.

    Not below pytest's own directories, which the account of the server may not pass through; in memory where there is
    room, which halves what copying a database takes.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    with (
        tempfile.TemporaryDirectory(prefix="policy-match-test-", dir=MEMORY if roomy else None) as folder,
        EmbeddedPostgres(Path(folder)) as running,
    ):
        with psycopg.connect(of_superuser(running.url), autocommit=True) as connection:
            # No test switches the power off, and making hundreds of databases durable takes minutes: each copy is a
            # checkpoint, after which every page that is touched is written whole.
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        migrate(running.url)
        yield running


@pytest.fixture
def superuser_url(server: EmbeddedPostgres) -> str:
    """The address of the server for making and dropping databases."""
    return of_superuser(server.url)


@pytest.fixture
def empty_url(server: EmbeddedPostgres, superuser_url: str) -> Iterator[str]:
    """The address of a database without anything in it."""
    yield from new_database(server.url, superuser_url, template="template0")


@pytest.fixture
def database_url(server: EmbeddedPostgres, superuser_url: str) -> Iterator[str]:
    """The address of a database with the current schema and no rows."""
    yield from new_database(server.url, superuser_url, template="policy_match")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """That database, opened."""
    with Database(database_url) as opened:
        yield opened


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data directory."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def of_superuser(url: str) -> str:
    """Return the address of the server for making and dropping databases."""
    return make_conninfo(url, user=SUPERUSER, dbname="postgres")


def new_database(url: str, superuser_url: str, *, template: str) -> Iterator[str]:
    """Give the address of a database that is a copy of another, and remove it in the end."""
    name = f"test_{next(_numbers)}"
    # Copying the files was measured twice as fast as writing a log of them, as no copy is made durable.
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER policy_match STRATEGY file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield make_conninfo(url, dbname=name)
    finally:
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(drop)
