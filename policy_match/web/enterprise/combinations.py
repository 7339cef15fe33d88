"""Which benefits combine and which exclude each other, and what the firm has of each."""

from policy_match.web.api.v1 import firm_decisions
from policy_match.web.call import Call
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.ENTERPRISE)


@PAGES.shows("/enterprise/combinations", "叠加与互斥", "What combines", like="list_combinations")
def show_combinations(call: Call) -> View:
    """Show the groups, those first in which the firm has something, and what it has that combines with every other."""
    return View("enterprise/combinations.html", {"found": firm_decisions.list_combinations(call)})
