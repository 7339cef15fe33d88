"""A firm says that a fact about it is wrong, with a file that proves it, and reads what the department answers.

Guarantees that the firm is that of the session, and that a file is given out as a download only.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.corrections import CorrectionLine, CorrectionOutcome
from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.cases.evidence import EvidenceKind, EvidenceTooLarge, EvidenceUnfit
from policy_match.services import corrections
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.corrections import (
    CorrectionEnded,
    CorrectionOpen,
    NoSuchCorrection,
    NoSuchEvidence,
    NoSuchFact,
    TooManyCorrections,
    TooMuchEvidence,
)
from policy_match.values import Digest, FactName
from policy_match.web.api.v1.firm_cases import firm_of
from policy_match.web.api.v1.objections import Reason
from policy_match.web.api.v1.registry import UploadPath
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, File, Made, Method, Tag, Upload

CHAPTER = Chapter(Tag.FIRM)
OPERATIONS = CHAPTER.operations

EVIDENCE_TYPES = ("application/pdf", "image/jpeg", "image/png", "application/octet-stream")
"""How a file may be sent; what it is is read from its content."""

BYTES = "application/octet-stream"
"""As what a file is given out: a browser keeps it, and draws nothing of it."""

Claim = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


class CorrectionId(Query):
    """Which request."""

    correction_id: Number


class FirmCorrectionQuery(PageQuery):
    """Which of the firm's requests."""

    case: Annotated[Number | None, Field(description="only those about this case")] = None


class EvidenceItem(Output):
    """A file that the firm sent."""

    digest: Annotated[str, Field(description="the SHA-256 of its content")]
    kind: EvidenceKind
    size_bytes: int
    at: Moment


class NewFactCorrection(Input):
    """Which fact is wrong, what is right, and why."""

    fact: Annotated[Name, Field(description="the name of a fact, as decisions show it")]
    record_id: Annotated[Text, Field(description="the record, such as a loan; empty when the firm is meant")] = ""
    case_id: Annotated[Number | None, Field(description="the case that rests on it, if one does")] = None
    claim: Annotated[Claim, Field(description="what is right, as the firm says")]
    reason: Reason
    evidence: Annotated[
        str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="the SHA-256 of a file that was sent")
    ]


class FactCorrectionItem(Output):
    """One request to correct a fact, with the answer once there is one.

    No fact changes by an answer: the department corrects its register, and the next import brings the value.
    """

    correction_id: int
    fact: str
    label: Annotated[str, Field(description="the fact as people call it; its name when it is no longer known")]
    unit: str
    record_id: str
    case_id: int | None
    source: Annotated[str, Field(description="the departments that the fact comes from; one of them answers")]
    claim: str
    reason: str
    evidence_kind: EvidenceKind
    evidence_bytes: int
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: Annotated[CorrectionOutcome | None, Field(description="none while it waits for the answer")]
    answer: str
    answered_at: Moment | None


@CHAPTER.operation(
    Method.PUT,
    "/firm/evidence/{digest}",
    uploads=EVIDENCE_TYPES,
    raises=(EvidenceUnfit, EvidenceTooLarge, TooMuchEvidence),
)
def put_firm_evidence(call: Call, path: UploadPath, upload: Upload) -> EvidenceItem:
    """Send a file that proves something: PDF, JPEG or PNG by its content, of at most 10 MB.

    The address says the SHA-256 of its content, so that sending it again changes nothing.
    """
    kept = corrections.keep_evidence(
        call.database,
        call.desk.evidence,
        call.clock,
        firm_of(call),
        upload.stream,
        Digest(path.digest),
        by=call.by,
    )
    return EvidenceItem.model_validate(kept)


@CHAPTER.operation(Method.GET, "/firm/corrections")
def list_firm_corrections(call: Call, query: FirmCorrectionQuery) -> Page[FactCorrectionItem]:
    """List the firm's requests to correct facts, the newest first."""
    found = corrections.firm_corrections(
        call.database,
        firm_of(call),
        case_id=query.case,
        before=call.cursors.number() or None,
        most=query.limit + 1,
    )
    return call.page(Page[FactCorrectionItem], [_item(call, each) for each in found], query.limit, "correction_id")


@CHAPTER.operation(Method.GET, "/firm/corrections/{correction_id}", raises=(NoSuchCorrection,))
def show_firm_correction(call: Call, path: CorrectionId) -> FactCorrectionItem:
    """Show one of the firm's requests."""
    return _item(call, corrections.show_firm_correction(call.database, firm_of(call), path.correction_id))


@CHAPTER.operation(
    Method.POST,
    "/firm/corrections",
    raises=(NoSuchFact, NoSuchCase, NoSuchEvidence, CorrectionOpen, TooManyCorrections, WorkingDaysUnknown),
)
def ask_firm_correction(call: Call, body: NewFactCorrection) -> Made[FactCorrectionItem]:
    """Say that a fact about the firm is wrong; the department that it comes from answers within 7 working days."""
    made = corrections.ask_correction(
        call.database,
        call.desk.working_days,
        call.desk.rules.catalogue,
        call.clock,
        firm_of(call),
        fact=FactName(body.fact),
        record_id=body.record_id,
        case_id=body.case_id,
        claim=body.claim,
        reason=body.reason,
        evidence=Digest(body.evidence),
        by=call.by,
    )
    return Made(_item(call, made), f"/firm/corrections/{made.correction_id}")


@CHAPTER.operation(
    Method.POST, "/firm/corrections/{correction_id}/withdrawal", raises=(NoSuchCorrection, CorrectionEnded)
)
def withdraw_firm_correction(call: Call, path: CorrectionId) -> FactCorrectionItem:
    """Take a request back that waits for its answer."""
    return _item(
        call,
        corrections.withdraw_correction(call.database, call.clock, firm_of(call), path.correction_id, by=call.by),
    )


@CHAPTER.operation(
    Method.GET, "/firm/corrections/{correction_id}/evidence", raises=(NoSuchCorrection,), media_type=BYTES
)
def fetch_firm_evidence(call: Call, path: CorrectionId) -> File:
    """Give the file of one of the firm's requests."""
    return evidence_file(call, corrections.show_firm_correction(call.database, firm_of(call), path.correction_id))


def evidence_file(call: Call, line: CorrectionLine) -> File:
    """Return the file of a request, under a name that tells nothing."""
    content = call.desk.evidence.read(line.evidence, line.evidence_kind)
    return File(content=content, media_type=BYTES, name=f"evidence-{line.correction_id}.{line.evidence_kind}")


def fact_words(call: Call, name: str) -> tuple[str, str]:
    """Return a fact's label in the language asked for, and its unit; its name when the rules in use have it no more."""
    fact = call.desk.rules.catalogue.get(FactName(name))
    if fact is None:
        return name, ""
    return (fact.label_en or fact.label) if call.language == "en" else fact.label, fact.unit


def _item(call: Call, line: CorrectionLine) -> FactCorrectionItem:
    label, unit = fact_words(call, line.fact)
    return FactCorrectionItem(
        correction_id=line.correction_id,
        fact=line.fact,
        label=label,
        unit=unit,
        record_id=line.record_id,
        case_id=line.case_id,
        source=line.source,
        claim=line.claim,
        reason=line.reason,
        evidence_kind=line.evidence_kind,
        evidence_bytes=line.evidence_bytes,
        due=line.due,
        at=line.at,
        outcome=line.outcome,
        answer=line.answer,
        answered_at=line.answered_at,
    )
