"""Who holds which role: granted and taken back by somebody else, never removed from the record.

Guarantees that the last word on a person and a role counts, and that nobody grants a role to himself. Which stage of
an approval needs which role is the policy's; that `by` is who he says is left to the entry points.
"""

from collections.abc import Sequence

from policy_match.cases.approval import FIRM_PREFIX, SYSTEM
from policy_match.cases.defects import NotAPerson
from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.approvals import RoleRow

MOST_LETTERS = 50
MOST_ROLES = 100_000
"""The most roles that are listed."""


class NotARole(InputError):
    """Not how roles are written."""

    code = "role.name"
    english = "`{role}` is not a role: write it as in the policies' approvals, without spaces, in at most 50 letters"
    chinese = "“{role}”不是角色名称:请与政策 approvals 中的写法一致,不含空格,不超过 50 个字符"


class NobodyNamed(InputError):
    """Work without a name is nobody's."""

    code = "role.nobody"
    english = "name the person, in at most 100 characters"
    chinese = "请写明人员姓名或账号(不超过 100 个字符)"


class OwnRole(InputError):
    """A person would give himself a role."""

    code = "role.own"
    http_status = 409
    english = "{person} may not grant the role {role} to the same person; somebody else must"
    chinese = "{person} 不得为本人授予角色 {role},须由他人授予"


def grant_role(database: Database, clock: Clock, *, person: str, role: str, by: str) -> bool:
    """Give a person a role and return whether that is new; doing so again changes nothing.

    Raises `NotARole`, `NobodyNamed`, `NotAPerson` for a firm or the program, `OwnRole`.
    """
    person, by = staff(person, f"role {role}"), named(by)
    if person == by:
        raise OwnRole(person=person, role=role)
    return _set(database, clock, person, role, granted=True, by=by)


def revoke_role(database: Database, clock: Clock, *, person: str, role: str, by: str) -> bool:
    """Take a role back and return whether the person held it. What was signed with it before stays signed.

    Raises `NotARole`, `NobodyNamed`, `NotAPerson`.
    """
    return _set(database, clock, staff(person, f"role {role}"), role, granted=False, by=named(by))


def roles_held(database: Database, *, person: str | None = None) -> Sequence[RoleRow]:
    """Return the roles that are held now, by person and role: one person's, or all."""
    with database.unit_of_work() as work:
        return work.approvals.roles(person=person, most=MOST_ROLES)


def named(person: str) -> str:
    """Return a name without the space around it. Raises `NobodyNamed`."""
    person = person.strip()
    if not 0 < len(person) <= 100:
        raise NobodyNamed
    return person


def staff(person: str, wanted: str) -> str:
    """Return the name of a member of staff. Raises `NobodyNamed`, or `NotAPerson` for a firm or the program."""
    person = named(person)
    if person == SYSTEM or person.startswith(FIRM_PREFIX):
        raise NotAPerson(person=person, wanted=wanted)
    return person


def _set(database: Database, clock: Clock, person: str, role: str, *, granted: bool, by: str) -> bool:
    if not 0 < len(role) <= MOST_LETTERS or role.split() != [role]:
        raise NotARole(role=role)
    with database.unit_of_work() as work:
        if work.approvals.holds(person, role) == granted:
            return False
        work.approvals.add_role(RoleRow(person=person, role=role, granted=granted, at=clock.now(), by=by))
        work.commit()
    return True
