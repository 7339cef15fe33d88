"""Steps of single cases: answers at the counter, more time, taking back, and contracts.

Guarantees that what one case does not take is answered with its reason while the others are taken.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.defects import TooEarly, WorkingDaysUnknown, WrongStep
from policy_match.errors import InputError
from policy_match.services import answer_cases as answers
from policy_match.services import contracts, staff_steps
from policy_match.services.answer_cases import Answer, AnswerKind, MovedMeanwhile, NoSuchCase
from policy_match.services.case_history import show_case
from policy_match.services.contracts import NotAContract, RecheckMissing
from policy_match.services.staff_steps import NotAWorkingDay
from policy_match.web.api.v1.cases import CaseAnswer, CaseId, case_answer
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.models import Input, Number, Output, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.CASES)
OPERATIONS = CHAPTER.operations

MOST_CASES = 1_000
"""How many cases one request names; more are several requests."""

CaseIds = Annotated[list[Number], Field(min_length=1, max_length=MOST_CASES)]


class GivenAnswers(Input):
    """What firms said at the counter. Declining has a reason, in the firm's words."""

    case_ids: CaseIds
    answer: AnswerKind
    reason: Text = ""
    because: Annotated[DeclineReason | None, Field(description="the kind of reason; for `decline` only")] = None


class MoreTime(Input):
    """Until when firms may answer, and why."""

    case_ids: CaseIds
    until: Annotated[date, Field(description="the new last day, a working day")]
    reason: Reason


class TakenBack(Input):
    """Which cases are taken back, and why."""

    case_ids: CaseIds
    reason: Reason


class NewContract(Input):
    """The contract that was signed with the firm."""

    reference: Annotated[Reason, Field(description="its number")]


class RefusedCase(Output):
    """A case that did not take the step."""

    case_id: int
    code: Annotated[str, Field(description="as in problem documents")]
    detail: str


class StepsAnswer(Output):
    """How many cases took the step, and those that did not."""

    taken: int
    refused: list[RefusedCase]


@CHAPTER.operation(Method.POST, "/case-answers", raises=(WorkingDaysUnknown,))
def answer_cases(call: Call, body: GivenAnswers) -> StepsAnswer:
    """Take firms' answers at the counter: they confirm, decline, or think again before the last day."""
    call.check_cases(body.case_ids)
    given = [
        Answer(case_id=case_id, kind=body.answer, by=call.by, reason=body.reason, because=body.because)
        for case_id in body.case_ids
    ]
    found = answers.answer_cases(call.database, call.desk.working_days, given, clock=call.clock)
    return _steps(call, found.taken, ((each.answer.case_id, each.error) for each in found.refused))


@CHAPTER.operation(Method.POST, "/case-extensions", raises=(NotAWorkingDay, WorkingDaysUnknown))
def extend_cases(call: Call, body: MoreTime) -> StepsAnswer:
    """Give firms more time to answer; they are told."""
    call.check_cases(body.case_ids)
    found = staff_steps.extend_cases(
        call.database,
        call.desk.working_days,
        body.case_ids,
        until=body.until,
        reason=body.reason,
        by=call.by,
        clock=call.clock,
    )
    return _steps(call, found.taken, ((each.case_id, each.error) for each in found.refused))


@CHAPTER.operation(Method.POST, "/case-withdrawals")
def withdraw_cases(call: Call, body: TakenBack) -> StepsAnswer:
    """Take cases back before any money was ordered; the firms are told the reason."""
    call.check_cases(body.case_ids)
    found = staff_steps.withdraw_cases(call.database, body.case_ids, reason=body.reason, by=call.by, clock=call.clock)
    return _steps(call, found.taken, ((each.case_id, each.error) for each in found.refused))


def _steps(call: Call, taken: int, refused: Iterable[tuple[int, InputError]]) -> StepsAnswer:
    return StepsAnswer(
        taken=taken,
        refused=[
            RefusedCase(case_id=case_id, code=error.code, detail=error.message(call.language))
            for case_id, error in refused
        ],
    )


@CHAPTER.operation(
    Method.POST,
    "/cases/{case_id}/contract",
    raises=(NoSuchCase, WrongStep, TooEarly, RecheckMissing, MovedMeanwhile),
)
def sign_contract(call: Call, path: CaseId, body: NewContract) -> CaseAnswer:
    """Record the contract with a firm: equity is never paid by order.

    It takes an approval, publicity that is over where the policy asks for it, and a recheck before payment.
    """
    call.check_cases([path.case_id])
    contracts.sign_contract(call.database, path.case_id, reference=body.reference, by=call.by, clock=call.clock)
    return case_answer(show_case(call.database, path.case_id), call.language)


@CHAPTER.operation(
    Method.POST, "/cases/{case_id}/contract/close", raises=(NoSuchCase, WrongStep, NotAContract, MovedMeanwhile)
)
def close_contract(call: Call, path: CaseId) -> CaseAnswer:
    """Close a case whose contract is signed."""
    call.check_cases([path.case_id])
    contracts.close_contract(call.database, path.case_id, by=call.by, clock=call.clock)
    return case_answer(show_case(call.database, path.case_id), call.language)
