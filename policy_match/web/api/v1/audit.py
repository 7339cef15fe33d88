"""For auditors: search across everything, the full trail of one case, totals that add up to the ledger, and files.

Guarantees that nothing is written.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.model import NoticeKind, Status
from policy_match.errors import PolicyMatchError
from policy_match.ledger.accounts import LineAccount, TransferKind
from policy_match.notices.model import NoticeStatus
from policy_match.payments.attempts import AttemptEvent
from policy_match.ports.audit import AuditFilter, TotalsBy
from policy_match.services import audit_cases
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.audit_cases import CaseTrail, TooManyCases
from policy_match.services.audit_totals import audit_totals
from policy_match.services.decision_json import record_json
from policy_match.services.explain import NoSuchFirm
from policy_match.services.replay_decision import NoSuchRow, TextsDisagree
from policy_match.services.table_files import FileFormat
from policy_match.values import PolicyId, Uscc
from policy_match.web.api.v1.cases import CaseAnswer, CaseId, CaseItem, case_answer
from policy_match.web.api.v1.decisions import DecisionAnswer
from policy_match.web.api.v1.payments import TrailAnswer
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Moment, Name, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.AUDIT)
OPERATIONS = CHAPTER.operations

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
MEDIA_TYPES = {FileFormat.CSV: CSV, FileFormat.PARQUET: PARQUET}

Year = Annotated[int, Field(ge=2000, le=2200)]


class AuditedCases(Query):
    """Which cases are meant; all that is given must fit."""

    firm: Annotated[CreditCode | None, Field(description="统一社会信用代码")] = None
    name: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$"),
        Field(description="a part of the firm's registered name"),
    ] = None
    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    district: Annotated[
        str | None,
        StringConstraints(pattern=r"^[0-9]{1,6}$"),
        Field(description="the beginning of the division code (GB/T 2260) in the firm's credit code"),
    ] = None
    fund: Annotated[Name | None, Field(description="a fund that pays for the case")] = None
    person: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$"),
        Field(description="who took a step, signed, ordered, answered or claimed back"),
    ] = None
    status: Status | None = None
    first: Annotated[date | None, Field(description="something happened on or after this day, in China")] = None
    last: Annotated[date | None, Field(description="and on or before this day")] = None


class AuditedPage(AuditedCases, PageQuery):
    """Which page of which cases."""


class ExportQuery(AuditedCases):
    """Which cases, written as what."""

    format: FileFormat = FileFormat.CSV


class TotalsQuery(Query):
    """What the totals are of."""

    by: TotalsBy = TotalsBy.POLICY
    year: Annotated[Year | None, Field(description="the budget year of the lines; all without one")] = None


class TrailNotice(Output):
    """One notice of the case."""

    notice_id: int
    recipient: str
    kind: NoticeKind
    status: NoticeStatus
    at: Moment
    since: Moment
    subject: str
    reason: str


class TrailBatchItem(Output):
    """A file that went to the bank with an attempt in it."""

    batch_id: int
    attempt_id: str
    message_id: str
    channel: str
    file_name: str
    file_digest: str
    attempts: int
    total_fen: Fen
    at: Moment
    by: str
    handed_over_at: Annotated[Moment | None, Field(description="when the bank said that it has it")]


class TrailBankLine(Output):
    """A line of the bank's files that names an attempt, and what was made of it."""

    file_digest: str
    file_name: str
    file_kind: str
    number: int
    attempt_id: str | None
    step: AttemptEvent | None
    amount_fen: Fen | None
    out_fen: Annotated[Fen | None, Field(description="what left the account that pays; negative for what came in")]
    booked_on: date | None
    line_ref: str | None
    reason_code: str
    verdict: str
    explained: Annotated[str, Field(description="why a person explained it, empty otherwise")]
    at: Moment
    by: str


class LedgerEntryItem(Output):
    """One transfer of the ledger, from account `debit` to account `credit`."""

    transfer_id: int
    kind: TransferKind
    line: str
    debit: LineAccount
    credit: LineAccount
    amount_fen: Fen
    attempt_id: str | None
    case_id: int | None
    about: str
    at: Moment
    by: str


class TrailReceipt(Output):
    """Money that came back and was assigned to a recovery."""

    recovery_id: int
    line_ref: str
    amount_fen: Fen
    booked_on: date
    file_name: str
    at: Moment
    by: str


class TrailAppeal(Output):
    """An appeal against the decision, and what deciding again showed once that was done."""

    appeal_id: int
    lodged_by: str
    ground: str
    at: Moment
    same_as_kept: bool | None
    replayed_at: Moment | None
    replayed_by: str | None


class TrailCorrection(Output):
    """What the firm says that a fact was, about this case or about no case, and the answer once there is one."""

    correction_id: int
    fact: str
    record_id: str
    claim: str
    reason: str
    source: str
    evidence: Annotated[str, Field(description="SHA-256 of the file that came with it")]
    due: date
    at: Moment
    by: str
    outcome: str | None
    answer: str | None
    answered_at: Moment | None
    answered_by: str | None


