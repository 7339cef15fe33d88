"""Budget lines, appropriations, and sharing a budget among cases.

Guarantees that what belongs to no single policy is for those alone who are limited to none. That nothing exceeds a
line is the services' and the database's.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.entitlements.errors import NoBudgetLine
from policy_match.ledger.accounts import LineAccount, LineId, WrongLine, WrongTransfer
from policy_match.services import budget_lines
from policy_match.services.allocate_budget import TooManyWait, YearIsOver, allocate_budget, budget_queue
from policy_match.services.budget_lines import LineExists, NoSuchLine, NotAFund
from policy_match.values import MONEY_LIMIT_FEN, PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Input, Moment, Name, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.BUDGET)
OPERATIONS = CHAPTER.operations

LineName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*-[1-9][0-9]{3}$", max_length=100)]
Year = Annotated[int, Field(ge=1000, le=9999)]


class LineKey(Query):
    """Which budget line: its fund, a hyphen, and the year."""

    line: LineName


class LinesQuery(PageQuery):
    """Which lines."""

    year: Year | None = None


class LineItem(Output):
    """One line: `held_fen` is granted to cases and not yet reserved, `free_fen` may still be granted."""

    line: str
    label: str
    balances: dict[LineAccount, Fen]
    held_fen: Fen
    free_fen: Fen


class NewLine(Input):
    """The line of a fund in one year; without a label it is called as the fund."""

    fund: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    year: Year
    label: Annotated[Text, Field(max_length=200)] = ""


class NewLineAnswer(Output):
    """The line, and whether it is new."""

    line: LineItem
    new: bool


class Appropriation(Input):
    """Money for a line, and the document that appropriates it."""

    amount_fen: Annotated[int, Field(ge=1, lt=MONEY_LIMIT_FEN)]
    about: Annotated[Text, Field(max_length=200)] = ""


class PolicyKey(Query):
    """Which policy."""

    policy_id: Name


class QueueQuery(PageQuery):
    """Of which year; without it of this one."""

    year: Year | None = None


class QueueItem(Output):
    """One case that waits; `line` is short by `short_fen` for it and all before it, none is short without it."""

    place: int
    case_id: int
    uscc: str
    record_id: str
    asked_fen: Fen
    since: Moment
    line: str | None
    short_fen: Fen


class QueuePage(Page[QueueItem]):
    """A page of who waits, and how many wait in all."""

    policy_id: str
    year: int
    waiting: int
    asked_fen: Fen


class Sharing(Input):
    """Of which year; without it of this one."""

    year: Year | None = None


class SharedLineItem(Output):
    """What a run did to one line; `free_fen` was free before."""

    line: str
    free_fen: Fen
    asked_fen: Fen
    granted_fen: Fen


class SharedAnswer(Output):
    """What one run granted; `number` is missing when there was nothing to keep."""

    number: int | None
    policy_id: str
    year: int
    asked: int
    asked_fen: Fen
    granted: int
    granted_fen: Fen
    waiting: int
    lines: list[SharedLineItem]


@CHAPTER.operation(Method.GET, "/budget/lines")
def list_budget_lines(call: Call, query: LinesQuery) -> Page[LineItem]:
    """List budget lines by name, with their balances and what is free."""
    call.check_everywhere()
    (after,) = call.cursors.place(str) or ("",)
    found = budget_lines.budget_lines(call.database, call.clock, year=query.year, after=after, most=query.limit + 1)
    return call.page(Page[LineItem], found, query.limit, "line")


@CHAPTER.operation(Method.GET, "/budget/lines/{line}", raises=(NoSuchLine,))
def show_budget_line(call: Call, path: LineKey) -> LineItem:
    """Show one budget line, with its balances and what is free."""
    call.check_everywhere()
    return LineItem.model_validate(budget_lines.budget_line(call.database, call.clock, LineId(path.line)))


@CHAPTER.operation(Method.POST, "/budget/lines", raises=(NotAFund, WrongLine, LineExists))
def add_budget_line(call: Call, body: NewLine) -> NewLineAnswer:
    """Add the line of a fund in one year, without money; doing so again changes nothing."""
    call.check_everywhere()
    added = budget_lines.add_line(
        call.database, call.clock, fund=body.fund, year=body.year, label=body.label, by=call.by
    )
    return NewLineAnswer.model_validate(added)


@CHAPTER.operation(Method.POST, "/budget/lines/{line}/appropriations", raises=(WrongLine, WrongTransfer, NoSuchLine))
def appropriate_to_line(call: Call, path: LineKey, body: Appropriation) -> LineItem:
    """Book money onto a line. Each request with a new key books once more."""
    call.check_everywhere()
    kept = budget_lines.appropriate(
        call.database, call.clock, line=LineId(path.line), amount_fen=body.amount_fen, by=call.by, about=body.about
    )
    return LineItem.model_validate(kept)


@CHAPTER.operation(Method.GET, "/budget/queues/{policy_id}", raises=(YearIsOver, NoBudgetLine, TooManyWait))
def list_budget_queue(call: Call, path: PolicyKey, query: QueueQuery) -> QueuePage:
    """List the cases of a policy that wait for the budget, by place in the queue."""
    policy = PolicyId(path.policy_id)
    call.check_policy(policy)
    found = budget_queue(
        call.database,
        call.clock,
        policy_id=policy,
        year=query.year,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    page = call.page(Page[QueueItem], found.entries, query.limit, "place")
    return QueuePage(
        items=page.items,
        next=page.next,
        policy_id=found.policy_id,
        year=found.year,
        waiting=found.waiting,
        asked_fen=found.asked_fen,
    )


@CHAPTER.operation(
    Method.POST, "/budget/queues/{policy_id}/allocations", raises=(YearIsOver, NoBudgetLine, TooManyWait)
)
def allocate_policy_budget(call: Call, path: PolicyKey, body: Sharing) -> SharedAnswer:
    """Share the budget of a year among the reviewed cases of a policy; doing so again grants only those that wait."""
    policy = PolicyId(path.policy_id)
    call.check_policy(policy)
    shared = allocate_budget(call.database, call.clock, policy_id=policy, by=call.by, year=body.year)
    return SharedAnswer.model_validate(shared)
