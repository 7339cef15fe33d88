"""Where everybody comes in."""

from policy_match.web.call import Call
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.PUBLIC)


@PAGES.shows("/", "首页", "Start", like="sign_in")
def start(call: Call) -> View:
    """Say what this is, and where to go on."""
    return View("public/start.html")


@PAGES.shows("/help", "帮助与联系方式", "Help and contacts", like="sign_in")
def help_page(call: Call) -> View:
    """Say how it works, and whom to ask: each policy with its department."""
    policies = sorted(
        call.desk.rules.policies.values(), key=lambda each: (each.jurisdiction, each.department, each.title)
    )
    return View("public/help.html", {"policies": policies})
