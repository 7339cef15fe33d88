"""Facts files on Spark: decided alike, as strict as without it, in the same words."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.engines.arrow import ArrowEngine
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.defects import NotReadInParts, NotTheSameFile, WrongValue
from policy_match.ports import FactTables, SweepEngine
from policy_match.storage.facts_file import open_facts_file
from policy_match.sweep.plan import plan_sweep
from tests.support import spark as _needs_spark  # noqa: F401
from tests.support.engines import sweep_all
from tests.support.policies import make_policy
from tests.support.registry import AS_OF, CATALOGUE, code

FIRMS = 10
LOANS = 8
WORDS = Vocabulary(catalogue=CATALOGUE, parameters={}, definitions={})
PLAN = plan_sweep(
    [
        make_policy("staff", conditions=["employees >= 30"], amount="employees * 1.5", vocabulary=WORDS),
        make_policy("named", conditions=["ent_name == '企业1'"], amount="revenue / 3", vocabulary=WORDS),
        make_policy(
            "loan",
            conditions=["employees < 80", "loan_purpose != '周转'"],
            amount="loan_principal * 0.02",
            grain="loan",
            vocabulary=WORDS,
        ),
    ],
    CATALOGUE,
    AS_OF,
)


def facts(folder: Path, employees: list[int | None] | None = None, principal: list[int] | None = None) -> FactTables:
    """Write firms and loans in small row groups and open them."""
    firms = {
        "uscc": [code(each) for each in range(FIRMS)],
        "ent_name": [f"企业{each % 3}" if each % 4 else None for each in range(FIRMS)],
        "employees": pa.array(employees or [each * 10 if each != 6 else None for each in range(FIRMS)], pa.int64()),
        "revenue": [f"{each}00.05" for each in range(FIRMS)],
    }
    loans = {
        "uscc": [code(each + 4) for each in range(LOANS)],
        "loan_id": [f"L{each}" for each in range(LOANS)],
        "loan_principal": principal or [each * 1000 for each in range(LOANS)],
        "loan_purpose": ["设备" if each % 2 else "周转" for each in range(LOANS)],
    }
    pq.write_table(pa.table(firms), folder / "firms.parquet", row_group_size=4)
    pq.write_table(pa.table(loans), folder / "loans.parquet", row_group_size=4)
    return open_facts_file(folder / "firms.parquet", CATALOGUE, {"loan": folder / "loans.parquet"})


def test_firms_and_loans_of_parquet_files_are_decided_alike(small_ranges: SweepEngine, tmp_path: Path) -> None:
    tables = facts(tmp_path)
    judged = sweep_all(ArrowEngine(), PLAN, tables)
    assert {decision.outcome for decision in judged.decisions["loan"]} == {"eligible", "ineligible", "undetermined"}
    assert sweep_all(small_ranges, PLAN, tables) == judged


@pytest.mark.parametrize(
    ("employees", "principal"),
    [
        ([1, 2, 3, 4, -5, 6, 7, -8, 9, 10], None),
        ([-1] * FIRMS, None),
        (None, [1, 2, 3, 4, 5, 6, 7, -8]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, -10], [-1] * LOANS),
    ],
    ids=["two-ranges", "everywhere", "the-last-loan", "firms-before-loans"],
)
def test_wrong_values_are_told_in_the_words_of_the_arrow_engine(
    small_ranges: SweepEngine, tmp_path: Path, employees: list[int | None] | None, principal: list[int] | None
) -> None:
    tables = facts(tmp_path, employees, principal)
    told = []
    for engine in (ArrowEngine(), small_ranges):
        with pytest.raises(WrongValue) as caught:
            sweep_all(engine, PLAN, tables)
        told.append((caught.value.message("en"), caught.value.message("zh"), caught.value.exit_code))
    assert told[0] == told[1]


def test_what_lies_before_a_wrong_value_is_decided(small_ranges: SweepEngine, tmp_path: Path) -> None:
    batches = small_ranges.sweep(PLAN, facts(tmp_path, [1, 2, 3, 4, 5, 6, -7, 8, 9, 10]))
    assert [next(batches).first_row, next(batches).first_row] == [0, 3]
    with pytest.raises(WrongValue):
        next(batches)


def test_a_csv_file_is_refused_before_any_row(small_ranges: SweepEngine, tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(f"uscc,employees\n{code(1)},3\n", encoding="utf-8")
    with pytest.raises(NotReadInParts):
        next(small_ranges.sweep(PLAN, open_facts_file(path, CATALOGUE)))


def test_a_file_that_is_exchanged_meanwhile_stops_the_sweep(small_ranges: SweepEngine, tmp_path: Path) -> None:
    tables = facts(tmp_path)
    facts(tmp_path, [each * 20 for each in range(FIRMS)])
    with pytest.raises(NotTheSameFile):
        next(small_ranges.sweep(PLAN, tables))
