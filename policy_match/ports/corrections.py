"""Requests to correct facts, the files that prove them, and ratings, as services need them.

Guarantees that services know no adapter. Methods whose name begins with `firm` are for a firm's own requests, whose
role in the database reads no other columns and rows; the others are for staff.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Protocol

from policy_match.cases.corrections import CorrectionLine, CorrectionOutcome, NewCorrection
from policy_match.cases.evidence import EvidenceKind
from policy_match.cases.ratings import Grade, RatingLine, RatingSum
from policy_match.identity.principal import Reach
from policy_match.values import Digest, FactName, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEvidence:
    """What a file is that was stored."""

    kind: EvidenceKind
    size_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFile:
    """A file that a firm sent; `digest` is the SHA-256 of its content."""

    uscc: Uscc
    digest: Digest
    kind: EvidenceKind
    size_bytes: int
    at: datetime


class EvidenceFiles(Protocol):
    """Where the files lie by which firms prove what they say."""

    def keep(self, stream: IO[bytes], digest: str) -> StoredEvidence:
        """Keep what the stream gives under its SHA-256, which must be `digest`. Raises an `InputError`."""

    def read(self, digest: str, kind: EvidenceKind) -> bytes:
        """Return the content of a file that was kept. Raises a `StorageError`."""


class CorrectionStore(Protocol):
    """Requests, their ends, and what is known of the files."""

    def keep_file(self, file: EvidenceFile, *, by: str) -> None:
        """Keep that a firm sent a file; once more of the same changes nothing."""

    def firm_file(self, uscc: Uscc, digest: Digest) -> EvidenceFile | None:
        """Return a file of a firm."""

    def count_files(self, uscc: Uscc) -> int:
        """Return how many files a firm sent."""

    def ask(self, asked: NewCorrection, departments: Sequence[str]) -> int:
        """Keep what a firm asks and return its number."""

    def end(self, correction_id: int, outcome: CorrectionOutcome, reason: str, *, at: datetime, by: str) -> bool:
        """Keep how a request ended; `False`, and nothing kept, when it has ended before."""

    def count_open(self, uscc: Uscc) -> int:
        """Return how many requests of a firm wait for an answer."""

    def open_on(self, uscc: Uscc, fact: FactName, record_id: str) -> int | None:
        """Return the first request of a firm about a fact that waits for an answer."""

    def firm_lines(self, uscc: Uscc, *, case_id: int | None, before: int | None, most: int) -> Sequence[CorrectionLine]:
        """Return a page of a firm's requests, the newest first, about one of its cases or all."""

    def firm_line(self, uscc: Uscc, correction_id: int) -> CorrectionLine | None:
        """Return one request of a firm."""

    def lines(
        self, reach: Collection[Reach], *, ended: bool, due_before: date | None, after: int, most: int
    ) -> Sequence[CorrectionLine]:
        """Return a page of requests within reach by number: those that wait for an answer, or those that ended.

        A request is within reach of whoever reaches one of its departments in the district of the firm's code.
        """

    def line(self, reach: Collection[Reach], correction_id: int) -> CorrectionLine | None:
        """Return one request, `None` also when it is not within reach."""


class RatingStore(Protocol):
    """Ratings and their answers."""

    def rate(self, case_id: int, grade: Grade, text: str, due: date | None, *, at: datetime, by: str) -> bool:
        """Keep a rating; `False`, and nothing kept, when the case has one. Raises a `StorageError` when unpaid."""

    def firm_lines(self, uscc: Uscc, *, case_id: int | None, before: int | None, most: int) -> Sequence[RatingLine]:
        """Return a page of a firm's ratings by case, the latest case first; of one case or all."""

    def lines(
        self,
        *,
        policies: Collection[PolicyId] | None,
        waiting: bool,
        due_before: date | None,
        after: int,
        most: int,
    ) -> Sequence[RatingLine]:
        """Return a page of ratings by case; with `waiting` those that still need an answer."""

    def line(self, case_id: int) -> RatingLine | None:
        """Return the rating of a case."""

    def answer(self, case_id: int, text: str, *, at: datetime, by: str) -> bool:
        """Keep the answer to a rating; `False`, and nothing kept, when it has one."""

    def sums(self, policies: Collection[PolicyId] | None) -> Sequence[RatingSum]:
        """Return what ratings add up to, by policy."""
