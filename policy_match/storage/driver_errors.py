"""The one place that turns errors of the database driver into ours.

Guarantees that a message names what to do next and never holds a row's values. Which errors a retry can help is
fixed by class.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolTimeout, TooManyRequests

from policy_match.errors import StorageError

APPEND_ONLY = "PM001"
INCONSISTENT = "PM002"
ON_ANOTHER_LIST = "PM011"
LIST_DECIDED = "PM012"
ROLE_NOT_HELD = "PM013"
TWO_STAGES = "PM014"
STEP_NOT_POSSIBLE = "PM010"
BATCH_DIFFERS = "PM015"
YEAR_OVER = "PM016"
"""SQLSTATEs that the triggers and functions of schema.sql raise."""


class DatabaseUnreachable(StorageError):
    """There is no connection, or it was lost; the transaction is rolled back."""

    code = "storage-unreachable"
    english = "the database does not answer: {detail}; check that it runs and POLICY_MATCH_DATABASE_URL, then retry"
    chinese = "数据库无响应：{detail}；请确认数据库在运行并检查 POLICY_MATCH_DATABASE_URL，然后重试"


class DatabaseBusy(StorageError):
    """Somebody else holds what we need; the transaction is rolled back."""

    code = "storage-busy"
    english = "the database is busy with other work ({detail}); retry when it is done"
    chinese = "数据库正忙于其他任务（{detail}）；请稍后重试"


class DatabaseFull(StorageError):
    """The disk or the memory of the server is used up; the transaction is rolled back."""

    code = "storage-full"
    retry_helps = False
    english = "the database has no room left ({detail}); nothing was kept: free space on its disk, then retry"
    chinese = "数据库空间不足（{detail}）；本次未保存任何内容：请释放磁盘空间后重试"


class InvariantRefused(StorageError):
    """A constraint of the schema refused a row: what was to be written cannot be true."""

    code = "storage-invariant"
    http_status = 409
    retry_helps = False
    english = "the database refused {table}: {constraint}; nothing was kept: report this as a defect"
    chinese = "数据库拒绝写入 {table}：{constraint}；本次未保存任何内容：请作为缺陷报告"


class AppendOnly(StorageError):
    """Somebody tried to change or remove what was decided."""

    code = "storage-append-only"
    http_status = 409
    retry_helps = False
    english = "{detail}; what was decided is never changed: correct it with a new sweep"
    chinese = "{detail}；已作出的决定不可更改：请以新的匹配批次更正"


class NotPermitted(StorageError):
    """The account of the address may not do what the program needs."""

    code = "storage-not-permitted"
    retry_helps = False
    english = "the database does not permit it: {detail}; ask its administrator for the grants in the manual"
    chinese = "数据库权限不足：{detail}；请联系数据库管理员按手册授权"


class SchemaOutdated(StorageError):
    """The tables are not those that this program knows."""

    code = "storage-schema"
    retry_helps = False
    english = (
        "the database has another schema than this program ({detail}); use the version that made it, or upgrade it"
    )
    chinese = "数据库结构与程序版本不符（{detail}）；请使用对应版本的程序或升级数据库"


class StepNotPossible(StorageError):
    """A case or payment attempt is elsewhere by now; the whole set of steps is refused."""

    code = "storage-step"
    exit_code = 4
    http_status = 409
    retry_helps = True
    english = "{detail}; nothing was kept: read again what stands where, then decide"
    chinese = "{detail}；本次未保存任何内容：请重新查看当前状态后再办理"


class AlreadyLive(StorageError):
    """There is a live case of the same policy, firm or record, period and instalment."""

    code = "cases.already-live"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "the same benefit of the same firm and period has another live case; nothing was kept: use that case"
    chinese = "同一企业同一事项同一期间已有在办事项；本次未保存任何内容：请在该事项上办理"


class AttemptStillOpen(StorageError):
    """A payment attempt of the case may still move money, so no other is made."""

    code = "payments.attempt-open"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "an attempt to pay the same case may still move money; nothing was kept: wait for the bank's word"
    chinese = "该事项已有一次支付尚未了结；本次未保存任何内容：请等待银行回执"


class BatchDiffers(StorageError):
    """A batch does not hold what it declares."""

    code = "payments.batch-differs"
    retry_helps = False
    english = "{detail}; nothing was kept: report this as a defect"
    chinese = "{detail}；本次未保存任何内容：请作为缺陷报告"


class BudgetYearOver(StorageError):
    """A budget line pays only in its year."""

    code = "ledger.year"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "{detail}; nothing was kept: the case needs the budget of the new year"
    chinese = "{detail}；本次未保存任何内容：该事项须使用新年度预算"


class OnAnotherList(StorageError):
    """Somebody listed the same case at the same time."""

    code = "approval.on-another-list"
    exit_code = 4
    http_status = 409
    retry_helps = True
    english = "{detail}; nothing was kept: decide that list, then make this one again"
    chinese = "{detail}；本次未保存任何内容：请先办结该名单，再重新生成"


class ListDecided(StorageError):
    """The list was decided, or is another one than was read."""

    code = "approval.decided"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "{detail}; nothing was kept: look at the list again with `policy-match approvals show`"
    chinese = "{detail}；本次未保存任何内容：请用 policy-match approvals show 重新查看名单"


class RoleNotHeld(StorageError):
    """The person does not hold the role, or no longer."""

    code = "approval.role"
    exit_code = 4
    http_status = 403
    retry_helps = False
    english = "{detail}; nothing was kept: another person must do it, or the role must be granted"
    chinese = "{detail}；本次未保存任何内容：须由他人办理或先授予该角色"


class TwoStagesRefused(StorageError):
    """One person, two stages of one case; administrators are no exception."""

    code = "approval.two-stages"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "{detail}; nothing was kept: nobody takes two stages of one case, another person must do it"
    chinese = "{detail}；本次未保存任何内容：同一人不得办理同一事项的两个环节，须由他人办理"


class BudgetExceeded(StorageError):
    """A transfer of more than its account holds."""

    code = "ledger.budget"
    exit_code = 4
    http_status = 409
    retry_helps = False
    english = "a budget line does not hold as much as the transfer moves; nothing was kept: wait for budget"
    chinese = "预算科目余额不足，分录被拒绝；本次未保存任何内容：请等待预算下达"


class DatabaseRefused(StorageError):
    """Any other error of the driver."""

    code = "storage-refused"
    retry_helps = False
    english = "the database refused (SQLSTATE {sqlstate}): {detail}; report this as a defect"
    chinese = "数据库拒绝执行（SQLSTATE {sqlstate}）：{detail}；请作为缺陷报告"


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
        case pg.TransactionTimeout() | pg.IdleInTransactionSessionTimeout():
            return DatabaseBusy(detail=detail)
        case PoolTimeout() | TooManyRequests():
            return DatabaseBusy(detail="every connection is in use")
        case pg.DiskFull() | pg.OutOfMemory():
            return DatabaseFull(detail=detail)
        case _ if error.sqlstate == INCONSISTENT:
            return InvariantRefused(table="sweep", constraint=detail)
        case _ if error.sqlstate == STEP_NOT_POSSIBLE:
            return StepNotPossible(detail=detail)
        case _ if error.sqlstate == BATCH_DIFFERS:
            return BatchDiffers(detail=detail)
        case _ if error.sqlstate == YEAR_OVER:
            return BudgetYearOver(detail=detail)
        case _ if error.sqlstate == ON_ANOTHER_LIST:
            return OnAnotherList(detail=detail)
        case _ if error.sqlstate == LIST_DECIDED:
            return ListDecided(detail=detail)
        case _ if error.sqlstate == ROLE_NOT_HELD:
            return RoleNotHeld(detail=detail)
        case _ if error.sqlstate == TWO_STAGES:
            return TwoStagesRefused(detail=detail)
        case pg.CheckViolation() if error.diag.constraint_name == "budget_is_never_exceeded":
            return BudgetExceeded()
        case pg.UniqueViolation() if error.diag.constraint_name == "one_live_case":
            return AlreadyLive()
        case pg.UniqueViolation() if error.diag.constraint_name == "one_attempt_that_may_pay":
            return AttemptStillOpen()
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
