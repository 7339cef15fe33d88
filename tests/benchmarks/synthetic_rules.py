"""Synthetic policies: 209 rule files of mixed shape with some 370 distinct conditions between them.

Guarantees the same rules on every machine; thresholds are set on a sample of the synthetic firms so that about one
pair of policy and firm in twenty is eligible. No policy is a real one.
"""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from policy_match.facts.catalogue import Fact, FactType
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from tests.benchmarks.synthetic_facts import AS_OF_DAY, NAMES, SEED, blocks, catalogue

POLICIES = 209
CONDITIONS = 370
SAMPLE_ROWS = 10_000
SELECTIVE_SHARE, COMMON_SHARE = 0.25, 0.72
"""How many firms meet a condition of either kind; chosen so that about one pair in twenty is eligible."""

MONEY = NAMES[FactType.MONEY].split()
INTEGERS = NAMES[FactType.INTEGER].split()
DECIMALS = NAMES[FactType.DECIMAL].split()
DATES = NAMES[FactType.DATE].split()

DEFINITIONS = """\
[research_share]
label = "research cost / revenue"
reference = "synthetic"
formula = "research_cost_y / revenue_y"

[firm_age_months]
label = "months since founding"
reference = "synthetic"
formula = "months_between(established_on, as_of)"
"""

PARAMETERS = """\
[synthetic_rate]
label = "a dated rate"
type = "decimal"
reference = "synthetic"
[[synthetic_rate.value]]
effective_from = 2019-08-20
value = 0.0425
[[synthetic_rate.value]]
effective_from = 2022-01-20
value = 0.037
[[synthetic_rate.value]]
effective_from = 2024-07-22
value = 0.0335

[synthetic_size]
label = "employees of a large firm by industry"
type = "table"
result = "decimal"
reference = "synthetic"
[[synthetic_size.value]]
effective_from = 2018-01-01
rows = { "1" = 1000, "2" = 1000, "3" = 1000, "4" = 1000, "5" = 200, "51" = 300, "6" = 100, "7" = 300, "9" = 300 }
"""

AMOUNTS = [
    "{money} * 0.30",
    "{money} * (size_class == 'large' ? 0.30 : 0.60)",
    "round_half_up({money} * 0.015, 2)",
    "min({money} * 0.1, 500000)",
    "marginal_bands({money}, [0, 1000000, 5000000], [0.01, 0.005, 0.002])",
    "whole_bands({money}, [0, 200000, 2000000], [0.02, 0.01, 0.005])",
    "per_step({money}, 100000, 2500, 'floor')",
    "per_step({integer}, 1, 1500, 'proportional')",
    "band_value({integer}, [0, 3, 10], [20000, 50000, 100000])",
    "50000",
    "{integer} * 1000 + {money} * 0.002",
    "loan_principal * parameter_at(synthetic_rate, loan_from) / 2",
    "loan_principal * loan_rate * 0.5",
    "max({money} - {other}, 0) * 0.05",
    "mean({money}, {other}) * 0.01",
    "size_class == 'micro' ? 10000 : size_class == 'small' ? 20000 : 50000",
]


def write_rules(folder: Path, policies: int = POLICIES) -> RuleBook:
    """Write a rules repository with the first `policies` synthetic policies and return it loaded."""
    for name in ("parameters", "definitions", "synthetic"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "facts.toml").write_text("".join(map(_fact_toml, catalogue().values())), encoding="utf-8")
    (folder / "parameters" / "synthetic.toml").write_text(PARAMETERS, encoding="utf-8")
    (folder / "definitions" / "synthetic.toml").write_text(DEFINITIONS, encoding="utf-8")
    for number, text in zip(range(policies), policy_texts(), strict=False):
        (folder / "synthetic" / f"synthetic-{number:03d}.toml").write_text(text, encoding="utf-8")
    return load_rules(folder)


