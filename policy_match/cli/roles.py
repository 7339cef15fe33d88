"""`policy-match approvals grant`, `revoke` and `roles`: who holds which role."""

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import by_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.roles import grant_role, revoke_role, roles_held

department_option = click.option(
    "--department", default="", metavar="TEXT", help="仅限此部门的政策 / for the policies of this department alone"
)
jurisdiction_option = click.option(
    "--jurisdiction", default="", metavar="TEXT", help="仅限此行政区划（及其下级）/ for this jurisdiction, and below"
)


@click.command()
@click.argument("person")
@click.argument("role")
@department_option
@jurisdiction_option
@by_option
@screen_options
def grant(person: str, role: str, department: str, jurisdiction: str, by: str, screen: Screen) -> None:
    """授予角色；不得为本人授予 / give a person a role; nobody gives one to himself.

    \b
      policy-match approvals grant li.ming reviewer --by admin
      policy-match approvals grant li.ming reviewer --department 人力资源和社会保障局 --by admin
    """
    application = current_session().application
    new = grant_role(
        application.database,
        application.clock,
        person=person,
        role=role,
        department=department,
        jurisdiction=jurisdiction,
        by=by,
    )
    _say_role(screen, person, role, "已授予", "holds", held=True, new=new)


@click.command()
@click.argument("person")
@click.argument("role")
@department_option
@jurisdiction_option
@by_option
@screen_options
def revoke(person: str, role: str, department: str, jurisdiction: str, by: str, screen: Screen) -> None:
    """收回角色；此前的签署仍然有效 / take a role back; what was signed with it before stays signed.

    \b
      policy-match approvals revoke li.ming reviewer --by admin
    """
    application = current_session().application
    held = revoke_role(
        application.database,
        application.clock,
        person=person,
        role=role,
        department=department,
        jurisdiction=jurisdiction,
        by=by,
    )
    _say_role(screen, person, role, "已收回", "no longer holds", held=False, new=held)


def _say_role(screen: Screen, person: str, role: str, done_zh: str, done: str, *, held: bool, new: bool) -> None:
    if screen.json:
        screen.result({"person": person, "role": role, "held": held, "changed": new})
        return
    nothing = ("", "") if new else ("（未变化）", " (nothing changed)")
    screen.print(f"{done_zh}:{person} · {role}{nothing[0]}", f"{person} {done} {role}{nothing[1]}")


@click.command("roles")
@click.option("--person", help="仅此人 / this person only")
@screen_options
def roles_command(person: str | None, screen: Screen) -> None:
    """列出现任角色 / the roles that are held now.

    \b
      policy-match approvals roles --person li.ming
    """
    found = roles_held(current_session().application.database, person=person)
    if screen.json:
        screen.result(
            [
                {
                    "person": row.person,
                    "role": row.role,
                    "department": row.department,
                    "jurisdiction": row.jurisdiction,
                    "since": row.at.isoformat(),
                    "by": row.by,
                }
                for row in found
            ]
        )
        return
    columns = headings(
        screen,
        ("人员", "person", "left"),
        ("角色", "role", "left"),
        ("部门", "department", "left"),
        ("行政区划", "jurisdiction", "left"),
        ("授予时间", "since", "left"),
        ("授予人", "granted by", "left"),
    )
    rows = [
        [row.person, row.role, row.department or "-", row.jurisdiction or "-", moment(row.at), row.by] for row in found
    ]
    listed(screen, ("角色", "Roles"), columns, rows)
