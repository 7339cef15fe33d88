"""`policy-match cases show`: the whole story of one case, from the decision to the money."""

from collections.abc import Mapping

import click

from policy_match.cases.history import CaseFile, ObjectionLine
from policy_match.cases.rechecking import RECHECK_WORDS
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS
from policy_match.cli.case_file_json import file_json, trail_json
from policy_match.cli.cells import SHORT, day, headings, joined, moment, money
from policy_match.cli.options import NUMBER, screen_options
from policy_match.cli.payments_returns import print_recoveries
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.payments.trail import AttemptLine, PaymentTrail
from policy_match.payments.words import ATTEMPT_WORDS, STEP_WORDS
from policy_match.services.case_history import show_case
from policy_match.services.payment_lists import payment_trail

PURPOSES = {"approval": ("审批前", "before approval"), "payment": ("支付前", "before payment")}
OUTCOMES: Mapping[str | None, tuple[str, str]] = {
    None: ("审批中", "open"),
    "complete": ("已批准", "approved"),
    "rejected": ("未通过", "rejected"),
    "void": ("已作废", "void"),
}
ANSWERS: Mapping[str | None, tuple[str, str]] = {
    None: ("待答复", "open"),
    "dismiss": ("异议不成立", "dismissed"),
    "uphold": ("异议成立", "upheld"),
    "amend": ("调整金额", "amended"),
}


@click.command()
@click.argument("case", type=NUMBER)
@screen_options
def show(case: int, screen: Screen) -> None:
    """一个事项的全部经过：金额如何得出、每一步、审批与支付 / everything about one case, from the decision to the money.

    \b
      policy-match cases show 12
      policy-match cases show 12 --json
    """
    database = current_session().application.database
    file, trail = show_case(database, case), payment_trail(database, case)
    if screen.json:
        screen.result({**file_json(file), **trail_json(trail)})
        return
    _print_head(screen, file)
    _print_entitlement(screen, file)
    _print_events(screen, file)
    _print_rechecks(screen, file)
    if file.objections:
        print_objections(screen, file.objections)
    _print_trail(screen, trail)


def _print_head(screen: Screen, file: CaseFile) -> None:
    case = file.case
    status = screen.say(STATUS_WORDS[case.status].zh, f"{case.status} ({STATUS_WORDS[case.status].en})")
    record = f" · {case.record_id}" if case.record_id else ""
    part = f" · {case.instalment}/{case.instalments}" if case.instalments > 1 else ""
    word = screen.say("事项", "case")
    head = f"■ {word} {case.case_id} · {case.policy_id} · {case.period}{part} · {case.uscc} {case.name}{record}"
    screen.print(head, head)
    deadline = f" · {screen.say('期限', 'deadline')} {case.deadline}" if case.deadline else ""
    line = f"  {status} · {money(case.amount_fen)} {screen.say('元', 'yuan')}{deadline}"
    screen.print(line, line)
    screen.print(
        f"  路线：{ROUTE_WORDS[case.route].zh}；到期支付日 {case.due_from}",
        f"  route: {ROUTE_WORDS[case.route].en}; due from {case.due_from}",
    )
    screen.print(
        f"  批次 {file.sweep_id[:SHORT]}，政策版本 {file.version[:SHORT]};"
        f"{moment(file.opened_at)} 由 {file.opened_by} 发起（第 {file.opening} 次）",
        f"  sweep {file.sweep_id[:SHORT]}, policy version {file.version[:SHORT]}; "
        f"opened {moment(file.opened_at)} by {file.opened_by} (opening {file.opening})",
    )


def _print_entitlement(screen: Screen, file: CaseFile) -> None:
    found = file.entitlement
    if found is not None:
        screen.print(
            f"  应得：判定金额 {money(found.decided_fen)} 元", f"  entitlement: decided {money(found.decided_fen)} yuan"
        )
        for step in found.steps:
            change = f"{money(step.fen_before)} → {money(step.fen_after)}"
            screen.print(f"    {change}  {step.text('zh')}", f"    {change}  {step.text('en')}")
        screen.print(f"    = {money(found.entitled_fen)} 元", f"    = {money(found.entitled_fen)} yuan")
    for alternative in file.alternatives:
        parts = joined(
            [f"{policy}{f'[{record}]' if record else ''} {money(fen)}" for policy, record, fen in alternative.chosen]
        )
        screen.print(
            f"  未选方案 {alternative.number}：合计 {money(alternative.total_fen)} 元（{parts}）",
            f"  not chosen {alternative.number}: {money(alternative.total_fen)} yuan in all ({parts})",
        )


