"""Approval lists: what is signed, to the fen and the digest; who signed; signing, rejecting and taking back.

Guarantees that the form repeats the digest that the page showed, and that whoever may not sign reads why not. The
refusal itself is the service's.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.ports.approvals import KeptList
from policy_match.services.approval_lists import show_list
from policy_match.web.api.v1 import approvals as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name, Number, PageQuery
from policy_match.web.operation import File
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View
from policy_match.web.problems import NotAllowed

PAGES = Pages(Door.BUREAU)


class SignForm(Form):
    """The digest that was shown, and that the person has looked at what it stands for."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    looked: Annotated[str, StringConstraints(pattern="^yes$")]


class RejectForm(Form):
    """Why, and which cases; without any ticked all of them."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    cases: Annotated[list[Number], Field(default_factory=list)]


class VoidForm(Form):
    """Why."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class ListsForm(Form):
    """For which policy."""

    policy: Name


@PAGES.shows(
    "/bureau/approvals",
    "批准",
    "Approval",
    like="list_approval_lists",
    nav=True,
    tables=(Table("lists", api.list_approval_lists),),
)
def approval_lists(call: Call, query: api.ListsQuery) -> View:
    """Show the lists that wait for this person, and all within reach."""
    return View(
        "bureau/approvals.html",
        {
            "query": query,
            "waiting": api.list_lists_to_sign(call),
            "found": api.list_approval_lists(call, query),
            "named": Named(call),
            "may_make": may(call, "make_approval_lists"),
        },
    )


@PAGES.takes("/bureau/approvals", "生成审批名单", "Make lists", like="make_approval_lists", again="approval_lists")
def make_lists(call: Call, form: ListsForm) -> Redirect:
    """Put the reviewed cases of a policy on lists."""
    made = api.make_approval_lists(call, api.NewLists(policy=form.policy)).made
    return Redirect("/bureau/approvals", "lists-made" if made else "lists-none")


@PAGES.shows("/bureau/approvals/{list_id}", "审批名单", "Approval list", like="show_approval_list")
def approval_list(call: Call, path: api.ListId, query: PageQuery) -> View:
    """Show exactly what is signed, who signed, and what this person may do.

    Of a list out of reach no more is said than whose it is.
    """
    try:
        found = api.show_approval_list(call, path)
    except NotAllowed:
        kept = show_list(call.database, path.list_id, most=1).kept
        return View("bureau/approval_elsewhere.html", {"list_id": path.list_id, "owner": _department(call, kept)})
    return View(
        "bureau/approval.html",
        {
            "found": found,
            "cases": api.list_listed_cases(call, path, query),
            "signing": api.check_signing(call, path),
            "named": Named(call),
            "may_void": may(call, "void_approval_list"),
        },
    )


@PAGES.shows("/bureau/approvals/{list_id}/cases", "导出审批名单", "Export", like="export_approval_list")
def export_list(call: Call, path: api.ListId) -> File:
    """Give the list as a file, exactly as it is signed."""
    return api.export_approval_list(call, path)


@PAGES.takes("/bureau/approvals/{list_id}/sign", "签署", "Sign", like="sign_approval_list", again="approval_list")
def sign_list(call: Call, path: api.ListId, form: SignForm) -> Redirect:
    """Sign the next stage."""
    signed = api.sign_approval_list(call, path, api.Signing(digest=form.digest))
    return Redirect(f"/bureau/approvals/{path.list_id}", "list-approved" if signed.complete else "list-signed")


@PAGES.takes("/bureau/approvals/{list_id}/reject", "驳回", "Reject", like="reject_approval_list", again="approval_list")
def reject_list(call: Call, path: api.ListId, form: RejectForm) -> Redirect:
    """Reject the list, or some of its cases."""
    api.reject_approval_list(call, path, api.Rejecting(reason=form.reason, cases=form.cases or None))
    return Redirect(f"/bureau/approvals/{path.list_id}", "list-rejected")


@PAGES.takes("/bureau/approvals/{list_id}/void", "作废", "Take back", like="void_approval_list", again="approval_list")
def void_list(call: Call, path: api.ListId, form: VoidForm) -> Redirect:
    """Take the list back."""
    api.void_approval_list(call, path, api.Voiding(reason=form.reason))
    return Redirect(f"/bureau/approvals/{path.list_id}", "list-voided")


def _department(call: Call, kept: KeptList) -> str:
    """Return the department of a list's policy, empty when the rules no longer have it."""
    policy = call.desk.rules.policies.get(kept.policy_id)
    return "" if policy is None else policy.department
