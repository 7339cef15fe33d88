"""A firm's own cases: its figures, its list, the file of each, its answers, and the receipt of what was paid.

Guarantees that the firm is that of the session: no path names one, and a case of another firm is not there.
"""

from typing import Annotated

from pydantic import Field

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.defects import ReasonMissing, TooLate, WorkingDaysUnknown, WrongStep
from policy_match.cases.model import Status
from policy_match.cases.working_days import china_day
from policy_match.identity.principal import FirmUser
from policy_match.payments.attempts import AttemptStatus
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
from policy_match.values import Uscc
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.firm_case_answers import (
    FirmCaseAnswer,
    FirmCaseItem,
    FirmHome,
    FirmObjectionItem,
    ReceiptAnswer,
    answer_of,
    item_of,
    masked,
)
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import Input, Page, PageQuery
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.FIRM)
OPERATIONS = CHAPTER.operations


class FirmCaseQuery(PageQuery):
    """Which of the firm's cases."""

    status: Status | None = None
    waiting: Annotated[bool, Field(description="only those that wait for the firm's answer or account")] = False


class Refusal(Input):
    """Why the firm does not want the benefit."""

    reason: Annotated[Reason, Field(description="in the firm's own words")]
    because: Annotated[DeclineReason | None, Field(description="which of the few kinds of reasons it is")] = None


class FirmObjectionText(Input):
    """What the firm says against its own case on public display."""

    ground: Reason


@CHAPTER.operation(Method.GET, "/firm/home")
def show_firm_home(call: Call) -> FirmHome:
    """Show what the firm is owed, what waits for it, and what was paid to it."""
    return FirmHome.model_validate(firm_cases.firm_figures(call.database, firm_of(call), china_day(call.now)))


@CHAPTER.operation(Method.GET, "/firm/cases")
def list_firm_cases(call: Call, query: FirmCaseQuery) -> Page[FirmCaseItem]:
    """List the firm's cases by number."""
    found = firm_cases.list_firm_cases(
        call.database,
        firm_of(call),
        status=query.status,
        waiting_on=china_day(call.now) if query.waiting else None,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[FirmCaseItem], [item_of(call, each) for each in found], query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/firm/cases/{case_id}", raises=(NoSuchCase,))
def show_firm_case(call: Call, path: CaseId) -> FirmCaseAnswer:
    """Show the file of one of the firm's cases: its steps, its amount, what happens next, how far the money is."""
    return answer_of(call, firm_cases.show_firm_case(call.database, firm_of(call), path.case_id))


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
    return Made(answer_of(call, found), f"/firm/cases/{path.case_id}")


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
        **item_of(call, found.case).model_dump(include=set(ReceiptAnswer.model_fields) - {"amount_fen"}),
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


def _answered(call: Call, answer: Answer) -> FirmCaseAnswer:
    taken = answer_cases(call.database, call.desk.working_days, [answer], clock=call.clock)
    for refused in taken.refused:
        raise refused.error
    return answer_of(call, firm_cases.show_firm_case(call.database, firm_of(call), answer.case_id))
