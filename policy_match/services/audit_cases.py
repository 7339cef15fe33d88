"""What an auditor sees: cases across everything, the whole trail of one, and tables of them as files.

Guarantees that the decision in a trail is made again from what was kept then, and that a file holds what the search
with the same filter lists, or nothing: never a part of it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from policy_match.cases.history import CaseFile, CaseLine
from policy_match.errors import InputError
from policy_match.notices.history import NoticeFilter, NoticeLine
from policy_match.payments.trail import PaymentTrail
from policy_match.ports import Database
from policy_match.ports.audit import AuditFilter
from policy_match.services.case_history import show_case
from policy_match.services.notice_history import list_notices
from policy_match.services.payment_lists import payment_trail
from policy_match.services.replay_decision import KeptTexts, OpenSnapshot, Replay, replay_decision
from policy_match.sweep.kept import RowKey

MOST_LISTED = 1_000
"""The largest page of a search."""

MOST_NOTICES = 1_000
"""The most notices of one case that its trail shows."""

MOST_EXPORTED = 100_000
"""The most cases in one file."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to spreadsheets."""


class TooManyCases(InputError):
    """A file would hold more cases than one request gives."""

    code = "audit.too-many"
    english = "more than {most} cases fit the filter; narrow it, for example to one policy or month"
    chinese = "符合条件的事项超过 {most} 条;请缩小范围,例如限定某项政策或某个月份"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseTrail:
    """Everything about one case: its file, the decision that opened it, its money and its notices."""

    file: CaseFile
    decision: Replay
    money: PaymentTrail
    notices: Sequence[NoticeLine]


def search_cases(database: Database, wanted: AuditFilter, *, after: int = 0, most: int = 100) -> Sequence[CaseLine]:
    """Return a page of the cases that the filter lets through, by number, after a given one."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} cases"
    with database.unit_of_work() as work:
        return work.audit.cases(wanted, after=after, most=most)


def case_trail(database: Database, open_snapshot: OpenSnapshot, case_id: int) -> CaseTrail:
    """Return the full trail of one case. Raises `NoSuchCase`, or what reading the kept facts raises."""
    file = show_case(database, case_id)
    row = RowKey(uscc=file.case.uscc, record_id=file.case.record_id)
    with database.unit_of_work() as work:
        texts = work.cases.appeals.texts(file.sweep_id, file.case.policy_id)
        sweep = work.sweeps.find(file.sweep_id)
        kept = work.cases.appeals.standing(file.sweep_id, file.case.policy_id, row)
    assert texts is not None and sweep is not None, "a case comes from a kept sweep"
    kept_texts = KeptTexts(rules=texts.rules, catalogue=texts.catalogue, version=texts.version)
    return CaseTrail(
        file=file,
        decision=replay_decision(kept_texts, sweep.identity, open_snapshot, row=row, kept=kept, corrections={}),
        money=payment_trail(database, case_id),
        notices=list_notices(database, NoticeFilter(case_id=case_id), most=MOST_NOTICES),
    )


def cases_csv(database: Database, wanted: AuditFilter) -> bytes:
    """Return the cases as CSV, in UTF-8 with a mark for spreadsheets. Raises `TooManyCases`."""
    table = _table(_all(database, wanted), for_spreadsheets=True)
    out = io.BytesIO()
    out.write(b"\xef\xbb\xbf")
    pc.write_csv(table, out)
    return out.getvalue()


def cases_parquet(database: Database, wanted: AuditFilter) -> bytes:
    """Return the cases as a Parquet file. Raises `TooManyCases`."""
    out = io.BytesIO()
    pq.write_table(_table(_all(database, wanted), for_spreadsheets=False), out, compression="zstd")
    return out.getvalue()


def _all(database: Database, wanted: AuditFilter) -> Sequence[CaseLine]:
    with database.unit_of_work() as work:
        found = work.audit.cases(wanted, after=0, most=MOST_EXPORTED + 1)
    if len(found) > MOST_EXPORTED:
        raise TooManyCases(most=MOST_EXPORTED)
    return found


def _table(lines: Sequence[CaseLine], *, for_spreadsheets: bool) -> pa.Table:
    def text(name: str) -> pa.Array:
        values = [str(getattr(line, name)) for line in lines]
        if for_spreadsheets:
            values = [f"'{value}" if value.startswith(FORMULA_SIGNS) else value for value in values]
        return pa.array(values, pa.string())

    def other(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([getattr(line, name) for line in lines], kind)

    return pa.table(
        {
            "case_id": other("case_id", pa.int64()),
            **{name: text(name) for name in ("policy_id", "uscc", "name", "record_id", "period")},
            "instalment": other("instalment", pa.int32()),
            "instalments": other("instalments", pa.int32()),
            "route": text("route"),
            "status": text("status"),
            "amount_fen": other("amount_fen", pa.int64()),
            "deadline": other("deadline", pa.date32()),
            "due_from": other("due_from", pa.date32()),
            "since": other("since", pa.timestamp("us", "UTC")),
        }
    )
