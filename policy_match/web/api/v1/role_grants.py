"""Who holds which role, and how far it goes."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.defects import NotAPerson
from policy_match.services import roles
from policy_match.services.roles import MixedDuties, NotAReach, NotARole, OwnRole
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Input, Moment, Output, Page, PageQuery
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.ACCOUNTS)
OPERATIONS = CHAPTER.operations

Person = Annotated[str, StringConstraints(pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$", max_length=100)]
Place = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=100)]


class RoleQuery(PageQuery):
    """Whose roles."""

    person: Person | None = None


class GrantInput(Input):
    """A role of a person, and how far it goes."""

    person: Person
    role: Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=100)]
    department: Annotated[Place, Field(description="as the policies write it, empty for all")] = ""
    jurisdiction: Annotated[Place, Field(description="covers what begins so, empty for all")] = ""


class RoleGrantItem(Output):
    """A role that is held now."""

    person: str
    role: str
    department: str
    jurisdiction: str
    at: Moment
    by: str


class ChangedAnswer(Output):
    """Whether anything changed."""

    changed: bool


@CHAPTER.operation(Method.GET, "/roles")
def list_roles(call: Call, query: RoleQuery) -> Page[RoleGrantItem]:
    """List the roles that are held now, by person, role and reach."""
    after = call.cursors.place(str, str, str, str)
    found = roles.roles_held(call.database, person=query.person, after=after, most=query.limit + 1)
    kept = found[: query.limit]
    more = None
    if len(found) > query.limit:
        last = kept[-1]
        more = call.cursors.write(last.person, last.role, last.department, last.jurisdiction)
    return Page[RoleGrantItem](items=[RoleGrantItem.model_validate(each) for each in kept], next=more)


@CHAPTER.operation(Method.POST, "/roles/grant", raises=(NotARole, NotAReach, NotAPerson, OwnRole, MixedDuties))
def grant_role(call: Call, body: GrantInput) -> ChangedAnswer:
    """Give a person a role. Nobody gives one to himself, and an administrator holds no other."""
    changed = roles.grant_role(
        call.database,
        call.clock,
        person=body.person,
        role=body.role,
        department=body.department,
        jurisdiction=body.jurisdiction,
        by=call.by,
    )
    return ChangedAnswer(changed=changed)


@CHAPTER.operation(Method.POST, "/roles/revoke", raises=(NotARole, NotAReach, NotAPerson))
def revoke_role(call: Call, body: GrantInput) -> ChangedAnswer:
    """Take a role of exactly this reach back. What was signed with it before stays signed."""
    changed = roles.revoke_role(
        call.database,
        call.clock,
        person=body.person,
        role=body.role,
        department=body.department,
        jurisdiction=body.jurisdiction,
        by=call.by,
    )
    return ChangedAnswer(changed=changed)
