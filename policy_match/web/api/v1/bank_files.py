"""Files of the bank, lines that nobody has explained, and reconciling orders, ledger and statements.

Guarantees that what is of no single policy is for those alone who are limited to none.
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.ledger.accounts import LineAccount
from policy_match.payments.reconciliation import Comparison, DifferenceStands
from policy_match.payments.records import FileKind, Verdict
from policy_match.services import payment_lists, reconcile_payments
from policy_match.services.payment_lists import NoSuchReconciliation
from policy_match.services.reconcile_payments import NoSuchBankLine
from policy_match.services.take_bank_file import BankFileRefused, NoSuchFile, open_bank_file, take_bank_file
from policy_match.values import Digest
from policy_match.web.call import Call
from policy_match.web.models import Fen, Input, Moment, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, File, Method, Tag, Upload

CHAPTER = Chapter(Tag.PAYMENTS)
OPERATIONS = CHAPTER.operations

MOST_SHOWN = 1_000
"""How many differences of a reconciliation are named."""

ANY_FILE = "application/octet-stream"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FileKey(Query):
    """Which file, by the SHA-256 of its content."""

    digest: Sha256


class LineKey(FileKey):
    """Which line of which file."""

    number: Annotated[int, Field(ge=0, lt=2**31)]


class BankFileItem(Output):
    """A file that was taken or refused, and how many of its lines had which effect."""

    digest: str
    name: str
    kind: FileKind
    reason: Annotated[str, Field(description="why it was refused as a whole")]
    at: Moment
    verdicts: dict[Verdict, int]


class NameQuery(Query):
    """What the file is called; the name says nothing about its content."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]


class TakenAnswer(Output):
    """What a file did; `repeated` when it had been taken before, so that it did nothing now."""

    digest: str
    kind: FileKind
    repeated: bool
    verdicts: dict[Verdict, int]


class UnexplainedItem(Output):
    """A line that needs a person; `out_fen` left our account, negative came in."""

    digest: str
    number: int
    file_name: str
    kind: str
    attempt_id: str | None
    line_ref: str | None
    amount_fen: Fen | None
    out_fen: Fen | None
    booked_on: date | None
    reason_code: str
    verdict: Verdict


class Explanation(Input):
    """What the line is."""

    reason: Annotated[Text, Field(min_length=1)]


class NewReconciliation(Input):
    """Compare; with `close`, close paid cases that were booked by `up_to` if all agrees."""

    up_to: date
    close: bool = False


class DifferentItem(Output):
    """Two amounts that should be one."""

    line: str
    comparison: Comparison
    account: LineAccount | None
    expected_fen: Fen
    found_fen: Fen


class ReconciledAnswer(Output):
    """What was compared, and the first differences."""

    number: int
    agrees: bool
    net_out_fen: Fen
    closed: Annotated[int, Field(description="how many cases were closed")]
    differences: list[DifferentItem]
    unmatched: Annotated[int, Field(description="lines that nobody has explained")]
    gaps: list[str]


class ReconciliationItem(Output):
    """One comparison; `closed` when all agreed and it was asked for."""

    number: int
    up_to: date
    difference_fen: Fen
    unmatched: int
    closed: bool
    at: Moment
    by: str


class ReconciliationKey(Query):
    """Which comparison."""

    number: Number


class KeptReconciliationAnswer(Output):
    """One comparison as it was kept; lists name the first that stood."""

    reconciliation: ReconciliationItem
    differences: list[DifferentItem]
    unmatched: list[UnexplainedItem]
    gaps: list[str]


@CHAPTER.operation(Method.GET, "/bank-files")
def list_bank_files(call: Call, query: PageQuery) -> Page[BankFileItem]:
    """List files of the bank that were taken or refused, the latest first."""
    call.check_everywhere()
    place = call.cursors.place(datetime, str)
    after = None if place is None else (place[0], Digest(place[1]))
    found = payment_lists.taken_files(call.database, after=after, most=query.limit + 1)
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].at, kept[-1].digest) if len(found) > query.limit else None
    return Page[BankFileItem].model_validate({"items": kept, "next": more}, from_attributes=True)


@CHAPTER.operation(Method.POST, "/bank-files", raises=(BankFileRefused,), uploads=(ANY_FILE,))
def take_file_of_bank(call: Call, query: NameQuery, upload: Upload) -> TakenAnswer:
    """Take a status report or a statement of the bank and do what it says.

    The same file again does nothing. One that cannot be trusted as a whole is refused; it is kept, and listed.
    """
    call.check_everywhere()
    with call.keeping(BankFileRefused):
        taken = take_bank_file(
            call.database,
            call.desk.payment_channel,
            call.desk.account_sealer,
            call.clock,
            name=query.name,
            content=upload.stream.read(),
            by=call.by,
        )
    return TakenAnswer.model_validate(taken)


