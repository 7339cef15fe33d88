"""What is on public display, for everybody: which lists, and their cases, masked. Nobody needs to sign in."""

from policy_match.web.api.v1 import publicity as api
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.PUBLIC)


@PAGES.shows("/public/lists", "公示名单", "Public lists", like="list_public_lists", nav=True)
def public_lists(call: Call) -> View:
    """Show which lists are on display today."""
    return View("public/lists.html", {"found": api.list_public_lists(call)})


@PAGES.shows("/public/lists/{policy}/{first_day}", "公示名单", "Public list", like="show_public_list")
def public_list(call: Call, path: api.DisplayPath, query: PageQuery) -> View:
    """Show one list."""
    shown = api.show_public_list(call, path)
    return View("public/list.html", {"shown": shown, "found": api.list_public_cases(call, path, query)})


@PAGES.shows("/public/lists/{policy}/{first_day}/cases", "导出公示名单", "Export", like="export_public_list")
def export_list(call: Call, path: api.DisplayPath) -> File:
    """Give one list as a file."""
    return api.export_public_list(call, path)
