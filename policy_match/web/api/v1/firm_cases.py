"""A firm's own cases: its figures, its list, the file of each, its answers, and the receipt of what was paid.

Guarantees that the firm is that of the session: no path names one, and a case of another firm is not there.
"""

from datetime import date
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.defects import ReasonMissing, TooLate, WorkingDaysUnknown, WrongStep
from policy_match.cases.firm_view import FirmAttempt, FirmCase, FirmFile
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.words import EVENT_WORDS, STATUS_WORDS
from policy_match.identity.principal import FirmUser
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.recovery import RecoveryKind
from policy_match.policy.model import PayeeKind
from policy_match.services import firm_cases, objections
from policy_match.services.answer_cases import (
    Answer,
    AnswerKind,
    LetterUnsigned,
    MovedMeanwhile,
    NoSuchCase,
    OpenedAgain,
    answer_cases,
)
from policy_match.services.firm_cases import NoReceipt
from policy_match.services.table_files import Columns, FileFormat, TooManyRows, table_of, written
from policy_match.supervision.next_step import next_step
from policy_match.supervision.stages import Party, Stage
from policy_match.supervision.stages_ahead import stages_ahead
from policy_match.values import PolicyId, Uscc
from policy_match.web.api.v1.cases import AlternativeAnswer, AmountStep, CaseId, ChosenBenefit, EntitlementAnswer
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import Fen, Input, Moment, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Made, Method, Tag

CHAPTER = Chapter(Tag.FIRM)
OPERATIONS = CHAPTER.operations

SENT = (AttemptStatus.SENT, AttemptStatus.ACCEPTED, AttemptStatus.SETTLED, AttemptStatus.UNKNOWN)
"""Where a payment is with the bank."""


EXPORTED: Columns = {
    "case_id": pa.int64(),
    "policy_id": pa.string(),
    "title": pa.string(),
    "record_id": pa.string(),
    "period": pa.string(),
    "instalment": pa.int64(),
    "status": pa.string(),
    "status_text": pa.string(),
    "amount_fen": pa.int64(),
    "deadline": pa.date32(),
    "since": pa.string(),
}
"""The columns of the file; amounts in fen."""


class FirmCaseFilter(Query):
    """Which of the firm's cases."""

    status: Status | None = None
    waiting: Annotated[bool, Field(description="only those that wait for the firm's answer or account")] = False


class FirmCaseQuery(PageQuery, FirmCaseFilter):
    """Which page of the firm's cases."""


class Refusal(Input):
    """Why the firm does not want the benefit."""

    reason: Annotated[Reason, Field(description="in the firm's own words")]
    because: Annotated[DeclineReason | None, Field(description="which of the few kinds of reasons it is")] = None


class FirmObjectionText(Input):
    """What the firm says against its own case on public display."""

    ground: Reason


class FirmHome(Output):
    """What the firm is owed, what waits for it, and what was paid to it; money in fen."""

    owed: Annotated[int, Field(description="cases on their way to money or a contract")]
    owed_fen: Fen
    to_answer: Annotated[int, Field(description="of them, those that wait for the firm's answer")]
    to_answer_fen: Fen
    answer_by: Annotated[date | None, Field(description="the first last day of an answer")]
    to_correct: Annotated[int, Field(description="of them, those that wait for another account")]
    to_correct_fen: Fen
    paid: Annotated[int, Field(description="cases that the bank paid")]
    paid_fen: Fen
    recovered_fen: Annotated[Fen, Field(description="what was paid back of it")]
    informed: Annotated[int, Field(description="cases that were only told of, such as reliefs to declare")]
    unread: Annotated[int, Field(description="messages not read")]


class NextStepAnswer(Output):
    """What happens next."""

    stage: Stage
    party: Annotated[Party, Field(description="who acts")]
    text: Annotated[str, Field(description="in the language asked for")]
    by: Annotated[date | None, Field(description="the last day for it")]
    is_usual: Annotated[bool, Field(description="the day is what is usual and binds nobody to the firm")]


