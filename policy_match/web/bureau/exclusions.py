"""Firms that are excluded from policies: the list, excluding one, and lifting it before its last day."""

from datetime import date

from pydantic import Field

from policy_match.web.api.v1 import exclusions as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Name
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)


class ExclusionForm(Form):
    """Who is excluded from what, and why. Without a policy from all, without a last day for good."""

    uscc: CreditCode
    policy_id: Name | None = None
    since: date | None = None
    until: date | None = None
    reason: str = Field(min_length=1, max_length=2000)


class LiftForm(Form):
    """Why it ends early."""

    reason: str = Field(min_length=1, max_length=2000)


@PAGES.shows(
    "/bureau/exclusions",
    "排除名单",
    "Exclusions",
    like="list_exclusions",
    tables=(Table("exclusions", api.list_exclusions),),
)
def exclusion_list(call: Call, query: api.ExclusionQuery) -> View:
    """List exclusions, lifted ones included."""
    given = {"query": query, "found": api.list_exclusions(call, query), "named": Named(call)}
    return View("bureau/exclusions.html", {**given, "may_exclude": may(call, "exclude_firm")})


@PAGES.takes("/bureau/exclusions", "列入排除名单", "Exclude a firm", like="exclude_firm", again="exclusion_list")
def exclude_firm(call: Call, form: ExclusionForm) -> Redirect:
    """Exclude a firm."""
    api.exclude_firm(call, api.NewExclusion.model_validate(form.model_dump()))
    return Redirect("/bureau/exclusions", "firm-excluded")


@PAGES.shows("/bureau/exclusions/{exclusion_id}", "排除", "Exclusion", like="show_exclusion")
def exclusion(call: Call, path: api.ExclusionId) -> View:
    """Show one exclusion, and lift it."""
    given = {"found": api.show_exclusion(call, path), "named": Named(call)}
    return View("bureau/exclusion.html", {**given, "may_lift": may(call, "lift_exclusion")})


@PAGES.takes("/bureau/exclusions/{exclusion_id}", "解除排除", "Lift", like="lift_exclusion", again="exclusion")
def lift_exclusion(call: Call, path: api.ExclusionId, form: LiftForm) -> Redirect:
    """End an exclusion before its last day."""
    api.lift_exclusion(call, path, api.LiftedExclusion(reason=form.reason))
    return Redirect(f"/bureau/exclusions/{path.exclusion_id}", "exclusion-lifted")
