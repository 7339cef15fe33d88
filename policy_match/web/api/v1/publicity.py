"""Public display: what everybody may see of cases while somebody may object, and what staff see of displays.

Guarantees that what is shown without signing in is masked, and holds no account, record or person.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.publicity import Display, DisplayedCase
from policy_match.services import publicity
from policy_match.services.case_files import display_file
from policy_match.services.publicity import NoSuchDisplay
from policy_match.services.table_files import FileFormat, TooManyRows
from policy_match.values import PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Name, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.PUBLICITY)
OPERATIONS = CHAPTER.operations

CSV = "text/csv; charset=utf-8"


class DisplayPath(Query):
    """Which display: the policy, and the day on which it began."""

    policy: Annotated[Name, Field(description="the id of a policy")]
    first_day: date


class DisplaysQuery(Query):
    """Which displays; `over` adds those to which nobody may object any more, whose cases took no step since."""

    over: bool = False


class DisplayItem(Output):
    """The cases of one policy that went on display on one day."""

    policy_id: str
    title: str
    title_en: str
    department: str
    first_day: date
    last_day: Annotated[date, Field(description="the last day on which somebody may object")]
    cases: int
    objected: Annotated[int, Field(description="of them wait for the answer to an objection")]
    amount_fen: Annotated[int, Field(description="in fen; a sum over many cases")]


class DisplaysAnswer(Output):
    """What is on display, the latest first."""

    items: list[DisplayItem]


class PublicCaseItem(Output):
    """One case as everybody may see it."""

    case_id: Annotated[int, Field(description="name it when you object")]
    name: Annotated[str, Field(description="the registered name; of one-person businesses only its ends")]
    code: Annotated[str, Field(description="统一社会信用代码, its middle hidden")]
    period: str
    instalment: int
    instalments: int
    amount_fen: Fen
    last_day: date


@CHAPTER.operation(Method.GET, "/public-lists")
def list_public_lists(call: Call) -> DisplaysAnswer:
    """List what is on public display today. Nobody needs to sign in."""
    _for_everybody(call)
    found = publicity.list_displays(call.database, call.clock)
    return DisplaysAnswer(items=[_item(call, each) for each in found])


@CHAPTER.operation(Method.GET, "/public-lists/{policy}/{first_day}", raises=(NoSuchDisplay,))
def show_public_list(call: Call, path: DisplayPath) -> DisplayItem:
    """Show one public list: how many cases it has, and until when somebody may object. Nobody needs to sign in."""
    _for_everybody(call)
    return _item(call, publicity.find_display(call.database, call.clock, PolicyId(path.policy), path.first_day))


@CHAPTER.operation(Method.GET, "/public-lists/{policy}/{first_day}/cases", raises=(NoSuchDisplay,))
def list_public_cases(call: Call, path: DisplayPath, query: PageQuery) -> Page[PublicCaseItem]:
    """List the cases of a public list by number, masked. Nobody needs to sign in."""
    _for_everybody(call)
    found = publicity.displayed_cases(
        call.database,
        call.clock,
        PolicyId(path.policy),
        path.first_day,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    if not found:
        publicity.find_display(call.database, call.clock, PolicyId(path.policy), path.first_day)
    return call.page(Page[PublicCaseItem], [_case(each) for each in found], query.limit, "case_id")


@CHAPTER.operation(
    Method.GET,
    "/public-lists/{policy}/{first_day}/cases.csv",
    raises=(NoSuchDisplay, TooManyRows),
    media_type="text/csv",
)
def export_public_list(call: Call, path: DisplayPath) -> File:
    """Export a public list as CSV, masked; amounts in fen. Nobody needs to sign in."""
    show_public_list(call, path)
    content = display_file(call.database, call.clock, PolicyId(path.policy), path.first_day, FileFormat.CSV)
    return File(content=content, media_type=CSV, name=f"{path.policy}-{path.first_day}.csv")


@CHAPTER.operation(Method.GET, "/displays")
def list_displays(call: Call, query: DisplaysQuery) -> DisplaysAnswer:
    """List what is on public display, of the policies within reach, also what is over and waits for its next step."""
    found = publicity.list_displays(call.database, call.clock, over=query.over, policies=call.policies)
    return DisplaysAnswer(items=[_item(call, each) for each in found])


def _for_everybody(call: Call) -> None:
    """A firm that is signed in sees what everybody sees, and not its own rows alone."""
    call.database.act_as_service()


def _item(call: Call, display: Display) -> DisplayItem:
    policy = call.desk.rules.policies.get(display.policy_id)
    return DisplayItem(
        policy_id=display.policy_id,
        title=display.policy_id if policy is None else policy.title,
        title_en="" if policy is None else policy.title_en,
        department="" if policy is None else policy.department,
        first_day=display.first_day,
        last_day=display.last_day,
        cases=display.cases,
        objected=display.objected,
        amount_fen=display.amount_fen,
    )


def _case(case: DisplayedCase) -> PublicCaseItem:
    return PublicCaseItem(
        case_id=case.case_id,
        name=case.shown_name,
        code=case.shown_code,
        period=case.period,
        instalment=case.instalment,
        instalments=case.instalments,
        amount_fen=case.amount_fen,
        last_day=case.last_day,
    )
