"""`policy-match cases exclude` and its kin: firms that are kept out of one policy, or of all, for a time."""

from datetime import date
from typing import Any

import click

from policy_match.cases.working_days import china_day
from policy_match.cli.cells import day, headings, iso, listed
from policy_match.cli.options import (
    NUMBER,
    Day,
    after_option,
    by_option,
    firm_argument,
    firm_option,
    most_option,
    policy_option,
    reason_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.ports.cases import ExclusionRow
from policy_match.services.exclusions import exclude_firm, lift_exclusion, list_exclusions
from policy_match.values import PolicyId, Uscc


@click.command()
@firm_argument
@policy_option
@click.option("--since", type=Day(), help="起始日，缺省为今天 / the first day; today by default")
@click.option("--until", type=Day(), help="截止日（含），缺省为长期 / the last day; for good by default")
@reason_option
@by_option
@screen_options
def exclude(
    firm: Uscc,
    policy: PolicyId | None,
    since: date | None,
    until: date | None,
    reason: str,
    by: str,
    screen: Screen,
) -> None:
    """将企业列入排除名单：一项政策或全部 / exclude a firm from one policy, or from all.

    \b
    Cases that stand are withdrawn by the next recheck, with this reason. Unknown firms can be excluded too.

    \b
      policy-match cases exclude 91370212MA00000000 --until 2029-06-30 --reason "严重失信" --by li.ming
    """
    application = current_session().application
    first = since or china_day(application.clock.now())
    number = exclude_firm(
        application.database,
        firm,
        policy=policy,
        since=first,
        until=until,
        reason=reason,
        by=by,
        clock=application.clock,
    )
    if screen.json:
        screen.result(
            {"exclusion": number, "uscc": firm, "policy_id": policy, "since": first.isoformat(), "until": iso(until)}
        )
        return
    screen.print(
        f"排除记录 {number}：{firm} · {policy or '全部政策'} · {first} 至 {until or '长期'}",
        f"exclusion {number}: {firm} from {policy or 'every policy'}, {first} to {until or 'for good'}",
    )


@click.command("lift-exclusion")
@click.argument("exclusion", type=NUMBER)
@reason_option
@by_option
@screen_options
def lift_exclusion_command(exclusion: int, reason: str, by: str, screen: Screen) -> None:
    """提前解除排除 / end an exclusion before its last day.

    \b
      policy-match cases lift-exclusion 3 --reason "信用修复" --by li.ming
    """
    application = current_session().application
    lift_exclusion(application.database, exclusion, reason=reason, by=by, clock=application.clock)
    if screen.json:
        screen.result({"exclusion": exclusion, "lifted": True})
        return
    screen.print(f"排除记录 {exclusion} 已解除", f"exclusion {exclusion} is lifted")


@click.command()
@firm_option
@after_option
@most_option
@screen_options
def exclusions(firm: Uscc | None, after: int, most: int, screen: Screen) -> None:
    """列出排除记录，含已解除的 / the exclusions, lifted ones included.

    \b
      policy-match cases exclusions --firm 91370212MA00000000
    """
    found = list_exclusions(current_session().application.database, uscc=firm, after=after, most=most)
    if screen.json:
        screen.result([_exclusion_json(row) for row in found])
        return
    columns = headings(
        screen,
        ("记录", "no.", "right"),
        ("企业", "firm", "left"),
        ("政策", "policy", "left"),
        ("起", "since", "left"),
        ("止", "until", "left"),
        ("理由", "reason", "left"),
        ("经办", "by", "left"),
        ("解除理由", "lifted because", "left"),
    )
    rows = [
        [
            str(row.exclusion_id),
            row.uscc,
            row.policy_id or screen.say("全部", "all"),
            day(row.since),
            day(row.until) or screen.say("长期", "for good"),
            row.reason,
            row.by,
            row.lifted or "",
        ]
        for row in found
    ]
    listed(screen, ("排除名单", "Exclusions"), columns, rows)


def _exclusion_json(row: ExclusionRow) -> dict[str, Any]:
    return {
        "exclusion": row.exclusion_id,
        "uscc": row.uscc,
        "policy_id": row.policy_id,
        "since": row.since.isoformat(),
        "until": iso(row.until),
        "reason": row.reason,
        "by": row.by,
        "lifted": row.lifted,
    }
