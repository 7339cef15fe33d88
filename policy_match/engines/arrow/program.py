"""Running compiled steps on the rows of one batch.

Guarantees that every shared step is evaluated once per batch, that a column is let go after its last use, and that
rows whose arithmetic did not fit int64 are evaluated again on Python integers before anybody sees them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from policy_match.engines.arrow.bitmaps import Bitmap
from policy_match.engines.arrow.columns import Column, Numbers, Texts, Truths, fact_column
from policy_match.engines.arrow.masks import Mask, Places, places_of, truth_array
from policy_match.engines.arrow.steps import Step, Unknowns, in_order
from policy_match.engines.arrow.words import Words
from policy_match.expressions.vocabulary import FACT_VALUE_TYPES
from policy_match.facts.catalogue import FactCatalogue
from policy_match.values import FactName


class Rows:
    """The facts of some rows, read when first asked for. `wide` rows hold Python integers."""

    def __init__(
        self,
        read: Callable[[FactName], Column],
        count: int,
        *,
        wide: bool = False,
    ) -> None:
        self._read = read
        self._columns: dict[FactName, Column] = {}
        self._unknown: dict[FactName, Bitmap | None] = {}
        self.count = count
        self.wide = wide

    @classmethod
    def of(cls, batch: pa.RecordBatch, catalogue: FactCatalogue, words: dict[FactName, Words]) -> "Rows":
        """Return the rows of a batch of canonical columns.

        `words` holds the words that each fact had last, and what is known of them: most batches have the same.
        """

        def read(name: FactName) -> Column:
            fact = catalogue[name]
            column = fact_column(batch.column(name), fact.scale, FACT_VALUE_TYPES[fact.type])
            if isinstance(column, Texts):
                last = words.get(name)
                if last is not None and last.array.equals(column.words.array):
                    return replace(column, words=last)
                words[name] = column.words
            return column

        return cls(read, batch.num_rows)

    def fact(self, name: FactName) -> Column:
        """Return the column of a fact."""
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def unknown_bits(self, name: FactName) -> Bitmap | None:
        """Return a bitmap of the rows in which a fact is unknown; `None` if there are none."""
        if name not in self._unknown:
            known = self.fact(name).known
            self._unknown[name] = None if known is None else np.packbits(~known, bitorder="little")
        return self._unknown[name]

    def take(self, places: Places) -> "Rows":
        """Return some of the rows."""
        return Rows(lambda name: self.fact(name).take(places), len(places), wide=self.wide)

    def widened(self) -> "Rows":
        """Return the same rows with numbers as Python integers."""
        return Rows(lambda name: self.fact(name).widened(), self.count, wide=True)


class Program:
    """Steps in the order of evaluation, up to some roots that are truths or whole numbers."""

    def __init__(self, roots: Sequence[Step]) -> None:
        self.roots = tuple(roots)
        self.steps = in_order(roots)
        kept = {root.number for root in roots}
        last_use = {operand.number: place for place, step in enumerate(self.steps) for operand in step.operands}
        self._released: list[list[int]] = [[] for _ in self.steps]
        for number, place in last_use.items():
            if number not in kept:
                self._released[place].append(number)

    @cached_property
    def facts(self) -> tuple[FactName, ...]:
        """The facts that are read."""
        return tuple(step.fact for step in self.steps if step.fact is not None)

    @cached_property
    def only_fact(self) -> FactName | None:
        """The one fact that is missing wherever the root is unknown, if that is certain: no constant is unknown."""
        return self.facts[0] if len(self.facts) == 1 and self._constants_known else None

    @cached_property
    def direct(self) -> bool:
        """Whether, where the root is unknown and some facts are too, exactly those facts are missing.

        So it is where every operand matters and what is impossible is only so with all facts known; the last step may
        join such parts by `and`, or by `or`. Overflow is left aside: it needs Python integers.
        """
        root, facts = self.roots[0], frozenset(self.facts)
        parts = _joined(root, root.unknowns) if root.unknowns in (Unknowns.OF_AND, Unknowns.OF_OR) else [root]
        fails = [step for step in self.steps if step.fails and step is not root]
        return (
            self._constants_known
            and all(_every_operand_matters(part) for part in parts)
            and all(step.facts == facts for step in fails)
        )

    @property
    def _constants_known(self) -> bool:
        return all(step.constant is None or step.constant.known is None for step in self.steps)

    def trace(self, rows: Rows) -> dict[int, Column]:
        """Return the column of every step by its number. Lost rows stay lost."""
        columns: dict[int, Column] = {}
        for step in self.steps:
            columns[step.number] = _evaluate(step, rows, columns)
        return columns

    def run(self, rows: Rows) -> list[Column]:
        """Return the columns of the roots; lost rows have been evaluated exactly. Constants may stand for every row."""
        columns: dict[int, Column] = {}
        for step, released in zip(self.steps, self._released, strict=True):
            columns[step.number] = _evaluate(step, rows, columns)
            for number in released:
                del columns[number]
        return [self._recovered(root, columns[root.number], rows) for root in self.roots]

    def _recovered(self, root: Step, column: Column, rows: Rows) -> Column:
        if column.lost is None or not column.lost.any():
            return column
        places = places_of(np.broadcast_to(column.lost, rows.count))
        assert not rows.wide, "Python integers lose nothing"
        exact = Program([root]).run(rows.take(places).widened())[0]
        return overwritten(column, places, exact, rows.count)


def _evaluate(step: Step, rows: Rows, columns: dict[int, Column]) -> Column:
    if step.fact is not None:
        return rows.fact(step.fact)
    if step.constant is not None:
        column = step.constant
    else:
        column = step.compute(*(columns[operand.number] for operand in step.operands))
    return column.widened() if rows.wide else column


def _joined(step: Step, connective: Unknowns) -> list[Step]:
    if step.unknowns is not connective:
        return [step]
    return [part for operand in step.operands for part in _joined(operand, connective)]


def _every_operand_matters(step: Step) -> bool:
    match step.unknowns:
        case Unknowns.OF_AND | Unknowns.OF_OR | Unknowns.NEVER:
            return False
        case Unknowns.CHOSEN_BRANCH:
            condition, *branches = step.operands
            return _every_operand_matters(condition) and not any(branch.facts for branch in branches)
        case Unknowns.ITSELF | Unknowns.OF_OPERANDS:
            return all(_every_operand_matters(operand) for operand in step.operands)


def overwritten(column: Column, places: Places, exact: Column, count: int) -> Column:
    """Return a root with the values at `places` replaced."""
    known = _full(column.known, count)
    known[places] = True if exact.known is None else exact.known
    match column, exact:
        case Truths(), Truths():
            is_true = _full(column.masks()[0], count)
            is_true[places] = exact.masks()[0]
            return Truths(truth_array(is_true, known), column.lost)
        case Numbers(), Numbers():
            values: np.ndarray[Any, Any] = np.array(np.broadcast_to(column.numerator.values, count))
            values[places] = exact.numerator.values
            return Numbers(replace(column.numerator, values=values), known=known)
    raise AssertionError("a root is a truth or an amount")


def _full(mask: Mask | None, count: int) -> Mask:
    return np.array(np.broadcast_to(True if mask is None else mask, count))
