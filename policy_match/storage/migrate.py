"""Brings a database to the schema that this program knows, one numbered file after another.

Guarantees that concurrent programs apply each file once, that a file that was applied never changes unnoticed, and
that a live service waits for a migration only moments: what cannot have its locks soon lets everybody pass, and tries
again a limited number of times.
"""

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.rows import dict_row

from policy_match.errors import StorageError
from policy_match.storage.driver_errors import NotPermitted, translated
from policy_match.storage.session import Connection

APP_ROLE = "policy_match_app"
"""The role under which the program works: it may add, but not change or remove. Later migrations rely on the name."""

FIRM_ROLE = "policy_match_firm"
"""The role under which a firm's requests work: its own rows alone are there. Later migrations rely on the name."""

ROLES = (APP_ROLE, FIRM_ROLE)

MIGRATION_LOCK = 0x706D_6967
CONNECT_SECONDS = 10

FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

BOOKKEEPING = """
CREATE SCHEMA IF NOT EXISTS policy_match;
CREATE TABLE IF NOT EXISTS policy_match.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a migration waits. Times are as PostgreSQL writes them.

    `turn` is for another program that migrates; `statement` for one statement of a file; `lock` for a table that is in
    use: for so long others wait behind us, so it is short, and the file is tried again after `pause_seconds`, up to
    `tries` times in all.
    """

    turn: str = "10min"
    statement: str = "10min"
    lock: str = "2s"
    tries: int = 30
    pause_seconds: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One file. `checksum` is the SHA-256 of its bytes."""

    number: int
    name: str
    text: str = field(repr=False)
    checksum: str


class MigrationChanged(StorageError):
    """A file was edited after it had been applied, so databases would differ."""

    code = "storage-migration-changed"
    retry_helps = False
    english = "migration {name} is not the one that made this database; install the released version of the program"
    chinese = "迁移脚本 {name} 与建立本数据库时的脚本不同；请安装正式发布的程序版本"


class DatabaseNewer(StorageError):
    """The database was made by a later version of the program."""

    code = "storage-newer"
    retry_helps = False
    english = "the database has migration {number}, this program knows {known}; upgrade the program"
    chinese = "数据库已应用迁移 {number}，而本程序只到 {known}；请升级程序"


def all_migrations() -> Sequence[Migration]:
    """Return every migration in order. Numbers start at 1 and have no gaps."""
    found = []
    for file in sorted((files("policy_match.storage") / "migrations").iterdir(), key=lambda file: file.name):
        match = FILE_NAME.fullmatch(file.name)
        assert match is not None, f"{file.name} is not named like 0001_what_it_does.sql"
        content = file.read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        found.append(Migration(number=int(match[1]), name=file.name, text=content.decode(), checksum=checksum))
    assert [migration.number for migration in found] == list(range(1, len(found) + 1)), "migration numbers have gaps"
    return found


def migrate(
    url: str, migrations: Sequence[Migration] | None = None, *, patience: Patience | None = None
) -> Sequence[Migration]:
    """Apply what is missing and return it. Each file is one transaction.

    Raises `MigrationChanged` or `DatabaseNewer` before any write, and `DatabaseBusy` when locks are not to be had
    or a statement takes too long.
    """
    wanted = all_migrations() if migrations is None else migrations
    patience = patience or Patience()
    with translated(), _connect(url, patience) as connection:
        if _pending(connection, wanted) or not all(_may_act_as(role, connection) for role in ROLES):
            connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            for role in ROLES:
                _make_role(role, connection)
            connection.execute(BOOKKEEPING)
            pending = _pending(connection, wanted)
            _set_lock_timeout(connection, patience.lock)
            for migration in pending:
                _apply_patiently(connection, migration, patience)
            return pending
        return []


def is_current(connection: Connection) -> bool:
    """Return whether every migration that this program knows is applied; a later program may have applied more."""
    with connection.transaction():
        connection.execute("SET LOCAL ROLE NONE")
        row = connection.execute("SELECT count(*) AS applied FROM policy_match.migration").fetchone()
    assert row is not None, "a count has one row"
    return bool(row["applied"] >= len(all_migrations()))


def _connect(url: str, patience: Patience) -> Connection:
    connection = psycopg.connect(url, autocommit=True, row_factory=dict_row, connect_timeout=CONNECT_SECONDS)
    connection.add_notice_handler(lambda _: None)
    _set_lock_timeout(connection, patience.turn)
    connection.execute(sql.SQL("SET statement_timeout = {}").format(patience.statement))
    return connection


def _set_lock_timeout(connection: Connection, lock_timeout: str) -> None:
    connection.execute(sql.SQL("SET lock_timeout = {}").format(lock_timeout))


def _pending(connection: Connection, wanted: Sequence[Migration]) -> Sequence[Migration]:
    """Return what is not applied yet, after checking what is."""
    known = connection.execute("SELECT to_regclass('policy_match.migration') IS NOT NULL AS known").fetchone()
    assert known is not None
    applied: Mapping[int, str] = {}
    if known["known"]:
        rows = connection.execute("SELECT number, checksum FROM policy_match.migration ORDER BY number").fetchall()
        applied = {row["number"]: row["checksum"] for row in rows}
    if len(applied) > len(wanted):
        raise DatabaseNewer(number=max(applied), known=len(wanted))
    for migration in wanted:
        if applied.get(migration.number, migration.checksum) != migration.checksum:
            raise MigrationChanged(name=migration.name)
    return [migration for migration in wanted if migration.number not in applied]


def _apply_patiently(connection: Connection, migration: Migration, patience: Patience) -> None:
    """Apply a file, again and again while its tables are in use, letting others pass in between."""
    for number in range(1, patience.tries + 1):
        try:
            _apply(connection, migration)
        except (pg.LockNotAvailable, pg.DeadlockDetected):
            if number == patience.tries:
                raise
            time.sleep(patience.pause_seconds)
        else:
            return


def _apply(connection: Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.text.encode())
        connection.execute(
            "INSERT INTO policy_match.migration (number, name, checksum) VALUES (%s, %s, %s)",
            [migration.number, migration.name, migration.checksum],
        )
    connection.execute("RESET search_path")


def _may_act_as(role: str, connection: Connection) -> bool:
    """Return whether this account may work under a role; being its member is not enough from PostgreSQL 16 on."""
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    except (pg.InsufficientPrivilege, pg.InvalidParameterValue):
        return False
    connection.execute("RESET ROLE")
    return True


def _make_role(role: str, connection: Connection) -> None:
    name = sql.Identifier(role)
    try:
        if connection.execute("SELECT 1 AS there FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
        if not _may_act_as(role, connection):
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
    except pg.InsufficientPrivilege:
        user = connection.info.user
        grants = "; ".join(f"CREATE ROLE {each} NOLOGIN; GRANT {each} TO {user}" for each in ROLES)
        raise NotPermitted(detail=f"an administrator must run, where not done before: {grants}") from None
