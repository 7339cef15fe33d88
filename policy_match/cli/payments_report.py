"""`policy-match payments`, what stands where: attempts, batches, the bank's files, unexplained lines, reconciling."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from policy_match.cases.working_days import china_day
from policy_match.cli.cells import SHORT, day, headings, iso, joined, listed, moment, money, yuan
from policy_match.cli.options import (
    LARGEST_NUMBER,
    NUMBER,
    Day,
    by_option,
    most_option,
    reason_option,
    screen_options,
    unattended_by_option,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.payments.reconciliation import DifferenceStands, Reconciliation
from policy_match.payments.records import BatchRecord, TakenFile, UnexplainedLine, Verdict
from policy_match.payments.words import ATTEMPT_WORDS, VERDICT_WORDS
from policy_match.services.account_files import open_account_file
from policy_match.services.payment_lists import PaymentStatus, payment_status, taken_files, unexplained_lines
from policy_match.services.reconcile_payments import MAX_LINES, Reconciled, explain_line, reconcile_payments
from policy_match.services.take_bank_file import NoSuchFile, open_bank_file
from policy_match.values import Digest

MOST_FILES = 10_000


def _meant(digests: Iterable[Digest], given: str) -> Digest:
    """Return the one digest that begins as given. Raises `NoSuchFile`."""
    named = {each for each in digests if given and each.startswith(given.lower())}
    if len(named) != 1:
        raise NoSuchFile(digest=given)
    return named.pop()


def verdict_words(screen: Screen, verdicts: Mapping[Verdict, int]) -> str:
    """Return how many lines of a file have each verdict, in one text."""
    return screen.say(",", ", ").join(
        f"{screen.say(*VERDICT_WORDS[verdict])} {count:,}" for verdict, count in sorted(verdicts.items())
    )


@click.command()
@most_option
@screen_options
def status(most: int, screen: Screen) -> None:
    """款项到哪一步了，以及最近的批次 / where all attempts stand, and the latest batches.

    \b
      policy-match payments status --most 10
    """
    found = payment_status(current_session().application.database, most=most)
    if screen.json:
        screen.result(_status_json(found))
        return
    columns = headings(
        screen, ("状态", "status", "left"), ("笔数", "attempts", "right"), ("金额（元）", "amount (yuan)", "right")
    )
    rows = [
        [screen.say(*ATTEMPT_WORDS[each]), f"{count:,}", money(fen)] for each, (count, fen) in found.attempts.items()
    ]
    listed(screen, ("支付尝试", "Attempts"), columns, rows)
    columns = headings(
        screen,
        ("批次", "batch", "right"),
        ("报文编号", "message", "left"),
        ("执行日", "execute on", "left"),
        ("笔数", "payments", "right"),
        ("金额（元）", "amount (yuan)", "right"),
        ("交付", "handed over", "left"),
        ("状态", "status", "left"),
    )
    listed(screen, ("批次", "Batches"), columns, [_batch_row(screen, batch) for batch in found.batches])


def _batch_row(screen: Screen, batch: BatchRecord) -> list[str]:
    return [
        str(batch.batch_id),
        batch.message_id,
        day(batch.execute_on),
        f"{batch.count:,}",
        money(batch.total_fen),
        moment(batch.handed_over_at) or "-",
        joined([f"{screen.say(*ATTEMPT_WORDS[each])} {count:,}" for each, count in sorted(batch.statuses.items())]),
    ]


def _status_json(found: PaymentStatus) -> dict[str, Any]:
    return {
        "attempts": {
            each.value: {"count": count, "amount": yuan(fen)} for each, (count, fen) in found.attempts.items()
        },
        "batches": [
            {
                "batch": batch.batch_id,
                "message_id": batch.message_id,
                "channel": batch.channel,
                "file": batch.file_name,
                "file_digest": batch.file_digest,
                "execute_on": batch.execute_on.isoformat(),
                "payments": batch.count,
                "amount": yuan(batch.total_fen),
                "made_at": batch.made_at.isoformat(),
                "handed_over_at": iso(batch.handed_over_at),
                "statuses": {each.value: count for each, count in batch.statuses.items()},
            }
            for batch in found.batches
        ],
    }


@click.command("file")
@click.argument("digest")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写到 / where to write it")
@screen_options
def file_command(digest: str, out: Path, screen: Screen) -> None:
    """取出留存的银行文件原文 / write a kept bank file as it came.

    \b
    It may hold account numbers: keep it where only those who need it can read it.

    \b
      policy-match payments file 3498087c1c5a… --out statement.xml
    """
    application = current_session().application
    named = _meant((each.digest for each in taken_files(application.database, most=MOST_FILES)), digest)
    content = open_bank_file(application.database, application.account_sealer, named)
    application.write_file(out, content)
    if screen.json:
        screen.result({"file": str(out), "bytes": len(content)})
        return
    screen.print(f"已写入 {out}", f"written: {out}")


@click.command("account-file")
@click.argument("number", type=NUMBER)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写到 / where to write it")
@screen_options
def account_file_command(number: int, out: Path, screen: Screen) -> None:
    """取出经网页或接口上传的收款账户表原文 / write a table of accounts that came over the web, as it came.

    \b
    It holds account numbers: keep it where only those who need it can read it.

    \b
      policy-match payments account-file 12 --out accounts.csv
    """
    application = current_session().application
    content = open_account_file(application.database, application.account_sealer, number)
    application.write_file(out, content)
    if screen.json:
        screen.result({"file": str(out), "bytes": len(content)})
        return
    screen.print(f"已写入 {out}", f"written: {out}")


@click.command()
@most_option
@screen_options
def files(most: int, screen: Screen) -> None:
    """读入过的银行文件及其明细的结果 / the bank's files that were taken, and what became of their lines.

    \b
      policy-match payments files
    """
    found = taken_files(current_session().application.database, most=most)
    if screen.json:
        screen.result([_taken_json(file) for file in found])
        return
    columns = headings(
        screen,
        ("文件", "file", "left"),
        ("摘要", "digest", "left"),
        ("种类", "kind", "left"),
        ("读入时间", "taken at", "left"),
        ("结果", "result", "left"),
    )
    kinds = {"status": ("回执", "status"), "statement": ("对账单", "statement"), "refused": ("拒收", "refused")}
    rows = [
        [
            file.name,
            file.digest[:SHORT],
            screen.say(*kinds[file.kind]),
            moment(file.at),
            file.reason or verdict_words(screen, file.verdicts),
        ]
        for file in found
    ]
    listed(screen, ("银行文件", "Files of the bank"), columns, rows)


def _taken_json(file: TakenFile) -> dict[str, Any]:
    return {
        "digest": file.digest,
        "file": file.name,
        "kind": file.kind.value,
        "reason": file.reason,
        "at": file.at.isoformat(),
        "verdicts": {verdict.value: count for verdict, count in file.verdicts.items()},
    }


@click.command()
@most_option
@screen_options
def unmatched(most: int, screen: Screen) -> None:
    """银行文件中需要人工说明的明细 / lines of the bank's files that a person must explain.

    \b
    They changed nothing, and nothing is closed while one of them stands. Answer each with `payments explain`, or with
    `payments receipt` when it is money that a firm paid back.

    \b
      policy-match payments unmatched
    """
    found = unexplained_lines(current_session().application.database, most=most)
    if screen.json:
        screen.result([_line_json(line) for line in found])
        return
    print_lines(screen, found)


def print_lines(screen: Screen, lines: Sequence[UnexplainedLine]) -> None:
    """Draw the lines that need a person."""
    columns = headings(
        screen,
        ("文件", "file", "left"),
        ("摘要", "digest", "left"),
        ("行", "line", "right"),
        ("问题", "problem", "left"),
        ("支付编号", "attempt", "left"),
        ("流水号", "bank's reference", "left"),
        ("金额（元）", "amount (yuan)", "right"),
        ("转出（元）", "out (yuan)", "right"),
        ("记账日", "booked on", "left"),
        ("原因", "reason", "left"),
    )
    rows = [
        [
            line.file_name,
            line.digest[:SHORT],
            str(line.number),
            screen.say(*VERDICT_WORDS[line.verdict]),
            line.attempt_id or "",
            line.line_ref or "",
            money(line.amount_fen),
            money(line.out_fen),
            day(line.booked_on),
            line.reason_code,
        ]
        for line in lines
    ]
    listed(screen, ("待说明的明细", "Lines to be explained"), columns, rows)


def _line_json(line: UnexplainedLine) -> dict[str, Any]:
    return {
        "digest": line.digest,
        "file": line.file_name,
        "line": line.number,
        "kind": line.kind,
        "verdict": line.verdict.value,
        "attempt_id": line.attempt_id,
        "line_ref": line.line_ref,
        "amount": yuan(line.amount_fen),
        "out": yuan(line.out_fen),
        "booked_on": iso(line.booked_on),
        "reason_code": line.reason_code,
    }


@click.command("explain")
@click.argument("digest")
@click.argument("line", type=click.IntRange(1, LARGEST_NUMBER))
@reason_option
@by_option
@screen_options
def explain_command(digest: str, line: int, reason: str, by: str, screen: Screen) -> None:
    """说明一条无法匹配的明细 / explain a line that matched nothing; it stays as it is, with the explanation.

    \b
    DIGEST is that of the file, or its beginning, as `payments unmatched` shows it.

    \b
      policy-match payments explain 3fb0c1d2e4a5 7 --reason "银行手续费" --by li.ming
    """
    application = current_session().application
    waiting = unexplained_lines(application.database, most=MAX_LINES)
    file = _meant((each.digest for each in waiting), digest)
    explain_line(application.database, application.clock, file=file, number=line, reason=reason, by=by)
    if screen.json:
        screen.result({"digest": file, "line": line, "explained_by": by})
        return
    screen.print(f"已记录：{by} 对第 {line} 行的说明", f"noted: what {by} says of line {line}")


@click.command()
@click.option(
    "--up-to", type=Day(), help="关账至该记账日，缺省为今天 / close what was booked by this day; today by default"
)
@click.option("--close", is_flag=True, help="全部一致时办结已付事项 / close paid cases when all agrees")
@unattended_by_option
@screen_options
def reconcile(up_to: date | None, close: bool, by: str, screen: Screen) -> None:
    """支付令、账务与银行对账单逐分核对 / compare orders, ledger and bank statements to the fen.

    \b
    Every comparison is kept. With --close, paid cases are closed when nothing differs; while a difference, an
    unexplained line or a missing statement stands, nothing closes and the exit code is 4.

    \b
      policy-match payments reconcile
      policy-match payments reconcile --close --by li.ming
    """
    application = current_session().application
    day_of = up_to or china_day(application.clock.now())
    try:
        with screen.progress("对账", "reconciling"):
            found = reconcile_payments(application.database, application.clock, up_to=day_of, by=by, close=close)
    except DifferenceStands as stands:
        result = stands.fields["reconciliation"]
        assert isinstance(result, Reconciliation), "the error carries it"
        if screen.json:
            screen.result(_reconciliation_json(result))
        else:
            _print_reconciliation(screen, result)
        raise
    if screen.json:
        screen.result({**_reconciliation_json(found.result), **_reconciled_json(found)})
        return
    _print_reconciliation(screen, found.result)
    screen.print(
        f"第 {found.number} 次对账；付款账户净转出 {money(found.net_out_fen)} 元；办结 {found.closed:,} 项",
        f"reconciliation {found.number}; {money(found.net_out_fen)} yuan left the account in all; "
        f"{found.closed:,} cases closed",
    )


def _print_reconciliation(screen: Screen, found: Reconciliation) -> None:
    columns = headings(
        screen,
        ("科目", "line", "left"),
        ("对账单付出（元）", "booked by the bank (yuan)", "right"),
        ("对账单退回（元）", "returned (yuan)", "right"),
        ("差异", "differences", "right"),
    )
    rows = [
        [
            line.line,
            money(line.booked_fen),
            money(line.returned_fen),
            str(sum(each.line == line.line for each in found.differences)),
        ]
        for line in found.lines
    ]
    listed(screen, ("对账", "Reconciliation"), columns, rows)
    if found.differences:
        columns = headings(
            screen,
            ("科目", "line", "left"),
            ("比较", "comparison", "left"),
            ("账户", "account", "left"),
            ("应为（元）", "expected (yuan)", "right"),
            ("实为（元）", "found (yuan)", "right"),
        )
        rows = [
            [each.line, each.comparison, each.account or "", money(each.expected_fen), money(each.found_fen)]
            for each in found.differences
        ]
        screen.table(screen.say("差异", "Differences"), columns, rows)
    if found.unmatched:
        print_lines(screen, found.unmatched)
    for gap in found.gaps:
        screen.print(f"对账单 {gap} 之前缺一份对账单", f"a statement is missing before {gap}")
    if found.agrees:
        screen.print("差异为零。", "All agrees: no difference.")


def _reconciled_json(found: Reconciled) -> dict[str, Any]:
    return {"reconciliation": found.number, "net_out": yuan(found.net_out_fen), "closed": found.closed}


def _reconciliation_json(found: Reconciliation) -> dict[str, Any]:
    return {
        "agrees": found.agrees,
        "lines": [
            {
                "line": line.line,
                "attempts": {each.value: yuan(fen) for each, fen in line.attempts.items()},
                "transfers": {each.value: yuan(fen) for each, fen in line.transfers.items()},
                "balances": {each.value: yuan(fen) for each, fen in line.balances.items()},
                "booked": yuan(line.booked_fen),
                "returned": yuan(line.returned_fen),
            }
            for line in found.lines
        ],
        "differences": [
            {
                "line": each.line,
                "comparison": each.comparison.value,
                "account": None if each.account is None else each.account.value,
                "expected": yuan(each.expected_fen),
                "found": yuan(each.found_fen),
            }
            for each in found.differences
        ],
        "unmatched": [_line_json(line) for line in found.unmatched],
        "missing_statements_before": list(found.gaps),
    }
