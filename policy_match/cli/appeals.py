"""`policy-match cases appeal`: a decision made again on the old facts and rules, and then on corrected facts."""

import json
from collections.abc import Mapping
from typing import Any

import click

from policy_match.cli.cells import SHORT, headings, listed, moment
from policy_match.cli.explain import OUTCOMES
from policy_match.cli.options import (
    NUMBER,
    Day,
    after_option,
    by_option,
    firm_argument,
    most_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.services.appeals import list_appeals, lodge_appeal, replay_appeal, show_appeal
from policy_match.services.decision_json import record_json
from policy_match.services.kept_sweeps import find_sweep
from policy_match.services.replay_decision import Correction
from policy_match.sweep.kept import RowKey
from policy_match.values import FactName, Outcome, PolicyId, Uscc


@click.command()
@firm_argument
@click.option("--policy", required=True, help="政策 / the policy that was decided")
@click.option("--sweep", "sweep_name", default="latest", show_default=True, help="批次编号 / id of the kept sweep")
@click.option("--record", default="", help="记录编号，如贷款编号 / the record, where the policy decides per record")
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help="更正后的事实，可重复 / a fact as it rightly was; may be repeated",
)
@click.option("--source", default="", help="更正依据的文件或部门 / the document or office that says so")
@click.option("--observed", type=Day(), help="更正值的日期 / the day from which the corrected values are")
@click.option("--ground", required=True, metavar="TEXT", help="申诉理由 / what is wrong with the decision")
@by_option
@screen_options
def appeal(
    firm: Uscc,
    policy: str,
    sweep_name: str,
    record: str,
    facts: tuple[str, ...],
    source: str,
    observed: Any,
    ground: str,
    by: str,
    screen: Screen,
) -> None:
    """申诉：按原数据原规则重算，再按更正的数据重算，两者并列 / decide again, on old facts and on corrected ones.

    \b
    Both decisions are kept and shown side by side. Corrected facts are not believed by this: they come in through
    a source, a sweep and an opening, like all others.

    \b
      policy-match cases appeal 91370212MA00000000 --policy unemp-stable-post-refund \\
          --fact layoff_rate_y1=0.03 --source "人社局 2026-07 复核" --ground "裁员率有误" --by firm:91370212MA00000000
    """
    application = current_session().application
    corrections = {name: Correction(value=value, source=source, observed=observed) for name, value in _facts(facts)}
    number = lodge_appeal(
        application.database,
        find_sweep(application.database, sweep_name),
        PolicyId(policy),
        RowKey(uscc=firm, record_id=record),
        by=by,
        ground=ground,
        corrections=corrections,
        clock=application.clock,
    )
    with screen.progress("重算", "deciding again"):
        replay = replay_appeal(
            application.database, application.open_snapshot, record_json, number, by=by, clock=application.clock
        )
    _show(screen, show_appeal(application.database, number)[0], replay)


def _facts(given: tuple[str, ...]) -> list[tuple[FactName, str]]:
    found = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{text}: write NAME=VALUE, for example insured_headcount=31", param_hint="--fact")
        found.append((FactName(name.strip()), value.strip()))
    return found


@click.command("appeals")
@click.argument("number", type=NUMBER, required=False)
@click.option("--unanswered", is_flag=True, help="仅尚未重算的 / only those that were not decided again yet")
@after_option
@most_option
@screen_options
def appeals_command(number: int | None, unanswered: bool, after: int, most: int, screen: Screen) -> None:
    """列出申诉；给出编号则显示一项 / the appeals; with a number, one of them.

    \b
      policy-match cases appeals
      policy-match cases appeals 1
    """
    database = current_session().application.database
    if number is not None:
        _show(screen, *show_appeal(database, number))
        return
    found = list_appeals(database, unanswered=unanswered, after=after, most=most)
    if screen.json:
        screen.result([_appeal_json(each) for each in found])
        return
    columns = headings(
        screen,
        ("申诉", "appeal", "right"),
        ("时间", "at", "left"),
        ("企业", "firm", "left"),
        ("记录", "record", "left"),
        ("政策", "policy", "left"),
        ("批次", "sweep", "left"),
        ("申诉人", "lodged by", "left"),
        ("理由", "ground", "left"),
    )
    rows = [
        [
            str(each.appeal_id),
            moment(each.at),
            each.row.uscc,
            each.row.record_id,
            each.policy_id,
            each.sweep_id[:SHORT],
            each.lodged_by,
            each.ground,
        ]
        for each in found
    ]
    listed(screen, ("申诉", "Appeals"), columns, rows)


def _show(screen: Screen, found: Appeal, replay: AppealReplay | None) -> None:
    if screen.json:
        screen.result({**_appeal_json(found), "replay": None if replay is None else _replay_json(replay)})
        return
    record = f" {found.row.record_id}" if found.row.record_id else ""
    screen.print(
        f"■ 申诉 {found.appeal_id}：{found.row.uscc}{record} · {found.policy_id} · {found.lodged_by}：{found.ground}",
        f"■ appeal {found.appeal_id}: {found.row.uscc}{record} · {found.policy_id} · {found.lodged_by}: {found.ground}",
    )
    if replay is None:
        screen.print("  尚未重算", "  not decided again yet")
        return
    same = ("与原判定一致", "as it was decided") if replay.same_as_kept else ("与原判定不一致", "NOT as it was decided")
    old = json.loads(replay.old)
    corrected = None if replay.corrected is None else json.loads(replay.corrected)
    screen.print(f"  按原数据原规则：{same[0]}", f"  on the old facts by the old rules: {same[1]}")
    columns = headings(screen, ("", "", "left"), ("原数据", "old facts", "left"), ("更正后", "corrected facts", "left"))
    rows = [
        [screen.say("结论", "outcome"), _outcome(screen, old), _outcome(screen, corrected)],
        [screen.say("金额（元）", "amount (yuan)"), _text(old, "amount"), _text(corrected, "amount")],
        [screen.say("缺少的事实", "missing facts"), _missing(old), _missing(corrected)],
    ]
    other = {} if corrected is None else {item["id"]: item for item in corrected["conditions"]}
    for item in old["conditions"]:
        text = screen.say(item["text"], item["text_en"] or item["text"])
        rows.append([text, item["truth"], other.get(item["id"], {}).get("truth", "")])
    screen.table("", columns, rows)
    screen.print(f"  摘要：{replay.digest}", f"  digest: {replay.digest}")


def _outcome(screen: Screen, record: Mapping[str, Any] | None) -> str:
    return "" if record is None else screen.say(*OUTCOMES[Outcome(record["outcome"])])


def _text(record: Mapping[str, Any] | None, name: str) -> str:
    return "" if record is None or record[name] is None else str(record[name])


def _missing(record: Mapping[str, Any] | None) -> str:
    return "" if record is None else ", ".join(record["missing"])


def _appeal_json(found: Appeal) -> dict[str, Any]:
    return {
        "appeal": found.appeal_id,
        "sweep": found.sweep_id,
        "policy_id": found.policy_id,
        "uscc": found.row.uscc,
        "record": found.row.record_id,
        "lodged_by": found.lodged_by,
        "ground": found.ground,
        "corrected": {name: dict(value) for name, value in found.corrected.items()},
        "at": found.at.isoformat(),
    }


def _replay_json(replay: AppealReplay) -> dict[str, Any]:
    return {
        "same_as_kept": replay.same_as_kept,
        "old": json.loads(replay.old),
        "corrected": None if replay.corrected is None else json.loads(replay.corrected),
        "digest": replay.digest,
        "at": replay.at.isoformat(),
        "by": replay.by,
    }
