"""`policy-match payments`: accounts, orders, batches to the bank, and the bank's files back."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from policy_match.cases.working_days import china_day
from policy_match.cli.cells import headings, listed, money, yuan
from policy_match.cli.options import Day, by_option, policy_option, screen_options, unattended_by_option
from policy_match.cli.payments_report import (
    account_file_command,
    explain_command,
    file_command,
    files,
    reconcile,
    status,
    unmatched,
    verdict_words,
)
from policy_match.cli.payments_returns import give_up, receipt, recover, recoveries_command, retry, returned
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError, PolicyMatchError
from policy_match.payments.accounts import DEFECT_TEXTS, AccountDefect, AccountSource
from policy_match.payments.messages import MAX_INSTRUCTIONS
from policy_match.services.account_file import take_account_file
from policy_match.services.order_payments import Blocked, BlockedCase, OrdersMade, order_payments
from policy_match.services.payee_accounts import AccountsTaken
from policy_match.services.send_batches import BATCH_SIZE, PATIENCE, SentBatch, lose_replies, make_batches, send_batches
from policy_match.services.take_bank_file import FileTaken, take_bank_file
from policy_match.values import PolicyId

SHOWN = 20
"""The most refused rows and waiting cases that are listed for a person; programs get all that are kept."""

MAX_BANK_FILE_BYTES = 256 * 2**20
"""No file of a bank is so large: what is, is not even read. A channel's own limit is smaller."""

BLOCKED_WORDS: Mapping[Blocked, tuple[str, str]] = {
    Blocked.NO_BUDGET: ("没有分到预算", "no share of the budget"),
    Blocked.BUDGET_YEAR_OVER: ("预算年度已结束", "the budget was granted for another year"),
    Blocked.NOT_RECHECKED: ("支付前尚未复核（cases recheck payment）", "not rechecked yet (cases recheck payment)"),
    Blocked.NOT_ELIGIBLE_NOW: ("支付前复核未通过", "the recheck before payment did not pass"),
    Blocked.EXCLUDED: ("在排除名单内", "the firm is excluded"),
    Blocked.ACCOUNT: ("收款账户", "the account"),
}


class BankFileTooLarge(InputError):
    """Not a file that a bank sends."""

    code = "payments.bank-file-size"
    english = "{file} has {size:,} bytes, more than the {limit:,} that are read; nothing was kept or changed"
    chinese = "{file} 共 {size:,} 字节，超过可读取的 {limit:,} 字节；未留存，也未改变任何数据"


class BankFileUnreadable(InputError):
    """The disk does not give the file."""

    code = "payments.bank-file-unreadable"
    english = "{file} cannot be read: {detail}; nothing was kept or changed"
    chinese = "{file} 无法读取：{detail}；未留存，也未改变任何数据"


@click.group()
def payments() -> None:
    """账户、支付令、批次、银行回执、退票、追回与对账 / accounts, orders, batches, the bank's files, recovery.

    \b
    A working day / 每个工作日：
      policy-match payments order  --by wang.fang      budget is reserved, attempts are stored
      policy-match payments send   --by wang.fang      batches go to the outbox, each once
      policy-match payments take bank/*.xml            what the bank says
      policy-match payments reconcile --close --by li.ming
    docs/payments.md has the whole way.
    """


@payments.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source",
    "stated_by",
    type=click.Choice([source.value for source in AccountSource]),
    help="账户由谁提供（表中没有“来源”列时）/ who states the accounts, where the table has no such column",
)
@by_option
@screen_options
def accounts(file: Path, stated_by: str | None, by: str, screen: Screen) -> None:
    """导入收款账户表（CSV、Excel）/ take a table of accounts into which payees are paid.

    \b
    Columns: uscc 统一社会信用代码, holder 户名, number 账号, bank_code 联行号, and if need be source 来源 and kind
    收款人类型 (firm, bank or utility). Numbers are sealed before they are kept. A bad row is reported with its number
    and the reason; the others are taken. Whether holder and registered name agree is checked before each order.

    \b
    Exit code 2 when no row could be taken.

    \b
      policy-match payments accounts tax-accounts.csv --source tax --by wang.fang
      policy-match payments accounts accounts.xlsx --by wang.fang --json
    """
    application = current_session().application
    with screen.progress("导入账户", "taking accounts") as progress:
        taken = take_account_file(
            application.text_rows(file),
            application.database,
            application.account_sealer,
            application.clock,
            by=by,
            source=None if stated_by is None else AccountSource(stated_by),
            progress=progress,
        )
    if screen.json:
        screen.result(_taken_json(taken))
    else:
        _print_taken(screen, taken)
    if taken.refused and not taken.kept:
        raise click.exceptions.Exit(InputError.exit_code)


def _taken_json(taken: AccountsTaken) -> dict[str, Any]:
    return {
        "kept": taken.kept,
        "refused": taken.refused,
        "refusals": [
            {"row": each.row, "uscc": each.uscc, "reason": each.reason_en, "reason_zh": each.reason_zh}
            for each in taken.refusals
        ],
    }