class FirmCaseItem(Output):
    """One case of the firm."""

    case_id: int
    policy_id: str
    title: str
    title_en: str
    record_id: Annotated[str, Field(description="the record, such as a loan; empty when the firm itself is meant")]
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    status_text: Annotated[str, Field(description="in the language asked for")]
    amount_fen: Fen
    deadline: date | None
    due_from: date
    since: Moment


class FirmStepItem(Output):
    """One step of the case; who of the staff took it is not said."""

    seq: int
    event: Event
    text: Annotated[str, Field(description="in the language asked for")]
    before: Status
    after: Status
    amount_fen: Fen | None
    deadline: date | None
    at: Moment
    reason: str
    digest: Annotated[str, Field(description="SHA-256 of what was decided")]


class FirmObjectionItem(Output):
    """An objection to the firm's case; who lodged it is not said."""

    objection_id: int
    case_id: int
    ground: str
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: str | None
    amount_fen: Fen | None
    answer: str | None
    answered_at: Moment | None


class PaymentStep(Output):
    """One step of a payment; `reason_code` is the bank's."""

    event: AttemptEvent
    after: AttemptStatus
    reason_code: str
    at: Moment


class PaymentItem(Output):
    """One try to pay."""

    attempt_id: Annotated[str, Field(description="the end-to-end reference of the payment")]
    number: int
    amount_fen: Fen
    status: AttemptStatus
    at: Moment
    account: Annotated[str, Field(description="masked")]
    booked_on: date | None
    steps: list[PaymentStep]


class RecoveryItem(Output):
    """What is asked back of the case."""

    recovery_id: int
    kind: RecoveryKind
    amount_fen: Fen
    ground: str
    received_fen: Fen
    at: Moment


class FirmCaseAnswer(Output):
    """The whole file of one of the firm's cases."""

    case: FirmCaseItem
    next_step: NextStepAnswer | None
    ahead: Annotated[list[Stage], Field(description="the stages still to come when all goes well, in order")]
    wants_letter: Annotated[bool, Field(description="whether a letter is to be signed to take the benefit")]
    opened_at: Moment
    entitlement: EntitlementAnswer
    alternatives: Annotated[list[AlternativeAnswer], Field(description="combinations that were not chosen, best first")]
    steps: list[FirmStepItem]
    objections: list[FirmObjectionItem]
    payments: list[PaymentItem]
    recoveries: list[RecoveryItem]


class ReceiptAnswer(Output):
    """What was paid, to whom, by which payment, and on which day the bank booked it."""

    case_id: int
    policy_id: str
    title: str
    title_en: str
    period: str
    instalment: int
    instalments: int
    uscc: str
    payee: PayeeKind
    holder: str
    account: Annotated[str, Field(description="masked")]
    bank_code: Annotated[str, Field(description="联行号")]
    amount_fen: Fen
    attempt_id: Annotated[str, Field(description="the end-to-end reference of the payment")]
    settled_at: Moment
    booked_on: Annotated[date | None, Field(description="on the bank's statement; none until it came")]


@CHAPTER.operation(Method.GET, "/firm/home")
def show_firm_home(call: Call) -> FirmHome:
    """Show what the firm is owed, what waits for it, and what was paid to it."""
    return FirmHome.model_validate(firm_cases.firm_figures(call.database, firm_of(call)))


