"""Writes the decisions of a sweep to `decisions.parquet`.

Guarantees a file that appears only when complete, in columns that any Parquet reader knows: `policy_id, version,
uscc, outcome, amount decimal(18, 2), missing list<string>, record`. Memory holds one batch of the sweep. What the
decisions add up to is `sweep.totals`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from policy_match.facts.catalogue import KEY
from policy_match.storage.atomic_file import replacing
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.values import Outcome

WORDS = pa.dictionary(pa.int32(), pa.string())
AMOUNT = pa.decimal128(18, 2)
MISSING = pa.list_(pa.string())
SCHEMA = pa.schema(
    [
        ("policy_id", WORDS),
        ("version", WORDS),
        ("uscc", WORDS),
        ("outcome", WORDS),
        ("amount", AMOUNT),
        ("missing", MISSING),
        ("record", pa.string()),
    ]
)
ROW_GROUP_ROWS = 1_000_000
DICTIONARY_PAGE_BYTES = 16 << 20
"""Room for the codes of one batch of firms, each of which many policies name."""

OUTCOMES = pa.array([outcome.value for outcome in Outcome])
TRUTH_OF = {Outcome.ELIGIBLE: True, Outcome.INELIGIBLE: False}


def write_decisions(batches: Iterable[SweepBatch], path: Path, *, include_ineligible: bool) -> None:
    """Write eligible and undetermined decisions, and the ineligible ones if asked, under `path`.

    `amount` is null unless eligible, `missing` unless undetermined, `record` for policies per firm. Raises
    `FileNotWritten` when the disk refuses.
    """
    outcomes = [Outcome.ELIGIBLE, Outcome.UNDETERMINED]
    if include_ineligible:
        outcomes.append(Outcome.INELIGIBLE)
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(
            temporary,
            SCHEMA,
            compression="zstd",
            compression_level=1,
            dictionary_pagesize_limit=DICTIONARY_PAGE_BYTES,
            store_schema=False,
        ) as writer,
    ):
        for batch in batches:
            rows = [part for part in _rows(batch, outcomes) if part.num_rows]
            if rows:
                writer.write_table(pa.Table.from_batches(rows, SCHEMA), row_group_size=ROW_GROUP_ROWS)


def _rows(batch: SweepBatch, outcomes: Iterable[Outcome]) -> Iterator[pa.RecordBatch]:
    codes = batch.keys[KEY].cast(pa.string())
    records = None if batch.keys.num_columns == 1 else batch.keys.column(1).cast(pa.string())
    policies = pa.array([result.policy.policy_id for result in batch.results])
    versions = pa.array([result.policy.version for result in batch.results])
    for place, result in enumerate(batch.results):
        for outcome in outcomes:
            places = _places(result, outcome)
            count = len(places)
            yield pa.RecordBatch.from_arrays(
                [
                    _repeated(place, count, policies),
                    _repeated(place, count, versions),
                    pa.DictionaryArray.from_arrays(places, codes),
                    _repeated(list(Outcome).index(outcome), count, OUTCOMES),
                    money(result.amount_fen) if outcome is Outcome.ELIGIBLE else pa.nulls(count, AMOUNT),
                    _missing(result) if outcome is Outcome.UNDETERMINED else pa.nulls(count, MISSING),
                    pa.nulls(count, pa.string()) if records is None else records.take(places),
                ],
                schema=SCHEMA,
            )


def _places(result: PolicyResult, outcome: Outcome) -> pa.Int32Array:
    """Return the rows with this outcome, as places in the batch."""
    truth = TRUTH_OF.get(outcome)
    chosen = pc.is_null(result.truth) if truth is None else pc.equal(result.truth, truth)
    return pc.indices_nonzero(pc.fill_null(chosen, False)).cast(pa.int32())


def _repeated(place: int, count: int, words: pa.StringArray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.full(count, place, np.int32)), words)


def _missing(result: PolicyResult) -> pa.ListArray:
    return result.missing.dictionary.cast(MISSING).take(result.missing.indices)


def money(amount_fen: pa.Int64Array) -> pa.Decimal128Array:
    """Return fen as yuan with two decimals. A decimal is a little-endian integer of 16 bytes: here the fen."""
    fen = amount_fen.to_numpy()
    words = np.empty((len(fen), 2), np.int64)
    words[:, 0] = fen
    words[:, 1] = fen >> 63
    return pa.Array.from_buffers(AMOUNT, len(fen), [None, pa.py_buffer(words)])
