"""`policy-match accounts`: who may sign in, also when nobody can yet, and who acts for which firm."""

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import by_option, firm_argument, most_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.identity.accounts import AccountKind, AccountStep
from policy_match.identity.principal import ServiceRole
from policy_match.services import accounts as service
from policy_match.services.delegations import MOST_USERS, delegate, end_delegation, users_of
from policy_match.services.roles import grant_role
from policy_match.services.second_factor import drop_totp
from policy_match.values import Uscc

KINDS = {AccountKind.STAFF: ("工作人员", "staff"), AccountKind.FIRM: ("企业用户", "firm's user")}
STEPS = {
    AccountStep.OPEN: ("启用", "opened"),
    AccountStep.CLOSE: ("停用", "closed"),
    AccountStep.PASSWORD: ("设置密码", "password set"),
    AccountStep.TOTP: ("设置两步验证", "second factor set up"),
    AccountStep.TOTP_OFF: ("取消两步验证", "second factor taken away"),
    AccountStep.CODES: ("生成恢复码", "recovery codes made"),
    AccountStep.CODE_USED: ("使用恢复码", "recovery code used"),
    AccountStep.LINK: ("关联统一身份认证", "linked to a provider"),
}

name_argument = click.argument("name")


@click.group()
def accounts() -> None:
    """登录账号与企业授权用户 / accounts that sign in, and who acts for which firm.

    \b
      policy-match accounts administrator chen.jie --by setup
      policy-match accounts add wang.fang --kind staff --by chen.jie
      policy-match accounts password wang.fang --by chen.jie
      policy-match accounts delegate 91370212MA3C4E5F6X zhao.min --owner --by chen.jie
    """


@accounts.command()
@name_argument
@by_option
@screen_options
def administrator(name: str, by: str, screen: Screen) -> None:
    """建立系统管理员账号（首次安装或应急使用）/ make an administrator: the first one, or when nobody gets in.

    \b
    Makes the account where there is none, gives it a new password, which is said this once, and the role. The second
    factor is set up at the first sign-in.

    \b
      policy-match accounts administrator chen.jie --by setup
    """
    application = current_session().application
    database, clock = application.database, application.clock
    grant_role(database, clock, person=name, role=ServiceRole.ADMINISTRATOR, by=by)
    try:
        service.add_account(database, clock, name=name, kind=AccountKind.STAFF, by=by)
    except service.NameTaken:
        service.open_account(database, clock, name=name, by=by)
    password = service.made_password(database, clock, application.identity, name=name, by=by)
    _say_password(screen, name, password)


@accounts.command()
@name_argument
@click.option(
    "--kind", type=click.Choice([each.value for each in KINDS]), required=True, help="类型 / staff, or a firm's user"
)
@click.option("--label", default="", metavar="TEXT", help="姓名 / how the person is called")
@by_option
@screen_options
def add(name: str, kind: str, label: str, by: str, screen: Screen) -> None:
    """建立账号；设置密码或关联统一身份认证后方可登录 / make an account, which signs in by password or provider.

    \b
      policy-match accounts add wang.fang --kind staff --label 王芳 --by chen.jie
    """
    application = current_session().application
    made = service.add_account(
        application.database, application.clock, name=name, kind=AccountKind(kind), label=label, by=by
    )
    if screen.json:
        screen.result({"name": made.name, "kind": made.kind.value})
        return
    screen.print(f"已建立账号 {name}", f"the account {name} was made")


@accounts.command()
@name_argument
@by_option
@screen_options
def password(name: str, by: str, screen: Screen) -> None:
    """生成新密码，仅显示一次，并结束其会话 / give a new password, said this once; the account's sessions end.

    \b
      policy-match accounts password wang.fang --by chen.jie
    """
    application = current_session().application
    made = service.made_password(application.database, application.clock, application.identity, name=name, by=by)
    _say_password(screen, name, made)


@accounts.command()
@name_argument
@click.option("--reason", default="", metavar="TEXT", help="理由 / the reason")
@by_option
@screen_options
def close(name: str, reason: str, by: str, screen: Screen) -> None:
    """停用账号并结束其会话 / close an account and end its sessions.

    \b
      policy-match accounts close wang.fang --reason 调离 --by chen.jie
    """
    application = current_session().application
    changed = service.close_account(
        application.database, application.clock, application.identity, name=name, reason=reason, by=by
    )
    _say_changed(screen, name, changed, "已停用", "is closed")


@accounts.command("open")
@name_argument
@click.option("--reason", default="", metavar="TEXT", help="理由 / the reason")
@by_option
@screen_options
def open_command(name: str, reason: str, by: str, screen: Screen) -> None:
    """重新启用账号 / open a closed account again.

    \b
      policy-match accounts open wang.fang --by chen.jie
    """
    application = current_session().application
    changed = service.open_account(application.database, application.clock, name=name, reason=reason, by=by)
    _say_changed(screen, name, changed, "已启用", "is open")


@accounts.command("drop-second-factor")
@name_argument
@by_option
@screen_options
def drop_second_factor(name: str, by: str, screen: Screen) -> None:
    """取消两步验证（手机与恢复码均丢失时）/ take a second factor away, when phone and recovery codes are lost.

    \b
      policy-match accounts drop-second-factor wang.fang --by chen.jie
    """
    application = current_session().application
    changed = drop_totp(application.database, application.clock, application.identity, name=name, by=by)
    _say_changed(screen, name, changed, "已取消两步验证", "has no second factor")


