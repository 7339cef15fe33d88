"""Budget and ledger of the bureau: what each fund was given, promised, paid and has left; queues; transfers.

Guarantees that what is shown and done is the API's; a figure on a bar always stands beside it as a number.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.entitlements.cost_share import shares_of
from policy_match.ledger.accounts import LineAccount
from policy_match.values import PolicyId
from policy_match.web.api.v1 import budget as api
from policy_match.web.api.v1 import ledger as ledger_api
from policy_match.web.bureau.allowed import everywhere, may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import MOST_PER_PAGE, PageQuery
from policy_match.web.portal.forms import Form, Yuan
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

THOUSAND = 1000
"""Bars are so wide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineView:
    """One line as people think of it, in fen: what was given is promised, paid, on its way back, or left."""

    line: str
    label: str
    given_fen: int
    promised_fen: int
    paid_fen: int
    back_fen: int
    left_fen: int

    @property
    def fund(self) -> str:
        """The name of the fund."""
        return self.line.rpartition("-")[0]

    @property
    def year(self) -> str:
        """The budget year."""
        return self.line.rpartition("-")[2]

    @property
    def paid_width(self) -> int:
        """How much of the bar is paid, in thousandths."""
        return self._width(self.paid_fen)

    @property
    def promised_width(self) -> int:
        """How much of the bar is promised, in thousandths."""
        return self._width(self.promised_fen)

    def _width(self, fen: int) -> int:
        return 0 if self.given_fen <= 0 else min(max(fen, 0) * THOUSAND // self.given_fen, THOUSAND)


def seen_line(line: api.LineItem) -> LineView:
    """Return a line of the API as people think of it."""
    balance = line.balances
    return LineView(
        line=line.line,
        label=line.label,
        given_fen=-balance[LineAccount.APPROPRIATION],
        promised_fen=line.held_fen + balance[LineAccount.RESERVED],
        paid_fen=balance[LineAccount.PAID],
        back_fen=balance[LineAccount.RETURNED] + balance[LineAccount.RECOVERED],
        left_fen=balance[LineAccount.AVAILABLE] - line.held_fen,
    )


class LineForm(Form):
    """A fund in one year, and what people call it."""

    fund: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    year: api.Year
    label: Annotated[str, Field(max_length=200)] = ""


class AppropriationForm(Form):
    """Money for a line, and the document that appropriates it."""

    amount: Yuan
    about: Annotated[str, Field(min_length=1, max_length=200)]


class NothingForm(Form):
    """Nothing is to be filled in."""


class LedgerQuery(PageQuery):
    """Transfers of which line, and the check of which year."""

    line: api.LineName | None = None
    year: api.Year | None = None


@PAGES.shows(
    "/bureau/funds",
    "资金",
    "Funds",
    like="list_budget_lines",
    nav=True,
    tables=(Table("lines", api.list_budget_lines),),
)
def funds(call: Call, query: api.LinesQuery) -> View:
    """Show what each fund was given, promised, paid and has left."""
    found = api.list_budget_lines(call, query)
    return View(
        "bureau/funds.html",
        {
            "lines": [seen_line(each) for each in found.items],
            "next": found.next,
            "year": query.year,
            "this_year": call.now.year,
            "may_add": may(call, "add_budget_line"),
        },
    )


@PAGES.takes("/bureau/funds", "建立预算科目", "Add a budget line", like="add_budget_line", again="funds")
def add_fund(call: Call, form: LineForm) -> Redirect:
    """Add the line of a fund."""
    made = api.add_budget_line(call, api.NewLine(fund=form.fund, year=form.year, label=form.label))
    return Redirect(f"/bureau/funds/lines/{made.line.line}", "line-added")


@PAGES.shows(
    "/bureau/funds/lines/{line}",
    "预算科目",
    "Budget line",
    like="show_budget_line",
    tables=(Table("transfers", ledger_api.list_transfers),),
)
def fund_line(call: Call, path: api.LineKey, query: PageQuery) -> View:
    """Show one line with its transfers."""
    line = api.show_budget_line(call, path)
    transfers = None
    if everywhere(call, "list_transfers"):
        asked = ledger_api.TransfersQuery(line=path.line, cursor=query.cursor, limit=query.limit)
        transfers = ledger_api.list_transfers(call, asked)
    return View(
        "bureau/fund_line.html",
        {
            "line": seen_line(line),
            "balances": line.balances,
            "held_fen": line.held_fen,
            "transfers": transfers,
            "may_appropriate": may(call, "appropriate_to_line"),
        },
    )


@PAGES.takes("/bureau/funds/lines/{line}", "下达预算", "Appropriate", like="appropriate_to_line", again="fund_line")
def appropriate_fund(call: Call, path: api.LineKey, form: AppropriationForm) -> Redirect:
    """Book money onto a line."""
    api.appropriate_to_line(call, path, api.Appropriation(amount_fen=form.amount, about=form.about))
    return Redirect(f"/bureau/funds/lines/{path.line}", "appropriated")


@PAGES.shows("/bureau/funds/queues", "预算排队", "Budget queues", like="list_budget_queue")
def fund_queues(call: Call) -> View:
    """Show which policies are paid from which funds."""
    found = [(call.desk.rules.policies[PolicyId(each)], title) for each, title in Named(call).policies()]
    wanted = [(each, title, shares_of(each)) for each, title in found if each.cost_shares or each.budget]
    return View("bureau/fund_queues.html", {"policies": wanted})


@PAGES.shows(
    "/bureau/funds/queues/{policy_id}",
    "预算排队",
    "Budget queue",
    like="list_budget_queue",
    tables=(Table("queue", api.list_budget_queue),),
)
def fund_queue(call: Call, path: api.PolicyKey, query: api.QueueQuery) -> View:
    """Show who waits for the budget of a policy."""
    found = api.list_budget_queue(call, path, query)
    return View(
        "bureau/fund_queue.html",
        {"queue": found, "title": Named(call).policy(path.policy_id), "may_share": may(call, "allocate_policy_budget")},
    )


@PAGES.takes(
    "/bureau/funds/queues/{policy_id}",
    "分配预算",
    "Share the budget",
    like="allocate_policy_budget",
    again="fund_queue",
)
def share_fund(call: Call, path: api.PolicyKey, form: NothingForm) -> Redirect:
    """Share the budget of this year among those that wait."""
    api.allocate_policy_budget(call, path, api.Sharing())
    return Redirect(f"/bureau/funds/queues/{path.policy_id}", "budget-shared")


@PAGES.shows(
    "/bureau/funds/ledger",
    "账务核对与分录",
    "Ledger",
    like="list_transfers",
    tables=(Table("transfers", ledger_api.list_transfers),),
)
def fund_ledger(call: Call, query: LedgerQuery) -> View:
    """Show whether the ledger adds up, and every transfer."""
    asked = ledger_api.TransfersQuery(line=query.line, cursor=query.cursor, limit=query.limit)
    lines = api.list_budget_lines(call, api.LinesQuery(limit=MOST_PER_PAGE))
    return View(
        "bureau/fund_ledger.html",
        {
            "check": ledger_api.check_ledger(call, ledger_api.YearQuery(year=query.year)),
            "transfers": ledger_api.list_transfers(call, asked),
            "line": query.line,
            "lines": [(each.line, f"{each.label} {each.line}") for each in lines.items],
        },
    )