@CHAPTER.operation(Method.GET, "/bank-files/{digest}/content", raises=(NoSuchFile,), media_type=ANY_FILE)
def fetch_bank_file(call: Call, path: FileKey) -> File:
    """Fetch the content of a file that was taken or refused. It may hold account numbers."""
    call.check_everywhere()
    content = open_bank_file(call.database, call.desk.account_sealer, Digest(path.digest))
    return File(content=content, media_type=ANY_FILE, name=f"{path.digest}.bin")


@CHAPTER.operation(Method.GET, "/bank-lines")
def list_unexplained_lines(call: Call, query: PageQuery) -> Page[UnexplainedItem]:
    """List lines of the bank's files that need a person, the oldest first."""
    call.check_everywhere()
    place = call.cursors.place(str, int)
    after = None if place is None else (Digest(place[0]), place[1])
    found = payment_lists.unexplained_lines(call.database, after=after, most=query.limit + 1)
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].digest, kept[-1].number) if len(found) > query.limit else None
    return Page[UnexplainedItem].model_validate({"items": kept, "next": more}, from_attributes=True)


@CHAPTER.operation(Method.GET, "/bank-files/{digest}/lines/{number}", raises=(NoSuchBankLine,))
def show_unexplained_line(call: Call, path: LineKey) -> UnexplainedItem:
    """Show one line of a file of the bank that needs a person."""
    call.check_everywhere()
    line = reconcile_payments.unexplained_line(call.database, file=Digest(path.digest), number=path.number)
    return UnexplainedItem.model_validate(line)


@CHAPTER.operation(Method.POST, "/bank-files/{digest}/lines/{number}/explanation", raises=(NoSuchBankLine,))
def explain_bank_line(call: Call, path: LineKey, body: Explanation) -> None:
    """Say what a line is that matched nothing."""
    call.check_everywhere()
    reconcile_payments.explain_line(
        call.database, call.clock, file=Digest(path.digest), number=path.number, reason=body.reason, by=call.by
    )


@CHAPTER.operation(Method.GET, "/reconciliations")
def list_reconciliations(call: Call, query: PageQuery) -> Page[ReconciliationItem]:
    """List comparisons of orders, ledger and statements, the latest first."""
    call.check_everywhere()
    found = payment_lists.reconciliations(call.database, before=call.cursors.number() or None, most=query.limit + 1)
    return call.page(Page[ReconciliationItem], found, query.limit, "number")


@CHAPTER.operation(Method.GET, "/reconciliations/{number}", raises=(NoSuchReconciliation,))
def show_reconciliation(call: Call, path: ReconciliationKey) -> KeptReconciliationAnswer:
    """Show one comparison with the first differences, unmatched lines and missing statements as they were."""
    call.check_everywhere()
    found = payment_lists.find_reconciliation(call.database, path.number)
    return KeptReconciliationAnswer(
        reconciliation=ReconciliationItem.model_validate(found.record),
        differences=[DifferentItem.model_validate(each) for each in found.differences[:MOST_SHOWN]],
        unmatched=[UnexplainedItem.model_validate(each) for each in found.unmatched[:MOST_SHOWN]],
        gaps=list(found.gaps[:MOST_SHOWN]),
    )


@CHAPTER.operation(Method.POST, "/reconciliations", raises=(DifferenceStands,))
def reconcile_bank(call: Call, body: NewReconciliation) -> ReconciledAnswer:
    """Compare orders, ledger and statements to the fen, and close what agrees.

    The comparison is kept, also when nothing is closed because a difference stands.
    """
    call.check_everywhere()
    with call.keeping(DifferenceStands):
        found = reconcile_payments.reconcile_payments(
            call.database, call.clock, up_to=body.up_to, by=call.by, close=body.close
        )
    return ReconciledAnswer(
        number=found.number,
        agrees=found.result.agrees,
        net_out_fen=found.net_out_fen,
        closed=found.closed,
        differences=[DifferentItem(**asdict(each)) for each in found.result.differences[:MOST_SHOWN]],
        unmatched=len(found.result.unmatched),
        gaps=list(found.result.gaps[:MOST_SHOWN]),
    )
