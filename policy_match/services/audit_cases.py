"""What an auditor sees: cases across everything, the whole trail of one, and tables of them as files.

Guarantees that the decision in a trail is made again from what was kept then, and that a file holds what the search
with the same filter lists, or nothing: never a part of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from policy_match.audit.evidence import CaseEvidence
from policy_match.cases.approval_list import ListedCase, list_digest
from policy_match.cases.defects import ListInvalid
from policy_match.cases.history import CaseFile, CaseLine
from policy_match.errors import InputError, PolicyMatchError
from policy_match.notices.history import NoticeFilter, NoticeLine
from policy_match.payments.trail import PaymentTrail
from policy_match.ports import Database, UnitOfWork
from policy_match.ports.audit import AuditFilter
from policy_match.services.approval_lists import MOST_LISTED
from policy_match.services.case_history import show_case
from policy_match.services.notice_history import list_notices
from policy_match.services.payment_lists import payment_trail
from policy_match.services.replay_decision import KeptTexts, OpenSnapshot, Replay, replay_decision
from policy_match.services.table_files import MOST_EXPORTED, Columns, FileFormat, table_of, written
from policy_match.sweep.kept import RowKey

MOST_FOUND = 1_000
"""The largest page of a search."""

LISTED_AT_ONCE = 20_000
"""How many cases of an approval list are read at a time, when its digest is made again."""

MOST_NOTICES = 1_000
"""The most notices of one case that its trail shows."""


class TooManyCases(InputError):
    """A file would hold more cases than one request gives."""

    code = "audit.too-many"
    english = "more than {most} cases fit the filter; narrow it, for example to one policy or month"
    chinese = "符合条件的事项超过 {most} 条；请缩小范围，例如限定某项政策或某个月份"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseTrail:
    """Everything about one case: its file, the decision that opened it, its money, what proves it, and its notices.

    `decision` is why it cannot be made again, where what was kept of it is damaged or not of one sweep.
    """

    file: CaseFile
    decision: Replay | PolicyMatchError
    money: PaymentTrail
    evidence: CaseEvidence
    notices: Sequence[NoticeLine]


def search_cases(database: Database, wanted: AuditFilter, *, after: int = 0, most: int = 100) -> Sequence[CaseLine]:
    """Return a page of the cases that the filter lets through, by number, after a given one."""
    assert 0 < most <= MOST_FOUND, f"a page has 1 to {MOST_FOUND} cases"
    with database.unit_of_work() as work:
        return work.audit.cases(wanted, after=after, most=most)


def case_trail(database: Database, open_snapshot: OpenSnapshot, case_id: int) -> CaseTrail:
    """Return the full trail of one case. Raises `NoSuchCase`."""
    file = show_case(database, case_id)
    money = payment_trail(database, case_id)
    with database.unit_of_work() as work:
        evidence = _evidence(work, case_id, [each.list_id for each in money.lists])
    return CaseTrail(
        file=file,
        decision=_decided_again(database, open_snapshot, file),
        money=money,
        evidence=evidence,
        notices=list_notices(database, NoticeFilter(case_id=case_id), most=MOST_NOTICES),
    )


def _decided_again(database: Database, open_snapshot: OpenSnapshot, file: CaseFile) -> Replay | PolicyMatchError:
    row = RowKey(uscc=file.case.uscc, record_id=file.case.record_id)
    with database.unit_of_work() as work:
        texts = work.cases.appeals.texts(file.sweep_id, file.case.policy_id)
        sweep = work.sweeps.find(file.sweep_id)
        kept = work.cases.appeals.standing(file.sweep_id, file.case.policy_id, row)
    assert texts is not None and sweep is not None, "a case comes from a kept sweep"
    kept_texts = KeptTexts(rules=texts.rules, catalogue=texts.catalogue, version=texts.version)
    try:
        return replay_decision(kept_texts, sweep.identity, open_snapshot, row=row, kept=kept, corrections={})
    except PolicyMatchError as error:
        return error


CASE_COLUMNS: Columns = {
    "case_id": pa.int64(),
    **dict.fromkeys(("policy_id", "uscc", "name", "record_id", "period"), pa.string()),
    "instalment": pa.int32(),
    "instalments": pa.int32(),
    "route": pa.string(),
    "status": pa.string(),
    "amount_fen": pa.int64(),
    "deadline": pa.date32(),
    "due_from": pa.date32(),
    "since": pa.timestamp("us", "UTC"),
}


def cases_file(database: Database, wanted: AuditFilter, format: FileFormat) -> bytes:
    """Return the cases that a search finds as a file. Raises `TooManyCases`."""
    with database.unit_of_work() as work:
        found = work.audit.cases(wanted, after=0, most=MOST_EXPORTED + 1)
    if len(found) > MOST_EXPORTED:
        raise TooManyCases(most=MOST_EXPORTED)
    return written(table_of(found, CASE_COLUMNS), format)


def _evidence(work: UnitOfWork, case_id: int, lists: Sequence[int]) -> CaseEvidence:
    audit = work.audit
    return CaseEvidence(
        batches=tuple(audit.batches_of_case(case_id)),
        bank_lines=tuple(audit.bank_lines_of_case(case_id)),
        ledger=tuple(audit.ledger_of_case(case_id)),
        receipts=tuple(audit.receipts_of_case(case_id)),
        appeals=tuple(audit.appeals_of_case(case_id)),
        corrections=tuple(audit.corrections_on(case_id)),
        orders_to_act=tuple(audit.orders_to_act_on(case_id)),
        changed_steps=tuple(audit.changed_steps(case_id)),
        lists_checked={number: _same(work, number) for number in lists},
    )


def is_as_signed(database: Database, list_id: int) -> bool:
    """Return whether a list that is kept, made again from its rows, is what everybody signed."""
    with database.unit_of_work() as work:
        return _same(work, list_id)


def _same(work: UnitOfWork, list_id: int) -> bool:
    """Return whether a list's digest, made again from its rows, is the kept one, and the one in every signature."""
    kept = work.approvals.find(list_id)
    assert kept is not None, "a case is on a list that is kept"
    try:
        same = list_digest(kept.header, _listed(work, list_id)) == kept.digest
    except ListInvalid:
        return False  # another number of cases, or another sum, than the header says
    return same and all(each.digest == kept.digest for each in work.approvals.signatures(list_id))


def _listed(work: UnitOfWork, list_id: int) -> Iterator[ListedCase]:
    after = 0
    for _ in range(MOST_LISTED // LISTED_AT_ONCE + 1):
        page = work.audit.listed_as_signed(list_id, after=after, most=LISTED_AT_ONCE)
        if not page:
            return
        yield from page
        after = page[-1].case_id
    raise AssertionError("a list has more cases than fit on one")
