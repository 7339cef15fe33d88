"""`policy-match tokens`: tokens of other systems."""

from datetime import date

import click

from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import NUMBER, Day, after_option, by_option, most_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.identity.principal import Scope
from policy_match.services.machine_tokens import end_token, make_token
from policy_match.services.machine_tokens import tokens as kept_tokens


@click.group()
def tokens() -> None:
    """其他系统的访问令牌 / tokens of other systems.

    \b
      policy-match tokens make finance --scope payments:read --until 2026-12-31 --by chen.jie
    """


@tokens.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([each.value for each in Scope]),
    multiple=True,
    required=True,
    help="权限范围 / what it may do",
)
@click.option("--until", required=True, type=Day(), help="最后有效日 / the last day on which it is good")
@by_option
@screen_options
def make(name: str, scopes: tuple[str, ...], until: date, by: str, screen: Screen) -> None:
    """生成令牌，仅显示一次 / make a token, which is said this once.

    \b
      policy-match tokens make finance --scope payments:read --until 2026-12-31 --by chen.jie
    """
    application = current_session().application
    made = make_token(
        application.database,
        application.clock,
        name=name,
        scopes=frozenset(map(Scope, scopes)),
        ends_on=until,
        by=by,
    )
    if screen.json:
        screen.result({"token": made.token.token_id, "name": name, "secret": made.secret})
        return
    screen.print(
        f"令牌 {made.token.token_id}（仅显示一次）：{made.secret}",
        f"token {made.token.token_id}, said this once: {made.secret}",
    )


@tokens.command()
@click.argument("token_id", type=NUMBER)
@by_option
@screen_options
def end(token_id: int, by: str, screen: Screen) -> None:
    """立即停用令牌 / end a token at once.

    \b
      policy-match tokens end 3 --by chen.jie
    """
    application = current_session().application
    changed = end_token(application.database, application.clock, token_id=token_id, by=by)
    if screen.json:
        screen.result({"token": token_id, "changed": changed})
        return
    nothing = ("", "") if changed else ("（未变化）", " (nothing changed)")
    screen.print(f"令牌 {token_id} 已停用{nothing[0]}", f"token {token_id} has ended{nothing[1]}")


@tokens.command("list")
@after_option
@most_option
@screen_options
def list_command(after: int, most: int, screen: Screen) -> None:
    """列出令牌 / list tokens by number; of a token itself only the beginning is known.

    \b
      policy-match tokens list
    """
    found = kept_tokens(current_session().application.database, after=after, most=most)
    if screen.json:
        screen.result(
            [
                {
                    "token": each.token_id,
                    "name": each.name,
                    "prefix": each.prefix,
                    "scopes": sorted(each.scopes),
                    "ends_on": each.ends_on.isoformat(),
                    "ended_at": None if each.ended_at is None else each.ended_at.isoformat(),
                    "by": each.by,
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("编号", "number", "right"),
        ("名称", "name", "left"),
        ("前缀", "prefix", "left"),
        ("权限范围", "scopes", "left"),
        ("最后有效日", "last day", "left"),
        ("停用", "ended", "left"),
        ("建立人", "by", "left"),
    )
    rows = [
        [
            str(each.token_id),
            each.name,
            f"{each.prefix}…",
            " ".join(sorted(each.scopes)),
            each.ends_on.isoformat(),
            "-" if each.ended_at is None else moment(each.ended_at),
            each.by,
        ]
        for each in found
    ]
    listed(screen, ("令牌", "Tokens"), columns, rows)
