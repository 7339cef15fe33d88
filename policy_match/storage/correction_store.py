"""Requests to correct facts in the database, and what is known of the files that prove them.

Guarantees, with the schema, that a request ends once, that its file is one of the firm's own, and that staff see what
is within their reach. What may come of a request is `cases.corrections`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from policy_match.cases.corrections import (
    MOST_OPEN,
    CorrectionLine,
    CorrectionOutcome,
    NewCorrection,
    district_of,
)
from policy_match.cases.evidence import EvidenceKind
from policy_match.identity.principal import Reach
from policy_match.ports.corrections import EvidenceFile
from policy_match.storage.session import Row, Session
from policy_match.values import Digest, FactName, Uscc


class CorrectionStore:
    """Requests, their ends, and files."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep_file(self, file: EvidenceFile, *, by: str) -> None:
        """Keep that a firm sent a file; once more of the same changes nothing."""
        self._session.run(
            "add_evidence_file",
            uscc=file.uscc,
            digest=file.digest,
            kind=file.kind.value,
            size_bytes=file.size_bytes,
            at=file.at,
            by=by,
        )

    def firm_file(self, uscc: Uscc, digest: Digest) -> EvidenceFile | None:
        """Return a file of a firm."""
        row = self._session.one("evidence_file", uscc=uscc, digest=digest)
        return None if row is None else EvidenceFile(**{**row, "kind": EvidenceKind(row["kind"])})

    def count_files(self, uscc: Uscc) -> int:
        """Return how many files a firm sent."""
        row = self._session.one("count_evidence_files", uscc=uscc)
        assert row is not None, "a count has one row"
        count: int = row["files"]
        return count

    def ask(self, asked: NewCorrection, departments: Sequence[str]) -> int:
        """Keep what a firm asks and return its number."""
        row = self._session.one(
            "add_correction",
            uscc=asked.uscc,
            fact=asked.fact,
            record_id=asked.record_id,
            case_id=asked.case_id,
            source=asked.source,
            departments=list(departments),
            claim=asked.claim,
            reason=asked.reason,
            evidence=asked.evidence,
            due=asked.due,
            at=asked.at,
            by=asked.by,
        )
        assert row is not None
        number: int = row["correction_id"]
        return number

    def end(self, correction_id: int, outcome: CorrectionOutcome, reason: str, *, at: datetime, by: str) -> bool:
        """Keep how a request ended; `False`, and nothing kept, when it has ended before."""
        row = self._session.one(
            "end_correction", correction_id=correction_id, outcome=outcome.value, reason=reason, at=at, by=by
        )
        return row is not None

    def count_open(self, uscc: Uscc) -> int:
        """Return how many requests of a firm wait for an answer, as far as `MOST_OPEN`."""
        rows = self._session.all("open_corrections_of_firm", uscc=uscc, fact=None, record_id=None, most=MOST_OPEN)
        return len(rows)

    def open_on(self, uscc: Uscc, fact: FactName, record_id: str) -> int | None:
        """Return the first request of a firm about a fact that waits for an answer."""
        row = self._session.one("open_corrections_of_firm", uscc=uscc, fact=fact, record_id=record_id, most=1)
        return None if row is None else row["correction_id"]

    def firm_lines(self, uscc: Uscc, *, case_id: int | None, before: int | None, most: int) -> Sequence[CorrectionLine]:
        """Return a page of a firm's requests, the newest first, about one of its cases or all."""
        rows = self._session.all(
            "firm_corrections", uscc=uscc, case_id=case_id, correction_id=None, before=before, most=most
        )
        return [correction_line(row) for row in rows]

    def firm_line(self, uscc: Uscc, correction_id: int) -> CorrectionLine | None:
        """Return one request of a firm."""
        row = self._session.one(
            "firm_corrections", uscc=uscc, case_id=None, correction_id=correction_id, before=None, most=1
        )
        return None if row is None else correction_line(row)

    def lines(
        self, reach: Collection[Reach], *, ended: bool, due_before: date | None, after: int, most: int
    ) -> Sequence[CorrectionLine]:
        """Return a page of requests within reach by number: those that wait for an answer, or those that ended."""
        return self._in_reach(reach, None, ended=ended, due_before=due_before, after=after, most=most)

    def line(self, reach: Collection[Reach], correction_id: int) -> CorrectionLine | None:
        """Return one request, `None` also when it is not within reach."""
        found = self._in_reach(reach, correction_id, ended=None, due_before=None, after=0, most=1)
        return found[0] if found else None

    def _in_reach(
        self,
        reach: Collection[Reach],
        correction_id: int | None,
        *,
        ended: bool | None,
        due_before: date | None,
        after: int,
        most: int,
    ) -> Sequence[CorrectionLine]:
        rows = self._session.all(
            "corrections_in_reach",
            departments=[each.department for each in reach],
            districts=[district_of(each.jurisdiction) for each in reach],
            correction_id=correction_id,
            ended=ended,
            due_before=due_before,
            after=after,
            most=most,
        )
        return [correction_line(row) for row in rows]


def correction_line(row: Row) -> CorrectionLine:
    """Return one request as people read it."""
    return CorrectionLine(
        **{
            **row,
            "evidence_kind": EvidenceKind(row["evidence_kind"]),
            "outcome": None if row["outcome"] is None else CorrectionOutcome(row["outcome"]),
        }
    )
