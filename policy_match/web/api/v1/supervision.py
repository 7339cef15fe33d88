"""The board in blue, yellow and red, the cases behind it, who was told, and what was promised and not paid.

Guarantees that who is limited to some departments sees those alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.defects import WorkingDaysUnknown
from policy_match.services import promises, supervise_cases
from policy_match.services.answer_cases import NoSuchCase
from policy_match.supervision.board import Board, BoardLine, SupervisedCase
from policy_match.supervision.colours import Ages, Colour
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.promises import Group, PromiseLine
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId, Uscc
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.deadlines import Department
from policy_match.web.call import Call
from policy_match.web.models import Fen, Moment, Name, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.SUPERVISION)
OPERATIONS = CHAPTER.operations

CSV = "text/csv"

Policy = Annotated[Name, Field(description="the id of a policy")]
Unit = Annotated[Department, Field(description="a department; or the finance department, the bank, the firm")]


class BoardQuery(Query):
    """Which part of the board; with `per_policy` a line for each policy."""

    department: Unit | None = None
    policy: Policy | None = None
    per_policy: bool = False


class SumItem(Output):
    """So many cases, and their money."""

    cases: int
    fen: Fen


class BoardItem(Output):
    """One stage of one unit, or of one policy, by colour."""

    unit: str
    policy_id: str
    stage: Stage
    colours: dict[Colour, SumItem]
    oldest_on: date
    oldest_working_days: int


class BoardAnswer(Output):
    """The board of today; `nobody` are the levels of units that nobody holds."""

    day: date
    lines: list[BoardItem]
    nobody: dict[str, list[int]]


class CasesQuery(PageQuery):
    """Which cases."""

    department: Unit | None = None
    policy: Policy | None = None
    stage: Stage | None = None
    colour: Colour | None = None


class SupervisedItem(Output):
    """One case as it waits; without a limit the stage ends by itself."""

    case_id: int
    policy_id: str
    uscc: str
    name: str
    amount_fen: Fen
    unit: str
    stage: Stage
    started_on: date
    working_days: int
    limit_days: int | None
    colour: Colour


class MarkItem(Output):
    """That a stage turned yellow or red."""

    seq: int
    unit: str
    stage: Stage
    colour: Colour
    started_on: date
    limit_days: int
    turned_on: date
    at: Moment


class EscalationItem(Output):
    """What one level of a unit was told about one stage."""

    escalation_id: int
    unit: str
    stage: Stage
    level: int
    day: date
    cases: int
    amount_fen: Fen
    oldest_on: date
    told: list[str]


class ToldItem(Output):
    """That a level was told of this case, and at which of its steps."""

    seq: int
    escalation: EscalationItem


class CaseHistoryAnswer(Output):
    """When the stages of a case turned, and who was told."""

    marks: list[MarkItem]
    escalations: list[ToldItem]


class MarksQuery(Query):
    """Of which days."""

    first: date
    last: date
    department: Unit | None = None
    policy: Policy | None = None


class MarkCountItem(Output):
    """How many stages turned on one day."""

    turned_on: date
    unit: str
    stage: Stage
    colour: Colour
    cases: int


class MarksAnswer(Output):
    """Counts by day, the latest first."""

    counts: list[MarkCountItem]


class DepartmentQuery(PageQuery):
    """Of which department."""

    department: Unit | None = None


class PromisesQuery(Query):
    """Of which department or policy."""

    department: Unit | None = None
    policy: Policy | None = None


class PromiseItem(Output):
    """One policy of one department; the sum of all has empty names. `ages` has a sum for each bucket of days."""

    unit: str
    policy_id: str
    title: str
    title_en: str
    owed: SumItem
    cut_fen: Fen
    groups: dict[Group, SumItem]
    ages: dict[Group, list[SumItem]]


class PromisesAnswer(Output):
    """What became of everything that is owed by today; the last line is the sum."""

    day: date
    lines: list[PromiseItem]


class UnpaidQuery(PageQuery):
    """Of which department or policy."""

    department: Unit | None = None
    policy: Policy | None = None


class UnpaidItem(Output):
    """A firm that was promised money which it does not have."""

    uscc: str
    name: str
    oldest_on: date
    cases: int
    fen: Fen
    units: list[str]
    policies: list[str]


@CHAPTER.operation(Method.GET, "/supervision/board", raises=(WorkingDaysUnknown,))
def show_board(call: Call, query: BoardQuery) -> BoardAnswer:
    """Show today's board: cases by unit, stage and colour, with their money and the oldest."""
    found = supervise_cases.supervision_board(
        call.database,
        call.desk.working_days,
        call.clock,
        unit=query.department,
        policy=_policy(query.policy),
        policies=call.policies,
        per_policy=query.per_policy,
    )
    return BoardAnswer(
        day=found.board.day,
        lines=[_line(each, found.ages) for each in found.board.lines],
        nobody=_nobody(call, found.board),
    )


