"""Synthetic firms: 60 facts of every type, 5 to 15 % of the values missing, the same rows on every machine.

Guarantees that a row depends on the seed and on its place only, so that a longer table begins with the shorter one.
No row is a real firm.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from policy_match.facts.canonical import DICTIONARY, batch_schema
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.values import FactName

SEED = 20250630
BLOCK_ROWS = 10_000
"""Rows made from one state of the generator."""

AS_OF = date(2025, 6, 30)
AS_OF_DAY = (AS_OF - date(1970, 1, 1)).days

NAMES = {
    FactType.INTEGER: (
        "employees insured_headcount new_hires graduates_hired disabled_employees patents_granted patents_pending "
        "research_staff training_hours accidents paid_months arrears_months outlets failed_inspections"
    ),
    FactType.MONEY: (
        "revenue_y revenue_y1 revenue_y2 tax_paid_y tax_paid_y1 vat_paid_y1 premium_y1 payroll_y registered_capital "
        "total_assets research_cost_y research_cost_y1 export_value_y energy_cost_y rent_paid_y loan_principal "
        "interest_paid_y equipment_cost_y digital_cost_y donations_y"
    ),
    FactType.DECIMAL: "layoff_rate energy_intensity loan_rate state_share debt_ratio environment_score",
    FactType.DATE: "established_on licence_until certified_on loan_from relocated_on inspected_on",
    FactType.STRING: "industry_code division_code size_class ownership credit_grade status legal_name",
    FactType.BOOLEAN: "high_tech in_park tax_arrears exporter",
    FactType.STRING_LIST: "certificates penalties catalogues",
}
SCALES = {FactType.MONEY: 2, FactType.DECIMAL: 6}

WORDS = {
    "industry_code": [
        f"{part:02d}{group}{item}" for part in range(1, 97) for group in range(1, 4) for item in range(5)
    ],
    "division_code": [f"37{city:02d}{district:02d}" for city in range(1, 17) for district in range(1, 13)],
    "size_class": ["micro", "small", "medium", "large"],
    "ownership": ["private", "state", "foreign", "collective", "state_controlled"],
    "credit_grade": ["A", "B", "M", "C", "D"],
    "status": ["open", "moved", "revoked", "closed"],
    "certificates": ["high-tech", "specialised", "laboratory", "design-centre", "green-plant"],
    "penalties": ["tax", "environment", "safety", "labour"],
    "catalogues": ["encouraged", "restricted", "export-brand", "old-brand"],
}
"""Frequent words first: a word's share falls with its place."""

TYPICAL_INTEGERS = {"employees": 40.0, "insured_headcount": 35.0, "training_hours": 60.0, "paid_months": 11.0}
TYPICAL_YUAN = {"revenue_y": 5e6, "revenue_y1": 4.5e6, "revenue_y2": 4e6, "total_assets": 6e6, "payroll_y": 2e6}
TYPICAL_DAYS_AGO = {"established_on": 3_000, "licence_until": -300, "loan_from": 250}
LISTED_YEARS = range(2019, 2026)


def catalogue() -> FactCatalogue:
    """Return the 60 facts."""
    return FactCatalogue(
        {
            FactName(name): Fact(name=FactName(name), label=name, type=kind, scale=SCALES.get(kind, 0))
            for kind, names in NAMES.items()
            for name in names.split()
        }
    )


def blocks(rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the first `rows` firms in canonical columns, sorted by `uscc`, block by block."""
    facts = list(catalogue().values())
    schema = batch_schema(FIRM, facts)
    for first in range(0, rows, BLOCK_ROWS):
        chance = np.random.default_rng((SEED, first))
        columns = [_keys(first)]
        for place, fact in enumerate(facts):
            known = chance.random(BLOCK_ROWS) >= 0.05 + 0.10 * place / (len(facts) - 1)
            values = _values(fact, first, chance)
            columns.append(pc.if_else(pa.array(known), values, pa.scalar(None, values.type)))
        yield pa.RecordBatch.from_arrays(columns, schema=schema).slice(0, min(BLOCK_ROWS, rows - first))


def _keys(first: int) -> pa.Array:
    # Eighteen characters that look like a credit code and rise with the row: eight digits of base 31 at the end.
    digits = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
    numbers = (first + np.arange(BLOCK_ROWS, dtype=np.int64)) * 7919
    end = np.stack([digits[numbers // 31**power % 31] for power in range(7, -1, -1)], axis=1)
    beginning = np.tile(np.frombuffer(b"91370212MA", np.uint8), (BLOCK_ROWS, 1))
    return pa.array(np.concatenate([beginning, end], axis=1).view("S18").ravel()).cast(pa.string())


def _values(fact: Fact, first: int, chance: Generator) -> Any:
    match fact.type:
        case FactType.INTEGER:
            typical = TYPICAL_INTEGERS.get(fact.name, 2.0)
            return pa.array(chance.lognormal(np.log(typical), 1.1, BLOCK_ROWS).astype(np.int64))
        case FactType.MONEY:
            typical = TYPICAL_YUAN.get(fact.name, 2e5) * 100
            return pa.array(chance.lognormal(np.log(typical), 1.8, BLOCK_ROWS).astype(np.int64))
        case FactType.DECIMAL:
            return pa.array((chance.beta(1.5, 3.0, BLOCK_ROWS) * 1_000_000).astype(np.int64))
        case FactType.DATE:
            typical = TYPICAL_DAYS_AGO.get(fact.name, 700)
            days = AS_OF_DAY - chance.normal(typical, abs(typical) * 0.6, BLOCK_ROWS)
            return pa.array(days.astype(np.int32)).cast(pa.date32())
        case FactType.BOOLEAN:
            return pa.array(chance.random(BLOCK_ROWS) < 0.4)
        case FactType.STRING_LIST:
            return _lists(fact.name, chance)
        case FactType.STRING if fact.name == "legal_name":
            return pa.array([f"合成企业{first + row}号科技" for row in range(BLOCK_ROWS)]).dictionary_encode()
        case FactType.STRING:
            return pa.DictionaryArray.from_arrays(
                pa.array(_places(len(WORDS[fact.name]), BLOCK_ROWS, chance)), pa.array(WORDS[fact.name])
            ).cast(DICTIONARY)


def _places(words: int, count: int, chance: Generator) -> Any:
    return (chance.random(count) ** 1.7 * words).astype(np.int32)


def _lists(name: str, chance: Generator) -> pa.ListArray:
    counts = chance.choice(4, BLOCK_ROWS, p=[0.6, 0.25, 0.1, 0.05])
    labels = WORDS[name]
    entries = [
        f"{label} {year}-01-01/{'..' if year % 3 == 0 else f'{year + 1}-12-31'}"
        for label in labels
        for year in LISTED_YEARS
    ]
    chosen = _places(len(labels), counts.sum(), chance) * len(LISTED_YEARS)
    chosen += chance.integers(0, len(LISTED_YEARS), counts.sum(), dtype=np.int32)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(entries).take(pa.array(chosen)))
