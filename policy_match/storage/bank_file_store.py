"""What the bank said, line by line, and what became of it; and the reconciliations.

Guarantees that a file is taken whole or not at all, and that a line changes something at most once. Which news means
what is `payments.attempts`; reading files is a channel's.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from policy_match.ledger.accounts import LineAccount, LineId, TransferKind
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.reconciliation import Comparison, Difference, KeptReconciliation, LineTotals
from policy_match.payments.records import (
    AppliedStep,
    BankFile,
    BankFileLine,
    FileKind,
    IncomingMovement,
    ReconciliationRecord,
    SealedContent,
    SentAttempt,
    StatementRecord,
    TakenFile,
    UnexplainedLine,
    Verdict,
)
from policy_match.storage.session import Row, Session
from policy_match.values import Digest

BANK_FILE_LOCK = 0x706D_6266
LINE_COLUMNS = (
    "file_digest",
    "number",
    "kind",
    "step",
    "attempt_id",
    "line_ref",
    "amount_fen",
    "out_fen",
    "booked_on",
    "reason_code",
    "text",
)


class BankFileStore:
    """Files from the bank, their lines, and reconciliations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Wait for the right to take a bank file, until the transaction ends."""
        self._session.run("lock_bank_files", purpose=BANK_FILE_LOCK)

    def find(self, digest: Digest) -> TakenFile | None:
        """Return a file that was taken before."""
        row = self._session.one("bank_file_by_digest", file_digest=digest)
        if row is None:
            return None
        return TakenFile(
            digest=digest,
            name=row["name"],
            kind=FileKind(row["kind"]),
            reason="",
            at=row["at"],
            verdicts=self.verdicts(digest),
        )

    def add_file(self, file: BankFile, sealed: SealedContent, at: datetime, by: str) -> None:
        """Keep a file, sealed."""
        self._session.run(
            "add_bank_file",
            file_digest=file.digest,
            name=file.name,
            channel=file.channel,
            kind=file.kind,
            sealed=sealed.sealed,
            key_id=sealed.key_id,
            at=at,
            by=by,
        )

    def refuse(self, file: BankFile, reason: str, sealed: SealedContent, at: datetime, by: str) -> None:
        """Keep a file that a channel could not trust, sealed, with the reason; the first refusal stays."""
        self._session.run(
            "add_refused_file",
            file_digest=file.digest,
            name=file.name,
            channel=file.channel,
            reason=reason,
            sealed=sealed.sealed,
            key_id=sealed.key_id,
            at=at,
            by=by,
        )

    def sealed(self, digest: Digest) -> SealedContent | None:
        """Return the sealed content of a file, taken or refused."""
        row = self._session.one("sealed_bank_file", file_digest=digest)
        return None if row is None else SealedContent(key_id=row["key_id"], sealed=bytes(row["sealed"]))

    def add_lines(self, digest: Digest, statements: Sequence[StatementRecord], lines: Iterable[BankFileLine]) -> None:
        """Keep what a file says, line by line."""
        self._session.copy_rows(
            "bank_statement",
            ("file_digest", "number", "statement_id", "first_day", "last_day", "opening_fen", "closing_fen"),
            [
                (
                    digest,
                    each.number,
                    each.statement_id,
                    each.first_day,
                    each.last_day,
                    each.opening_fen,
                    each.closing_fen,
                )
                for each in statements
            ],
        )
        self._session.copy_rows(
            "bank_line",
            LINE_COLUMNS,
            (
                (
                    digest,
                    each.number,
                    each.kind,
                    each.step,
                    each.attempt_id,
                    each.line_ref,
                    each.amount_fen,
                    each.out_fen,
                    each.booked_on,
                    each.reason_code,
                    each.text,
                )
                for each in lines
            ),
        )

    def attempts_of_message(self, message_id: str) -> Sequence[SentAttempt]:
        """Return the attempts of one of our batches by its message id."""
        return [SentAttempt(**row) for row in self._session.all("resolve_batch_lines", message_id=message_id)]

    def judge_strangers(self, digest: Digest) -> None:
        """Set aside repeated movements, keep the new ones, and judge lines that belong to no attempt."""
        self._session.run("judge_repeated", file_digest=digest)
        self._session.run("add_statement_entries", file_digest=digest)
        self._session.run("judge_strangers", file_digest=digest)
        self._session.run("judge_second_movements", file_digest=digest)

    def apply(self, digest: Digest, step: AppliedStep, at: datetime, by: str) -> None:
        """Take one kind of step with the attempts, cases and money that the file says it of."""
        self._session.run("judge_applicable", file_digest=digest, step=step.step, case_event=step.case_event)
        if step.step is AttemptEvent.RETURN:
            self._session.run("book_unsettled", file_digest=digest, at=at, by=by)
        if step.ledger is not None:
            self._session.run("move_ledger", file_digest=digest, step=step.step, kind=step.ledger, at=at, by=by)
        if step.step is AttemptEvent.RETURN:
            self._session.run("free_returned", file_digest=digest, at=at, by=by)
        if step.case_event is not None:
            self._session.run(
                "step_cases", file_digest=digest, step=step.step, case_event=step.case_event, at=at, by=by
            )
        self._session.run("step_attempts", file_digest=digest, step=step.step, at=at, by=by)

    def judge_rest(self, digest: Digest, known: Mapping[AttemptStatus, Collection[AttemptEvent]]) -> None:
        """Judge what remains: known already, or a contradiction."""
        pairs = [(status, event) for status, events in known.items() for event in events]
        self._session.run(
            "judge_rest",
            file_digest=digest,
            statuses=[status for status, _ in pairs],
            events=[event for _, event in pairs],
        )

    def verdicts(self, digest: Digest) -> Mapping[Verdict, int]:
        """Return how many lines of a file have each verdict."""
        rows = self._session.all("verdicts_of_file", file_digest=digest)
        return {Verdict(row["verdict"]): row["lines"] for row in rows}

    def files(self, most: int, *, after: tuple[datetime, Digest] | None = None) -> Sequence[TakenFile]:
        """Return files that were taken, latest first, from behind a given one."""
        after_at, after_digest = after or (None, None)
        return [
            TakenFile(
                digest=Digest(row["file_digest"]),
                name=row["name"],
                kind=FileKind(row["kind"]),
                reason=row["reason"],
                at=row["at"],
                verdicts={Verdict(verdict): n for verdict, n in row["verdicts"].items()},
            )
            for row in self._session.all("bank_files", after_at=after_at, after_digest=after_digest, most=most)
        ]

    def unexplained(self, most: int, *, after: tuple[Digest, int] | None = None) -> Sequence[UnexplainedLine]:
        """Return lines that nobody has explained, oldest first, from behind a given one."""
        digest, number = after or (None, None)
        return [
            UnexplainedLine(
                digest=Digest(row["file_digest"]),
                number=row["number"],
                file_name=row["name"],
                kind=row["kind"],
                attempt_id=row["attempt_id"],
                line_ref=row["line_ref"],
                amount_fen=row["amount_fen"],
                out_fen=row["out_fen"],
                booked_on=row["booked_on"],
                reason_code=row["reason_code"],
                verdict=Verdict(row["verdict"]),
            )
            for row in self._session.all("unexplained_lines", after_digest=digest, after_number=number, most=most)
        ]

    def explain(self, digest: Digest, number: int, reason: str, at: datetime, by: str) -> None:
        """Keep a person's explanation of a line."""
        self._session.run("explain_line", file_digest=digest, number=number, reason=reason, at=at, by=by)

    def incoming(self, line_ref: str) -> IncomingMovement | None:
        """Return one movement by the bank's reference."""
        row = self._session.one("incoming_entry", line_ref=line_ref)
        if row is None:
            return None
        return IncomingMovement(
            line_ref=row["line_ref"],
            digest=Digest(row["file_digest"]),
            number=row["number"],
            out_fen=row["out_fen"],
            booked_on=row["booked_on"],
            verdict=Verdict(row["verdict"]),
            recovery_id=row["recovery_id"],
        )

    def line_totals(self) -> Sequence[LineTotals]:
        """Return what orders, ledger and statements say of every budget line."""
        attempts: dict[str, dict[AttemptStatus, int]] = {}
        for row in self._session.all("line_attempt_totals"):
            attempts.setdefault(row["line"], {})[AttemptStatus(row["status"])] = row["fen"]
        transfers: dict[str, dict[TransferKind, int]] = {}
        for row in self._session.all("line_transfer_totals"):
            transfers.setdefault(row["line"], {})[TransferKind(row["kind"])] = row["fen"]
        balances: dict[str, dict[LineAccount, int]] = {}
        for row in self._session.all("line_balances"):
            balances.setdefault(row["line"], {})[LineAccount(row["account"])] = row["balance_fen"]
        moved = {row["line"]: row for row in self._session.all("line_movements")}
        return [
            LineTotals(
                line=LineId(line),
                attempts=attempts.get(line, {}),
                transfers=transfers.get(line, {}),
                balances=each,
                booked_fen=moved[line]["booked_fen"] if line in moved else 0,
                returned_fen=moved[line]["returned_fen"] if line in moved else 0,
            )
            for line, each in balances.items()
        ]

    def statements(self, most: int) -> Sequence[StatementRecord]:
        """Return what each statement covers."""
        return [
            StatementRecord(
                number=row["number"],
                statement_id=row["statement_id"],
                first_day=row["first_day"],
                last_day=row["last_day"],
                opening_fen=row["opening_fen"],
                closing_fen=row["closing_fen"],
            )
            for row in self._session.all("statements_taken", most=most)
        ]

    def net_out_fen(self) -> int:
        """Return what left the account that pays, in all."""
        row = self._session.one("net_movements")
        assert row is not None
        return int(row["out_fen"])

    def add_reconciliation(
        self, up_to: date, report: str, difference_fen: int, unmatched: int, closed: bool, at: datetime, by: str
    ) -> int:
        """Keep what was compared; return its number."""
        row = self._session.one("next_reconciliation")
        assert row is not None
        self._session.run(
            "add_reconciliation",
            number=row["number"],
            up_to=up_to,
            report=report,
            difference_fen=difference_fen,
            unmatched=unmatched,
            closed=closed,
            at=at,
            by=by,
        )
        return int(row["number"])

    def close_paid(
        self, up_to: date, about: str, at: datetime, by: str, *, after: int, most: int
    ) -> tuple[int, int | None]:
        """Close what the bank had booked by a day of a page of paid cases; return how many, and the last looked at."""
        row = self._session.one("close_paid_cases", up_to=up_to, about=about, at=at, by=by, after=after, most=most)
        assert row is not None, "an aggregate gives a row"
        return row["taken"], row["last"]

    def reconciliation(self, number: int) -> KeptReconciliation | None:
        """Return one reconciliation as it was kept."""
        row = self._session.one("reconciliation_by_number", number=number)
        if row is None:
            return None
        report = json.loads(row["report"])
        return KeptReconciliation(
            record=ReconciliationRecord(**{name: value for name, value in row.items() if name != "report"}),
            differences=tuple(_difference(each) for each in report["differences"]),
            unmatched=tuple(_unmatched(each) for each in report["unmatched"]),
            gaps=tuple(report["gaps"]),
        )

    def reconciliations(self, most: int, *, before: int | None = None) -> Sequence[ReconciliationRecord]:
        """Return reconciliations, latest first, from before a given one."""
        return [ReconciliationRecord(**row) for row in self._session.all("reconciliations", before=before, most=most)]


def _difference(kept: Row) -> Difference:
    return Difference(
        line=LineId(kept["line"]),
        comparison=Comparison(kept["comparison"]),
        expected_fen=kept["expected_fen"],
        found_fen=kept["found_fen"],
        account=None if kept["account"] is None else LineAccount(kept["account"]),
    )


def _unmatched(kept: Row) -> UnexplainedLine:
    booked_on = kept["booked_on"]
    return UnexplainedLine(
        **{
            **kept,
            "digest": Digest(kept["digest"]),
            "booked_on": None if booked_on is None else date.fromisoformat(booked_on),
            "verdict": Verdict(kept["verdict"]),
        }
    )
