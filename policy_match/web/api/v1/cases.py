"""Cases: lists and whole files."""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Event, Route, Status
from policy_match.services import case_history
from policy_match.services.answer_cases import NoSuchCase
from policy_match.values import PolicyId, Uscc
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Moment, Name, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.CASES)
OPERATIONS = CHAPTER.operations


class CaseId(Query):
    """Which case."""

    case_id: Number


class CaseQuery(PageQuery):
    """Which cases."""

    policy: Annotated[Name | None, Field(description="the id of a policy")] = None
    firm: Annotated[CreditCode | None, Field(description="统一社会信用代码")] = None
    status: Status | None = None
    route: Route | None = None
    due_by: Annotated[date | None, Field(description="with a deadline on or before this day")] = None


class CaseItem(Output):
    """One case."""

    case_id: int
    policy_id: str
    uscc: str
    name: Annotated[str, Field(description="the firm's registered name, empty when the snapshot has none")]
    record_id: str
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    amount_fen: Fen
    deadline: date | None
    due_from: date
    since: Moment


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


class CaseAnswer(Output):
    """The whole file of a case."""

    case: CaseItem
    sweep_id: str
    opened_at: Moment
    opened_by: str
    events: list[StepItem]


@CHAPTER.operation(Method.GET, "/cases")
def list_cases(call: Call, query: CaseQuery) -> Page[CaseItem]:
    """List cases by number."""
    wanted = CaseFilter(
        policy_id=None if query.policy is None else PolicyId(query.policy),
        uscc=None if query.firm is None else Uscc(query.firm),
        status=query.status,
        route=query.route,
        due_by=query.due_by,
    )
    found = case_history.list_cases(call.database, wanted, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[CaseItem], found, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/cases/{case_id}", raises=(NoSuchCase,))
def show_case(call: Call, path: CaseId) -> CaseAnswer:
    """Show the whole file of a case: its steps, its amount, and who did what."""
    return CaseAnswer.model_validate(case_history.show_case(call.database, path.case_id))
