"""Values that the law dates: parameters, code lists and tables, read at a day that may differ from row to row.

Guarantees that before the first date, and where the day is unknown, the value is unknown.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import numpy as np

from policy_match.engines.arrow.columns import Column, Days, Texts, Truths, day_number, scalar_column
from policy_match.engines.arrow.masks import Mask, Places, both, either
from policy_match.engines.arrow.texts import longest_prefix, starts_with
from policy_match.expressions.nodes import Scalar, ValueType

T = TypeVar("T")
Dated = Sequence[tuple[date, T]]
"""Values by `effective_from`, sorted by it."""


def parameter(dated: Dated[Scalar], value_type: ValueType) -> Callable[[Days], Column]:
    """Return the operation that gives the value in force on a day."""
    table = scalar_column([None, *(value for _, value in dated)], value_type)

    def value(day: Days) -> Column:
        return table.take(periods(dated, day)).losing(day.lost)

    return value


def has_prefix(texts: Texts, dated: Dated[tuple[str, ...]], day: Days) -> Truths:
    """Return whether the text starts with a prefix of the list in force on `day`."""
    period = periods(dated, day)
    present = _present(period)
    lost = either(texts.lost, day.lost)
    if len(period) == 1 and present:
        return Truths.of(starts_with(texts, dated[present[0] - 1][1]), texts.known, lost)
    is_true: Mask = np.zeros(1, np.bool_)
    for number in present:
        is_true = is_true | ((period == number) & starts_with(texts, dated[number - 1][1]))
    return Truths.of(is_true, both(texts.known, period > 0), lost)


def lookup(key: Texts, dated: Dated[tuple[tuple[str, Scalar], ...]], value_type: ValueType, day: Days) -> Column:
    """Return the value of the longest prefix of `key` in the table in force on `day`."""
    period = periods(dated, day)
    values: list[Scalar | None] = [value for _, rows in dated for _, value in rows]
    places: Places = np.full(1, len(values), np.intp)
    for number in _present(period):
        rows = dated[number - 1][1]
        first = sum(len(earlier) for _, earlier in dated[: number - 1])
        found = longest_prefix(key, [prefix for prefix, _ in rows])
        places = np.where((period == number) & (found < len(rows)), first + found, places)
    return scalar_column([*values, None], value_type).take(places).losing(either(key.lost, day.lost))


def periods(dated: Dated[T], day: Days) -> Places:
    """Return which of the dated values is in force, counted from 1; 0 where none is or the day is unknown."""
    begun: Places = np.zeros(len(day.days), np.intp)
    for start, _ in dated:
        begun += day.days >= day_number(start)
    return begun if day.known is None else np.where(day.known, begun, 0)


def _present(period: Places) -> list[int]:
    present: list[int] = np.flatnonzero(np.bincount(period)).tolist()
    return [number for number in present if number]