@CHAPTER.operation(Method.GET, "/supervision/cases", raises=(WorkingDaysUnknown,))
def list_supervised_cases(call: Call, query: CasesQuery) -> Page[SupervisedItem]:
    """List the cases behind the board, by number."""
    found = supervise_cases.supervised_cases(
        call.database,
        call.desk.working_days,
        call.clock,
        unit=query.department,
        policy=_policy(query.policy),
        policies=call.policies,
        stage=query.stage,
        colour=query.colour,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    items = [_case(each, found.ages) for each in found.cases]
    return call.page(Page[SupervisedItem], items, query.limit, "case_id")


@CHAPTER.operation(Method.GET, "/cases/{case_id}/supervision", raises=(NoSuchCase,))
def show_case_supervision(call: Call, path: CaseId) -> CaseHistoryAnswer:
    """Show when the stages of a case turned yellow and red, and who was told."""
    call.check_cases([path.case_id])
    found = supervise_cases.history_of_case(call.database, path.case_id)
    return CaseHistoryAnswer(
        marks=[MarkItem.model_validate(each) for each in found.marks],
        escalations=[
            ToldItem(seq=seq, escalation=EscalationItem.model_validate(each)) for each, seq in found.escalations
        ],
    )


@CHAPTER.operation(Method.GET, "/supervision/marks")
def show_mark_counts(call: Call, query: MarksQuery) -> MarksAnswer:
    """Count the stages that turned on some days. Who is limited to some policies names one of them."""
    if query.policy is None:
        call.check_everywhere()
    else:
        call.check_policy(PolicyId(query.policy))
    found = supervise_cases.mark_history(
        call.database, query.first, query.last, unit=query.department, policy=_policy(query.policy)
    )
    return MarksAnswer.model_validate({"counts": found}, from_attributes=True)


@CHAPTER.operation(Method.GET, "/supervision/escalations")
def list_escalations(call: Call, query: DepartmentQuery) -> Page[EscalationItem]:
    """List what was told to whom, by number."""
    found = supervise_cases.escalations(
        call.database,
        unit=query.department,
        units=call.departments,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[EscalationItem], found, query.limit, "escalation_id")


@CHAPTER.operation(Method.GET, "/promises")
def show_promises(call: Call, query: PromisesQuery) -> PromisesAnswer:
    """Show what was promised and what was paid, by department and policy, with the age of what was not."""
    found = promises.promises(
        call.database, call.clock, unit=query.department, policy=_policy(query.policy), policies=call.policies
    )
    return PromisesAnswer(day=found.day, lines=[_promise(each, found.terms) for each in found.lines])


@CHAPTER.operation(Method.GET, "/promises/unpaid-firms")
def list_unpaid_firms(call: Call, query: UnpaidQuery) -> Page[UnpaidItem]:
    """List firms that were promised money which they do not have, the oldest promise first."""
    place = call.cursors.place(date, str)
    found = promises.unpaid_firms(
        call.database,
        call.clock,
        unit=query.department,
        policy=_policy(query.policy),
        policies=call.policies,
        after=None if place is None else (place[0], Uscc(place[1])),
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].oldest_on, kept[-1].uscc) if len(found) > query.limit else None
    return Page[UnpaidItem].model_validate({"items": kept, "next": more}, from_attributes=True)


def _policy(policy: str | None) -> PolicyId | None:
    return None if policy is None else PolicyId(policy)


def _line(line: BoardLine, ages: Ages) -> BoardItem:
    return BoardItem(
        unit=line.unit,
        policy_id=line.policy_id,
        stage=line.stage,
        colours={colour: SumItem(cases=line.cases.get(colour, 0), fen=line.fen.get(colour, 0)) for colour in Colour},
        oldest_on=line.oldest_on,
        oldest_working_days=ages.working_days_since(line.oldest_on),
    )


def _nobody(call: Call, board: Board) -> dict[str, list[int]]:
    within = call.departments
    return {unit: list(levels) for unit, levels in board.nobody.items() if within is None or unit in within}


def _case(case: SupervisedCase, ages: Ages) -> SupervisedItem:
    return SupervisedItem(
        case_id=case.case_id,
        policy_id=case.policy_id,
        uscc=case.uscc,
        name=case.name,
        amount_fen=case.amount_fen,
        unit=case.unit,
        stage=case.stage,
        started_on=case.started_on,
        working_days=ages.working_days_since(case.started_on),
        limit_days=case.limit_days,
        colour=case.colour,
    )


def _promise(line: PromiseLine, terms: Mapping[PolicyId, VersionTerms]) -> PromiseItem:
    titled = terms.get(line.policy_id)
    return PromiseItem(
        unit=line.unit,
        policy_id=line.policy_id,
        title="" if titled is None else titled.title,
        title_en="" if titled is None else titled.title_en,
        owed=SumItem.model_validate(line.owed),
        cut_fen=line.cut_fen,
        groups={group: SumItem.model_validate(each) for group, each in line.groups.items()},
        ages={group: [SumItem.model_validate(each) for each in ages] for group, ages in line.ages.items()},
    )
