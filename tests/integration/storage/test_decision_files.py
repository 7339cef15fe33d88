"""`decisions.parquet` as a reader finds it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.engines.arrow import ArrowEngine
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.storage.decision_files import ROW_GROUP_ROWS, write_decisions
from policy_match.sweep.decision import SweepBatch
from policy_match.sweep.plan import plan_sweep
from policy_match.values import FactName
from tests.support.policies import make_policy
from tests.support.tables import FactRow, MemoryTables

FACTS = [("size", FactType.INTEGER, FIRM), ("paid", FactType.MONEY, FIRM), ("principal", FactType.MONEY, "loan")]
CATALOGUE = FactCatalogue(
    {
        FactName(name): Fact(
            name=FactName(name), label=name, type=kind, grain=grain, scale=2 if kind is FactType.MONEY else 0
        )
        for name, kind, grain in FACTS
    }
)
VOCABULARY = Vocabulary(catalogue=CATALOGUE)
FIRMS: list[FactRow] = [
    {"uscc": "F1", "size": 5, "paid": Decimal("1000.01")},
    {"uscc": "F2", "size": 50, "paid": Decimal(7)},
    {"uscc": "F3", "paid": Decimal(7)},
    {"uscc": "F4", "size": 6},
    {"uscc": "F5"},
]
LOANS: list[FactRow] = [
    {"uscc": "F1", "loan_id": "L1", "principal": Decimal(100)},
    {"uscc": "F2", "loan_id": "L2"},
]


def batches(rows: list[FactRow] = FIRMS) -> Iterator[SweepBatch]:
    """Return a sweep of one policy per firm and one per loan."""
    plan = plan_sweep(
        [
            make_policy("small", conditions=["size < 10"], amount="paid / 2", vocabulary=VOCABULARY),
            make_policy("loan", conditions=["principal > 10"], amount="1", grain="loan", vocabulary=VOCABULARY),
        ],
        CATALOGUE,
        date(2025, 6, 30),
    )
    return ArrowEngine(batch_rows=2).sweep(plan, MemoryTables(CATALOGUE, {FIRM: rows, "loan": LOANS}))


def written(path: Path, *, include_ineligible: bool = False) -> list[dict[str, Any]]:
    """Write the sweep and read it back, in a fixed order."""
    write_decisions(batches(), path, include_ineligible=include_ineligible)
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return sorted(rows, key=lambda row: (row["policy_id"], row["uscc"]))


def test_eligible_rows_have_an_amount_and_open_rows_their_missing_facts(tmp_path: Path) -> None:
    rows = written(tmp_path / "decisions.parquet")
    common = {"version": "0001-01-01"}
    paid = {**common, "outcome": "eligible", "missing": []}
    undetermined = {**common, "outcome": "undetermined", "amount": None}
    assert rows == [
        {"policy_id": "loan", "uscc": "F1", "record": "L1", "amount": Decimal("1.00"), **paid},
        {"policy_id": "loan", "uscc": "F2", "record": "L2", "missing": ["principal"], **undetermined},
        {"policy_id": "small", "uscc": "F1", "record": None, "amount": Decimal("500.01"), **paid},
        {"policy_id": "small", "uscc": "F3", "record": None, "missing": ["size"], **undetermined},
        {"policy_id": "small", "uscc": "F4", "record": None, "missing": ["paid"], **undetermined},
        {"policy_id": "small", "uscc": "F5", "record": None, "missing": ["size"], **undetermined},
    ]


def test_ineligible_rows_are_there_when_asked_for(tmp_path: Path) -> None:
    rows = written(tmp_path / "decisions.parquet", include_ineligible=True)
    ineligible = [row for row in rows if row["outcome"] == "ineligible"]
    assert [(row["uscc"], row["amount"], row["missing"]) for row in ineligible] == [("F2", None, [])]


def test_every_reader_finds_plain_types(tmp_path: Path) -> None:
    written(tmp_path / "decisions.parquet")
    schema = pq.read_schema(tmp_path / "decisions.parquet")
    assert schema.field("policy_id").type == pa.string()
    assert schema.field("amount").type == pa.decimal128(18, 2)
    assert schema.field("missing").type == pa.list_(pa.string())


def test_row_groups_are_bounded(tmp_path: Path) -> None:
    policies = [make_policy(f"p{number:02d}") for number in range(50)]
    firms: list[FactRow] = [{"size": 1}] * 25_000
    tables = MemoryTables(CATALOGUE, {FIRM: firms})
    sweep = ArrowEngine().sweep(plan_sweep(policies, CATALOGUE, date(2025, 6, 30)), tables)
    write_decisions(sweep, tmp_path / "decisions.parquet", include_ineligible=False)
    metadata = pq.read_metadata(tmp_path / "decisions.parquet")
    rows = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    assert rows == [ROW_GROUP_ROWS, 250_000]


def test_the_file_is_the_same_every_time(tmp_path: Path) -> None:
    written(tmp_path / "first.parquet")
    written(tmp_path / "second.parquet")
    assert (tmp_path / "first.parquet").read_bytes() == (tmp_path / "second.parquet").read_bytes()


def test_a_sweep_without_rows_gives_an_empty_file(tmp_path: Path) -> None:
    write_decisions(iter([]), tmp_path / "decisions.parquet", include_ineligible=True)
    assert pq.read_table(tmp_path / "decisions.parquet").num_rows == 0


def test_an_error_of_the_sweep_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[SweepBatch]:
        yield next(batches())
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        write_decisions(failing(), tmp_path / "decisions.parquet", include_ineligible=False)
    assert list(tmp_path.iterdir()) == []
