"""Whether every row of a facts file has a key of its own.

Guarantees an answer in bounded memory: nothing for a file sorted by key, else 8 bytes per row; equal hashes are
looked at again, so that only equal keys count as duplicates.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from policy_match.facts.canonical import ROW_GROUP_ROWS, key_columns
from policy_match.facts.catalogue import KEY
from policy_match.facts.defects import DuplicateKey, WrongKey
from policy_match.facts.joining import row_keys
from policy_match.facts.keys import clean_keys, usable
from policy_match.storage.facts_columns import FactsColumns

ORDINARY_CODE = r"^[0-9A-Z]{18}$"


def check_keys(path: Path, columns: FactsColumns, grain: str) -> int:
    """Return the number of rows. Raises `WrongKey` or `DuplicateKey`."""
    rows, rising, last = 0, True, ""
    wrong: dict[str, object] = {}
    count = 0
    for batch in _key_batches(columns, grain):
        for name in key_columns(grain):
            unfit = pc.invert(_fit(batch[name], code=name == KEY))
            bad = pc.sum(unfit).as_py() or 0
            count += bad
            if bad and not wrong:
                place = pc.index(unfit, True).as_py()
                wrong = _wrong_key(name, batch[name][place].as_py(), columns.first_row + rows + place)
        keys = row_keys(batch, grain)
        rising = rising and _rises(keys, last)
        last = keys[-1].as_py() or "" if len(keys) else last
        rows += len(keys)
    if wrong:
        raise WrongKey(file=path, count=count, **wrong)
    if not rising:
        _refuse_duplicates(path, columns, grain)
    return rows


def _key_batches(columns: FactsColumns, grain: str) -> Iterator[pa.RecordBatch]:
    names = key_columns(grain)
    for batch in columns.batches(names, ROW_GROUP_ROWS):
        yield pa.RecordBatch.from_arrays([batch[name].cast(pa.string()) for name in names], names=list(names))


def _fit(keys: pa.Array, *, code: bool) -> pa.Array:
    """Return whether each key is spelled in its one way; a record id only has to be there."""
    if not code:
        return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(keys), ""), False)
    fit = pc.fill_null(pc.match_substring_regex(keys, ORDINARY_CODE), False)
    if pc.all(fit).as_py():
        return fit
    cleaned = clean_keys(keys)
    return pc.or_(fit, pc.fill_null(pc.and_(pc.equal(cleaned, keys), usable(cleaned)), False))


def _wrong_key(column: str, value: object, row: int) -> dict[str, object]:
    what, what_zh = ("credit code", "信用代码") if column == KEY else ("record id", "记录编号")
    return {"column": column, "value": value, "row": row, "what": what, "what_zh": what_zh}


def _rises(keys: pa.Array, last: str) -> bool:
    if len(keys) == 0:
        return True
    first = keys[0].as_py()
    return first is not None and first > last and pc.all(pc.greater(keys[1:], keys[:-1])).as_py() is not False


def _refuse_duplicates(path: Path, columns: FactsColumns, grain: str) -> None:
    hashes = np.sort(np.concatenate([_hashes(row_keys(batch, grain)) for batch in _key_batches(columns, grain)]))
    twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if len(twice) == 0:
        return
    rows: dict[str, list[int]] = defaultdict(list)
    row = columns.first_row
    for batch in _key_batches(columns, grain):
        keys = row_keys(batch, grain)
        for place in np.flatnonzero(np.isin(_hashes(keys), twice)):
            rows[keys[int(place)].as_py()].append(row + int(place))
        row += len(keys)
    repeated = {key: places for key, places in rows.items() if len(places) > 1}
    if repeated:
        key, places = min(repeated.items(), key=lambda item: item[1][1])
        raise DuplicateKey(
            file=path,
            key=key.replace("\0", " "),
            first=places[0],
            second=places[1],
            count=sum(len(places) for places in repeated.values()),
        )


def _hashes(keys: pa.Array) -> npt.NDArray[np.int64]:
    """Return 8 bytes per key; Python's own hash is salted per process, which does not change what is equal."""
    return np.fromiter((hash(key) for key in keys.to_pylist()), dtype=np.int64, count=len(keys))
