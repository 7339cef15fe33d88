"""Invented firms, two policies that pay them, and a bank that answers every file, for the benchmark of payments.

Guarantees the same firms and the same amounts every time, and that nothing here holds more than one block of firms or
one batch of payments in memory.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from connectors.payment_channels.rehearsal_files import (
    ACCEPTED,
    Answer,
    Movement,
    ReceivedBatch,
    read_outgoing,
    statement,
    status_report,
    treasury_results,
)
from policy_match.facts.canonical import ROW_GROUP_ROWS, batch_schema
from policy_match.facts.catalogue import FIRM, KEY
from policy_match.facts.manifest import ColumnEntry, FactEntry, Manifest, TableEntry
from policy_match.facts.quality import QualityReport
from policy_match.payments.messages import OutgoingFile
from policy_match.policy.fingerprint import catalogue_digest
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock
from policy_match.services.payee_accounts import StatedAccount
from policy_match.storage.snapshot_draft import SnapshotFolderDraft
from policy_match.storage.snapshots import Snapshot, open_snapshot
from policy_match.values import PolicyId

AS_OF = date(2025, 6, 30)
REFUND = PolicyId("refund")
SUBSIDY = PolicyId("subsidy")
POLICIES = (REFUND, SUBSIDY)
FUNDS = ("city-jobs", "county-jobs", "industry")

OUTSIDERS = 11
"""One firm in so many fits no policy, so that none fits everybody."""

PAYER = {"payer_name": "虚构市财政局", "payer_account": "9900000000000000", "payer_bank": "102452000017"}
BANK_CODE = "102452000017"

FACTS = """
[ent_name]
label = "企业名称"
type = "string"
source = "市场监管局"

[headcount]
label = "参保人数"
type = "integer"
source = "人社局"

[premium]
label = "缴纳失业保险费"
type = "money"
source = "人社局"
"""

RULES = {
    REFUND: """
id = "refund"
title = "示例返还"
department = "人社局"
jurisdiction = "370000"
encoding_grade = "A"
benefit = "grant"
delivery = "confirm"
period = "year"

[process]
confirm_days = 5
publicity_days = 5
approvals = ["reviewer", { role = "approver", count = 1, from = 100.00 }]

[limits.shared]
name = "jobs"
year = 2_000.00

[[cost_share]]
line = "city-jobs"
share = 0.6
[[cost_share]]
line = "county-jobs"
share = 0.4

[[version]]
effective_from = 2024-01-01
amount = "premium * 0.5"
  [[version.condition]]
  id = "size"
  text = "有参保人员"
  article = "一"
  when = "headcount > 0"
""",
    SUBSIDY: """
id = "subsidy"
title = "示例补贴"
department = "工信局"
jurisdiction = "370000"
encoding_grade = "A"
benefit = "grant"
delivery = "direct"
period = "year"

[budget]
fund = "industry"

[process]
approvals = ["reviewer", "approver"]

[limits]
year = 800.00
minimum_payout = 100.00
  [limits.shared]
  name = "jobs"
  year = 2_000.00

[[version]]
effective_from = 2024-01-01
amount = "premium * 0.3"
  [[version.condition]]
  id = "size"
  text = "有参保人员"
  article = "一"
  when = "headcount > 0"
