"""The supervision board of the bureau, the cases behind it, who was told, and what was promised and not paid.

Guarantees that a colour is always said in words too, and that every count leads to its cases.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.cases.words import Words
from policy_match.reports.charts import Bar
from policy_match.supervision.colours import Colour
from policy_match.supervision.escalation import LEVEL_WORDS
from policy_match.supervision.promises import BUCKET_WORDS, Group
from policy_match.supervision.stages import STAGES, Stage
from policy_match.web.api.v1 import supervision as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.portal.charts import shown_chart
from policy_match.web.portal.page import Door, Pages, Table, View

PAGES = Pages(Door.BUREAU)

PERCENT = 100
FEN = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class FulfilledLine:
    """What one department promised and what it fulfilled; `share` is missing where nothing was promised."""

    unit: str
    fulfilled: api.SumItem
    promised: api.SumItem
    pending: api.SumItem
    ages: Sequence[api.SumItem]

    @property
    def share(self) -> float | None:
        """Of the money that was approved, how much is paid, in per cent."""
        approved = self.fulfilled.fen + self.promised.fen
        return None if approved == 0 else self.fulfilled.fen * PERCENT / approved


@PAGES.shows(
    "/bureau/supervision",
    "督办",
    "Supervision",
    like="show_board",
    nav=True,
    tables=(Table("board", api.show_board, "lines"),),
)
def board(call: Call, query: api.BoardQuery) -> View:
    """Show today's board."""
    found = api.show_board(call, query)
    totals = {colour: sum(each.colours[colour].cases for each in found.lines) for colour in Colour}
    named = Named(call)
    return View(
        "bureau/board.html",
        {
            "board": found,
            "totals": totals,
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "policies": named.policies(),
            "colours": list(Colour),
            "levels": LEVEL_WORDS,
            "may_issue": may(call, "issue_order_to_act"),
        },
    )


@PAGES.shows(
    "/bureau/supervision/cases",
    "督办事项",
    "Supervised cases",
    like="list_supervised_cases",
    tables=(Table("supervised-cases", api.list_supervised_cases),),
)
def supervised_cases(call: Call, query: api.CasesQuery) -> View:
    """List the cases behind a count."""
    named = Named(call)
    return View(
        "bureau/supervised_cases.html",
        {
            "found": api.list_supervised_cases(call, query),
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "policies": named.policies(),
            "stages": list(STAGES),
            "colours": list(Colour),
        },
    )


@PAGES.shows(
    "/bureau/supervision/escalations",
    "逐级提醒",
    "Escalations",
    like="list_escalations",
    tables=(Table("escalations", api.list_escalations),),
)
def escalations(call: Call, query: api.DepartmentQuery) -> View:
    """List who was told of what."""
    named = Named(call)
    return View(
        "bureau/escalations.html",
        {
            "found": api.list_escalations(call, query),
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
            "levels": LEVEL_WORDS,
        },
    )


@PAGES.shows(
    "/bureau/supervision/promises",
    "承诺与兑现",
    "Promised and fulfilled",
    like="show_promises",
    tables=(Table("promises", api.show_promises, "lines"),),
)
def promises(call: Call, query: api.PromisesQuery) -> View:
    """Show what each department promised, and what it fulfilled."""
    found = api.show_promises(call, query)
    named = Named(call)
    lines, total = found.lines[:-1], found.lines[-1]
    units = _by_unit(lines)
    named_units = [(named.unit(each.unit), each) for each in units]
    chart = None
    if units:
        chart = shown_chart(
            call,
            Words(
                "各部门已批准金额的兑现（元，四舍五入）", "Of what was approved, paid and not paid yet (yuan, rounded)"
            ),
            [
                (Words("已兑现", "fulfilled"), [_bar(name, each.fulfilled) for name, each in named_units]),
                (Words("已批准未兑现", "not paid yet"), [_bar(name, each.promised) for name, each in named_units]),
            ],
        )
    return View(
        "bureau/promises.html",
        {
            "day": found.day,
            "units": units,
            "lines": lines,
            "total": total,
            "groups": list(Group),
            "buckets": BUCKET_WORDS,
            "chart": chart,
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
        },
    )


@PAGES.shows(
    "/bureau/supervision/unpaid-firms",
    "未兑现企业",
    "Unpaid firms",
    like="list_unpaid_firms",
    tables=(Table("unpaid-firms", api.list_unpaid_firms),),
)
def unpaid_firms(call: Call, query: api.UnpaidQuery) -> View:
    """List firms that were promised money which they do not have."""
    named = Named(call)
    return View(
        "bureau/unpaid_firms.html",
        {
            "found": api.list_unpaid_firms(call, query),
            "query": query,
            "named": named,
            "departments": [(each, named.unit(each)) for each in named.departments()],
        },
    )


def stage_options(call: Call) -> list[tuple[str, str]]:
    """Return the stages for a choice, in the language of the page."""
    return [(stage.value, STAGES[stage].words[0 if call.language == "zh" else 1]) for stage in Stage]


def _bar(name: str, total: api.SumItem) -> Bar:
    return Bar(name=name, value=round(Fraction(total.fen, FEN)))


def _by_unit(lines: Iterable[api.PromiseItem]) -> list[FulfilledLine]:
    """Return the sums of each department, by name."""
    parts: dict[str, list[api.PromiseItem]] = {}
    for each in lines:
        parts.setdefault(each.unit, []).append(each)
    return [
        FulfilledLine(
            unit=unit,
            fulfilled=_sum(each.groups[Group.FULFILLED] for each in parts[unit]),
            promised=_sum(each.groups[Group.PROMISED] for each in parts[unit]),
            pending=_sum(each.groups[Group.PENDING] for each in parts[unit]),
            ages=[_sum(each.ages[Group.PROMISED][place] for each in parts[unit]) for place in range(len(BUCKET_WORDS))],
        )
        for unit in sorted(parts)
    ]


def _sum(items: Iterable[api.SumItem]) -> api.SumItem:
    found = list(items)
    return api.SumItem(cases=sum(each.cases for each in found), fen=sum(each.fen for each in found))