def policy_texts() -> Iterator[str]:
    """Yield the policies in order: one condition that few firms meet, and two to five that most meet."""
    maker = _ConditionMaker(np.random.default_rng(SEED))
    selective = cycle(maker.distinct(SELECTIVE_SHARE, CONDITIONS // 3))
    common = cycle(maker.distinct(COMMON_SHARE, CONDITIONS - CONDITIONS // 3))
    chance = np.random.default_rng(SEED + 1)
    for number in range(POLICIES):
        conditions = [next(selective), *(next(common) for _ in range(2 + number % 4))]
        yield _policy_toml(number, conditions, chance)


def _fact_toml(fact: Fact) -> str:
    return f"[{fact.name}]\nlabel = '{fact.name}'\ntype = '{fact.type}'\nsource = 'synthetic'\nsensitivity = 'I'\n\n"


def _policy_toml(number: int, conditions: list[str], chance: Generator) -> str:
    money, other = chance.choice(MONEY, 2, replace=False)
    amount = AMOUNTS[number % len(AMOUNTS)].format(money=money, other=other, integer=chance.choice(INTEGERS))
    caps = ["cap = 500_000.00", "cap = \"size_class == 'large' ? 2000000 : 800000\"", ""]
    lines = [
        f'id = "synthetic-{number:03d}"',
        f'title = "合成政策 {number}"',
        'department = "synthetic"',
        'jurisdiction = "370200"',
        'benefit = "grant"',
        'delivery = "confirm"',
        'period = "year"',
        "[[version]]",
        "effective_from = 2025-01-01",
        f'amount = "{amount}"',
        caps[number % len(caps)],
        *(["minimum = 100.00"] if number % 4 == 0 else []),
    ]
    for place, when in enumerate(conditions, 1):
        lines += [
            "[[version.condition]]",
            f'id = "c{place}"',
            'text = "合成"',
            f'article = "{place}"',
            f'when = "{when}"',
        ]
    return "\n".join(lines) + "\n"


class _ConditionMaker:
    """Makes condition texts that about a given share of the firms meet, where the facts are known."""

    def __init__(self, chance: Generator) -> None:
        self._chance = chance
        self._sample = pa.Table.from_batches(blocks(SAMPLE_ROWS))
        self._kinds = [
            *[self._money] * 8,
            *[self._integer] * 5,
            *[self._day] * 4,
            *[self._industry] * 4,
            *[self._word] * 3,
            *[self._decimal] * 3,
            *[self._quotient] * 3,
            *[self._growth] * 2,
            *[self._either] * 2,
            self._age,
            self._listed,
            self._by_size,
        ]

    def distinct(self, share: float, count: int) -> list[str]:
        """Return so many different conditions, of every kind in turn."""
        found: dict[str, None] = {}
        for kind in cycle(self._kinds):
            found.setdefault(kind(share))
            if len(found) == count:
                return list(found)
        raise AssertionError("the kinds never end")

    def _quantile(self, column: pa.ChunkedArray, share: float) -> float:
        share = float(np.clip(share + self._chance.normal(0, 0.08), 0.02, 0.98))
        return float(pc.quantile(column, q=share)[0].as_py())

    def _money(self, share: float) -> str:
        name = str(self._chance.choice(MONEY))
        if self._chance.random() < 0.5:
            return f"{name} >= {self._quantile(self._sample[name], 1 - share) / 100:.0f}"
        return f"{name} < {self._quantile(self._sample[name], share) / 100:.2f}"

    def _integer(self, share: float) -> str:
        name = str(self._chance.choice(["employees", "insured_headcount", "training_hours"]))
        if self._chance.random() < 0.5:
            return f"{name} >= {self._quantile(self._sample[name], 1 - share):.0f}"
        return f"{name} <= {self._quantile(self._sample[name], share):.0f}"

    def _decimal(self, share: float) -> str:
        name = str(self._chance.choice(DECIMALS))
        return f"{name} <= {self._quantile(self._sample[name], share) / 1_000_000:.3f}"

    def _day(self, share: float) -> str:
        name = str(self._chance.choice(DATES))
        days = AS_OF_DAY - int(self._quantile(self._sample[name].cast(pa.int32()), share))
        return f"{name} <= add_days(as_of, {-days})" if days % 2 else f"{name} <= add_months(as_of, {-days // 30})"

    def _age(self, share: float) -> str:
        days = AS_OF_DAY - self._quantile(self._sample["established_on"].cast(pa.int32()), share)
        return f"firm_age_months >= {int(days / 30.44)}"

    def _industry(self, share: float) -> str:
        few = share < 0.5
        wanted = share if few else 1 - share
        counts = pc.value_counts(
            pc.utf8_slice_codeunits(self._sample["industry_code"].cast(pa.string()), 0, 2).drop_null()
        )
        divisions, total, chosen = counts.to_pylist(), 0.0, []
        self._chance.shuffle(divisions)
        while total < wanted * SAMPLE_ROWS * 0.9:
            division = divisions.pop()
            total += division["counts"]
            chosen.append(f"'{division['values']}'")
        listed = f"[{', '.join(sorted(chosen))}]"
        if self._chance.random() < 0.5:
            return f"has_prefix(industry_code, {listed})" if few else f"not has_prefix(industry_code, {listed})"
        return f"industry_code[0:2] {'in' if few else 'not in'} {listed}"

    def _word(self, share: float) -> str:
        name = str(self._chance.choice(["division_code", "size_class", "ownership", "credit_grade", "status"]))
        counts = sorted(
            pc.value_counts(self._sample[name].cast(pa.string()).drop_null()).to_pylist(),
            key=lambda word: word["values"],
        )
        self._chance.shuffle(counts)
        total, chosen = 0.0, []
        while total < share * SAMPLE_ROWS * 0.8 and counts:
            word = counts.pop()
            total += word["counts"]
            chosen.append(f"'{word['values']}'")
        return f"{name} in [{', '.join(sorted(chosen))}]" if len(chosen) > 1 else f"{name} == {chosen[0]}"

    def _quotient(self, share: float) -> str:
        left, right = self._chance.choice(MONEY, 2, replace=False)
        quotient = pc.divide(self._sample[left].cast(pa.float64()), self._sample[right].cast(pa.float64()))
        finite = quotient.filter(pc.is_finite(quotient))
        return f"{left} / {right} >= {self._quantile(finite, 1 - share):.4f}"

    def _growth(self, share: float) -> str:
        current, base = [
            ("revenue_y", "revenue_y1"),
            ("tax_paid_y", "tax_paid_y1"),
            ("research_cost_y", "research_cost_y1"),
        ][int(self._chance.integers(3))]
        quotient = pc.divide(self._sample[current].cast(pa.float64()), self._sample[base].cast(pa.float64()))
        finite = quotient.filter(pc.is_finite(quotient))
        return f"growth({current}, {base}) >= {self._quantile(finite, 1 - share) - 1:.3f}"

    def _either(self, share: float) -> str:
        flag = str(self._chance.choice(NAMES[FactType.BOOLEAN].split()))
        if share < 0.5:
            return f"{flag} and {self._money(share / 0.4)}"
        return f"not {flag} or {self._money(share - 0.2)}"

    def _listed(self, share: float) -> str:
        if share < 0.5:
            return f"on_list(certificates, add_days(as_of, {-int(self._chance.integers(1_500))}))"
        return f"list_count(penalties, add_months(as_of, {-int(self._chance.integers(6, 60))}), as_of) == 0"

    def _by_size(self, share: float) -> str:
        few, many = sorted(round(self._quantile(self._sample["layoff_rate"], share) / 1_000_000, 3) for _ in range(2))
        return f"layoff_rate <= (insured_headcount <= {int(self._chance.integers(20, 60))} ? {many} : {few})"
