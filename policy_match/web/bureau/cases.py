"""The work lists of cases: by policy, stage, district, firm, or late; as a page and as a file.

Guarantees that each person sees the cases within reach. What is done with many of them at once is `many_cases`.
"""

from urllib.parse import urlencode

from policy_match.cases.model import Status
from policy_match.cases.rechecking import RECHECK_WORDS, RecheckOutcome
from policy_match.supervision.colours import Colour
from policy_match.supervision.stages import STAGES, Stage
from policy_match.web.api.v1 import cases as api
from policy_match.web.api.v1 import supervision
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.many_steps import Step, chosen_words
from policy_match.web.bureau.named import Named
from policy_match.web.bureau.whole_policies import whole_words
from policy_match.web.call import Call
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, Table, View

PAGES = Pages(Door.BUREAU)


@PAGES.shows("/bureau/cases", "办理", "Cases", like="list_cases", nav=True)
def case_list(call: Call, query: api.CaseQuery) -> View:
    """Show a work list, how many cases the filter finds, and what can be done with them."""
    wanted = api.CaseCountQuery.model_validate(query.model_dump(exclude={"cursor", "limit"}))
    counted = api.count_cases(call, wanted).items
    return View(
        "bureau/cases.html",
        {
            "query": query,
            "filters": filters_of(wanted),
            "found": api.list_cases(call, query),
            "count": sum(each.cases for each in counted),
            "amount_fen": sum(each.amount_fen for each in counted),
            "named": Named(call),
            "statuses": [(each.value, each) for each in Status],
            "outcomes": outcomes(call),
            "steps": chosen_words(call, Step) if may(call, "withdraw_cases") else [],
            "works": whole_words(call) if may(call, "request_notification") else [],
        },
    )


@PAGES.shows("/bureau/cases/export", "导出事项", "Export cases", like="export_case_list")
def export_cases(call: Call, query: api.CaseCountQuery) -> File:
    """Give the list as a file."""
    return api.export_case_list(call, query)


@PAGES.shows(
    "/bureau/cases/late",
    "超期事项",
    "Late cases",
    like="list_supervised_cases",
    tables=(Table("late-cases", supervision.list_supervised_cases),),
)
def late_cases(call: Call, query: supervision.CasesQuery) -> View:
    """Show the cases behind the board: how long each has waited, and its limit."""
    chosen = 0 if call.language == "zh" else 1
    return View(
        "bureau/late_cases.html",
        {
            "query": query,
            "found": supervision.list_supervised_cases(call, query),
            "named": Named(call),
            "stages": [(each.value, STAGES[each].words[chosen]) for each in Stage],
            "stage_words": {each: STAGES[each].words[chosen] for each in Stage},
            "colours": [(each.value, each) for each in Colour],
        },
    )


def filters_of(wanted: api.CaseCountQuery) -> dict[str, str]:
    """Return the parameters of a filter as they stand in addresses; what is not asked for is left out."""
    return {name: str(value) for name, value in wanted.model_dump(mode="json", exclude_defaults=True).items()}


def address_of(wanted: api.CaseCountQuery) -> str:
    """Return the address of the work list of a filter."""
    filters = filters_of(wanted)
    return "/bureau/cases" + (f"?{urlencode(filters)}" if filters else "")


def outcomes(call: Call) -> list[tuple[str, str]]:
    """Return what a recheck may find, with its words."""
    chosen = 1 if call.language == "zh" else 0
    return [(each.value, RECHECK_WORDS[each][chosen]) for each in RecheckOutcome]
