"""A small registry and rules that are kept in a database, for tests of storage, faults and differences.

Guarantees two policies, one per firm and one per loan, that find every outcome in `FIRMS` and `LOANS`.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from policy_match.engines.reference import ReferenceEngine
from policy_match.facts.catalogue import FactCatalogue
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.ports import Database
from policy_match.services.keep_sweep import SweepKept, keep_sweep
from policy_match.storage.truth_files import TruthFiles
from policy_match.values import SnapshotId
from tests.support.tables import FactRow, MemoryTables

DAY = date(2025, 6, 30)

FACTS = """
[insured_headcount]
label = "参保人数"
type = "integer"
source = "人社局"

[premium_paid]
label = "缴纳失业保险费"
type = "money"
source = "人社局"
fresh_days = 400

[founded]
label = "成立日期"
type = "date"
source = "市场监管局"

[loan_interest]
label = "贷款利息"
type = "money"
source = "人民银行"
grain = "loan"
"""

PARAMETERS = """
[refund_rate]
label = "返还比例"
type = "decimal"
reference = "示例"
[[refund_rate.value]]
effective_from = 2024-01-01
value = 0.5
[[refund_rate.value]]
effective_from = 2026-01-01
value = 0.6
"""

REFUND = """
id = "refund"
title = "示例返还"
department = "人社局"
jurisdiction = "370000"
benefit = "grant"
delivery = "confirm"
period = "year"

[[version]]
effective_from = 2024-01-01
amount = "{amount}"
  [[version.condition]]
  id = "size"
  text = "参保人数达到要求"
  article = "一"
  when = "insured_headcount >= {headcount}"
  [[version.condition]]
  id = "age"
  text = "成立满一年"
  article = "二"
  when = "months_between(founded, as_of) >= 12"
"""

SUBSIDY = """
id = "subsidy"
title = "示例贴息"
department = "财政局"
jurisdiction = "370000"
benefit = "interest_subsidy"
delivery = "confirm"
period = "year"
per = "loan"

[[version]]
effective_from = 2024-01-01
effective_to = 2027-12-31
amount = "loan_interest * 0.2"
  [[version.condition]]
  id = "interest"
  text = "有利息"
  article = "一"
  when = "loan_interest > 0"
"""

FIRMS: Sequence[FactRow] = (
    {"uscc": "A", "insured_headcount": 30, "premium_paid": 1000, "founded": date(2020, 1, 1)},
    {"uscc": "B", "insured_headcount": 5, "premium_paid": 1000, "founded": date(2020, 1, 1)},
    {"uscc": "C", "insured_headcount": 30, "premium_paid": None, "founded": date(2020, 1, 1)},
    {"uscc": "D", "insured_headcount": None, "premium_paid": 400, "founded": date(2020, 1, 1)},
    {"uscc": "E", "insured_headcount": 40, "premium_paid": 2000, "founded": date(2025, 1, 31)},
)
LOANS: Sequence[FactRow] = (
    {"uscc": "A", "loan_id": "1", "loan_interest": 100},
    {"uscc": "A", "loan_id": "2", "loan_interest": None},
    {"uscc": "C", "loan_id": "1", "loan_interest": 0},
)


class MemorySnapshot(MemoryTables):
    """A snapshot that is in memory."""

    @property
    def snapshot_id(self) -> SnapshotId:
        """The digest of the rows."""
        return SnapshotId(self.digest)

    @property
    def manifest_text(self) -> str:
        """A manifest that says only which snapshot it is."""
        return json.dumps({"id": self.digest})


def write_rules(
    folder: Path, *, headcount: int = 20, amount: str = "premium_paid * refund_rate", parameters: str = PARAMETERS
) -> RuleBook:
    """Write the two policies under `folder` and load them."""
    (folder / "parameters").mkdir(parents=True, exist_ok=True)
    (folder / "facts.toml").write_text(FACTS)
    (folder / "parameters" / "rates.toml").write_text(parameters)
    (folder / "refund.toml").write_text(REFUND.format(headcount=headcount, amount=amount))
    (folder / "subsidy.toml").write_text(SUBSIDY)
    return load_rules(folder)


def snapshot_of(
    catalogue: FactCatalogue,
    firms: Sequence[FactRow] = FIRMS,
    loans: Sequence[FactRow] = LOANS,
    batch_rows: int = 2,
) -> MemorySnapshot:
    """Return a snapshot of these rows, read in small batches."""
    return MemorySnapshot(catalogue, {"firm": firms, "loan": loans}, batch_rows=batch_rows)


def keep(rules: RuleBook, snapshot: MemorySnapshot, database: Database, data_dir: Path, as_of: date = DAY) -> SweepKept:
    """Sweep with the reference engine and keep the result."""
    return keep_sweep(rules, snapshot, ReferenceEngine(), database, TruthFiles(data_dir / "truth"), as_of=as_of)
