"""How fast rule-engine itself decides, row by row: what everything here is compared with.

Guarantees a comparison in rule-engine's favour: only conditions that it can evaluate without our functions, facts
that are never missing, no amounts, and no further condition once one is false.
"""

import time
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import rule_engine

from policy_match.expressions import nodes
from policy_match.expressions.nodes import Node
from policy_match.facts.catalogue import FactCatalogue
from policy_match.facts.column_values import rule_value
from policy_match.sweep.plan import SweepPlan
from tests.benchmarks.synthetic_facts import blocks

NATIVE = (
    nodes.Literal,
    nodes.FactValue,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.OneOf,
    nodes.Slice,
    nodes.Arithmetic,
    nodes.Conditional,
)
"""What rule-engine evaluates by itself."""


def decisions_per_second(plan: SweepPlan, sample_rows: int) -> tuple[float, int]:
    """Return how many decisions a second rule-engine makes on a sample, and how many conditions that takes."""
    native = {condition.index for condition in plan.conditions if all(map(_is_native, condition.node.walk()))}
    compiled = {index: rule_engine.Rule(plan.conditions[index].text) for index in native}
    policies = [
        [compiled[index] for index in policy.conditions if index in native]
        for policy in plan.policies
        if native & set(policy.conditions)
    ]
    rows = list(_rows(plan.catalogue, sample_rows))
    started = time.perf_counter()
    for row in rows:
        for conditions in policies:
            all(condition.matches(row) for condition in conditions)
    return len(rows) * len(policies) / (time.perf_counter() - started), len(native)


def _is_native(node: Node) -> bool:
    return isinstance(node, NATIVE)


def _rows(catalogue: FactCatalogue, count: int) -> Iterable[dict[str, Any]]:
    block = next(iter(blocks(count)))
    columns = {}
    for fact in catalogue.values():
        column = block.column(fact.name)
        plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        known = pc.fill_null_backward(pc.fill_null_forward(plain)) if not pa.types.is_list(plain.type) else plain
        columns[fact.name] = [_plain(rule_value(fact, value)) for value in known.to_pylist()]
    return ({name: values[row] for name, values in columns.items()} for row in range(block.num_rows))


def _plain(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return value
        case date():
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the dates of a registry have no zone
        case tuple():
            return list(value)
        case _:
            return Decimal(value.numerator) / Decimal(value.denominator)
