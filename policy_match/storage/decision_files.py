"""Writes the decisions of a sweep to `decisions.parquet`.

Guarantees a file that appears only when complete, in columns that any Parquet reader knows: `policy_id, version,
uscc, outcome, amount decimal(18, 2), missing list<string>, record`. Memory holds one batch of the sweep. What the
decisions add up to is `sweep.totals`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from policy_match.facts.catalogue import KEY
from policy_match.storage.atomic_file import replacing
from policy_match.sweep.decision import PolicyResult, SweepBatch
from policy_match.values import Outcome

WORDS = pa.dictionary(pa.int32(), pa.string())
AMOUNT = pa.decimal64(18, 2)
"""Integer fen in memory and in the file; Parquet calls it decimal(18, 2) all the same."""

SCHEMA = pa.schema(
    [
        pa.field("policy_id", WORDS, nullable=False),
        pa.field("version", WORDS, nullable=False),
        pa.field("uscc", WORDS, nullable=False),
        pa.field("outcome", WORDS, nullable=False),
        pa.field("amount", AMOUNT),
        pa.field("missing", pa.list_(WORDS), nullable=False),
        pa.field("record", pa.string()),
    ]
)
"""Dictionaries are how the columns are handed over and stored; a reader sees strings."""

ROW_GROUP_ROWS = 1_000_000
"""A row group is closed before it would have more rows, unless one policy alone has more in one batch."""

DICTIONARY_PAGE_BYTES = 16 << 20
"""Room for the codes of one batch of firms, each of which many policies name."""

OUTCOMES = list(Outcome)


def write_decisions(batches: Iterable[SweepBatch], path: Path, *, include_ineligible: bool) -> None:
    """Write eligible and undetermined decisions, and the ineligible ones if asked, under `path`.

    `amount` is null unless eligible, `missing` empty unless undetermined, `record` null for policies per firm. Raises
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
            use_dictionary=["policy_id", "version", "uscc", "outcome", "missing.list.element"],
            dictionary_pagesize_limit=DICTIONARY_PAGE_BYTES,
            write_statistics=["policy_id", "version", "outcome", "amount"],
            store_decimal_as_integer=True,
            store_schema=False,
        ) as writer,
    ):
        for batch in batches:
            for group in _row_groups(_parts(batch, outcomes)):
                writer.write_table(_table(batch, group), row_group_size=sum(len(part.places) for part in group))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows of one batch to which one policy gave one outcome, as places in the batch."""

    policy: int
    result: PolicyResult
    outcome: Outcome
    places: NDArray[np.int32]


def _parts(batch: SweepBatch, outcomes: Sequence[Outcome]) -> Iterator[_Part]:
    for place, result in enumerate(batch.results):
        for outcome in outcomes:
            yield _Part(place, result, outcome, _places(result.truth, outcome))


def _places(truth: pa.BooleanArray, outcome: Outcome) -> NDArray[np.int32]:
    validity, data = truth.buffers()
    known = _bits(validity, truth) if truth.null_count else np.ones(len(truth), np.bool_)
    match outcome:
        case Outcome.ELIGIBLE:
            chosen = known & _bits(data, truth)
        case Outcome.INELIGIBLE:
            chosen = known & ~_bits(data, truth)
        case Outcome.UNDETERMINED:
            chosen = ~known
    return np.flatnonzero(chosen).astype(np.int32)


def _bits(bitmap: pa.Buffer, truth: pa.BooleanArray) -> NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=truth.offset + len(truth), bitorder="little")
    return bits[truth.offset :].view(np.bool_)


def _row_groups(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    group: list[_Part] = []
    rows = 0
    for part in parts:
        if group and rows + len(part.places) > ROW_GROUP_ROWS:
            yield group
            group, rows = [], 0
        if len(part.places):
            group.append(part)
            rows += len(part.places)
    if group:
        yield group


def _table(batch: SweepBatch, parts: Sequence[_Part]) -> pa.Table:
    counts = np.array([len(part.places) for part in parts])
    places = np.concatenate([part.places for part in parts])

    def repeated(words: Sequence[str], of_part: Sequence[int]) -> pa.DictionaryArray:
        codes = np.repeat(np.array(of_part, np.int32), counts)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()), safe=False)

    policies = [part.policy for part in parts]
    per_record = batch.keys.num_columns > 1
    return pa.Table.from_arrays(
        [
            repeated([result.policy.policy_id for result in batch.results], policies),
            repeated([result.policy.version for result in batch.results], policies),
            pa.DictionaryArray.from_arrays(pa.array(places), batch.keys[KEY].cast(pa.string()), safe=False),
            repeated(OUTCOMES, [OUTCOMES.index(part.outcome) for part in parts]),
            _amounts(parts, counts),
            _missing(parts),
            batch.keys.column(1).cast(pa.string()).take(pa.array(places))
            if per_record
            else pa.nulls(len(places), pa.string()),
        ],
        schema=SCHEMA,
    )


def _amounts(parts: Sequence[_Part], counts: NDArray[Any]) -> pa.Array:
    """Return the amounts of a row group in yuan, null unless eligible."""
    no_amounts = np.zeros(int(counts.max()), np.int64)
    paid = [part.outcome is Outcome.ELIGIBLE for part in parts]
    fen = np.concatenate(
        [
            part.result.amount_fen.to_numpy() if eligible else no_amounts[: len(part.places)]
            for part, eligible in zip(parts, paid, strict=True)
        ]
    )
    validity = np.packbits(np.repeat(paid, counts), bitorder="little")
    return pa.Array.from_buffers(AMOUNT, len(fen), [pa.py_buffer(validity), pa.py_buffer(fen)])


def _missing(parts: Sequence[_Part]) -> pa.ListArray:
    """Return the missing facts of a row group, an empty list unless undetermined."""
    names: dict[str, int] = {}
    lengths, codes = [], [np.zeros(0, np.int32)]
    for part in parts:
        if part.outcome is Outcome.UNDETERMINED:
            of_rows, of_names = _named(part.result.missing, names)
            lengths.append(of_rows)
            codes.append(of_names)
        else:
            lengths.append(np.zeros(len(part.places), np.int32))
    bounds = np.cumsum(np.concatenate([np.zeros(1, np.int32), *lengths]), dtype=np.int32)
    words = pa.array(list(names), pa.string())
    leaves = pa.DictionaryArray.from_arrays(pa.array(np.concatenate(codes)), words, safe=False)
    return pa.ListArray.from_arrays(pa.array(bounds), leaves)


def _named(missing: pa.DictionaryArray, names: dict[str, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return how many facts each row lacks, and these facts row after row, numbered by `names`."""
    lists = [[names.setdefault(name, len(names)) for name in each] for each in missing.dictionary.to_pylist()]
    of_list = np.array([len(each) for each in lists], np.int32)
    starts = np.cumsum(of_list, dtype=np.int32) - of_list
    flat = np.array([name for each in lists for name in each], np.int32)
    of_row = missing.indices.to_numpy().astype(np.intp)
    lengths = of_list.take(of_row)
    ends = np.cumsum(lengths, dtype=np.int32)
    places = np.repeat(starts.take(of_row) - ends + lengths, lengths) + np.arange(lengths.sum())
    return lengths, flat.take(places)
