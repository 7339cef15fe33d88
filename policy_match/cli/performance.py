"""`policy-match performance`: how well the service does, for publishing."""

from fractions import Fraction
from pathlib import Path

import click

from policy_match.cases.performance import PolicyCounts
from policy_match.cli.cells import headings, money
from policy_match.cli.options import rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.policy.loader import load_rules
from policy_match.services import publish_performance

HIDDEN = "*"


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="发布文件的目录 / folder to publish into")
@rules_option
@screen_options
def performance(out: Path | None, rules_folder: Path, screen: Screen) -> None:
    """服务成效:受惠面、到账天数、退回率、差错率 / how well the service does: coverage, days, returns, errors.

    \b
    With --out it writes performance.html, a page to publish, and performance.json. Amounts from which one firm's could
    be told are not shown.

    \b
      policy-match performance
      policy-match performance --out public/
    """
    application = current_session().application
    found = publish_performance.performance(application.database, application.clock)
    titles = {str(policy.id): policy.title for policy in load_rules(rules_folder).policies.values()}
    if out is not None:
        publish_performance.publish_performance(
            found, titles, application.clock, application.performance_page, application.write_file, out=out
        )
    if screen.json:
        screen.result(publish_performance.published(found))
        return
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("应享", "owed", "right"),
        ("应享金额", "yuan owed", "right"),
        ("已兑付", "paid", "right"),
        ("兑付金额", "yuan paid", "right"),
        ("受惠面", "coverage", "right"),
        ("办理中", "under way", "right"),
        ("放弃", "given up", "right"),
        ("退回率", "came back", "right"),
        ("差错率", "errors", "right"),
        ("到账天数", "days", "right"),
    )
    rows = [_row(titles.get(each.policy_id, each.policy_id), each) for each in found.policies]
    rows.append(_row(screen.say("合计", "all"), found.total))
    screen.table(screen.say("服务成效", "How well the service does"), columns, rows)
    if out is not None:
        screen.print(f"已写入 {out / 'performance.html'}", f"written: {out / 'performance.html'}")


def _row(title: str, counts: PolicyCounts) -> list[str]:
    shown = counts.amounts_may_be_shown
    return [
        title,
        f"{counts.owed:,}",
        money(counts.owed_fen) if shown else HIDDEN,
        f"{counts.paid:,}",
        money(counts.paid_fen) if shown else HIDDEN,
        _share(counts.coverage),
        f"{counts.under_way:,}",
        f"{counts.given_up:,}",
        _share(counts.return_rate),
        _share(counts.error_rate),
        "–" if counts.median_days is None else f"{counts.median_days}",
    ]


def _share(value: Fraction | None) -> str:
    return "–" if value is None else f"{float(value):.1%}"
