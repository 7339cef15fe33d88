"""Who acts for a firm: its owners add people and take them away."""

from typing import Annotated

from pydantic import Field

from policy_match.identity.principal import FirmUser
from policy_match.web.api.v1 import delegations
from policy_match.web.api.v1.accounts import AccountName
from policy_match.web.api.v1.delegations import DelegationId, DelegationInput, FirmId
from policy_match.web.api.v1.firm_cases import firm_of
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 200
"""As many as a firm may have."""


class UsersQuery(PageQuery):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class UserForm(Form):
    """Whom, and whether he says who else acts for the firm."""

    user: AccountName
    owner: str = ""


class EndForm(Form):
    """Whom."""

    user: AccountName


@PAGES.shows("/enterprise/users", "经办人", "Our users", like="show_firm_home")
def list_users(call: Call, query: UsersQuery) -> View:
    """List who acts for the firm."""
    found = delegations.list_firm_users(call, FirmId(uscc=firm_of(call)), query)
    assert isinstance(call.who, FirmUser), "an operation of a firm"
    me = call.who.user
    is_owner = any(each.is_owner for each in found.items if each.user == me)
    return View("enterprise/users.html", {"found": found, "me": me, "is_owner": is_owner})


@PAGES.takes("/enterprise/users", "经办人", "Our users", like="set_firm_preference", again="list_users")
def add_user(call: Call, form: UserForm) -> Redirect:
    """Let somebody act for the firm."""
    who = DelegationId(uscc=firm_of(call), user=form.user)
    delegations.delegate_user(call, who, DelegationInput(is_owner=bool(form.owner)))
    return Redirect("/enterprise/users", "user-added")


@PAGES.takes("/enterprise/users/end", "取消授权", "End a delegation", like="set_firm_preference", again="list_users")
def end_user(call: Call, form: EndForm) -> Redirect:
    """Let somebody act for the firm no longer."""
    delegations.end_user_delegation(call, DelegationId(uscc=firm_of(call), user=form.user))
    return Redirect("/enterprise/users", "user-ended")
