"""What changed from one snapshot to another: firms that came and went, each fact how often, and row by row."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from policy_match.facts.catalogue import FIRM
from policy_match.facts.defects import SnapshotDamaged, SnapshotOutdated
from policy_match.services.compare_snapshots import (
    MOST_ROWS,
    ChangedFact,
    NotInSnapshots,
    RowChange,
    changed_facts,
    compare_snapshots,
)
from policy_match.services.decision_json import plain_value
from policy_match.sweep.kept import RowKey
from policy_match.values import FactName, Uscc
from policy_match.web.api.v1.registry import NoSuchKeptSnapshot, Sha256, SnapshotPath, check_snapshot
from policy_match.web.call import Call
from policy_match.web.models import Name, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.REGISTRY)
OPERATIONS = CHAPTER.operations


class FromSnapshotQuery(Query):
    """The earlier snapshot."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    before: Annotated[Sha256, Field(alias="from", description="the id of the earlier snapshot")]


class ChangedFactsQuery(PageQuery):
    """The earlier snapshot, and which rows: those in which a fact differs; without a fact those that came or went."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    before: Annotated[Sha256, Field(alias="from", description="the id of the earlier snapshot")]
    grain: Annotated[Name, Field(description="the table: `firm`, or a kind of record")] = FIRM
    fact: Annotated[Name | None, Field(description="a fact of that table")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="how many at most")] = 100


class FactMovement(Output):
    """One fact over the rows that both snapshots have; the two `known` count all rows of each with a value."""

    fact: str
    label: str
    before_known: int
    after_known: int
    changed: Annotated[int, Field(description="known in both, and different")]
    became_known: int
    became_unknown: int


class TableMovement(Output):
    """One table; `changed` counts the rows of both in which at least one fact differs."""

    grain: str
    before_rows: int
    after_rows: int
    added: int
    removed: int
    changed: int
    facts: list[FactMovement]


class SnapshotDifferenceAnswer(Output):
    """Two snapshots table by table, firms first. Facts that the rules do not know are left out."""

    before: str
    after: str
    tables: list[TableMovement]


class MovedRow(Output):
    """A row that came or went, or in which one fact differs; a value is none where it is unknown."""

    uscc: str
    record_id: str
    change: RowChange
    before: Any
    after: Any


@CHAPTER.operation(
    Method.GET,
    "/snapshots/{snapshot_id}/difference",
    raises=(NoSuchKeptSnapshot, SnapshotDamaged, SnapshotOutdated),
)
def compare_kept_snapshots(call: Call, path: SnapshotPath, query: FromSnapshotQuery) -> SnapshotDifferenceAnswer:
    """Compare a snapshot with an earlier one: firms and records that came or went, and how often each fact differs."""
    for each in (path.snapshot_id, query.before):
        check_snapshot(call, each)
    catalogue = call.desk.rules.catalogue
    found = compare_snapshots(call.desk.open_snapshot, catalogue, query.before, path.snapshot_id)
    return SnapshotDifferenceAnswer(
        before=found.before,
        after=found.after,
        tables=[
            TableMovement(
                grain=table.grain,
                before_rows=table.before_rows,
                after_rows=table.after_rows,
                added=table.added,
                removed=table.removed,
                changed=table.changed,
                facts=[
                    FactMovement(
                        fact=each.fact,
                        label=_label(call, each.fact),
                        before_known=each.before_known,
                        after_known=each.after_known,
                        changed=each.changed,
                        became_known=each.became_known,
                        became_unknown=each.became_unknown,
                    )
                    for each in table.facts
                ],
            )
            for table in found.tables
        ],
    )


@CHAPTER.operation(
    Method.GET,
    "/snapshots/{snapshot_id}/difference/rows",
    raises=(NoSuchKeptSnapshot, SnapshotDamaged, SnapshotOutdated, NotInSnapshots),
)
def list_moved_rows(call: Call, path: SnapshotPath, query: ChangedFactsQuery) -> Page[MovedRow]:
    """List the rows in which one fact differs, by code and record; without a fact those that came or went.

    Facts belong to no policy: whoever is limited to some sees none of them here.
    """
    call.check_everywhere()
    for each in (path.snapshot_id, query.before):
        check_snapshot(call, each)
    place = call.cursors.place(str, str)
    found = changed_facts(
        call.desk.open_snapshot,
        call.desk.rules.catalogue,
        query.before,
        path.snapshot_id,
        grain=query.grain,
        fact=None if query.fact is None else FactName(query.fact),
        after_row=None if place is None else RowKey(uscc=Uscc(place[0]), record_id=place[1]),
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].key.uscc, kept[-1].key.record_id) if len(found) > query.limit else None
    return Page[MovedRow](items=[_row(each) for each in kept], next=more)


def _label(call: Call, name: FactName) -> str:
    fact = call.desk.rules.catalogue[name]
    return fact.label if call.language == "zh" else fact.label_en or fact.label


def _row(row: ChangedFact) -> MovedRow:
    return MovedRow(
        uscc=row.key.uscc,
        record_id=row.key.record_id,
        change=row.change,
        before=plain_value(row.before),
        after=plain_value(row.after),
    )
