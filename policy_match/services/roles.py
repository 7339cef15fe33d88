"""Who holds which role: granted and taken back by somebody else, never removed from the record.

Guarantees that the last word on a person, a role and its reach counts, that nobody grants a role to himself, and that
an administrator holds no other role. Which stage of an approval needs which role is the policy's; that `by` is who he
says is left to the entry points.
"""

from collections.abc import Sequence

from policy_match.cases.approval import FIRM_PREFIX, SYSTEM
from policy_match.cases.defects import NotAPerson
from policy_match.errors import InputError
from policy_match.identity.principal import Reach, ServiceRole
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.approvals import RoleRow

MOST_LETTERS = 50
MOST_PLACE = 100
"""The longest name of a department or jurisdiction."""
MOST_ROLES = 100_000
"""The most roles that are listed."""


class NotARole(InputError):
    """Not how roles are written."""

    code = "role.name"
    english = "`{role}` is not a role: write it as in the policies' approvals, without spaces, in at most 50 letters"
    chinese = "“{role}”不是角色名称：请与政策 approvals 中的写法一致，不含空格，不超过 50 个字符"


class NobodyNamed(InputError):
    """Work without a name is nobody's."""

    code = "role.nobody"
    english = "name the person, in at most 100 characters"
    chinese = "请写明人员姓名或账号（不超过 100 个字符）"


class OwnRole(InputError):
    """A person would give himself a role."""

    code = "role.own"
    http_status = 409
    english = "{person} may not grant the role {role} to the same person; somebody else must"
    chinese = "{person} 不得为本人授予角色 {role}，须由他人授予"


class MixedDuties(InputError):
    """Who gives out roles takes part in nothing else."""

    code = "role.mixed"
    http_status = 409
    english = (
        "{person} cannot be administrator and hold another role; take the other away first, or choose somebody else"
    )
    chinese = "{person} 不能同时担任系统管理员和其他角色；请先收回原角色，或另选他人"


class NotAReach(InputError):
    """Not how departments and jurisdictions are written."""

    code = "role.reach"
    english = (
        "write department and jurisdiction as in the policies, in at most {most} letters without spaces around them"
    )
    chinese = "部门与行政区划请与政策中的写法一致，前后无空格，不超过 {most} 个字符"


def grant_role(
    database: Database, clock: Clock, *, person: str, role: str, by: str, department: str = "", jurisdiction: str = ""
) -> bool:
    """Give a person a role and return whether that is new; doing so again changes nothing.

    It goes as far as `department` and what begins with `jurisdiction`; empty means all. Raises `NotARole`, `NotAReach`,
    `NobodyNamed`, `NotAPerson` for a firm or the program, `OwnRole`, `MixedDuties`.
    """
    person, by = staff(person, f"role {role}"), named(by)
    if person == by:
        raise OwnRole(person=person, role=role)
    return _set(database, clock, person, role, _reach(department, jurisdiction), granted=True, by=by)


def revoke_role(
    database: Database, clock: Clock, *, person: str, role: str, by: str, department: str = "", jurisdiction: str = ""
) -> bool:
    """Take a role of exactly this reach back and return whether the person held it.

    What was signed with it before stays signed. Raises `NotARole`, `NotAReach`, `NobodyNamed`, `NotAPerson`.
    """
    person = staff(person, f"role {role}")
    return _set(database, clock, person, role, _reach(department, jurisdiction), granted=False, by=named(by))


def roles_held(
    database: Database,
    *,
    person: str | None = None,
    after: tuple[str, str, str, str] | None = None,
    most: int = MOST_ROLES,
) -> Sequence[RoleRow]:
    """Return the roles that are held now: one person's, or all.

    They come by person, role, department and jurisdiction, after given ones.
    """
    with database.unit_of_work() as work:
        return work.approvals.roles(person=person, after=after, most=most)


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


def _set(database: Database, clock: Clock, person: str, role: str, reach: Reach, *, granted: bool, by: str) -> bool:
    if not 0 < len(role) <= MOST_LETTERS or role.split() != [role]:
        raise NotARole(role=role)
    with database.unit_of_work() as work:
        work.approvals.lock_roles(person)
        if work.approvals.holds(person, role, reach) == granted:
            return False
        if granted:
            _check_duties(work, person, role)
        row = RoleRow(
            person=person,
            role=role,
            granted=granted,
            at=clock.now(),
            by=by,
            department=reach.department,
            jurisdiction=reach.jurisdiction,
        )
        work.approvals.add_role(row)
        work.commit()
    return True


def _check_duties(work: UnitOfWork, person: str, role: str) -> None:
    held = {each.role for each in work.approvals.roles(person=person, most=MOST_ROLES)}
    if any((other == ServiceRole.ADMINISTRATOR) != (role == ServiceRole.ADMINISTRATOR) for other in held):
        raise MixedDuties(person=person)


def _reach(department: str, jurisdiction: str) -> Reach:
    for text in (department, jurisdiction):
        if len(text) > MOST_PLACE or text.strip() != text:
            raise NotAReach(most=MOST_PLACE)
    return Reach(department=department, jurisdiction=jurisdiction)