@CHAPTER.operation(Method.GET, "/firm/cases")
def list_firm_cases(call: Call, query: FirmCaseQuery) -> Page[FirmCaseItem]:
    """List the firm's cases by number."""
    found = firm_cases.list_firm_cases(
        call.database,
        firm_of(call),
        status=query.status,
        waiting=query.waiting,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[FirmCaseItem], [_item(call, each) for each in found], query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/firm/cases.csv", raises=(TooManyRows,), media_type="text/csv")
def export_firm_cases(call: Call, query: FirmCaseFilter) -> File:
    """Export the firm's cases as CSV, by number."""
    found = firm_cases.all_firm_cases(call.database, firm_of(call), status=query.status, waiting=query.waiting)
    table = table_of([_item(call, each) for each in found], EXPORTED)
    return File(content=written(table, FileFormat.CSV), media_type="text/csv; charset=utf-8", name="benefits.csv")


@CHAPTER.operation(Method.GET, "/firm/cases/{case_id}", raises=(NoSuchCase,))
def show_firm_case(call: Call, path: CaseId) -> FirmCaseAnswer:
    """Show the file of one of the firm's cases: its steps, its amount, what happens next, how far the money is."""
    return _answer(call, firm_cases.show_firm_case(call.database, firm_of(call), path.case_id))


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/confirm",
    raises=(NoSuchCase, WrongStep, TooLate, LetterUnsigned, MovedMeanwhile),
)
def confirm_firm_case(call: Call, path: CaseId) -> FirmCaseAnswer:
    """Take the benefit. Where the policy wants a letter of commitment, sign that instead."""
    return _answered(call, Answer(case_id=path.case_id, kind=AnswerKind.CONFIRM, by=call.by))


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/decline",
    raises=(NoSuchCase, WrongStep, TooLate, ReasonMissing, MovedMeanwhile),
)
def decline_firm_case(call: Call, path: CaseId, body: Refusal) -> FirmCaseAnswer:
    """Do without the benefit; until the last day for the answer this can be taken back."""
    answer = Answer(case_id=path.case_id, kind=AnswerKind.DECLINE, by=call.by, reason=body.reason, because=body.because)
    return _answered(call, answer)


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/reconsider",
    raises=(NoSuchCase, WrongStep, TooLate, OpenedAgain, MovedMeanwhile),
)
def reconsider_firm_case(call: Call, path: CaseId) -> FirmCaseAnswer:
    """Take back that the firm does without the benefit."""
    return _answered(call, Answer(case_id=path.case_id, kind=AnswerKind.RECONSIDER, by=call.by))


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/objections",
    raises=(NoSuchCase, WrongStep, TooLate, MovedMeanwhile, WorkingDaysUnknown),
)
def object_to_firm_case(call: Call, path: CaseId, body: FirmObjectionText) -> Made[FirmCaseAnswer]:
    """Object to one of the firm's own cases on public display, such as to its amount."""
    uscc = firm_of(call)
    firm_cases.show_firm_case(call.database, uscc, path.case_id)
    objections.lodge_objection(
        call.database, call.desk.working_days, path.case_id, by=call.by, ground=body.ground, clock=call.clock
    )
    found = firm_cases.show_firm_case(call.database, uscc, path.case_id)
    return Made(_answer(call, found), f"/firm/cases/{path.case_id}")


@CHAPTER.operation(Method.GET, "/firm/objections")
def list_firm_objections(call: Call, query: PageQuery) -> Page[FirmObjectionItem]:
    """List the objections to the firm's cases, with their answers, by number."""
    found = firm_cases.firm_objections(call.database, firm_of(call), after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[FirmObjectionItem], found, query.limit, "objection_id")


@CHAPTER.operation(Method.GET, "/firm/cases/{case_id}/receipt", raises=(NoSuchCase, NoReceipt))
def show_firm_receipt(call: Call, path: CaseId) -> ReceiptAnswer:
    """Show the receipt of a case that the bank paid."""
    uscc = firm_of(call)
    found = firm_cases.paid_case(call.database, uscc, path.case_id)
    (paid,) = [each for each in found.attempts if each.status is AttemptStatus.SETTLED]
    settled = max(step.at for step in paid.steps if step.after is AttemptStatus.SETTLED)
    return ReceiptAnswer(
        **_item(call, found.case).model_dump(include=set(ReceiptAnswer.model_fields) - {"amount_fen"}),
        uscc=uscc,
        payee=found.case.payee,
        holder=paid.holder,
        account=masked(paid.tail),
        bank_code=paid.bank_code,
        amount_fen=paid.amount_fen,
        attempt_id=paid.attempt_id,
        settled_at=settled,
        booked_on=paid.booked_on,
    )


