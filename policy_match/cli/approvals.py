"""`policy-match approvals`: who holds which role, and the lists of cases that are approved stage by stage."""

from collections.abc import Sequence
from typing import Any

import click

from policy_match.cases.approval import StageDue
from policy_match.cli.cells import SHORT, headings, joined, listed, moment, money, yuan
from policy_match.cli.options import (
    NUMBER,
    after_option,
    by_option,
    most_option,
    policy_argument,
    policy_option,
    reason_option,
    screen_options,
)
from policy_match.cli.roles import grant, revoke, roles_command
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.policy.model import ApprovalStage
from policy_match.ports.approvals import KeptList, ListOutcome
from policy_match.services.approval_lists import ListMade, ListShown, ListsMade, lists, make_lists, show_list, void_list
from policy_match.services.decide_lists import approve_list, reject_list
from policy_match.values import PolicyId

OUTCOMES = {
    ListOutcome.COMPLETE: ("已批准", "approved"),
    ListOutcome.REJECTED: ("未通过", "rejected"),
    ListOutcome.VOID: ("已作废", "void"),
}
OPEN = ("审批中", "open")


@click.group()
def approvals() -> None:
    """角色与审批名单 / roles, and the lists of cases that are approved stage by stage.

    \b
      policy-match approvals grant li.ming reviewer --by admin
      policy-match approvals make unemp-stable-post-refund --by wang.fang
      policy-match approvals show 1
      policy-match approvals approve 1 --by li.ming
    """


@approvals.command()
@policy_argument
@by_option
@screen_options
def make(policy: PolicyId, by: str, screen: Screen) -> None:
    """把已审核且有预算的事项列成审批名单 / list the reviewed cases of a policy that have a share of the budget.

    \b
    The list's digest covers the exact cases, amounts, policy versions and the snapshot; lists whose cases changed
    meanwhile are voided first. Running it again lists only what is new.

    \b
      policy-match approvals make unemp-stable-post-refund --by wang.fang
    """
    application = current_session().application
    with screen.progress("生成名单", "making lists"):
        made = make_lists(application.database, application.clock, policy_id=policy, by=by)
    if screen.json:
        screen.result(_made_json(made))
        return
    _print_lists(screen, [each.kept for each in made.made], ("新名单", "New lists"))
    for kept in made.voided:
        reason = kept.end.reason if kept.end else ""
        screen.print(f"名单 {kept.list_id} 已作废：{reason}", f"list {kept.list_id} is void: {reason}")
    if made.without_budget or made.not_eligible:
        screen.print(
            f"未列入：{made.without_budget:,} 项待预算，{made.not_eligible:,} 项复核未通过",
            f"left out: {made.without_budget:,} wait for budget, {made.not_eligible:,} were not eligible when checked",
        )


def _made_json(made: ListsMade) -> dict[str, Any]:
    return {
        "lists": [{**_list_json(each.kept), "complete": each.complete} for each in made.made],
        "voided": [_list_json(kept) for kept in made.voided],
        "without_budget": made.without_budget,
        "not_eligible": made.not_eligible,
    }


@approvals.command("list")
@policy_option
@click.option("--open", "only_open", is_flag=True, help="仅审批中的名单 / only lists that are not decided")
@after_option
@most_option
@screen_options
def list_command(policy: PolicyId | None, only_open: bool, after: int, most: int, screen: Screen) -> None:
    """列出审批名单 / the approval lists.

    \b
      policy-match approvals list --open
    """
    found = lists(current_session().application.database, policy_id=policy, only_open=only_open, after=after, most=most)
    if screen.json:
        screen.result([_list_json(kept) for kept in found])
        return
    _print_lists(screen, found, ("审批名单", "Approval lists"))


