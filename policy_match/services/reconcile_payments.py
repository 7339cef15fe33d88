"""Compares orders, ledger and bank statements to the fen, and closes what agrees.

Guarantees that nothing closes while a difference, an unexplained line or a missing statement stands, and that every
comparison is kept. What is compared is `payments.reconciliation`.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date

from policy_match.errors import InputError
from policy_match.payments.reconciliation import Reconciliation, reconcile, statement_gaps
from policy_match.payments.records import UnexplainedLine, Verdict
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.values import Digest

MAX_LINES = 100_000
MAX_STATEMENTS = 100_000
CLOSE_PAGE = 50_000
MAX_PAGES = 200


class NoSuchBankLine(InputError):
    """There is no unexplained line of that file and number."""

    code = "payments.no-such-line"
    http_status = 404
    english = "no unexplained line {number} in file {digest}; see `policy-match payments unmatched`"
    chinese = "文件 {digest} 中没有待说明的第 {number} 行；请查看 policy-match payments unmatched"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """What was compared, under which number, and how many cases were closed."""

    number: int
    result: Reconciliation
    net_out_fen: int
    closed: int


def reconcile_payments(database: Database, clock: Clock, *, up_to: date, by: str, close: bool) -> Reconciled:
    """Compare and keep the comparison. With `close`, close paid cases booked by `up_to` if all agrees.

    Raises `DifferenceStands`, after the comparison is kept, when asked to close while a difference stands.
    """
    with database.unit_of_work() as work:
        result = _compare(work)
        net = work.bank_files.net_out_fen()
        number = work.bank_files.add_reconciliation(
            up_to,
            json.dumps(asdict(result), default=str, ensure_ascii=False),
            sum(abs(each.fen) for each in result.differences),
            len(result.unmatched) + len(result.gaps),
            close and result.agrees,
            clock.now(),
            by,
        )
        work.commit()
    closed = 0
    if close:
        result.require_agreement()
        closed = _close(database, clock, up_to, f"reconciliation:{number}", by)
    return Reconciled(number=number, result=result, net_out_fen=net, closed=closed)


def explain_line(database: Database, clock: Clock, *, file: Digest, number: int, reason: str, by: str) -> None:
    """Keep a person's explanation of a line that matched nothing. Raises `NoSuchBankLine`."""
    with database.unit_of_work() as work:
        _unexplained(work, file, number)
        work.bank_files.explain(file, number, reason, clock.now(), by)
        work.commit()


def unexplained_line(database: Database, *, file: Digest, number: int) -> UnexplainedLine:
    """Return one line that needs a person. Raises `NoSuchBankLine`."""
    with database.unit_of_work() as work:
        return _unexplained(work, file, number)


def _unexplained(work: UnitOfWork, file: Digest, number: int) -> UnexplainedLine:
    for line in work.bank_files.unexplained(MAX_LINES):
        if (line.digest, line.number) == (file, number):
            return line
    raise NoSuchBankLine(digest=file, number=number)


def _compare(work: UnitOfWork) -> Reconciliation:
    return reconcile(
        work.bank_files.line_totals(),
        [line for line in work.bank_files.unexplained(MAX_LINES) if not _is_harmless(line)],
        statement_gaps(work.bank_files.statements(MAX_STATEMENTS)),
    )


def _is_harmless(line: UnexplainedLine) -> bool:
    """Return whether a line is a mere message about an attempt of ours in a word that we do not know.

    It stays listed; it moved nothing and contradicts nothing, so it does not keep the books open.
    """
    return line.verdict is Verdict.NOT_UNDERSTOOD and line.out_fen is None and line.attempt_id is not None


def _close(database: Database, clock: Clock, up_to: date, about: str, by: str) -> int:
    closed, last = 0, 0
    for _ in range(MAX_PAGES):
        with database.unit_of_work() as work:
            taken, seen = work.bank_files.close_paid(up_to, about, clock.now(), by, after=last, most=CLOSE_PAGE)
            work.commit()
        closed += taken
        if seen is None:
            break
        last = seen
    return closed
