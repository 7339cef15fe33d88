"""Whether a value is still young enough to be used.

Guarantees one rule for every reader: a value observed more than `fresh_days` days before the as-of date is unknown.
"""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.catalogue import Fact


def is_stale(observed: pa.Array, fact: Fact, as_of: date) -> pa.Array:
    """Return for each day whether a value observed then is too old as of `as_of`; null for an unknown day."""
    assert fact.fresh_days is not None
    return pc.less(observed, pa.scalar(as_of - timedelta(days=fact.fresh_days), pa.date32()))


def fresh_only(column: pa.Array, observed: pa.Array | date, fact: Fact, as_of: date) -> pa.Array:
    """Return the fact's column with stale values null; `observed` is the day of all values, or of each."""
    if fact.fresh_days is None:
        return column
    if isinstance(observed, date):
        stale = (as_of - observed).days > fact.fresh_days
        return pa.nulls(len(column), column.type) if stale else column
    fresh = pc.invert(pc.fill_null(is_stale(observed, fact, as_of), False))
    if pa.types.is_dictionary(column.type):
        indices = pc.if_else(fresh, column.indices, pa.scalar(None, column.indices.type))
        return pa.DictionaryArray.from_arrays(indices, column.dictionary)
    return pc.if_else(fresh, column, pa.scalar(None, column.type))