""",
}
"""The refund asks the firm, is published and paid by two budget lines; the subsidy is paid directly. They share one
limit of the year, which reduces what half of the firms get."""


def write_rules(folder: Path) -> RuleBook:
    """Write facts and policies under `folder` and load them."""
    folder.mkdir(parents=True)
    (folder / "facts.toml").write_text(FACTS, encoding="utf-8")
    for name, text in RULES.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_rules(folder)


def firms_for(cases: int) -> int:
    """Return how many firms there are so that these cases are opened: two for each that is no outsider."""
    eligible = cases // len(POLICIES)
    return eligible + (eligible - 1) // (OUTSIDERS - 1)


def uscc(number: int) -> str:
    """Return the invented code of a firm, from 1."""
    return f"91370000MA{number:08d}"


def name_of(number: int) -> str:
    """Return the name of a firm."""
    return f"示例{number}有限公司"


def write_snapshot(folder: Path, rules: RuleBook, firms: int) -> Snapshot:
    """Write a snapshot of so many firms under `folder` and open it."""
    catalogue = rules.catalogue
    with SnapshotFolderDraft(folder) as draft:
        schema = batch_schema(FIRM, catalogue.values())
        written = draft.write_table(FIRM, schema, _blocks(schema, firms))
        columns = (
            ColumnEntry(name=KEY, type="key"),
            *(ColumnEntry(name=fact.name, type=fact.type, scale=fact.scale) for fact in catalogue.values()),
        )
        manifest = Manifest(
            inputs=(),
            catalogue_sha256=catalogue_digest(catalogue),
            tables={FIRM: TableEntry(file=written.file, rows=firms, sha256=written.sha256, columns=columns)},
            facts={name: FactEntry(sources=("synthetic",), observed=AS_OF) for name in catalogue},
            refused=draft.refused(),
        )
        report = QualityReport(
            snapshot=manifest.id,
            as_of=AS_OF,
            rows={FIRM: firms},
            sources=(),
            facts=(),
            rows_missing_in_source={},
            records_without_firm={},
        )
        directory = draft.publish(manifest, report).directory
    return open_snapshot(directory, catalogue)


def _blocks(schema: pa.Schema, firms: int) -> Iterator[pa.RecordBatch]:
    for start in range(1, firms + 1, ROW_GROUP_ROWS):
        numbers = range(start, min(start + ROW_GROUP_ROWS, firms + 1))
        columns = {
            KEY: [uscc(number) for number in numbers],
            "ent_name": [name_of(number) for number in numbers],
            "headcount": [0 if number % OUTSIDERS == 0 else 10 + number % 90 for number in numbers],
            "premium": [200_000 + number % 100_000 for number in numbers],
        }
        arrays = [pa.array(columns[field.name]).cast(field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def stated_accounts(firms: int) -> Iterator[StatedAccount]:
    """Yield the account of every firm that fits, as the tax office would state it."""
    for number in range(1, firms + 1):
        if number % OUTSIDERS:
            yield StatedAccount(
                row=number,
                uscc=uscc(number),
                holder=name_of(number),
                number=f"9558{number:012d}",
                bank_code=BANK_CODE,
                source="tax",
            )


class AnsweringBank:
    """Reads the files of an outbox one after another and answers each: first accepted, on the next day booked."""

    def __init__(self, outbox: Path, clock: Clock, opening_fen: int) -> None:
        self._outbox = outbox
        self._clock = clock
        self._balance_fen = opening_fen

    def files(self) -> list[Path]:
        """Return what lies in the outbox, in order of name."""
        return sorted(path for path in self._outbox.iterdir() if not path.name.startswith("."))

    def accepts(self, path: Path) -> bytes:
        """Return the status report on one file: every payment is accepted."""
        batch = _read(path)
        answers = [
            Answer(attempt_id=each.attempt_id, amount_fen=each.amount_fen, code=ACCEPTED) for each in batch.payments
        ]
        report_id = f"S{batch.message_id}"
        if batch.xml:
            return status_report(report_id, self._clock.now(), batch.message_id, answers)
        return treasury_results(report_id, self._clock.now(), batch.message_id, answers, ())

    def books(self, path: Path) -> bytes:
        """Return the statement (or the treasury's results) that books every payment of one file."""
        batch = _read(path)
        day = self._clock.now().date()
        movements = [
            Movement(
                line_ref=f"B{each.attempt_id[2:]}",
                attempt_id=each.attempt_id,
                amount_fen=each.amount_fen,
                credit=False,
                booked_on=day,
            )
            for each in batch.payments
        ]
        report_id = f"M{batch.message_id}"
        if not batch.xml:
            return treasury_results(report_id, self._clock.now(), batch.message_id, (), movements)
        opening_fen = self._balance_fen
        self._balance_fen -= sum(each.amount_fen for each in movements)
        account = PAYER["payer_account"]
        return statement(report_id, self._clock.now(), account, (day, day), opening_fen, movements)


def _read(path: Path) -> ReceivedBatch:
    return read_outgoing(OutgoingFile(name=path.name, content=path.read_bytes(), count=0, total_fen=0))


def is_xml(path: Path) -> bool:
    """Return whether a file of the outbox is of the ISO 20022 channel."""
    return path.suffix == ".xml"
