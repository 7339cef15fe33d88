"""Facts of firms put beside the records of those firms.

Guarantees that memory holds one batch of records and one of firms, however many firms there are. Which firms are
worth reading is left to the reader of the table.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.catalogue import KEY


def firm_facts_of(records: pa.Array, firms: Iterable[pa.RecordBatch], schema: pa.Schema) -> list[pa.Array]:
    """Return the columns of `schema` (firm facts) for each code in `records`; null where no firm has the code.

    `firms` are batches with `uscc` and those columns, each firm at most once in all.
    """
    found_at = np.full(len(records), -1, dtype=np.int64)
    parts = [pa.RecordBatch.from_pylist([], schema=schema)]
    total = 0
    for batch in firms:
        places = pc.index_in(records, value_set=batch[KEY])
        hits = pc.is_valid(places)
        wanted = places.filter(hits)
        if len(wanted):
            found_at[hits.to_numpy(zero_copy_only=False)] = np.arange(total, total + len(wanted))
            total += len(wanted)
            parts.append(batch.select(schema.names).take(wanted))
    beside: pa.RecordBatch = pa.concat_batches(parts).take(pa.array(found_at, mask=found_at < 0))
    return list(beside.columns)
