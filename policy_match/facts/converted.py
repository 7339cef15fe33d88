"""A column read from outside: canonical values, and the reason for each cell that was not taken.

Guarantees that a refused cell is null among the values, and that a column without refusals carries nothing for them.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.reasons import Reason

_NO_REASON = pa.scalar(None, pa.string())


@dataclass(frozen=True, kw_only=True, slots=True)
class Converted:
    """A column of canonical values. `refused` has a `Reason` code per refused cell; `None` when there is none."""

    values: pa.Array
    refused: pa.Array | None = None


def converted(values: pa.Array, refused: pa.Array) -> Converted:
    """Return a column whose `refused` may turn out to hold no reason."""
    return Converted(values=values, refused=None if refused.null_count == len(refused) else refused)


def refuse(column: Converted, where: pa.Array, reason: Reason) -> Converted:
    """Return `column` with the known values at `where` (nulls count as false) refused for `reason`."""
    if not pc.any(where).as_py():
        return column
    at = pc.and_(pc.fill_null(where, False), pc.is_valid(column.values))
    if not pc.any(at).as_py():
        return column
    return Converted(
        values=pc.if_else(at, pa.scalar(None, column.values.type), column.values),
        refused=pc.if_else(at, pa.scalar(reason.value), _NO_REASON if column.refused is None else column.refused),
    )


def refuse_missing(given: pa.Array, values: pa.Array, reason: Reason) -> Converted:
    """Return `values` with a reason wherever a known `given` has no value."""
    if values.null_count == given.null_count:
        return Converted(values=values)
    lost = pc.and_(pc.is_valid(given), pc.is_null(values))
    return Converted(values=values, refused=pc.if_else(lost, pa.scalar(reason.value), _NO_REASON))


def either(first: Converted, second: Converted) -> Converted:
    """Return the cells of two columns of which each read cells that the other left null."""
    return Converted(
        values=pc.coalesce(first.values, second.values), refused=either_reason(first.refused, second.refused)
    )


def either_reason(first: pa.Array | None, second: pa.Array | None) -> pa.Array | None:
    """Return the reasons of both."""
    if first is None or second is None:
        return second if first is None else first
    return pc.coalesce(first, second)
