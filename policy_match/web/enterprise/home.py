"""Where a firm comes in: what it is owed, what waits for it with the last day, what was paid.

Guarantees two queries and no more, as everybody comes by here; each benefit is a page of its own.
"""

from policy_match.web.api.v1 import firm_cases
from policy_match.web.api.v1.firm_cases import FirmCaseQuery
from policy_match.web.call import Call
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.ENTERPRISE)

MOST_WAITING = 20
"""How many of the cases that wait for the firm are shown; all of them are in the list."""


@PAGES.shows("/enterprise", "企业首页", "Home", like="show_firm_home", nav=True)
def home(call: Call) -> View:
    """Show the firm's figures and what waits for it, the first last day first."""
    found = firm_cases.list_firm_cases(call, FirmCaseQuery(waiting=True, limit=MOST_WAITING))
    waiting = sorted(found.items, key=lambda case: (case.deadline is None, case.deadline, case.case_id))
    return View(
        "enterprise/home.html",
        {"figures": firm_cases.show_firm_home(call), "waiting": waiting, "more_wait": found.next is not None},
    )