def _print_events(screen: Screen, file: CaseFile) -> None:
    columns = headings(
        screen,
        ("步", "step", "right"),
        ("时间", "at", "left"),
        ("事件", "event", "left"),
        ("之后", "then", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("期限", "deadline", "left"),
        ("经办", "by", "left"),
        ("理由", "reason", "left"),
        ("依据", "rests on", "left"),
        ("摘要", "digest", "left"),
    )
    rows = [
        [
            str(event.seq),
            moment(event.at),
            screen.say(EVENT_WORDS[event.event].zh, event.event),
            screen.say(STATUS_WORDS[event.after].zh, event.after),
            money(event.amount_fen),
            day(event.deadline),
            event.by,
            event.reason,
            event.about,
            event.digest[:SHORT],
        ]
        for event in file.events
    ]
    _section(screen, "经过", "Events", columns, rows)


def _section(screen: Screen, chinese: str, english: str, columns: list[tuple[str, str]], rows: list[list[str]]) -> None:
    """Draw a part of the story; a part that has not begun is left out."""
    if rows:
        screen.table(screen.say(chinese, english), columns, rows)


def _print_rechecks(screen: Screen, file: CaseFile) -> None:
    columns = headings(
        screen,
        ("复核", "recheck", "right"),
        ("时间", "at", "left"),
        ("目的", "purpose", "left"),
        ("批次", "sweep", "left"),
        ("结果", "outcome", "left"),
        ("较低金额（元）", "lower amount (yuan)", "right"),
        ("经办", "by", "left"),
    )
    rows = []
    for each in file.rechecks:
        english, chinese = RECHECK_WORDS[each.outcome]
        purpose = screen.say(*PURPOSES[each.purpose])
        outcome = screen.say(chinese, english)
        fen = money(each.amount_fen)
        rows.append([str(each.number), moment(each.at), purpose, each.sweep_id[:SHORT], outcome, fen, each.by])
    _section(screen, "复核", "Rechecks", columns, rows)


def print_objections(screen: Screen, objections: tuple[ObjectionLine, ...]) -> None:
    """Draw objections with their answers."""
    columns = headings(
        screen,
        ("异议", "objection", "right"),
        ("事项", "case", "right"),
        ("政策", "policy", "left"),
        ("企业", "firm", "left"),
        ("提出人", "lodged by", "left"),
        ("理由", "ground", "left"),
        ("答复期限", "answer due", "left"),
        ("结果", "outcome", "left"),
        ("答复人", "answered by", "left"),
        ("答复", "answer", "left"),
    )
    rows = [
        [
            str(each.objection_id),
            str(each.case_id),
            each.policy_id,
            each.uscc,
            each.lodged_by,
            each.ground,
            day(each.due),
            screen.say(*ANSWERS[each.outcome]),
            each.answered_by or "",
            each.answer or "",
        ]
        for each in objections
    ]
    _section(screen, "异议", "Objections", columns, rows)


def _print_trail(screen: Screen, trail: PaymentTrail) -> None:
    columns = headings(
        screen,
        ("分配", "allocation", "right"),
        ("时间", "at", "left"),
        ("年度", "year", "right"),
        ("位次", "place", "right"),
        ("申请（元）", "asked (yuan)", "right"),
        ("分得（元）", "granted (yuan)", "right"),
        ("科目", "lines", "left"),
        ("经办", "by", "left"),
    )
    rows = [
        [
            str(each.allocation),
            moment(each.at),
            str(each.year),
            str(each.place),
            money(each.asked_fen),
            money(each.granted_fen),
            joined([f"{line} {money(fen)}" for line, fen in each.shares]),
            each.by,
        ]
        for each in trail.grants
    ]
    _section(screen, "预算", "Budget", columns, rows)
    _print_lists(screen, trail)
    columns = headings(
        screen,
        ("支付令", "order", "right"),
        ("时间", "at", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("名单", "list", "right"),
        ("复核", "recheck", "right"),
        ("经办", "by", "left"),
    )
    rows = [
        [str(each.order_id), moment(each.at), money(each.amount_fen), str(each.list_id), str(each.recheck), each.by]
        for each in trail.orders
    ]
    _section(screen, "支付令", "Orders", columns, rows)
    for attempt in trail.attempts:
        _print_attempt(screen, attempt)
    if trail.recoveries:
        print_recoveries(screen, trail.recoveries)


def _print_lists(screen: Screen, trail: PaymentTrail) -> None:
    columns = headings(
        screen,
        ("名单", "list", "right"),
        ("生成", "made", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("摘要", "digest", "left"),
        ("签署", "signed by", "left"),
        ("结果", "outcome", "left"),
        ("理由", "reason", "left"),
    )
    rows = [
        [
            str(each.list_id),
            f"{moment(each.at)} {each.by}",
            money(each.amount_fen),
            each.digest[:SHORT],
            joined([f"{s.stage} {s.person} ({s.role})" for s in each.signatures]),
            screen.say(*OUTCOMES[each.outcome]),
            each.reason,
        ]
        for each in trail.lists
    ]
    _section(screen, "审批", "Approval", columns, rows)


def _print_attempt(screen: Screen, attempt: AttemptLine) -> None:
    status = screen.say(*ATTEMPT_WORDS[attempt.status])
    batch = "" if attempt.batch_id is None else f" · {screen.say('批次', 'batch')} {attempt.batch_id}"
    title = f"{screen.say('支付尝试', 'Attempt')} {attempt.number} · {attempt.attempt_id} · {status}"
    account = f"****{attempt.tail} ({attempt.source})"
    title += f" · {money(attempt.amount_fen)} {screen.say('元', 'yuan')} → {account}{batch}"
    columns = headings(
        screen,
        ("时间", "at", "left"),
        ("事件", "event", "left"),
        ("之后", "then", "left"),
        ("原因", "reason", "left"),
        ("依据", "rests on", "left"),
        ("经办", "by", "left"),
    )
    rows = [[moment(attempt.at), screen.say("生成", "made"), screen.say("待发送", "stored"), "", "", attempt.by]]
    rows += [
        [
            moment(s.at),
            screen.say(*STEP_WORDS[s.event]),
            screen.say(*ATTEMPT_WORDS[s.after]),
            s.reason_code,
            _about(s.about),
            s.by,
        ]
        for s in attempt.steps
    ]
    screen.print(title, title)
    screen.table("", columns, rows)


def _about(about: str) -> str:
    """Return what a step rests on with the digest cut: `file:<digest>:<line>`."""
    kind, _, rest = about.partition(":")
    digest, colon, line = rest.partition(":")
    return f"{kind}:{digest[:SHORT]}{colon}{line}"
