"""`policy-match sweeps`: sweeps of snapshots that are kept in the database."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from policy_match.cli.coverage import coverage_json, print_coverage
from policy_match.cli.difference import difference_json, page_json, print_difference, print_page
from policy_match.cli.options import as_of_option, engine_option, rules_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.sweep_totals import print_totals
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.compare_sweeps import changed_rows, compare_sweeps
from policy_match.services.condition_coverage import condition_coverage
from policy_match.services.confirm_match import confirm_match
from policy_match.services.keep_sweep import SweepKept, keep_sweep
from policy_match.services.kept_sweeps import find_sweep, recent_sweeps
from policy_match.sweep.kept import KeptSweep
from policy_match.sweep.match import Match
from policy_match.values import Money, PolicyId, SnapshotId

SHORT = 12
MAX_PAGE = 1_000


@click.group()
def sweeps() -> None:
    """判定快照并入库，查看与比较 / sweep snapshots, keep the results, look at them and compare them."""


def run_kept_sweep(screen: Screen, rules: RuleBook, snapshot_name: str, engine: str, as_of: date) -> SweepKept:
    """Keep the sweep of a snapshot, with a progress bar."""
    application = current_session().application
    snapshot = application.open_snapshot(snapshot_name, rules.catalogue)
    with screen.progress("判定并入库", "deciding and keeping") as progress:
        return keep_sweep(
            rules,
            snapshot,
            application.engine(engine),
            application.database,
            application.truth_files,
            as_of=as_of,
            progress=progress,
        )


@sweeps.command()
@click.option("--snapshot", required=True, help="快照编号（可简写）或目录 / id of a snapshot, or its folder")
@as_of_option
@rules_option
@engine_option
@screen_options
def run(snapshot: str, as_of: date, rules_folder: Path, engine: str, screen: Screen) -> None:
    """判定一个快照并入库 / sweep a snapshot and keep the result.

    \b
    A policy that matches all or none of the registry stops it with a question (exit code 4) and keeps nothing,
    until a person answers with `policy-match sweeps confirm`.

    \b
      policy-match sweeps run --snapshot 3498087c1c5a --as-of 2025-12-31
    """
    rules = load_rules(rules_folder)
    kept = run_kept_sweep(screen, rules, snapshot, engine, as_of)
    if screen.json:
        screen.result({**_sweep_json(kept.sweep), "repeated": kept.repeated, "skipped": dict(kept.planned.skipped)})
        return
    print_kept(screen, rules, kept)


def print_kept(screen: Screen, rules: RuleBook, kept: SweepKept) -> None:
    """Print the report of a kept sweep."""
    print_totals(screen, rules, kept.totals, kept.planned.skipped)
    short = kept.sweep.sweep_id[:SHORT]
    if kept.repeated:
        screen.print(
            f"同样的数据、规则和日期已判定过：批次 {short}", f"the same facts, rules and day were swept before: {short}"
        )
    else:
        screen.print(f"已入库：批次 {short}", f"kept as sweep {short}")


@sweeps.command("list")
@click.option("--most", type=click.IntRange(1, MAX_PAGE), default=20, show_default=True)
@screen_options
def list_command(most: int, screen: Screen) -> None:
    """列出已入库的批次 / list the sweeps that are kept, the latest first.

    \b
      policy-match sweeps list
    """
    found = recent_sweeps(current_session().application.database, most)
    if screen.json:
        screen.result([_sweep_json(sweep) for sweep in found])
        return
    columns = [
        (screen.say("批次", "sweep"), "left"),
        (screen.say("判定日期", "as of"), "left"),
        (screen.say("快照", "snapshot"), "left"),
        (screen.say("入库时间", "kept at"), "left"),
        (screen.say("符合", "eligible"), "right"),
        (screen.say("无法判定", "undetermined"), "right"),
        (screen.say("金额（元）", "amount (yuan)"), "right"),
    ]
    screen.table(screen.say("已入库的批次", "Sweeps"), columns, [_sweep_row(sweep) for sweep in found])


def _sweep_row(sweep: KeptSweep) -> list[str]:
    return [
        sweep.sweep_id[:SHORT],
        sweep.identity.as_of.isoformat(),
        sweep.identity.snapshot_id[:SHORT],
        sweep.kept_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        f"{sum(policy.eligible for policy in sweep.policies):,}",
        f"{sum(policy.undetermined for policy in sweep.policies):,}",
        str(Money(sum(policy.amount_fen for policy in sweep.policies))),
    ]


def _sweep_json(sweep: KeptSweep) -> dict[str, Any]:
    return {
        "sweep": sweep.sweep_id,
        "as_of": sweep.identity.as_of.isoformat(),
        "snapshot": sweep.identity.snapshot_id,
        "rules_fingerprint": sweep.identity.rules,
        "engine": sweep.engine,
        "kept_at": sweep.kept_at.isoformat(),
        "policies": [
            {
                "policy_id": policy.policy_id,
                "version": policy.label,
                "per": policy.grain,
                "eligible": policy.eligible,
                "ineligible": policy.ineligible,
                "undetermined": policy.undetermined,
                "amount": str(Money(policy.amount_fen).yuan),
            }
            for policy in sweep.policies
        ],
    }


@sweeps.command()
@click.argument("policy")
@click.argument("matches", type=click.Choice([match.value for match in Match]))
@click.option("--by", "confirmed_by", required=True, help="责任人姓名 / the person who confirms")
@as_of_option
@rules_option
@screen_options
def confirm(policy: str, matches: str, confirmed_by: str, as_of: date, rules_folder: Path, screen: Screen) -> None:
    """确认一项政策确应全部（或无一）符合 / say that a policy rightly matches all, or none, of a registry.

    \b
    The word holds for the version in force on that day, as it is written now.

    \b
      policy-match sweeps confirm sm-tech-contract none --by 张三 --as-of 2024-12-31
    """
    rules = load_rules(rules_folder)
    version = confirm_match(
        rules,
        current_session().application.database,
        policy_id=PolicyId(policy),
        as_of=as_of,
        match=Match(matches),
        confirmed_by=confirmed_by,
    )
    if screen.json:
        screen.result({"policy_id": policy, "version": version.label, "matches": matches, "confirmed_by": confirmed_by})
        return
    screen.print(
        f"已记录：{confirmed_by} 确认 {policy}（版本 {version.label}）",
        f"noted: {confirmed_by} confirms {policy} {version.label}",
    )


@sweeps.command()
@click.argument("before")
@click.argument("after", default="latest")
@click.option(
    "--policy", help="列出这一项政策变化的企业及原因 / list the firms that changed for one policy, with the reasons"
)
@click.option("--most", type=click.IntRange(1, MAX_PAGE), default=20, show_default=True)
@rules_option
@screen_options
def compare(before: str, after: str, policy: str | None, most: int, rules_folder: Path, screen: Screen) -> None:
    """比较两个批次：新符合、失去、金额变化及原因 / what changed between two sweeps, and because of what.

    \b
      policy-match sweeps compare 1f0c2ab3d4e5 latest
      policy-match sweeps compare 1f0c2ab3d4e5 latest --policy cit-small-low-profit
    """
    application = current_session().application
    old, new = find_sweep(application.database, before), find_sweep(application.database, after)
    rules = load_rules(rules_folder)
    if policy is None:
        difference = compare_sweeps(application.database, application.truth_files, old.sweep_id, new.sweep_id)
        _show(screen, lambda: difference_json(difference), lambda: print_difference(screen, rules, difference))
        return
    page = changed_rows(
        application.database,
        application.truth_files,
        lambda snapshot: _open_snapshot(snapshot, rules),
        rules.catalogue,
        old.sweep_id,
        new.sweep_id,
        PolicyId(policy),
        most=most,
    )
    _show(screen, lambda: page_json(page), lambda: print_page(screen, rules, page))


@sweeps.command()
@click.argument("policy")
@click.option("--sweep", "sweep_name", default="latest", show_default=True, help="批次编号 / id of a sweep")
@rules_option
@screen_options
def coverage(policy: str, sweep_name: str, rules_folder: Path, screen: Screen) -> None:
    """一项政策的各个条件在全部企业中的结果，以及只差一步的企业 / how each condition came out, and near misses.

    \b
      policy-match sweeps coverage cit-small-low-profit
    """
    application = current_session().application
    sweep = find_sweep(application.database, sweep_name)
    found = condition_coverage(application.database, application.truth_files, sweep, PolicyId(policy))
    _show(screen, lambda: coverage_json(found), lambda: print_coverage(screen, load_rules(rules_folder), found))


def _open_snapshot(snapshot: SnapshotId, rules: RuleBook) -> Any:
    return current_session().application.open_snapshot(snapshot, rules.catalogue)


def _show(screen: Screen, as_json: Callable[[], Any], as_text: Callable[[], None]) -> None:
    if screen.json:
        screen.result(as_json())
    else:
        as_text()