def _print_taken(screen: Screen, taken: AccountsTaken) -> None:
    screen.print(
        f"已登记 {taken.kept:,} 个账户；未登记 {taken.refused:,} 行",
        f"took {taken.kept:,} accounts; {taken.refused:,} rows were refused",
    )
    if taken.refusals:
        columns = headings(screen, ("行", "row", "right"), ("信用代码", "code", "left"), ("原因", "reason", "left"))
        rows = [
            [str(each.row), each.uscc, screen.say(each.reason_zh, each.reason_en)] for each in taken.refusals[:SHOWN]
        ]
        screen.table(screen.say("未登记的行", "Refused rows"), columns, rows)
        _print_more(screen, taken.refused)


def _print_more(screen: Screen, count: int) -> None:
    if count > SHOWN:
        screen.print(
            f"……共 {count:,} 行，仅列出前 {SHOWN} 行；--json 列出更多", f"… {count:,} in all; --json lists more"
        )


@payments.command()
@policy_option
@unattended_by_option
@screen_options
def order(policy: PolicyId | None, by: str, screen: Screen) -> None:
    """为到期的已批准事项生成支付令并预留预算 / order every approved case that is due, and reserve its money.

    \b
    Before it: `cases recheck payment` reads eligibility again. A case that has to wait is listed with the reason.
    Running it again, or twice at once, orders nothing twice. After the year's cut-off it stops with exit code 4.

    \b
      policy-match payments order --by wang.fang
    """
    application = current_session().application
    cut_off = application.config.payments.cut_off_in(china_day(application.clock.now()).year)
    with screen.progress("生成支付令", "ordering") as progress:
        made = order_payments(
            application.database, application.clock, by=by, cut_off=cut_off, policy_id=policy, progress=progress
        )
    if screen.json:
        screen.result(_orders_json(made))
        return
    screen.print(
        f"生成 {made.orders:,} 份支付令，共 {money(made.total_fen)} 元",
        f"made {made.orders:,} orders of {money(made.total_fen)} yuan in all",
    )
    for reason, count in made.blocked.items():
        chinese, english = BLOCKED_WORDS[reason]
        screen.print(f"等待 {count:,} 项：{chinese}", f"{count:,} wait: {english}")
    if made.waiting:
        columns = headings(screen, ("事项", "case", "right"), ("企业", "firm", "left"), ("原因", "reason", "left"))
        rows = [[str(each.case_id), each.uscc, _blocked_text(screen, each)] for each in made.waiting[:SHOWN]]
        screen.table("", columns, rows)
        _print_more(screen, sum(made.blocked.values()))


def _blocked_text(screen: Screen, case: BlockedCase) -> str:
    words = screen.say(*BLOCKED_WORDS[case.reason])
    if case.reason is not Blocked.ACCOUNT:
        return words
    defects = [screen.say(*DEFECT_TEXTS[AccountDefect(code)]) for code in case.detail.split(", ")]
    return screen.say(":", ": ").join([words, screen.say("、", "; ").join(defects)])


def _orders_json(made: OrdersMade) -> dict[str, Any]:
    return {
        "orders": made.orders,
        "amount": yuan(made.total_fen),
        "blocked": {reason.value: count for reason, count in made.blocked.items()},
        "waiting": [
            {"case": each.case_id, "uscc": each.uscc, "reason": each.reason.value, "detail": each.detail}
            for each in made.waiting
        ],
    }


