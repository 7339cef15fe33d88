"""`policy-match payments`, money that came back: returned payments and their ageing, paying again, recovery."""

from collections.abc import Sequence
from typing import Any

import click

from policy_match.cases.model import Status
from policy_match.cases.words import STATUS_WORDS
from policy_match.cases.working_days import china_day
from policy_match.cli.cells import day, headings, iso, listed, moment, money, yuan
from policy_match.cli.options import (
    NUMBER,
    Yuan,
    after_option,
    by_option,
    most_option,
    reason_option,
    screen_options,
    unattended_by_option,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.payments.records import RecoveryRecord
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.returns import AgeBucket
from policy_match.payments.words import FOLLOW_UP_WORDS, RECOVERY_WORDS, WAY_WORDS
from policy_match.services.payment_lists import recoveries
from policy_match.services.recover_payments import RecoveryDecided, assign_receipt, decide
from policy_match.services.returned_payments import Returned, ageing, pay_again, returned_payments
from policy_match.services.returned_payments import give_up as give_up_case


@click.command()
@after_option
@most_option
@screen_options
def returned(after: int, most: int, screen: Screen) -> None:
    """被退回或拒绝的款项、原因与已等待时间 / payments that came back or were refused: why, and for how long.

    \b
      policy-match payments returned
      policy-match payments returned --json
    """
    application = current_session().application
    cut_off = application.config.payments.cut_off_in(china_day(application.clock.now()).year)
    found = returned_payments(application.database, application.clock, cut_off=cut_off, after=after, most=most)
    buckets = ageing(application.database, application.clock)
    if screen.json:
        screen.result({"returned": [_returned_json(each) for each in found], "ageing": [_age_json(b) for b in buckets]})
        return
    columns = headings(
        screen,
        ("事项", "case", "right"),
        ("企业", "firm", "left"),
        ("名称", "name", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("原因", "reason", "left"),
        ("退回日", "came back on", "left"),
        ("须办理", "to do", "left"),
        ("新账户", "new account", "left"),
        ("重付", "paid again", "left"),
    )
    rows = [_returned_row(screen, each) for each in found]
    listed(screen, ("退回的款项", "Returned payments"), columns, rows)
    _print_ageing(screen, buckets)


def _returned_row(screen: Screen, each: Returned) -> list[str]:
    code = f"{each.case.reason_code} " if each.case.reason_code else ""
    return [
        str(each.case.case_id),
        each.case.uscc,
        each.case.registered_name or "",
        money(each.case.amount_fen),
        code + screen.say(each.reason_zh, each.reason_en),
        day(each.case.booked_on),
        screen.say(*FOLLOW_UP_WORDS[each.follow_up]),
        screen.say("已提供", "stated") if each.case.newer_accounts else "-",
        screen.say(*WAY_WORDS[each.way]),
    ]


def _print_ageing(screen: Screen, buckets: Sequence[AgeBucket]) -> None:
    columns = headings(
        screen,
        ("已等待天数", "days waited", "left"),
        ("笔数", "payments", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    rows = [
        [
            f"{b.first_day}-{b.last_day}" if b.last_day is not None else f"{b.first_day}+",
            f"{b.count:,}",
            money(b.total_fen),
        ]
        for b in buckets
    ]
    screen.table(screen.say("等待时间", "Ageing"), columns, rows)


def _returned_json(each: Returned) -> dict[str, Any]:
    return {
        "case": each.case.case_id,
        "policy_id": each.case.policy_id,
        "uscc": each.case.uscc,
        "name": each.case.registered_name,
        "attempt_id": each.case.attempt_id,
        "attempt": each.case.number,
        "amount": yuan(each.case.amount_fen),
        "reason_code": each.case.reason_code,
        "reason": each.reason_en,
        "reason_zh": each.reason_zh,
        "booked_on": iso(each.case.booked_on),
        "follow_up": each.follow_up.value,
        "way": each.way.value,
        "new_account": bool(each.case.newer_accounts),
    }


def _age_json(bucket: AgeBucket) -> dict[str, Any]:
    return {
        "first_day": bucket.first_day,
        "last_day": bucket.last_day,
        "count": bucket.count,
        "amount": yuan(bucket.total_fen),
    }


@click.command()
@unattended_by_option
@screen_options
def retry(by: str, screen: Screen) -> None:
    """账户更正后重新支付退回的款项 / pay returned payments again, where the account was corrected.

    \b
    A new attempt, linked to the same order, goes into an account stated after the one that failed; where the bank's
    reason passes by itself, into the same. After the year the case goes back for a new budget and a new approval.
    `payments send` sends the new attempts.

    \b
      policy-match payments accounts corrected.csv --source firm --by wang.fang
      policy-match cases recheck payment
      policy-match payments retry --by wang.fang
    """
    application = current_session().application
    cut_off = application.config.payments.cut_off_in(china_day(application.clock.now()).year)
    with screen.progress("重新支付", "paying again"):
        again = pay_again(application.database, application.clock, by=by, cut_off=cut_off)
    if screen.json:
        screen.result({"attempts": again.attempts, "requeued": again.requeued, "waiting": again.waiting})
        return
    screen.print(
        f"新建支付尝试 {again.attempts:,} 笔；转入新年度 {again.requeued:,} 项；仍待更正账户 {again.waiting:,} 项",
        f"{again.attempts:,} new attempts; {again.requeued:,} reviewed anew; {again.waiting:,} wait for an account",
    )


@click.command("give-up")
@click.argument("case", type=NUMBER)
@reason_option
@by_option
@screen_options
def give_up(case: int, reason: str, by: str, screen: Screen) -> None:
    """不再支付一项退回的款项 / close a returned case unpaid, for a stated reason.

    \b
      policy-match payments give-up 42 --reason "企业已注销" --by li.ming
    """
    application = current_session().application
    give_up_case(application.database, application.clock, case_id=case, reason=reason, by=by)
    if screen.json:
        screen.result({"case": case, "status": Status.CLOSED.value})
        return
    screen.print(f"事项 {case} 已办结，未支付", f"case {case} is closed, unpaid")


@click.command()
@click.argument("case", type=NUMBER)
@click.argument("kind", type=click.Choice([kind.value for kind in RecoveryKind]))
@click.option(
    "--right",
    type=Yuan(),
    default=0,
    help="应付金额（元），缺省 0；骗取时为 0 / what would have been right, in yuan; 0 after fraud",
)
@reason_option
@by_option
@screen_options
def recover(case: int, kind: str, right: int, reason: str, by: str, screen: Screen) -> None:
    """决定追回已付款项 / decide to ask money back.

    \b
    After fraud all is asked back and the firm is excluded for three years. After an honest overpayment only the
    difference is asked back, and nothing else follows. Who approved the case may not decide it.

    \b
      policy-match payments recover 42 overpayment --right 800 --reason "重复计算" --by sun.li
      policy-match payments recover 43 fraud --reason "虚报参保人数" --by sun.li
    """
    application = current_session().application
    decided = decide(
        application.database,
        application.clock,
        case_id=case,
        kind=RecoveryKind(kind),
        right_fen=right,
        reason=reason,
        by=by,
    )
    if screen.json:
        screen.result(_decided_json(decided))
        return
    until = decided.decision.excluded_until
    screen.print(
        f"追回 {decided.recovery_id}：事项 {case} 应退还 {money(decided.decision.asked_fen)} 元"
        + (f";{until} 前不得享受任何政策" if until else ""),
        f"recovery {decided.recovery_id}: {money(decided.decision.asked_fen)} yuan of case {case} are asked back"
        + (f"; the firm is excluded until {until}" if until else ""),
    )


def _decided_json(decided: RecoveryDecided) -> dict[str, Any]:
    return {
        "recovery": decided.recovery_id,
        "case": decided.decision.case_id,
        "uscc": decided.decision.uscc,
        "kind": decided.decision.kind.value,
        "paid": yuan(decided.decision.paid_fen),
        "asked": yuan(decided.decision.asked_fen),
        "excluded_until": iso(decided.decision.excluded_until),
    }


@click.command()
@click.argument("recovery", type=NUMBER)
@click.argument("line_ref")
@by_option
@screen_options
def receipt(recovery: int, line_ref: str, by: str, screen: Screen) -> None:
    """把企业退还的一笔入账计入追回 / assign money that a firm paid back to a recovery.

    \b
    LINE_REF is the bank's reference of the movement, as `payments unmatched` shows it.

    \b
      policy-match payments receipt 3 20260708000123/CRDT --by wang.fang
    """
    application = current_session().application
    record = assign_receipt(application.database, application.clock, recovery_id=recovery, line_ref=line_ref, by=by)
    if screen.json:
        screen.result(recovery_json(record))
        return
    rest = record.amount_fen - record.received_fen
    screen.print(
        f"追回 {recovery}：已到账 {money(record.received_fen)} 元，尚待 {money(rest)} 元",
        f"recovery {recovery}: {money(record.received_fen)} yuan came in, {money(rest)} are still asked for",
    )


@click.command("recoveries")
@most_option
@screen_options
def recoveries_command(most: int, screen: Screen) -> None:
    """列出追回决定及到账情况 / the decisions to ask money back, and what came in.

    \b
      policy-match payments recoveries
    """
    found = recoveries(current_session().application.database, most=most)
    if screen.json:
        screen.result([recovery_json(record) for record in found])
        return
    print_recoveries(screen, found)


def print_recoveries(screen: Screen, found: Sequence[RecoveryRecord]) -> None:
    """Draw decisions to ask money back."""
    columns = headings(
        screen,
        ("追回", "recovery", "right"),
        ("事项", "case", "right"),
        ("企业", "firm", "left"),
        ("性质", "kind", "left"),
        ("应退（元）", "asked (yuan)", "right"),
        ("已到账（元）", "came in (yuan)", "right"),
        ("状态", "status", "left"),
        ("决定时间", "decided at", "left"),
        ("经办", "by", "left"),
        ("理由", "reason", "left"),
    )
    rows = [
        [
            str(each.recovery_id),
            str(each.case_id),
            each.uscc,
            screen.say(*RECOVERY_WORDS[each.kind]),
            money(each.amount_fen),
            money(each.received_fen),
            screen.say(STATUS_WORDS[Status(each.status)].zh, each.status),
            moment(each.at),
            each.by,
            each.ground,
        ]
        for each in found
    ]
    listed(screen, ("追回", "Recoveries"), columns, rows)


def recovery_json(record: RecoveryRecord) -> dict[str, Any]:
    """Return a decision to ask money back for a program."""
    return {
        "recovery": record.recovery_id,
        "case": record.case_id,
        "uscc": record.uscc,
        "policy_id": record.policy_id,
        "kind": record.kind,
        "status": record.status,
        "asked": yuan(record.amount_fen),
        "received": yuan(record.received_fen),
        "reason": record.ground,
        "at": record.at.isoformat(),
        "by": record.by,
    }
