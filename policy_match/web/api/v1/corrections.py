"""Requests of firms to correct facts, for the departments that the facts come from.

Guarantees that only requests within reach are seen: of a department that the fact comes from, in the district of the
firm's code. Their files are given out as downloads only.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.corrections import CorrectionAnswer, CorrectionLine, CorrectionOutcome
from policy_match.cases.evidence import EvidenceKind
from policy_match.services import corrections
from policy_match.services.corrections import CorrectionEnded, NoSuchCorrection, ReasonForAnswerMissing
from policy_match.web.api.v1.firm_corrections import BYTES, CorrectionId, evidence_file, fact_words
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import Input, Moment, Output, Page, PageQuery
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.CORRECTIONS)
OPERATIONS = CHAPTER.operations


class CorrectionQuery(PageQuery):
    """Which requests."""

    ended: Annotated[bool, Field(description="those that ended, instead of those that wait for an answer")] = False
    overdue: Annotated[bool, Field(description="only those whose last day for an answer is over")] = False


class CorrectionReply(Input):
    """What the department says."""

    answer: Annotated[CorrectionAnswer, Field(strict=False)]
    reason: Annotated[Reason, Field(description="the firm reads it")]


class CorrectionRequestItem(Output):
    """One request to correct a fact, with the answer once there is one."""

    correction_id: int
    uscc: str
    fact: str
    label: Annotated[str, Field(description="the fact as people call it; its name when it is no longer known")]
    unit: str
    record_id: str
    case_id: int | None
    source: Annotated[str, Field(description="the departments that the fact comes from; one of them answers")]
    claim: Annotated[str, Field(description="what is right, as the firm says")]
    reason: str
    evidence_kind: EvidenceKind
    evidence_bytes: int
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: Annotated[CorrectionOutcome | None, Field(description="none while it waits for the answer")]
    answer: str
    answered_at: Moment | None
    answered_by: str


@CHAPTER.operation(Method.GET, "/corrections")
def list_corrections(call: Call, query: CorrectionQuery) -> Page[CorrectionRequestItem]:
    """List requests of firms to correct facts of the departments within reach, by number."""
    found = corrections.list_corrections(
        call.database,
        call.clock,
        call.reach,
        ended=query.ended,
        overdue=query.overdue,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(
        Page[CorrectionRequestItem], [correction_item(call, each) for each in found], query.limit, "correction_id"
    )


@CHAPTER.operation(Method.GET, "/corrections/{correction_id}", raises=(NoSuchCorrection,))
def show_correction(call: Call, path: CorrectionId) -> CorrectionRequestItem:
    """Show one request."""
    return correction_item(call, corrections.show_correction(call.database, call.reach, path.correction_id))


@CHAPTER.operation(Method.GET, "/corrections/{correction_id}/evidence", raises=(NoSuchCorrection,), media_type=BYTES)
def fetch_evidence(call: Call, path: CorrectionId) -> File:
    """Give the file by which a firm proves what it says."""
    return evidence_file(call, corrections.show_correction(call.database, call.reach, path.correction_id))


@CHAPTER.operation(
    Method.POST,
    "/corrections/{correction_id}/answer",
    raises=(NoSuchCorrection, CorrectionEnded, ReasonForAnswerMissing),
)
def answer_correction(call: Call, path: CorrectionId, body: CorrectionReply) -> CorrectionRequestItem:
    """Accept or refuse a request, with a reason that the firm reads.

    No fact changes by it: correct the register, and the next import brings the value.
    """
    answered = corrections.answer_correction(
        call.database, call.clock, call.reach, path.correction_id, body.answer, reason=body.reason, by=call.by
    )
    return correction_item(call, answered)


def correction_item(call: Call, line: CorrectionLine) -> CorrectionRequestItem:
    """Return one request as it is answered."""
    label, unit = fact_words(call, line.fact)
    names = set(CorrectionRequestItem.model_fields) - {"label", "unit"}
    return CorrectionRequestItem(label=label, unit=unit, **{name: getattr(line, name) for name in names})
