"""Adds budget lines and books appropriations onto them.

Guarantees that a line is there once, and that money is booked only while its budget year is not over. Money is
granted to cases by `allocate_budget` and reserved by payment orders.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.ledger.accounts import LineId, Transfer, TransferKind, line_id
from policy_match.ports import Clock, Database
from policy_match.ports.approvals import BudgetLine
from policy_match.services.roles import named

FUND = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
MOST_LINES = 10_000
"""The most lines that are listed."""


class NotAFund(InputError):
    """Not how funds are written."""

    code = "budget.fund"
    english = "`{fund}` is no fund line: write small letters, digits and hyphens, as in the policy's [budget]"
    chinese = "“{fund}”不是资金名称：请用小写字母、数字和连字符，与政策 [budget] 中的写法一致"


class LineExists(InputError):
    """The line is there with another label."""

    code = "budget.line-exists"
    http_status = 409
    english = "budget line {line} is there as `{label}`; use it, or choose another fund"
    chinese = "预算科目 {line} 已存在（“{label}”）；请直接使用或另选资金名称"


class NoSuchLine(InputError):
    """No line has this name."""

    code = "budget.no-line"
    http_status = 404
    english = "there is no budget line {line}; add it with `policy-match budget line`"
    chinese = "没有预算科目 {line}；请用 policy-match budget line 添加"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineAdded:
    """A line, and whether it is new."""

    line: BudgetLine
    new: bool


def add_line(database: Database, clock: Clock, *, fund: str, year: int, label: str, by: str) -> LineAdded:
    """Add the line of a fund in a budget year, without money; doing so again changes nothing.

    Raises `NotAFund`, `WrongLine` for a year without four digits, `LineExists` and `NobodyNamed`.
    """
    if not FUND.fullmatch(fund):
        raise NotAFund(fund=fund)
    by, line, label = named(by), line_id(fund, year), label.strip() or fund
    with database.unit_of_work() as work:
        new = work.budget.add_line(line, fund, year, label, at=clock.now(), by=by)
        (kept,) = work.budget.lines(today=china_day(clock.now()), lines=[line], most=1)
        if kept.label != label:
            raise LineExists(line=line, label=kept.label)
        work.commit()
    return LineAdded(line=kept, new=new)


def appropriate(
    database: Database, clock: Clock, *, line: LineId, amount_fen: int, by: str, about: str = ""
) -> BudgetLine:
    """Book `amount_fen` onto a line and return the line as it is then. Each call books once more: money is appended.

    `about` is the document that appropriates it. Raises `WrongLine`, `WrongTransfer` for an amount that is none and
    after the end of the budget year, `NoSuchLine`, `NobodyNamed`.
    """
    today = china_day(clock.now())
    Transfer(kind=TransferKind.APPROPRIATE, line=line, amount_fen=amount_fen, booked_on=today)
    by = named(by)
    with database.unit_of_work() as work:
        if not work.budget.lines(today=today, lines=[line], most=1):
            raise NoSuchLine(line=line)
        work.budget.appropriate(line, amount_fen, at=clock.now(), by=by, about=about.strip())
        (kept,) = work.budget.lines(today=today, lines=[line], most=1)
        work.commit()
    return kept


def budget_line(database: Database, clock: Clock, line: LineId) -> BudgetLine:
    """Return one line with balances and what grants hold. Raises `NoSuchLine`."""
    with database.unit_of_work() as work:
        found = work.budget.lines(today=china_day(clock.now()), lines=[line], most=1)
    if not found:
        raise NoSuchLine(line=line)
    return found[0]


def budget_lines(
    database: Database, clock: Clock, *, year: int | None = None, after: str = "", most: int = MOST_LINES
) -> Sequence[BudgetLine]:
    """Return a page of lines of one budget year, or of all, with balances and what grants hold, by name after one."""
    with database.unit_of_work() as work:
        return work.budget.lines(today=china_day(clock.now()), year=year, after=after, most=most)