def firm_of(call: Call) -> Uscc:
    """Return the firm whose user asks; the table of access lets in nobody else."""
    assert isinstance(call.who, FirmUser), "an operation of a firm"
    return call.who.uscc


def titles_of(call: Call, policy_id: str) -> tuple[str, str]:
    """Return the titles of a policy, Chinese and English; its id when the rules in use have it no more."""
    policy = call.desk.rules.policies.get(PolicyId(policy_id))
    return (policy_id, policy_id) if policy is None else (policy.title, policy.title_en)


def masked(tail: str) -> str:
    """Return what is shown of an account number."""
    return f"**** {tail}"


def _answered(call: Call, answer: Answer) -> FirmCaseAnswer:
    taken = answer_cases(call.database, call.desk.working_days, [answer], clock=call.clock)
    for refused in taken.refused:
        raise refused.error
    return _answer(call, firm_cases.show_firm_case(call.database, firm_of(call), answer.case_id))


def _item(call: Call, case: FirmCase) -> FirmCaseItem:
    title, title_en = titles_of(call, case.policy_id)
    return FirmCaseItem(
        case_id=case.case_id,
        policy_id=case.policy_id,
        title=title,
        title_en=title_en,
        record_id=case.record_id,
        period=case.period,
        instalment=case.instalment,
        instalments=case.instalments,
        route=case.route,
        status=case.status,
        status_text=getattr(STATUS_WORDS[case.status], call.language),
        amount_fen=case.amount_fen,
        deadline=case.deadline,
        due_from=case.due_from,
        since=case.since,
    )


def _answer(call: Call, file: FirmFile) -> FirmCaseAnswer:
    return FirmCaseAnswer(
        case=_item(call, file.case),
        next_step=_next(call, file),
        ahead=_ahead(file.case),
        wants_letter=file.wants_letter,
        opened_at=file.opened_at,
        entitlement=EntitlementAnswer(
            decided_fen=file.entitlement.decided_fen,
            entitled_fen=file.entitlement.entitled_fen,
            outcome=file.entitlement.outcome,
            steps=[
                AmountStep(
                    code=step.code,
                    before_fen=step.fen_before,
                    after_fen=step.fen_after,
                    detail=step.detail,
                    text=step.text(call.language),
                )
                for step in file.entitlement.steps
            ],
        ),
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
        steps=[
            FirmStepItem(
                seq=step.seq,
                event=step.event,
                text=getattr(EVENT_WORDS[step.event], call.language),
                before=step.before,
                after=step.after,
                amount_fen=step.amount_fen,
                deadline=step.deadline,
                at=step.at,
                reason=step.reason,
                digest=step.digest,
            )
            for step in file.steps
        ],
        objections=[FirmObjectionItem.model_validate(each) for each in file.objections],
        payments=[_payment(each) for each in file.attempts],
        recoveries=[RecoveryItem.model_validate(each) for each in file.recoveries],
    )


def _next(call: Call, file: FirmFile) -> NextStepAnswer | None:
    found = next_step(
        file.case.route,
        file.case.status,
        amount_fen=file.case.amount_fen,
        deadline=file.case.deadline,
        since=file.case.since,
        is_sent=any(each.status in SENT for each in file.attempts),
        now=call.now,
        calendar=call.desk.working_days,
    )
    if found is None:
        return None
    text = getattr(found.words, call.language)
    return NextStepAnswer(stage=found.stage, party=found.party, text=text, by=found.by, is_usual=found.is_usual)


def _ahead(case: FirmCase) -> list[Stage]:
    found = stages_ahead(case.route, case.status, amount_fen=case.amount_fen, publicity_days=case.publicity_days)
    return list(found)


def _payment(attempt: FirmAttempt) -> PaymentItem:
    return PaymentItem(
        attempt_id=attempt.attempt_id,
        number=attempt.number,
        amount_fen=attempt.amount_fen,
        status=attempt.status,
        at=attempt.at,
        account=masked(attempt.tail),
        booked_on=attempt.booked_on,
        steps=[PaymentStep.model_validate(each) for each in attempt.steps],
    )
