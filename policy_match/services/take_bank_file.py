"""Takes a file from the bank: status reports and statements, in any order and as often as they come.

Guarantees that a file changes things once, whole or not at all; that every line is kept with what became of it; and
that a file that cannot be trusted is kept, sealed, with the reason, and changes nothing. Reading it is a channel's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy_match.errors import InputError
from policy_match.payments.attempts import SUPERSEDED, AttemptEvent
from policy_match.payments.messages import BankReport, BatchStatus, LineKind, ReportedStatus, StatementLine
from policy_match.payments.records import (
    AppliedStep,
    BankFile,
    BankFileLine,
    FileKind,
    SentAttempt,
    StatementRecord,
    TakenFile,
    Verdict,
)
from policy_match.policy.fingerprint import digest
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.payments import ContentSealer, PaymentChannel
from policy_match.values import Digest

STEPS = (
    AppliedStep(step=AttemptEvent.ACCEPT, ledger=None, case_event=None),
    AppliedStep(step=AttemptEvent.SETTLE, ledger="post", case_event="settle"),
    AppliedStep(step=AttemptEvent.REJECT, ledger="void", case_event="bounce"),
    AppliedStep(step=AttemptEvent.RETURN, ledger="return", case_event="bounce"),
)
"""In the order in which a bank does them: one file may book a payment and return it."""

REPORTED: Mapping[ReportedStatus, AttemptEvent] = {
    ReportedStatus.ACCEPTED: AttemptEvent.ACCEPT,
    ReportedStatus.SETTLED: AttemptEvent.SETTLE,
    ReportedStatus.REJECTED: AttemptEvent.REJECT,
}
MOVED: Mapping[LineKind, AttemptEvent] = {LineKind.BOOKING: AttemptEvent.SETTLE, LineKind.RETURN: AttemptEvent.RETURN}


class BankFileRefused(InputError):
    """The file cannot be trusted as a whole. It is kept; nothing changed."""

    code = "payments.bank-file-refused"
    english = "{problem}; the file is kept under {digest} and changed nothing"
    chinese = "{problem_zh}；文件已按 {digest} 留存，未改变任何数据"


class NoSuchFile(InputError):
    """No file is meant by that digest, or more than one by its beginning."""

    code = "payments.no-such-file"
    http_status = 404
    english = "`{digest}` is not one file here; see `policy-match payments files` and `payments unmatched`"
    chinese = "“{digest}”在此不是唯一的文件；请查看 policy-match payments files 和 payments unmatched"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileTaken:
    """What a file did. `repeated` when it had been taken before: then it did nothing now."""

    digest: Digest
    kind: FileKind
    repeated: bool
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)


def take_bank_file(
    database: Database,
    channel: PaymentChannel,
    sealer: ContentSealer,
    clock: Clock,
    *,
    name: str,
    content: bytes,
    by: str,
) -> FileTaken:
    """Keep a file and do what it says. Raises `BankFileRefused` when it cannot be trusted as a whole."""
    key = digest(content)
    try:
        report = channel.read(name, content)
    except InputError as error:
        _refuse(database, channel, sealer, clock.now(), name, content, by, error)
        raise BankFileRefused(problem=error.message("en"), problem_zh=error.message("zh"), digest=key) from error
    with database.unit_of_work() as work:
        work.bank_files.lock()
        before = work.bank_files.find(key)
        if before is not None:
            return _repeated(before)
        kind = FileKind.STATEMENT if report.statements else FileKind.STATUS
        file = BankFile(digest=key, name=name, channel=channel.name, kind=kind)
        at = clock.now()
        work.bank_files.add_file(file, sealer.seal_content(content, key), at, by)
        # As a list: what a batch held is asked of the same connection that copies the lines.
        work.bank_files.add_lines(key, list(_statements(report)), list(_lines(report, work)))
        work.bank_files.judge_strangers(key)
        for step in STEPS:
            work.bank_files.apply(key, step, at, by)
        work.bank_files.judge_rest(key, SUPERSEDED)
        verdicts = work.bank_files.verdicts(key)
        work.commit()
    return FileTaken(digest=key, kind=kind, repeated=False, verdicts=verdicts)


def open_bank_file(database: Database, sealer: ContentSealer, key: Digest) -> bytes:
    """Return the content of a file that was taken or refused. Raises `NoSuchFile`, or a `StorageError` for its seal."""
    with database.unit_of_work() as work:
        sealed = work.bank_files.sealed(key)
    if sealed is None:
        raise NoSuchFile(digest=key)
    return sealer.open_content(sealed, key)


def _refuse(
    database: Database,
    channel: PaymentChannel,
    sealer: ContentSealer,
    at: datetime,
    name: str,
    content: bytes,
    by: str,
    error: InputError,
) -> None:
    key = digest(content)
    with database.unit_of_work() as work:
        work.bank_files.lock()
        if work.bank_files.find(key) is None:
            file = BankFile(digest=key, name=name, channel=channel.name, kind=FileKind.REFUSED)
            work.bank_files.refuse(file, error.message("en"), sealer.seal_content(content, key), at, by)
            work.commit()


def _repeated(before: TakenFile) -> FileTaken:
    return FileTaken(digest=before.digest, kind=before.kind, repeated=True, verdicts=before.verdicts)


def _statements(report: BankReport) -> Iterator[StatementRecord]:
    for number, each in enumerate(report.statements, 1):
        yield StatementRecord(
            number=number,
            statement_id=each.statement_id,
            first_day=each.first_day,
            last_day=each.last_day,
            opening_fen=each.opening_fen,
            closing_fen=each.closing_fen,
        )


def _lines(report: BankReport, work: UnitOfWork) -> Iterator[BankFileLine]:
    """Yield everything that the file says, numbered from 1 in the order of the file."""
    number = 0
    named = {line.attempt_id for line in report.statuses}
    for line in report.statuses:
        number += 1
        yield _message(
            number, line.attempt_id, line.status, line.reason_code or line.code, line.reason, line.amount_fen
        )
    spoken_of = {(batch.message_id, batch.line) for batch in report.batches if batch.line}
    for batch in report.batches:
        sent = work.bank_files.attempts_of_message(batch.message_id)
        part = [each for each in sent if batch.line in ("", each.line)]
        if not part or not _declares(batch, part):
            number += 1
            yield _unknown_batch(number, batch)
        elif batch.status is not ReportedStatus.OTHER:
            for each in part:
                # What is said of one budget line goes before what is said of the file, and of one attempt before both.
                if each.attempt_id in named or (not batch.line and (batch.message_id, each.line) in spoken_of):
                    continue
                number += 1
                code = batch.reason_code or batch.code
                yield _message(number, each.attempt_id, batch.status, code, batch.reason, each.amount_fen)
    for statement in report.statements:
        for entry in statement.lines:
            number += 1
            yield _movement(number, entry)


def _declares(batch: BatchStatus, attempts: Sequence[SentAttempt]) -> bool:
    """Return whether what the bank received is what was sent, as far as it says."""
    count_agrees = batch.count is None or batch.count == len(attempts)
    total_agrees = batch.total_fen is None or batch.total_fen == sum(each.amount_fen for each in attempts)
    return count_agrees and total_agrees


def _message(
    number: int,
    attempt: str | None,
    status: ReportedStatus,
    reason_code: str,
    text: str,
    amount_fen: int | None,
) -> BankFileLine:
    return BankFileLine(
        number=number,
        kind=status,
        step=REPORTED.get(status),
        attempt_id=attempt,
        line_ref=None,
        amount_fen=amount_fen,
        out_fen=None,
        booked_on=None,
        reason_code=reason_code,
        text=text,
    )


def _unknown_batch(number: int, batch: BatchStatus) -> BankFileLine:
    return BankFileLine(
        number=number,
        kind="batch",
        step=None,
        attempt_id=None,
        line_ref=None,
        amount_fen=batch.total_fen,
        out_fen=None,
        booked_on=None,
        reason_code=batch.reason_code or batch.code,
        text=f"{batch.message_id} {batch.reason}".strip(),
    )


def _movement(number: int, entry: StatementLine) -> BankFileLine:
    booked = entry.booked_on is not None
    return BankFileLine(
        number=number,
        kind=entry.kind,
        step=MOVED.get(entry.kind) if booked else None,
        attempt_id=entry.attempt_id,
        line_ref=entry.line_ref,
        amount_fen=entry.amount_fen,
        out_fen=(-entry.amount_fen if entry.credit else entry.amount_fen) if booked else None,
        booked_on=entry.booked_on,
        reason_code=entry.reason_code,
        text=entry.text,
    )
