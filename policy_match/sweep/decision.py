"""What a sweep gives: one decision per policy and firm (or record), and their form in bulk.

Guarantees that every engine hands over the same shapes. Writing them to files or tables is `storage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from policy_match.sweep.plan import PlannedPolicy
from policy_match.values import Outcome, PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """One policy's word on one firm, or on one record of it.

    `amount_fen` is there exactly when the outcome is eligible; `missing` names the facts that keep an
    undetermined decision open, sorted, and is empty otherwise.
    """

    policy_id: PolicyId
    version: str
    uscc: Uscc
    record_id: str | None
    outcome: Outcome
    amount_fen: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyResult:
    """One policy's decisions on the rows of one batch.

    `truth` has one value per row: true eligible, false ineligible, null undetermined. `amount_fen` (int64, no
    nulls) has one value per eligible row, in row order. `missing` (dictionary of list<string>, sorted names) has
    one value per undetermined row, in row order.
    """

    policy: PlannedPolicy
    truth: pa.BooleanArray
    amount_fen: pa.Int64Array
    missing: pa.DictionaryArray


def encode_missing(patterns: Sequence[tuple[str, ...]]) -> pa.DictionaryArray:
    """Return one dictionary-encoded list of names per element; each distinct list is held once."""
    places: dict[tuple[str, ...], int] = {}
    indexes = [places.setdefault(pattern, len(places)) for pattern in patterns]
    return pa.DictionaryArray.from_arrays(
        pa.array(indexes, pa.int32()), pa.array([list(pattern) for pattern in places], pa.list_(pa.string()))
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepBatch:
    """The decisions on consecutive rows of one grain's table.

    `keys` has the columns `uscc` and, for records, `<grain>_id`. `conditions` holds, in the order of
    `SweepPlan.conditions_of(grain)`, the truth of every distinct condition for every row.
    """

    grain: str
    first_row: int
    keys: pa.RecordBatch
    results: Sequence[PolicyResult]
    conditions: Sequence[pa.BooleanArray]

    @property
    def rows(self) -> int:
        """How many rows the batch decides."""
        return int(self.keys.num_rows)