class TrailOrderToAct(Output):
    """An order to act that names the case."""

    order_id: int
    unit: str
    ground: str
    due: date
    status: str
    at: Moment
    by: str


class EvidenceAnswer(Output):
    """What stands behind the case: files to and from the bank, the ledger, and what was checked again just now."""

    batches: list[TrailBatchItem]
    bank_lines: list[TrailBankLine]
    ledger: list[LedgerEntryItem]
    receipts: list[TrailReceipt]
    appeals: list[TrailAppeal]
    corrections: list[TrailCorrection]
    orders_to_act: list[TrailOrderToAct]
    changed_steps: Annotated[list[int], Field(description="steps whose digest is not that of their row; none is right")]
    lists_checked: Annotated[
        dict[int, bool], Field(description="whether the list, made again from its rows, is what everybody signed")
    ]


class CaseTrailAnswer(Output):
    """Everything about one case, as one document: who did what, when, resting on what."""

    case: CaseAnswer
    same_as_kept: Annotated[bool, Field(description="whether deciding again gives what was kept")]
    decision: Annotated[DecisionAnswer, Field(description="facts with sources, conditions with articles, arithmetic")]
    money: Annotated[
        TrailAnswer, Field(description="budget, approvals with what was signed, orders, attempts, receipts")
    ]
    evidence: EvidenceAnswer
    notices: list[TrailNotice]


class TotalItem(Output):
    """What the transfers of one group added to one account."""

    group: Annotated[str, Field(description="empty: about no case, such as appropriations")]
    account: LineAccount
    cases: int
    total_fen: Fen


class CheckItem(Output):
    """Whether the groups of one account add up to what the ledger holds."""

    account: LineAccount
    groups_fen: Fen
    ledger_fen: Fen
    agrees: bool


class TotalsAnswer(Output):
    """The totals, and the proof that they are all of the ledger."""

    by: TotalsBy
    totals: list[TotalItem]
    checks: list[CheckItem]
    in_order: bool


@CHAPTER.operation(Method.GET, "/audit/cases")
def search_cases(call: Call, query: AuditedPage) -> Page[CaseItem]:
    """Search cases by firm, name, policy, district, fund, person and day."""
    found = audit_cases.search_cases(
        call.database, case_filter(call, query), after=call.cursors.number(), most=query.limit + 1
    )
    return call.page(Page[CaseItem], found, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/audit/cases/export", raises=(TooManyCases,), media_type=CSV, also=(PARQUET,))
def export_cases(call: Call, query: ExportQuery) -> File:
    """Give the cases that a search finds as a CSV or Parquet file."""
    wanted = case_filter(call, query)
    return file_of(audit_cases.cases_file(call.database, wanted, query.format), query.format, "cases")


@CHAPTER.operation(Method.GET, "/audit/cases/{case_id}", raises=(NoSuchCase, NoSuchFirm, NoSuchRow, TextsDisagree))
def show_case_trail(call: Call, path: CaseId) -> CaseTrailAnswer:
    """Show the full trail of a case: facts, conditions, arithmetic, approvals, notices, orders, attempts, receipts."""
    found = trail_of(call, path.case_id)
    if isinstance(found.decision, PolicyMatchError):
        raise found.decision
    return CaseTrailAnswer(
        case=case_answer(found.file, call.language),
        same_as_kept=found.decision.same_as_kept,
        decision=DecisionAnswer.model_validate(record_json(found.decision.old)),
        money=TrailAnswer.model_validate(found.money),
        evidence=EvidenceAnswer.model_validate(found.evidence),
        notices=[TrailNotice.model_validate(each) for each in found.notices],
    )


@CHAPTER.operation(Method.GET, "/audit/totals")
def show_audit_totals(call: Call, query: TotalsQuery) -> TotalsAnswer:
    """Show the ledger's money by policy, fund, district or month, checked against the ledger's own balances.

    Totals are added up from single transfers, each through its payment to its case. Account by account, all groups
    together, with what is about no case, must be the balance that the ledger keeps, to the fen.
    """
    call.check_everywhere()
    return TotalsAnswer.model_validate(audit_totals(call.database, query.by, year=query.year))


def trail_of(call: Call, case_id: int) -> CaseTrail:
    """Return the full trail of a case within reach. Raises `NotAllowed`, `NoSuchCase`."""
    call.check_cases([case_id])
    return audit_cases.case_trail(call.database, call.desk.open_snapshot, case_id)


def file_of(content: bytes, format: FileFormat, name: str) -> File:
    """Return a table that was written as a file of this name."""
    return File(content=content, media_type=MEDIA_TYPES[format], name=f"{name}.{format}")


def case_filter(call: Call, query: AuditedCases) -> AuditFilter:
    """Return which cases are meant, within reach."""
    return AuditFilter(
        uscc=None if query.firm is None else Uscc(query.firm),
        name=query.name,
        policy_id=None if query.policy is None else PolicyId(query.policy),
        district=query.district,
        fund=query.fund,
        person=query.person,
        status=query.status,
        first=query.first,
        last=query.last,
        policies=call.policies,
    )
