"""Public display for staff: what is on it, until when, what was objected, and putting approved cases there."""

from policy_match.cases.model import Status
from policy_match.cases.working_days import china_day
from policy_match.web.api.v1 import cases
from policy_match.web.api.v1 import publicity as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.portal.page import Door, Pages, Table, View

PAGES = Pages(Door.BUREAU)


@PAGES.shows(
    "/bureau/publicity",
    "公示",
    "Public display",
    like="list_displays",
    nav=True,
    tables=(Table("displays", api.list_displays),),
)
def publicity(call: Call) -> View:
    """Show what is on display, what is over, and what is approved and waits to be put there."""
    counted = cases.count_cases(call, cases.CaseCountQuery(status=Status.APPROVED)).items
    policies = call.desk.rules.policies.values()
    displayed = {str(each.id) for each in policies if each.process.publicity_days > 0}
    return View(
        "bureau/publicity.html",
        {
            "found": api.list_displays(call, api.DisplaysQuery(over=True)),
            "today": china_day(call.now),
            "approved": [each for each in counted if each.policy_id in displayed],
            "named": Named(call),
            "may_publish": may(call, "request_publication"),
        },
    )
