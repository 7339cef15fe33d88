"""The ledger: every transfer, and the proof that nothing is lost.

Guarantees that it is shown to those alone who are limited to no department: a line may serve several. Balances stand
in the chapter on the budget.
"""

from typing import Annotated

from pydantic import Field

from policy_match.ledger.accounts import LineAccount, LineId, TransferKind
from policy_match.ledger.balances import Law
from policy_match.services import ledger_report
from policy_match.web.api.v1.budget import LineName, Year
from policy_match.web.call import Call
from policy_match.web.models import Fen, Moment, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.LEDGER)
OPERATIONS = CHAPTER.operations

CSV = "text/csv"
MOST_SHOWN = 1_000
"""How many places where the ledger does not add up are named."""


class YearQuery(Query):
    """Of which year; without it of all."""

    year: Year | None = None


class BrokenItem(Output):
    """A law that does not hold: an account below zero, or a line that does not add up to zero."""

    line: str
    law: Law
    account: LineAccount | None
    fen: Fen


class DifferenceItem(Output):
    """An account whose balance is not what its transfers add up to."""

    line: str
    account: LineAccount
    balance_fen: Fen
    transferred_fen: Fen


class LedgerAnswer(Output):
    """Whether every law holds; the first places where one does not."""

    in_order: bool
    lines: Annotated[int, Field(description="how many lines were checked")]
    broken: list[BrokenItem]
    differences: list[DifferenceItem]


class TransfersQuery(PageQuery):
    """Which transfers."""

    line: LineName | None = None


class TransferItem(Output):
    """One transfer from account `debit` to account `credit`; it is never changed."""

    transfer_id: int
    kind: TransferKind
    line: str
    debit: LineAccount
    credit: LineAccount
    amount_fen: Fen
    attempt_id: str | None
    about: str
    at: Moment
    by: str


@CHAPTER.operation(Method.GET, "/ledger")
def check_ledger(call: Call, query: YearQuery) -> LedgerAnswer:
    """Check that every line adds up to zero and that every balance is the sum of its transfers."""
    call.check_everywhere()
    report = ledger_report.ledger_report(call.database, call.clock, year=query.year)
    return LedgerAnswer(
        in_order=report.in_order,
        lines=len(report.lines),
        broken=[BrokenItem.model_validate(each) for each in report.broken[:MOST_SHOWN]],
        differences=[DifferenceItem.model_validate(each) for each in report.differences[:MOST_SHOWN]],
    )


@CHAPTER.operation(Method.GET, "/ledger/transfers")
def list_transfers(call: Call, query: TransfersQuery) -> Page[TransferItem]:
    """List transfers by number: of one line, or of all."""
    call.check_everywhere()
    line = None if query.line is None else LineId(query.line)
    found = ledger_report.transfers(call.database, line=line, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[TransferItem], found, query.limit, "transfer_id")
