"""The one place that turns errors of the database driver into ours.

Guarantees that a message names what to do next and never holds a row's values. Which errors a retry can help is
fixed by class.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolTimeout

from policy_match.errors import StorageError

APPEND_ONLY = "PM001"
INCONSISTENT = "PM002"
"""SQLSTATEs that the triggers and functions of schema.sql raise."""


class DatabaseUnreachable(StorageError):
    """There is no connection, or it was lost; the transaction is rolled back."""

    code = "storage-unreachable"
    english = "the database does not answer: {detail}; check that it runs and POLICY_MATCH_DATABASE_URL, then retry"
    chinese = "数据库无响应:{detail};请确认数据库在运行并检查 POLICY_MATCH_DATABASE_URL,然后重试"


class DatabaseBusy(StorageError):
    """Somebody else holds what we need; the transaction is rolled back."""

    code = "storage-busy"
    english = "the database is busy with other work ({detail}); retry when it is done"
    chinese = "数据库正忙于其他任务({detail});请稍后重试"


class DatabaseFull(StorageError):
    """The disk or the memory of the server is used up; the transaction is rolled back."""

    code = "storage-full"
    retry_helps = False
    english = "the database has no room left ({detail}); nothing was kept: free space on its disk, then retry"
    chinese = "数据库空间不足({detail});本次未保存任何内容:请释放磁盘空间后重试"


class InvariantRefused(StorageError):
    """A constraint of the schema refused a row: what was to be written cannot be true."""

    code = "storage-invariant"
    http_status = 409
    retry_helps = False
    english = "the database refused {table}: {constraint}; nothing was kept: report this as a defect"
    chinese = "数据库拒绝写入 {table}:{constraint};本次未保存任何内容:请作为缺陷报告"


class AppendOnly(StorageError):
    """Somebody tried to change or remove what was decided."""

    code = "storage-append-only"
    http_status = 409
    retry_helps = False
    english = "{detail}; what was decided is never changed: correct it with a new sweep"
    chinese = "{detail};已作出的决定不可更改:请以新的匹配批次更正"


class NotPermitted(StorageError):
    """The account of the address may not do what the program needs."""

    code = "storage-not-permitted"
    retry_helps = False
    english = "the database does not permit it: {detail}; ask its administrator for the grants in the manual"
    chinese = "数据库权限不足:{detail};请联系数据库管理员按手册授权"


class SchemaOutdated(StorageError):
    """The tables are not those that this program knows."""

    code = "storage-schema"
    retry_helps = False
    english = (
        "the database has another schema than this program ({detail}); use the version that made it, or upgrade it"
    )
    chinese = "数据库结构与程序版本不符({detail});请使用对应版本的程序或升级数据库"


class DatabaseRefused(StorageError):
    """Any other error of the driver."""

    code = "storage-refused"
    retry_helps = False
    english = "the database refused (SQLSTATE {sqlstate}): {detail}; report this as a defect"
    chinese = "数据库拒绝执行(SQLSTATE {sqlstate}):{detail};请作为缺陷报告"


@contextmanager
def translated() -> Iterator[None]:
    """Raise our error for any error of the driver that is raised inside."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error


def translate(error: psycopg.Error) -> StorageError:
    """Return our error for one of the driver's."""
    # The primary message alone: the detail of an error may quote a row.
    detail = error.diag.message_primary or (str(error).strip().splitlines() or [type(error).__name__])[0]
    match error:
        case _ if error.sqlstate == APPEND_ONLY:
            return AppendOnly(detail=detail)
        case pg.LockNotAvailable() | pg.DeadlockDetected() | pg.SerializationFailure() | pg.QueryCanceled():
            return DatabaseBusy(detail=detail)
        case PoolTimeout():
            return DatabaseBusy(detail="every connection is in use")
        case pg.DiskFull() | pg.OutOfMemory():
            return DatabaseFull(detail=detail)
        case _ if error.sqlstate == INCONSISTENT:
            return InvariantRefused(table="sweep", constraint=detail)
        case psycopg.IntegrityError():
            return InvariantRefused(table=error.diag.table_name, constraint=error.diag.constraint_name or detail)
        case pg.InsufficientPrivilege():
            return NotPermitted(detail=detail)
        case pg.UndefinedTable() | pg.UndefinedColumn() | pg.UndefinedFunction() | pg.InvalidSchemaName():
            return SchemaOutdated(detail=detail)
        case psycopg.OperationalError():
            return DatabaseUnreachable(detail=detail)
        case _:
            return DatabaseRefused(sqlstate=error.sqlstate or "none", detail=detail)