@payments.command()
@click.option(
    "--on", "execute_on", type=Day(), help="请求银行付款的日期，缺省为今天 / day of execution; today by default"
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, MAX_INSTRUCTIONS),
    default=BATCH_SIZE,
    show_default=True,
    help="每批最多笔数 / the most payments of one batch",
)
@unattended_by_option
@screen_options
def send(execute_on: date | None, batch_size: int, by: str, screen: Screen) -> None:
    """把待付款项编成批次并交给银行，每批只交一次 / put attempts into batches and give each to the bank, once.

    \b
    A batch is recorded as sent before the file is laid into the outbox. When that fails nobody can say whether the
    bank has it: it is not sent again, `payments lost` makes its attempts unknown, and the bank's next file settles
    them.

    \b
      policy-match payments send --by wang.fang
      policy-match payments send --on 2026-07-01 --by wang.fang --json
    """
    application = current_session().application
    channel, sealer, clock = application.payment_channel, application.account_sealer, application.clock
    bank = application.bank
    day = execute_on or china_day(clock.now())
    with screen.progress("编制并发送批次", "making and sending batches"):
        make_batches(application.database, channel, sealer, clock, by=by, execute_on=day, batch_size=batch_size)
        sent = send_batches(application.database, channel, bank, sealer, clock, by=by)
    if screen.json:
        screen.result([_sent_json(batch) for batch in sent])
        return
    columns = headings(
        screen,
        ("批次", "batch", "right"),
        ("笔数", "payments", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("交付", "handed over", "left"),
    )
    rows = [
        [str(each.batch_id), f"{each.count:,}", money(each.total_fen), each.receipt or f"? {each.problem}"]
        for each in sent
    ]
    listed(screen, ("已发送批次", "Batches sent"), columns, rows)
    if any(each.receipt is None for each in sent):
        screen.print(
            "有批次未得到回应：不会重发，由 payments lost 记为结果未知，再由银行回执或对账单确认。",
            "A batch has no reply: it is not sent again; `payments lost` makes it unknown, the bank's files settle it.",
        )


def _sent_json(batch: SentBatch) -> dict[str, Any]:
    return {
        "batch": batch.batch_id,
        "payments": batch.count,
        "amount": yuan(batch.total_fen),
        "receipt": batch.receipt,
        "problem": batch.problem,
    }


@payments.command()
@click.option(
    "--minutes",
    type=click.IntRange(0, 100_000),
    default=int(PATIENCE / timedelta(minutes=1)),
    show_default=True,
    help="等待回应的分钟数 / how long a reply may take",
)
@unattended_by_option
@screen_options
def lost(minutes: int, by: str, screen: Screen) -> None:
    """把迟迟没有回应的已发送款项记为“结果未知” / make sent attempts unknown whose reply does not come.

    \b
    They are never sent again: only the bank's status report or statement settles them.

    \b
      policy-match payments lost --minutes 60
    """
    application = current_session().application
    count = lose_replies(application.database, application.clock, by=by, patience=timedelta(minutes=minutes))
    if screen.json:
        screen.result({"unknown": count})
        return
    screen.print(f"{count:,} 笔记为结果未知", f"{count:,} attempts are unknown now")


@payments.command()
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@unattended_by_option
@screen_options
def take(paths: tuple[Path, ...], by: str, screen: Screen) -> None:
    """读入银行的回执与对账单，次序不限，可重复 / take status reports and statements, in any order, also again.

    \b
    Each file changes things once, whole or not at all. A file that cannot be trusted is kept, sealed, and changes
    nothing; the others are still taken and the exit code is 2. Lines that need a person: `payments unmatched`.

    \b
      policy-match payments take inbox/pain002-20260701.xml inbox/camt053-20260701.xml
    """
    results: list[tuple[Path, FileTaken | PolicyMatchError]] = []
    with screen.progress("读入银行文件", "taking the bank's files") as progress:
        for number, path in enumerate(paths, 1):
            results.append((path, _take(path, by)))
            progress(number, len(paths))
    if screen.json:
        screen.result([_file_json(path, result) for path, result in results])
    for path, result in results:
        if isinstance(result, PolicyMatchError):
            screen.error(result)
        elif not screen.json:
            _print_file(screen, path, result)
    failed = [result for _, result in results if isinstance(result, PolicyMatchError)]
    if failed:
        raise click.exceptions.Exit(failed[0].exit_code)


def _take(path: Path, by: str) -> FileTaken | PolicyMatchError:
    """Take one file; what is wrong with it is no reason to leave the next one."""
    application = current_session().application
    channel = application.payment_channel
    try:
        size = path.stat().st_size
        if size > MAX_BANK_FILE_BYTES:
            return BankFileTooLarge(file=path.name, size=size, limit=MAX_BANK_FILE_BYTES)
        content = path.read_bytes()
    except OSError as error:
        return BankFileUnreadable(file=path.name, detail=error.strerror or type(error).__name__)
    try:
        return take_bank_file(
            application.database,
            channel,
            application.account_sealer,
            application.clock,
            name=path.name,
            content=content,
            by=by,
        )
    except InputError as error:
        return error


def _print_file(screen: Screen, path: Path, taken: FileTaken) -> None:
    words = verdict_words(screen, taken.verdicts)
    if taken.repeated:
        screen.print(
            f"{path.name}：此前已读入，未作改变（{words}）", f"{path.name}: taken before, nothing changed ({words})"
        )
    else:
        screen.print(f"{path.name}：{words or '没有明细'}", f"{path.name}: {words or 'no lines'}")


def _file_json(path: Path, result: FileTaken | PolicyMatchError) -> dict[str, Any]:
    if isinstance(result, PolicyMatchError):
        return {"file": path.name, "error": {"code": result.code, "message": result.message("en")}}
    return {
        "file": path.name,
        "digest": result.digest,
        "kind": result.kind.value,
        "repeated": result.repeated,
        "verdicts": {verdict.value: count for verdict, count in result.verdicts.items()},
    }


COMMANDS: Sequence[click.Command] = (
    status,
    returned,
    retry,
    give_up,
    recover,
    receipt,
    recoveries_command,
    unmatched,
    explain_command,
    reconcile,
    file_command,
    account_file_command,
    files,
)
for _command in COMMANDS:
    payments.add_command(_command)
