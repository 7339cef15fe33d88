"""Cases: lists, how many there are, and whole files."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.corrections import CorrectionOutcome
from policy_match.cases.history import CaseFile, CaseFilter
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.opening import EntitledRow, EntitlementOutcome
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.entitlements.model import StepCode
from policy_match.errors import Language
from policy_match.services import case_history
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.case_files import work_list_file
from policy_match.services.table_files import FileFormat, TooManyRows
from policy_match.values import PolicyId, Uscc
from policy_match.web.api.v1.objections import ObjectionItem
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Moment, Name, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.CASES)
OPERATIONS = CHAPTER.operations

CSV = "text/csv; charset=utf-8"


District = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}){0,2}$")]
"""The first two, four or six digits of an administrative division."""


class CaseId(Query):
    """Which case."""

    case_id: Number


class CaseCountQuery(Query):
    """Which cases are counted."""

    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    firm: Annotated[CreditCode | None, Field(description="统一社会信用代码")] = None
    status: Status | None = None
    route: Route | None = None
    period: Annotated[Name | None, Field(description="such as 2025 or 2025-Q2")] = None
    due_by: Annotated[date | None, Field(description="with a deadline on or before this day")] = None
    found: Annotated[RecheckOutcome | None, Field(description="what the last recheck found")] = None
    district: Annotated[District | None, Field(description="digits of GB/T 2260 in the firm's credit code")] = None
    late: Annotated[bool, Field(description="only those whose stage the supervision marked red")] = False


class CaseQuery(CaseCountQuery, PageQuery):
    """Which cases."""


class CaseItem(Output):
    """One case."""

    case_id: int
    policy_id: str
    uscc: str
    name: Annotated[str, Field(description="the firm's registered name, empty when the snapshot has none")]
    record_id: Annotated[str, Field(description="the record, such as a loan; empty when the firm itself is meant")]
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    amount_fen: Fen
    deadline: date | None
    due_from: date
    since: Moment


class CaseCount(Output):
    """How many cases of a policy stand where, and what they amount to."""

    policy_id: str
    status: Status
    cases: int
    amount_fen: Annotated[int, Field(description="in fen; a sum over many cases")]


class CaseCounts(Output):
    """The counts by policy and status."""

    items: list[CaseCount]


class StepItem(Output):
    """One step of a case."""

    seq: int
    event: Event
    before: Status
    after: Status
    amount_fen: Fen | None
    deadline: date | None
    at: Moment
    by: str
    reason: str
    about: Annotated[str, Field(description="what the step rests on, such as `objection:7` or `contract:…`")]
    digest: Annotated[str, Field(description="SHA-256 of what was decided")]


class AmountStep(Output):
    """One change of the amount, from the decision to what is owed."""

    code: StepCode
    before_fen: Fen
    after_fen: Fen
    detail: str
    text: Annotated[str, Field(description="the reason for a person, in the language asked for")]


class EntitlementAnswer(Output):
    """What the decision gave, and what was left of it after limits, stacking and prior aid."""

    decided_fen: Fen
    entitled_fen: Fen
    outcome: EntitlementOutcome
    steps: list[AmountStep]


class ChosenBenefit(Output):
    """One benefit of a combination."""

    policy_id: str
    record_id: str
    amount_fen: Fen


class AlternativeAnswer(Output):
    """A lawful combination of the firm's benefits that was not chosen."""

    total_fen: Fen
    chosen: list[ChosenBenefit]


class RecheckItem(Output):
    """One recheck of a case; `amount_fen` is the lower amount, where it is one."""

    number: int
    purpose: RecheckPurpose
    sweep_id: str
    outcome: RecheckOutcome
    amount_fen: Fen | None
    at: Moment
    by: str


class CaseCorrection(Output):
    """A request of the firm to correct a fact; no fact changed by its answer."""

    correction_id: int
    fact: str
    source: Annotated[str, Field(description="the departments that the fact comes from")]
    claim: Annotated[str, Field(description="what is right, as the firm says")]
    reason: str
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: Annotated[CorrectionOutcome | None, Field(description="none while it waits for the answer")]
    answer: str
    answered_at: Moment | None
    answered_by: str


