"""The production engine at its edges: numbers beyond int64, many facts, many combinations, batches in flight."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from policy_match.engines.arrow import ArrowEngine
from policy_match.engines.arrow.batches import CompiledGrain
from policy_match.engines.reference import ReferenceEngine
from policy_match.expressions.nodes import Node
from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.sweep.plan import SweepPlan, plan_sweep
from policy_match.values import FactName
from tests.support.engines import sweep_all
from tests.support.policies import make_policy
from tests.support.tables import FactRow, MemoryTables

AS_OF = date(2025, 6, 30)
MANY = 70
CATALOGUE = FactCatalogue(
    {
        FactName(name): Fact(name=FactName(name), label=name, type=kind, scale=scale)
        for name, kind, scale in [
            ("revenue", FactType.MONEY, 2),
            ("cost", FactType.MONEY, 2),
            ("rate", FactType.DECIMAL, 6),
            ("ratio", FactType.DECIMAL, 6),
            ("code", FactType.STRING, 0),
            *((f"n{number:02d}", FactType.INTEGER, 0) for number in range(MANY)),
        ]
    }
)
VOCABULARY = Vocabulary(catalogue=CATALOGUE)
LARGEST = Decimal(10) ** 15


def planned(conditions: Sequence[str | Node], amount: str = "0") -> SweepPlan:
    """Return the plan of one policy."""
    policy = make_policy("p", conditions=conditions, amount=amount, vocabulary=VOCABULARY)
    return plan_sweep([policy], CATALOGUE, AS_OF)


def agree(plan: SweepPlan, rows: Sequence[FactRow]) -> None:
    """Assert that the engine decides like the reference, in one batch and in several."""
    tables = MemoryTables(CATALOGUE, {FIRM: rows})
    expected = sweep_all(ReferenceEngine(), plan, tables)
    assert sweep_all(ArrowEngine(), plan, tables) == expected
    assert sweep_all(ArrowEngine(batch_rows=3), plan, tables) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "revenue * rate * ratio >= 0.5",
        "revenue / cost >= cost / revenue",
        "revenue * cost == cost * revenue",
        "revenue ** 3 > cost ** 3",
        "(revenue * rate * ratio) // cost >= 1",
        "min(revenue * rate * ratio, cost) < 3",
        "whole_bands(revenue * rate * ratio, [0, 1000], [0.1, 0.2]) < 10 ** 12",
        "(revenue * rate * ratio * cost) == null",
    ],
)
def test_numbers_beyond_int64_are_decided_exactly(condition: str) -> None:
    values = [LARGEST, LARGEST - Decimal("0.01"), Decimal("0.01"), Decimal(3), Decimal(0), None]
    rates = [Decimal(900_000_000_000), Decimal("0.000001"), None]
    rows: list[FactRow] = [
        {"revenue": revenue, "cost": cost, "rate": rate, "ratio": rate}
        for revenue in values
        for cost in values
        for rate in rates
    ]
    agree(planned([condition], "revenue * rate"), rows)


def test_nearly_equal_quotients_of_large_amounts_are_told_apart() -> None:
    rows: list[FactRow] = [
        {"revenue": LARGEST - Decimal(place) / 100, "cost": LARGEST - Decimal(other) / 100}
        for place in range(4)
        for other in range(4)
    ]
    agree(planned(["revenue / cost > cost / revenue"]), rows)


def test_an_amount_that_cannot_be_money_leaves_the_row_open() -> None:
    plan = planned(["revenue > 0"], "revenue * rate")
    agree(plan, [{"revenue": LARGEST, "rate": Decimal(100)}, {"revenue": 1, "rate": 1}, {"revenue": 2, "rate": None}])


def test_one_condition_may_read_more_facts_than_an_int64_has_bits() -> None:
    text = " + ".join(f"n{number:02d}" for number in range(MANY)) + " > 0"
    complete: FactRow = {f"n{number:02d}": number for number in range(MANY)}
    rows = [{**complete, f"n{number:02d}": None, f"n{(number * 7) % MANY:02d}": None} for number in range(MANY)]
    agree(planned([text]), [complete, *rows])
    agree(planned([f"({text}) or code == 'a'"]), [complete, *rows])


def test_more_conditions_than_a_table_of_combinations_holds() -> None:
    conditions = [f"n{number:02d} > 0" for number in range(40)]
    rows: list[FactRow] = [
        {f"n{number:02d}": None if (place >> (number % 11)) & 1 else 1 for number in range(MANY)}
        for place in range(200)
    ]
    agree(planned([*conditions, "n50 == null or n50 < 9"]), rows)


def test_sixteen_open_conditions_and_one_that_is_always_known() -> None:
    conditions = [f"n{number:02d} > 0" for number in range(16)]
    agree(planned([*conditions, "code != null or code == null"]), [{}, {"n00": 1}])


def test_a_condition_that_reads_no_fact_decides_every_row() -> None:
    agree(planned(["as_of >= d'2025-01-01'"], "5"), [{}, {"n00": 1}])
    agree(planned(["band_value(1, [5], [1]) > 1"], "5"), [{}, {"n00": 1}])


def test_what_stands_under_a_null_is_never_used() -> None:
    plan = planned(["revenue / cost > 2 and n00 + 1 > 0"], "revenue * 2")
    wild = pa.array([2**63 - 1, -(2**63), 100], pa.int64())
    hidden = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(b"\x04"), wild.buffers()[1]])
    columns = {"uscc": pa.array(["a", "b", "c"]), "revenue": hidden, "cost": pa.array([1, 2, 3]), "n00": hidden}
    batch = pa.RecordBatch.from_pydict(columns)
    decided = CompiledGrain(plan, FIRM).decide(0, batch)
    assert decided.results[0].truth.to_pylist() == [None, None, True]
    assert decided.results[0].missing.to_pylist() == [["n00", "revenue"], ["n00", "revenue"]]


def test_a_batch_may_be_a_slice() -> None:
    plan = planned(["n00 > 1 and code == 'b'"], "n00")
    columns = {
        "uscc": pa.array([f"{place:02d}" for place in range(30)]),
        "n00": pa.array([None if place % 5 == 0 else place for place in range(30)], pa.int64()),
        "code": pa.array([None if place % 7 == 0 else "ab"[place % 2] for place in range(30)]).dictionary_encode(),
    }
    whole = CompiledGrain(plan, FIRM).decide(0, pa.RecordBatch.from_pydict(columns)).results[0]
    part = CompiledGrain(plan, FIRM).decide(3, pa.RecordBatch.from_pydict(columns).slice(3, 19)).results[0]
    assert part.truth.to_pylist() == whole.truth.to_pylist()[3:22]


def test_equal_conditions_of_two_policies_are_evaluated_once() -> None:
    one = plan_sweep([make_policy("a", conditions=["n00 > 1", "n01 > 2"], vocabulary=VOCABULARY)], CATALOGUE, AS_OF)
    both = plan_sweep(
        [
            make_policy("a", conditions=["n00 > 1", "n01 > 2"], vocabulary=VOCABULARY),
            make_policy("b", conditions=["n01 > 2", "n00 > 1 "], amount="3", vocabulary=VOCABULARY),
        ],
        CATALOGUE,
        AS_OF,
    )
    assert CompiledGrain(both, FIRM).steps == CompiledGrain(one, FIRM).steps


class CountingTables:
    """Tables of many small batches that count how many were handed out."""

    def __init__(self, batches: int) -> None:
        self.handed_out = 0
        self._batches = batches
        self.grains = (FIRM,)

    def rows(self, grain: str) -> int:
        """Ten rows per batch."""
        return self._batches * 10

    def batches(
        self, grain: str, facts: Sequence[FactName], as_of: date, max_rows: int = 1
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of ten rows."""
        for place in range(self._batches):
            self.handed_out += 1
            codes = [f"{place:04d}{row}" for row in range(10)]
            yield pa.RecordBatch.from_pydict({"uscc": codes, "n00": pa.array(range(10), pa.int64())})


def test_few_batches_are_in_flight_however_many_there_are() -> None:
    tables = CountingTables(50)
    plan = planned(["n00 > 4"], "n00")
    ahead = []
    for place, batch in enumerate(ArrowEngine().sweep(plan, tables), 1):  # type: ignore[arg-type]
        assert batch.first_row == (place - 1) * 10
        ahead.append(tables.handed_out - place)
    assert max(ahead) <= 3
    assert len(ahead) == 50


def test_leaving_a_sweep_early_stops_it() -> None:
    tables = CountingTables(50)
    sweep = ArrowEngine().sweep(planned(["n00 > 4"]), tables)  # type: ignore[arg-type]
    next(sweep)
    sweep.close()  # type: ignore[attr-defined]
    assert tables.handed_out <= 5