def _print_lists(screen: Screen, found: Sequence[KeptList], title: tuple[str, str]) -> None:
    columns = headings(
        screen,
        ("名单", "list", "right"),
        ("政策", "policy", "left"),
        ("事项", "cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("环节", "stages", "left"),
        ("状态", "status", "left"),
        ("摘要", "digest", "left"),
        ("生成时间", "made at", "left"),
        ("经办", "by", "left"),
    )
    rows = [
        [
            str(kept.list_id),
            kept.policy_id,
            f"{kept.header.count:,}",
            money(kept.header.total_fen),
            joined([_stage(stage) for stage in kept.stages]) or "-",
            _status(screen, kept),
            kept.digest[:SHORT],
            moment(kept.at),
            kept.by,
        ]
        for kept in found
    ]
    listed(screen, title, columns, rows)


def _stage(stage: ApprovalStage) -> str:
    count = f"×{stage.count}" if stage.count > 1 else ""
    return f"{stage.role}{count}" + (f" ≥{money(stage.from_fen)}" if stage.from_fen else "")


def _status(screen: Screen, kept: KeptList) -> str:
    return screen.say(*(OPEN if kept.end is None else OUTCOMES[kept.end.outcome]))


def _list_json(kept: KeptList) -> dict[str, Any]:
    return {
        "list": kept.list_id,
        "policy_id": kept.policy_id,
        "snapshot": kept.header.snapshot,
        "sweep": kept.header.sweep,
        "cases": kept.header.count,
        "amount": yuan(kept.header.total_fen),
        "largest": yuan(kept.largest_fen),
        "stages": [{"role": stage.role, "count": stage.count, "from": yuan(stage.from_fen)} for stage in kept.stages],
        "digest": kept.digest,
        "at": kept.at.isoformat(),
        "by": kept.by,
        "status": "open" if kept.end is None else kept.end.outcome.value,
        "end": None
        if kept.end is None
        else {"at": kept.end.at.isoformat(), "by": kept.end.by, "reason": kept.end.reason},
    }


@approvals.command()
@click.argument("list_id", metavar="LIST", type=NUMBER)
@after_option
@most_option
@screen_options
def show(list_id: int, after: int, most: int, screen: Screen) -> None:
    """一份名单：摘要、签署、尚缺的环节和事项 / one list: its digest, who signed, what is missing, and its cases.

    \b
      policy-match approvals show 1 --most 200
    """
    found = show_list(current_session().application.database, list_id, after=after, most=most)
    if screen.json:
        screen.result(_shown_json(found))
        return
    _print_lists(screen, [found.kept], ("审批名单", "Approval list"))
    screen.print(f"摘要：{found.kept.digest}", f"digest: {found.kept.digest}")
    screen.print(
        f"快照：{found.kept.header.snapshot}  批次：{found.kept.header.sweep}",
        f"snapshot: {found.kept.header.snapshot}  sweep: {found.kept.header.sweep}",
    )
    columns = headings(
        screen,
        ("环节", "stage", "right"),
        ("角色", "role", "left"),
        ("签署人", "person", "left"),
        ("时间", "at", "left"),
    )
    rows = [[str(each.stage), each.role, each.person, moment(each.at)] for each in found.signatures]
    listed(screen, ("签署", "Signatures"), columns, rows)
    if found.kept.end is not None and found.kept.end.reason:
        reason = found.kept.end.reason
        screen.print(f"结束理由：{reason}", f"ended because: {reason}")
    _print_due(screen, found.due)
    columns = headings(
        screen,
        ("事项", "case", "right"),
        ("企业", "firm", "left"),
        ("记录", "record", "left"),
        ("期间", "period", "left"),
        ("期次", "instalment", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    cases = [
        [str(row.case_id), row.uscc, row.record_id, row.period, str(row.instalment), money(row.amount_fen)]
        for row in found.cases
    ]
    listed(screen, ("事项", "Cases"), columns, cases)
    if len(found.cases) == most:
        last = found.cases[-1].case_id
        screen.print(f"后续：--after {last}", f"go on with --after {last}")


def _print_due(screen: Screen, due: Sequence[StageDue]) -> None:
    for each in due:
        screen.print(
            f"尚缺：第 {each.number} 环节 {each.role} {each.missing} 人",
            f"still to sign: stage {each.number}, {each.missing} with the role {each.role}",
        )


def _due_json(due: Sequence[StageDue]) -> list[dict[str, Any]]:
    return [{"stage": each.number, "role": each.role, "missing": each.missing} for each in due]


def _shown_json(found: ListShown) -> dict[str, Any]:
    return {
        **_list_json(found.kept),
        "signatures": [
            {
                "person": each.person,
                "stage": each.stage,
                "role": each.role,
                "digest": each.digest,
                "at": each.at.isoformat(),
            }
            for each in found.signatures
        ],
        "due": _due_json(found.due),
        "listed": [
            {
                "case": row.case_id,
                "uscc": row.uscc,
                "record": row.record_id,
                "period": row.period,
                "instalment": row.instalment,
                "amount": yuan(row.amount_fen),
                "seq": row.seq,
            }
            for row in found.cases
        ],
    }


@approvals.command()
@click.argument("list_id", metavar="LIST", type=NUMBER)
@by_option
@screen_options
def approve(list_id: int, by: str, screen: Screen) -> None:
    """签署名单的下一环节；最后一签批准全部事项 / sign the next stage of a list; the last one approves its cases.

    \b
    The list is compared with its cases first: when something changed it is void (exit code 4). Nobody takes two
    stages of one case, whatever roles the person holds.

    \b
      policy-match approvals approve 1 --by li.ming
    """
    application = current_session().application
    with screen.progress("核对并签署", "checking and signing"):
        approved = approve_list(application.database, application.clock, list_id=list_id, by=by)
    if screen.json:
        screen.result(
            {
                **_list_json(approved.kept),
                "stage": approved.stage,
                "complete": approved.complete,
                "due": _due_json(approved.due),
            }
        )
        return
    screen.print(
        f"{by} 已签署名单 {list_id} 的第 {approved.stage} 环节",
        f"{by} signed stage {approved.stage} of list {list_id}",
    )
    if approved.complete:
        count, fen = approved.kept.header.count, approved.kept.header.total_fen
        screen.print(
            f"全部环节完成：{count:,} 项已批准，共 {money(fen)} 元",
            f"that was the last stage: {count:,} cases of {money(fen)} yuan are approved",
        )
    _print_due(screen, approved.due)


@approvals.command()
@click.argument("list_id", metavar="LIST", type=NUMBER)
@click.option("--case", "cases", type=NUMBER, multiple=True, help="仅此事项，可重复 / this case only; may be repeated")
@reason_option
@by_option
@screen_options
def reject(list_id: int, cases: tuple[int, ...], reason: str, by: str, screen: Screen) -> None:
    """不予批准名单，或其中若干事项 / reject the cases of a list, or some of them; the others go on a new list.

    \b
      policy-match approvals reject 1 --reason "材料不符" --by li.ming
      policy-match approvals reject 1 --case 12 --case 15 --reason "材料不符" --by li.ming
    """
    application = current_session().application
    rejected = reject_list(
        application.database, application.clock, list_id=list_id, by=by, reason=reason, cases=cases or None
    )
    if screen.json:
        screen.result(
            {
                **_list_json(rejected.kept),
                "rejected": rejected.cases,
                "lists": [_list_json(each.kept) for each in rejected.made],
            }
        )
        return
    screen.print(f"{rejected.cases:,} 项未予批准", f"{rejected.cases:,} cases are rejected")
    _print_new(screen, rejected.made)


def _print_new(screen: Screen, made: Sequence[ListMade]) -> None:
    if made:
        _print_lists(screen, [each.kept for each in made], ("其余事项的新名单", "New lists of the others"))


@approvals.command()
@click.argument("list_id", metavar="LIST", type=NUMBER)
@reason_option
@by_option
@screen_options
def void(list_id: int, reason: str, by: str, screen: Screen) -> None:
    """撤回未办结的名单；其事项可重新列入 / take an open list back; its cases can be listed again.

    \b
      policy-match approvals void 1 --reason "重新分配预算" --by wang.fang
    """
    application = current_session().application
    kept = void_list(application.database, application.clock, list_id=list_id, by=by, reason=reason)
    if screen.json:
        screen.result(_list_json(kept))
        return
    screen.print(f"名单 {list_id} 已作废", f"list {list_id} is void")


for _command in (grant, revoke, roles_command):
    approvals.add_command(_command)
