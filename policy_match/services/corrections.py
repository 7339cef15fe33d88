"""Requests of firms to correct facts: asked with evidence, answered by the department that the fact comes from.

Guarantees that a request names a fact of the catalogue, a case of the firm if any, and a file that the firm sent; and
that it ends once. An answer changes no fact: the department corrects its register, and the next import brings it.
"""

from collections.abc import Collection, Sequence
from typing import IO

from policy_match.cases.corrections import (
    CORRECTION_DAYS,
    MOST_OPEN,
    CorrectionAnswer,
    CorrectionLine,
    CorrectionOutcome,
    NewCorrection,
    source_departments,
)
from policy_match.cases.evidence import MOST_EVIDENCE_FILES
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.errors import InputError, QuestionError
from policy_match.facts.catalogue import FactCatalogue
from policy_match.identity.principal import Reach
from policy_match.ports import Clock, Database
from policy_match.ports.corrections import EvidenceFile, EvidenceFiles
from policy_match.services.answer_cases import NoSuchCase
from policy_match.values import Digest, FactName, Uscc

MOST_LISTED = 1_000
"""The largest page."""


class NoSuchFact(InputError):
    """The catalogue has no fact of that name."""

    code = "correction.fact"
    english = "there is no fact `{fact}`; choose one that a benefit or a policy shows"
    chinese = "没有数据项“{fact}”；请从权益或政策页面所示的数据中选择"


class NoSuchEvidence(InputError):
    """The firm sent no such file."""

    code = "correction.evidence"
    english = "the firm sent no file {digest}; send the file first"
    chinese = "本企业没有上传文件 {digest}；请先上传"


class TooMuchEvidence(QuestionError):
    """The firm sent as many files as are kept."""

    code = "evidence.most"
    english = "the firm sent {most} files, which is the most that are kept; ask the department at the counter"
    chinese = "本企业已上传 {most} 个文件，达到上限；请到窗口办理"


class NoSuchCorrection(InputError):
    """There is no request of that number, or it is somebody else's."""

    code = "correction.unknown"
    http_status = 404
    english = "there is no request {correction_id} to correct a fact; see the list of requests"
    chinese = "没有更正申请 {correction_id}；请见更正申请列表"


class CorrectionEnded(QuestionError):
    """It has its answer, or was taken back."""

    code = "correction.ended"
    english = "request {correction_id} has ended; see its answer"
    chinese = "更正申请 {correction_id} 已办结；请查看答复"


class CorrectionOpen(QuestionError):
    """The same fact is being looked at."""

    code = "correction.open"
    english = "request {correction_id} about the same fact waits for its answer; take it back first, or wait"
    chinese = "同一数据的更正申请 {correction_id} 正在办理；请等待答复，或先撤回"


class TooManyCorrections(QuestionError):
    """Many requests wait."""

    code = "correction.most"
    english = "{most} requests of the firm wait for an answer; wait for some, or take some back"
    chinese = "本企业有 {most} 项更正申请待答复；请等待答复，或先撤回部分申请"


class ReasonForAnswerMissing(InputError):
    """An answer has a reason."""

    code = "correction.reason"
    english = "say why: the firm reads it"
    chinese = "请写明理由，企业会看到"


def keep_evidence(
    database: Database, files: EvidenceFiles, clock: Clock, uscc: Uscc, stream: IO[bytes], digest: Digest, *, by: str
) -> EvidenceFile:
    """Keep a file of a firm under its SHA-256, and return what it is. Sending it again changes nothing.

    Raises `TooMuchEvidence`, or what `EvidenceFiles.keep` raises.
    """
    with database.unit_of_work() as work:
        before = work.corrections.firm_file(uscc, digest)
        if before is not None:
            return before
        if work.corrections.count_files(uscc) >= MOST_EVIDENCE_FILES:
            raise TooMuchEvidence(most=MOST_EVIDENCE_FILES)
        stored = files.keep(stream, digest)
        kept = EvidenceFile(uscc=uscc, digest=digest, kind=stored.kind, size_bytes=stored.size_bytes, at=clock.now())
        work.corrections.keep_file(kept, by=by)
        work.commit()
    return kept