class CaseAnswer(Output):
    """The whole file of a case."""

    case: CaseItem
    version: Annotated[str, Field(description="the fingerprint of the policy's version")]
    sweep_id: str
    opening: int
    opened_at: Moment
    opened_by: str
    entitlement: EntitlementAnswer | None
    alternatives: Annotated[list[AlternativeAnswer], Field(description="best first")]
    events: list[StepItem]
    rechecks: list[RecheckItem]
    objections: list[ObjectionItem]
    corrections: Annotated[list[CaseCorrection], Field(description="what the firm says is wrong about its facts")]


@CHAPTER.operation(Method.GET, "/cases")
def list_cases(call: Call, query: CaseQuery) -> Page[CaseItem]:
    """List cases by number."""
    found = case_history.list_cases(
        call.database, filter_of(call, query), after=call.cursors.number(), most=query.limit + 1
    )
    return call.page(Page[CaseItem], found, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/cases/counts")
def count_cases(call: Call, query: CaseCountQuery) -> CaseCounts:
    """Count cases by policy and status."""
    found = case_history.count_cases(call.database, filter_of(call, query))
    return CaseCounts(
        items=[
            CaseCount(policy_id=policy, status=status, cases=cases, amount_fen=fen)
            for policy, status, cases, fen in found
        ]
    )


@CHAPTER.operation(Method.GET, "/cases.csv", raises=(TooManyRows,), media_type="text/csv")
def export_case_list(call: Call, query: CaseCountQuery) -> File:
    """Export the cases that a filter finds as CSV, by number."""
    content = work_list_file(call.database, filter_of(call, query), FileFormat.CSV)
    return File(content=content, media_type=CSV, name="cases.csv")


@CHAPTER.operation(Method.GET, "/cases/{case_id}", raises=(NoSuchCase,))
def show_case(call: Call, path: CaseId) -> CaseAnswer:
    """Show the whole file of a case: its amount step by step, what was done, by whom, rechecks and objections."""
    call.check_cases([path.case_id])
    return case_answer(case_history.show_case(call.database, path.case_id), call.language)


def case_answer(file: CaseFile, language: Language) -> CaseAnswer:
    """Return the file of a case as it is answered."""
    return CaseAnswer(
        case=CaseItem.model_validate(file.case),
        version=file.version,
        sweep_id=file.sweep_id,
        opening=file.opening,
        opened_at=file.opened_at,
        opened_by=file.opened_by,
        entitlement=None if file.entitlement is None else _entitlement(file.entitlement, language),
        alternatives=[
            AlternativeAnswer(
                total_fen=each.total_fen,
                chosen=[
                    ChosenBenefit(policy_id=policy, record_id=record, amount_fen=fen)
                    for policy, record, fen in each.chosen
                ],
            )
            for each in file.alternatives
        ],
        events=[StepItem.model_validate(each) for each in file.events],
        rechecks=[RecheckItem.model_validate(each) for each in file.rechecks],
        objections=[ObjectionItem.model_validate(each) for each in file.objections],
        corrections=[CaseCorrection.model_validate(each) for each in file.corrections],
    )


def _entitlement(row: EntitledRow, language: Language) -> EntitlementAnswer:
    return EntitlementAnswer(
        decided_fen=row.decided_fen,
        entitled_fen=row.entitled_fen,
        outcome=row.outcome,
        steps=[
            AmountStep(
                code=step.code,
                before_fen=step.fen_before,
                after_fen=step.fen_after,
                detail=step.detail,
                text=step.text(language),
            )
            for step in row.steps
        ],
    )


def filter_of(call: Call, query: CaseCountQuery) -> CaseFilter:
    """Return the filter that is meant, within the reach of who asks."""
    return CaseFilter(
        policy_id=None if query.policy is None else PolicyId(query.policy),
        uscc=None if query.firm is None else Uscc(query.firm),
        status=query.status,
        route=query.route,
        period=query.period,
        due_by=query.due_by,
        found=query.found,
        district=query.district,
        late=query.late,
        policies=call.policies,
    )
