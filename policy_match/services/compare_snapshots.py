"""What changed from one snapshot of the facts to another: firms that came and went, and each fact how often.

Guarantees that values are compared as they were delivered, however old they are, column by column, so that memory
holds two columns; and that the same rows are found by their keys alone. Which decisions changed is `compare_sweeps`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.cases.words import Words
from policy_match.errors import InputError
from policy_match.facts.canonical import batch_schema, column_type, record_column
from policy_match.facts.catalogue import FIRM, KEY, Fact, FactCatalogue, FactType
from policy_match.facts.column_values import RuleValue, rule_value
from policy_match.facts.manifest import Manifest, read_manifest
from policy_match.ports import KeptSnapshot
from policy_match.sweep.kept import RowKey
from policy_match.sweep.truth import Alignment, align
from policy_match.values import FactName, SnapshotId, Uscc

MOST_ROWS = 500
"""The largest page of rows."""

ANY_AGE = date(1000, 1, 1)
"""As of this day no value is too old."""

LIST_MARK = "\x1f"
"""Between the entries of a list while lists are compared as texts."""

OpenSnapshot = Callable[[str, FactCatalogue], KeptSnapshot]


class NotInSnapshots(InputError):
    """Neither snapshot has a table or fact of this name."""

    code = "snapshot.no-fact"
    http_status = 404
    english = "neither snapshot has `{name}`; compare the snapshots to see the facts that they have"
    chinese = "两个快照中都没有“{name}”；请先比较快照以查看其中的事实"


class RowChange(StrEnum):
    """What happened to a row, or to one fact of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    BECAME_KNOWN = "became_known"
    BECAME_UNKNOWN = "became_unknown"