@accounts.command("list")
@click.option("--kind", type=click.Choice([each.value for each in KINDS]), help="仅此类 / this kind only")
@click.option("--after", default="", metavar="NAME", help="从该账号之后列起 / begin after this name")
@most_option
@screen_options
def list_command(kind: str | None, after: str, most: int, screen: Screen) -> None:
    """列出账号 / list accounts by name.

    \b
      policy-match accounts list --kind staff
    """
    found = service.accounts(
        current_session().application.database,
        kind=None if kind is None else AccountKind(kind),
        after=after,
        most=most,
    )
    if screen.json:
        screen.result(
            [
                {
                    "name": each.name,
                    "kind": each.kind.value,
                    "label": each.label,
                    "open": each.is_open,
                    "password": each.has_password,
                    "second_factor": each.has_totp,
                    "since": each.at.isoformat(),
                    "by": each.by,
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("账号", "account", "left"),
        ("姓名", "person", "left"),
        ("类型", "kind", "left"),
        ("状态", "state", "left"),
        ("密码", "password", "left"),
        ("两步验证", "second factor", "left"),
        ("建立时间", "since", "left"),
    )
    yes, no = screen.say("有", "yes"), "-"
    rows = [
        [
            each.name,
            each.label,
            screen.say(*KINDS[each.kind]),
            screen.say("启用", "open") if each.is_open else screen.say("停用", "closed"),
            yes if each.has_password else no,
            yes if each.has_totp else no,
            moment(each.at),
        ]
        for each in found
    ]
    listed(screen, ("账号", "Accounts"), columns, rows)


@accounts.command()
@name_argument
@screen_options
def show(name: str, screen: Screen) -> None:
    """显示账号的经过与授权企业 / show what happened to an account, and the firms its user acts for.

    \b
      policy-match accounts show wang.fang
    """
    found = service.show_account(current_session().application.database, name=name)
    if screen.json:
        screen.result(
            {
                "name": found.account.name,
                "kind": found.account.kind.value,
                "open": found.account.is_open,
                "recovery_codes_left": found.recovery_codes_left,
                "firms": [{"firm": each.uscc, "owner": each.is_owner} for each in found.delegations],
                "events": [
                    {"event": each.event.value, "reason": each.reason, "at": each.at.isoformat(), "by": each.by}
                    for each in found.events
                ],
            }
        )
        return
    for each in found.delegations:
        role = screen.say("负责人", "owner") if each.is_owner else screen.say("授权用户", "user")
        screen.print(f"{each.uscc} {role}", f"{each.uscc} {role}")
    columns = headings(
        screen,
        ("时间", "at", "left"),
        ("事件", "event", "left"),
        ("办理人", "by", "left"),
        ("理由", "reason", "left"),
    )
    rows = [[moment(each.at), screen.say(*STEPS[each.event]), each.by, each.reason] for each in found.events]
    listed(screen, (f"账号 {name}", f"Account {name}"), columns, rows)


@accounts.command("delegate")
@firm_argument
@name_argument
@click.option("--owner", "is_owner", is_flag=True, help="负责人，可再授权他人 / an owner, who says who else acts")
@by_option
@screen_options
def delegate_command(firm: Uscc, name: str, is_owner: bool, by: str, screen: Screen) -> None:
    """授权用户代表企业办理 / let a user act for a firm.

    \b
      policy-match accounts delegate 91370212MA3C4E5F6X zhao.min --owner --by chen.jie
    """
    application = current_session().application
    changed = delegate(application.database, application.clock, uscc=firm, user=name, is_owner=is_owner, by=by)
    _say_changed(screen, name, changed, f"可代表 {firm} 办理", f"acts for {firm}")


@accounts.command("end-delegation")
@firm_argument
@name_argument
@by_option
@screen_options
def end_delegation_command(firm: Uscc, name: str, by: str, screen: Screen) -> None:
    """取消授权 / let a user act for a firm no longer.

    \b
      policy-match accounts end-delegation 91370212MA3C4E5F6X zhao.min --by chen.jie
    """
    application = current_session().application
    changed = end_delegation(application.database, application.clock, uscc=firm, user=name, by=by)
    _say_changed(screen, name, changed, f"不再代表 {firm} 办理", f"no longer acts for {firm}")


@accounts.command("users")
@firm_argument
@screen_options
def users_command(firm: Uscc, screen: Screen) -> None:
    """列出代表企业办理的用户 / the users who act for a firm.

    \b
      policy-match accounts users 91370212MA3C4E5F6X
    """
    found = users_of(current_session().application.database, uscc=firm, most=MOST_USERS)
    if screen.json:
        screen.result([{"user": each.user, "owner": each.is_owner, "by": each.by} for each in found])
        return
    columns = headings(screen, ("用户", "user", "left"), ("身份", "as", "left"), ("授权人", "by", "left"))
    rows = [
        [each.user, screen.say("负责人", "owner") if each.is_owner else screen.say("授权用户", "user"), each.by]
        for each in found
    ]
    listed(screen, (f"{firm} 的用户", f"Users of {firm}"), columns, rows)


def _say_password(screen: Screen, name: str, password: str) -> None:
    if screen.json:
        screen.result({"name": name, "password": password})
        return
    screen.print(
        f"{name} 的新密码（仅显示一次）：{password}", f"the new password of {name}, said this once: {password}"
    )


def _say_changed(screen: Screen, name: str, changed: bool, done_zh: str, done: str) -> None:
    if screen.json:
        screen.result({"name": name, "changed": changed})
        return
    nothing = ("", "") if changed else ("（未变化）", " (nothing changed)")
    screen.print(f"{name} {done_zh}{nothing[0]}", f"{name} {done}{nothing[1]}")