def ask_correction(
    database: Database,
    calendar: WorkingDays,
    catalogue: FactCatalogue,
    clock: Clock,
    uscc: Uscc,
    *,
    fact: FactName,
    record_id: str,
    case_id: int | None,
    claim: str,
    reason: str,
    evidence: Digest,
    by: str,
) -> CorrectionLine:
    """Keep that a firm says that a fact about it is wrong, for the departments that the catalogue names as its source.

    It is to be answered within `CORRECTION_DAYS` working days. Raises `NoSuchFact`, `NoSuchCase`, `NoSuchEvidence`,
    `CorrectionOpen`, `TooManyCorrections` or `WorkingDaysUnknown`.
    """
    known = catalogue.get(fact)
    if known is None:
        raise NoSuchFact(fact=fact)
    now = clock.now()
    with database.unit_of_work() as work:
        if case_id is not None and work.firm.decided_by(uscc, case_id) is None:
            raise NoSuchCase(case_id=case_id)
        if work.corrections.firm_file(uscc, evidence) is None:
            raise NoSuchEvidence(digest=evidence)
        waiting = work.corrections.open_on(uscc, fact, record_id)
        if waiting is not None:
            raise CorrectionOpen(correction_id=waiting)
        if work.corrections.count_open(uscc) >= MOST_OPEN:
            raise TooManyCorrections(most=MOST_OPEN)
        asked = NewCorrection(
            uscc=uscc,
            fact=fact,
            record_id=record_id,
            case_id=case_id,
            source=known.source,
            claim=claim.strip(),
            reason=reason.strip(),
            evidence=evidence,
            due=calendar.add_working_days(china_day(now), CORRECTION_DAYS),
            at=now,
            by=by,
        )
        number = work.corrections.ask(asked, source_departments(known.source))
        made = work.corrections.firm_line(uscc, number)
        work.commit()
    assert made is not None, "it was just kept"
    return made


def withdraw_correction(database: Database, clock: Clock, uscc: Uscc, correction_id: int, *, by: str) -> CorrectionLine:
    """Let a firm take its request back. Raises `NoSuchCorrection` or `CorrectionEnded`."""
    with database.unit_of_work() as work:
        found = work.corrections.firm_line(uscc, correction_id)
        if found is None:
            raise NoSuchCorrection(correction_id=correction_id)
        if not work.corrections.end(correction_id, CorrectionOutcome.WITHDRAWN, "", at=clock.now(), by=by):
            raise CorrectionEnded(correction_id=correction_id)
        ended = work.corrections.firm_line(uscc, correction_id)
        work.commit()
    assert ended is not None, "it was there before"
    return ended


def firm_corrections(
    database: Database, uscc: Uscc, *, case_id: int | None = None, before: int | None = None, most: int = 100
) -> Sequence[CorrectionLine]:
    """Return a page of a firm's requests, the newest first, about one of its cases or all."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} requests"
    with database.unit_of_work() as work:
        return work.corrections.firm_lines(uscc, case_id=case_id, before=before, most=most)


def show_firm_correction(database: Database, uscc: Uscc, correction_id: int) -> CorrectionLine:
    """Return one request of a firm. Raises `NoSuchCorrection`, also for one of another firm."""
    with database.unit_of_work() as work:
        found = work.corrections.firm_line(uscc, correction_id)
    if found is None:
        raise NoSuchCorrection(correction_id=correction_id)
    return found


def list_corrections(
    database: Database,
    clock: Clock,
    reach: Collection[Reach],
    *,
    ended: bool = False,
    overdue: bool = False,
    after: int = 0,
    most: int = 100,
) -> Sequence[CorrectionLine]:
    """Return a page of requests within reach by number: those that wait for an answer, or those that ended.

    With `overdue` only those whose last day for the answer is over.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} requests"
    due_before = china_day(clock.now()) if overdue else None
    with database.unit_of_work() as work:
        return work.corrections.lines(reach, ended=ended, due_before=due_before, after=after, most=most)


def show_correction(database: Database, reach: Collection[Reach], correction_id: int) -> CorrectionLine:
    """Return one request within reach. Raises `NoSuchCorrection`, also for one that is not."""
    with database.unit_of_work() as work:
        found = work.corrections.line(reach, correction_id)
    if found is None:
        raise NoSuchCorrection(correction_id=correction_id)
    return found


def answer_correction(
    database: Database,
    clock: Clock,
    reach: Collection[Reach],
    correction_id: int,
    answer: CorrectionAnswer,
    *,
    reason: str,
    by: str,
) -> CorrectionLine:
    """Answer a request within reach. No fact changes by it. Raises `NoSuchCorrection`, `CorrectionEnded`.

    Raises `ReasonForAnswerMissing` too.
    """
    if not reason.strip():
        raise ReasonForAnswerMissing
    with database.unit_of_work() as work:
        if work.corrections.line(reach, correction_id) is None:
            raise NoSuchCorrection(correction_id=correction_id)
        outcome = CorrectionOutcome(answer)
        if not work.corrections.end(correction_id, outcome, reason.strip(), at=clock.now(), by=by):
            raise CorrectionEnded(correction_id=correction_id)
        ended = work.corrections.line(reach, correction_id)
        work.commit()
    assert ended is not None, "it was there before"
    return ended