ROW_CHANGE_WORDS: Mapping[RowChange, Words] = {
    RowChange.ADDED: Words("新增", "came"),
    RowChange.REMOVED: Words("消失", "went"),
    RowChange.CHANGED: Words("改变", "changed"),
    RowChange.BECAME_KNOWN: Words("由缺失变为有值", "became known"),
    RowChange.BECAME_UNKNOWN: Words("由有值变为缺失", "became unknown"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FactChanges:
    """One fact over the rows that both snapshots have: how many differ, became known, became unknown.

    `before_known` and `after_known` count all rows of each side with a value.
    """

    fact: FactName
    before_known: int
    after_known: int
    changed: int
    became_known: int
    became_unknown: int

    @property
    def differ(self) -> int:
        """Rows that both have and in which the fact is not the same."""
        return self.changed + self.became_known + self.became_unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class TableChanges:
    """One table. `changed` counts the rows that both have and in which at least one fact differs."""

    grain: str
    before_rows: int
    after_rows: int
    added: int
    removed: int
    changed: int
    facts: tuple[FactChanges, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotDifference:
    """Two snapshots, table by table, firms first."""

    before: SnapshotId
    after: SnapshotId
    tables: tuple[TableChanges, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedFact:
    """One row that came or went, or one fact of a row with its value before and after; `None` is unknown."""

    key: RowKey
    change: RowChange
    fact: FactName | None
    before: RuleValue | None
    after: RuleValue | None


def compare_snapshots(
    open_snapshot: OpenSnapshot, catalogue: FactCatalogue, before: str, after: str
) -> SnapshotDifference:
    """Return how the facts moved from one kept snapshot to another. 100,000 firms take about a second."""
    old, new = (_Opened(open_snapshot(each, catalogue), catalogue) for each in (before, after))
    grains = sorted({*old.tables.grains, *new.tables.grains}, key=lambda grain: (grain != FIRM, grain))
    return SnapshotDifference(
        before=old.tables.snapshot_id,
        after=new.tables.snapshot_id,
        tables=tuple(_compare_table(old, new, grain, catalogue) for grain in grains),
    )


def changed_facts(
    open_snapshot: OpenSnapshot,
    catalogue: FactCatalogue,
    before: str,
    after: str,
    *,
    grain: str = FIRM,
    fact: FactName | None = None,
    after_row: RowKey | None = None,
    most: int = 100,
) -> Sequence[ChangedFact]:
    """Return a page of the rows of a table that came or went, or of those in which one fact differs, by key.

    Raises `NotInSnapshots`.
    """
    assert 0 < most <= MOST_ROWS + 1, f"a page has 1 to {MOST_ROWS} rows"
    old, new = (_Opened(open_snapshot(each, catalogue), catalogue) for each in (before, after))
    if grain not in (*old.tables.grains, *new.tables.grains):
        raise NotInSnapshots(name=grain)
    if fact is not None and (fact not in catalogue or not (old.has(grain, fact) or new.has(grain, fact))):
        raise NotInSnapshots(name=fact)
    rows = _Aligned(old, new, grain)
    if fact is not None:
        return _fact_rows(rows, catalogue, fact, after_row, most)
    sides = (
        (RowChange.REMOVED, rows.old_keys.take(rows.alignment.gone)),
        (RowChange.ADDED, rows.new_keys.take(rows.alignment.appeared)),
    )
    found = [
        ChangedFact(key=_key(row, grain), change=change, fact=None, before=None, after=None)
        for change, keys in sides
        for row in _behind(keys, grain, after_row, most).to_pylist()
    ]
    return sorted(found, key=lambda each: (each.key.uscc, each.key.record_id))[:most]


class _Opened:
    """A snapshot with what its manifest says."""

    def __init__(self, tables: KeptSnapshot, catalogue: FactCatalogue) -> None:
        self.tables = tables
        self._catalogue = catalogue
        self.manifest: Manifest = read_manifest(json.loads(tables.manifest_text))

    def has(self, grain: str, fact: FactName) -> bool:
        """Return whether the table of a grain has the fact."""
        table = self.manifest.tables.get(grain)
        return table is not None and any(column.name == fact for column in table.columns)

    def keys(self, grain: str) -> pa.Table:
        """Return the key columns of a table, without a row where there is no such table."""
        batches = self.tables.batches(grain, (), ANY_AGE) if grain in self.tables.grains else ()
        return pa.Table.from_batches(batches, batch_schema(grain, ()))

    def column(self, grain: str, fact: FactName) -> pa.ChunkedArray | None:
        """Return the values of a fact in comparable form, whatever their age; `None` when the table lacks it."""
        if not self.has(grain, fact):
            return None
        batches = self.tables.batches(grain, (fact,), ANY_AGE)
        found = pa.chunked_array([batch[fact] for batch in batches], column_type(self._catalogue[fact]))
        if pa.types.is_dictionary(found.type):
            return pc.cast(found, pa.string())
        if pa.types.is_list(found.type):
            return pc.binary_join(found, LIST_MARK)
        return found


class _Aligned:
    """One table of two snapshots, row by row."""

    def __init__(self, old: _Opened, new: _Opened, grain: str) -> None:
        self.old, self.new, self.grain = old, new, grain
        self.old_keys, self.new_keys = old.keys(grain), new.keys(grain)
        self.alignment: Alignment = align(self.old_keys, self.new_keys)

    @property
    def both(self) -> int:
        """How many rows both have."""
        rows: int = self.new_keys.num_rows - len(self.alignment.appeared)
        return rows

    def pair(self, fact: FactName) -> tuple[pa.ChunkedArray, pa.ChunkedArray, int, int]:
        """Return a fact's values in the rows that both have, on either side; and the rows with one on each side."""
        old, new = self.old.column(self.grain, fact), self.new.column(self.grain, fact)
        kind = (new if old is None else old).type  # type: ignore[union-attr]
        known = [0 if each is None else len(each) - each.null_count for each in (old, new)]
        was, now = (
            pa.chunked_array([pa.nulls(self.both, kind)]) if each is None else _taken(each, places)
            for each, places in ((old, self.alignment.before), (new, self.alignment.after))
        )
        return was, now, known[0], known[1]


def _taken(column: pa.ChunkedArray, places: pa.Array | None) -> pa.ChunkedArray:
    return column if places is None else column.take(places)


def _compare_table(old: _Opened, new: _Opened, grain: str, catalogue: FactCatalogue) -> TableChanges:
    rows = _Aligned(old, new, grain)
    changed = pa.chunked_array([pa.repeat(False, rows.both)])
    facts = []
    for fact in catalogue.of_grain(grain):
        if not (old.has(grain, fact.name) or new.has(grain, fact.name)):
            continue
        was, now, before_known, after_known = rows.pair(fact.name)
        was_known, now_known = pc.is_valid(was), pc.is_valid(now)
        other = pc.fill_null(pc.not_equal(was, now), False)
        come, gone = pc.and_not(now_known, was_known), pc.and_not(was_known, now_known)
        changed = pc.or_(changed, pc.or_(other, pc.or_(come, gone)))
        facts.append(
            FactChanges(
                fact=fact.name,
                before_known=before_known,
                after_known=after_known,
                changed=_count(other),
                became_known=_count(come),
                became_unknown=_count(gone),
            )
        )
    return TableChanges(
        grain=grain,
        before_rows=rows.old_keys.num_rows,
        after_rows=rows.new_keys.num_rows,
        added=len(rows.alignment.appeared),
        removed=len(rows.alignment.gone),
        changed=_count(changed),
        facts=tuple(facts),
    )


def _count(truths: pa.ChunkedArray) -> int:
    found: int = pc.sum(truths, min_count=0).as_py()
    return found


def _behind(table: pa.Table, grain: str, after_row: RowKey | None, most: int) -> pa.Table:
    """Return the first rows after a given one of a table in order of its keys."""
    if after_row is None:
        return table.slice(0, most)
    behind = pc.greater(table[KEY], after_row.uscc)
    if grain != FIRM:
        later = pc.greater(table[record_column(grain)], after_row.record_id)
        behind = pc.or_(behind, pc.and_(pc.equal(table[KEY], after_row.uscc), later))
    return table.filter(behind).slice(0, most)


def _key(row: Mapping[str, Any], grain: str) -> RowKey:
    return RowKey(uscc=Uscc(row[KEY]), record_id="" if grain == FIRM else row[record_column(grain)])


def _fact_rows(
    rows: _Aligned, catalogue: FactCatalogue, name: FactName, after_row: RowKey | None, most: int
) -> list[ChangedFact]:
    was, now, _, _ = rows.pair(name)
    differ = pc.or_(pc.fill_null(pc.not_equal(was, now), False), pc.xor(pc.is_valid(was), pc.is_valid(now)))
    keys = rows.new_keys if rows.alignment.after is None else rows.new_keys.take(rows.alignment.after)
    table = keys.append_column("before", was).append_column("after", now).filter(differ)
    fact, found = catalogue[name], []
    for row in _behind(table, rows.grain, after_row, most).to_pylist():
        old, new = (_value(fact, row[side]) for side in ("before", "after"))
        change = (
            RowChange.BECAME_KNOWN if old is None else RowChange.BECAME_UNKNOWN if new is None else RowChange.CHANGED
        )
        found.append(ChangedFact(key=_key(row, rows.grain), change=change, fact=name, before=old, after=new))
    return found


def _value(fact: Fact, compared: Any) -> RuleValue | None:
    """Return the value that was compared, as a rule sees it."""
    if fact.type is FactType.STRING_LIST and compared is not None:
        compared = compared.split(LIST_MARK) if compared else []
    return rule_value(fact, compared)
