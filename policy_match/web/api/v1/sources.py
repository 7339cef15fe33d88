"""What departments deliver: how each source stands, and what an import refused of it, row by row.

Guarantees that every colour comes with the findings that it is for. The whole report on an import is in `registry`.
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from policy_match.cases.working_days import china_day
from policy_match.facts.cleaning import RefusedLine
from policy_match.facts.reasons import ROW_REASONS, Reason
from policy_match.facts.source_health import (
    FINDING_WORDS,
    Delivered,
    Delivery,
    Finding,
    Health,
    SourceState,
    source_states,
)
from policy_match.web.api.v1.registry import NoSuchKeptSnapshot, SnapshotPath, check_snapshot
from policy_match.web.call import Call
from policy_match.web.models import Moment, Output, Page, PageQuery
from policy_match.web.operation import Chapter, File, Method, Tag
from policy_match.web.problems import RequestError

CHAPTER = Chapter(Tag.REGISTRY)
OPERATIONS = CHAPTER.operations

MOST_IMPORTS = 30
"""So many imports back a source is looked for."""

MOST_REFUSED_BYTES = 50_000_000
"""A larger file of what was refused is not sent; its rows are listed page by page."""


class RefusedTooLarge(RequestError):
    """The file of what was refused is too large to be sent."""

    code = "snapshot.refused-too-large"
    http_status = 422
    english = "the file of refused rows has more than {most} bytes; list them page by page, and send the source back"
    chinese = "拒收明细超过 {most} 字节；请逐页查看，并将数据退回来源部门"


class SourceDelivery(Output):
    """What one import has from a source; shares are in parts of a million."""

    snapshot_id: str
    at: Annotated[Moment, Field(description="when the import was made")]
    observed: Annotated[date | None, Field(description="the latest day that its values stand for")]
    allowed_days: Annotated[int | None, Field(description="so long a value that it gives stays usable")]
    rows_read: int
    rows_refused: int
    refused_ppm: int
    missing_ppm: Annotated[int | None, Field(description="values missing among the facts that it gives")]


class SourceFinding(Output):
    """One thing that is the matter, and how grave it is."""

    finding: Finding
    health: Health
    words: str


class SourceItem(Output):
    """One source: its latest delivery, the one before, and what is the matter; `blue` when nothing is."""

    source: str
    grain: str
    latest: SourceDelivery
    before: SourceDelivery | None
    age_days: Annotated[int | None, Field(description="from the day that its values stand for until today")]
    health: Health
    findings: list[SourceFinding]


class SourceBoard(Output):
    """Every source of the latest imports, the worst first."""

    on: date
    items: list[SourceItem]


class ImportedItem(Output):
    """One import: the snapshot that it made, of which sources, with how many rows by table."""

    snapshot_id: str
    at: Annotated[Moment, Field(description="when it was made")]
    as_of: Annotated[date, Field(description="the day for which stale values were counted")]
    sources: list[str]
    rows: dict[str, int]
    rows_refused: int


class RefusedRow(Output):
    """A row that was not taken, or one value of a row that became unknown; `told` is the reason in words."""

    source: str
    row: Annotated[int, Field(description="its number in the source, the header is 1")]
    whole_row: bool
    key: str
    fact: str
    column: str
    value: str
    reason: Reason
    told: str


@CHAPTER.operation(Method.GET, "/imports")
def list_imports(call: Call, query: PageQuery) -> Page[ImportedItem]:
    """List the imports whose snapshots are kept, the latest first, with what each took and refused."""
    found = call.desk.delivered(query.limit + 1, call.cursors.place(datetime, str))
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].at, kept[-1].snapshot_id) if len(found) > query.limit else None
    return Page[ImportedItem](items=[_imported(each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/sources")
def list_sources(call: Call) -> SourceBoard:
    """Show how each source stands: age against what is allowed, rows refused, values missing, and the one before."""
    today = china_day(call.now)
    found = source_states(call.desk.delivered(MOST_IMPORTS), today)
    return SourceBoard(on=today, items=[_source(call, each) for each in found])


@CHAPTER.operation(Method.GET, "/snapshots/{snapshot_id}/refused", raises=(NoSuchKeptSnapshot,))
def list_refused_rows(call: Call, path: SnapshotPath, query: PageQuery) -> Page[RefusedRow]:
    """List the rows and values that an import refused, each with its reason, in the order in which they were found."""
    call.check_everywhere()
    check_snapshot(call, path.snapshot_id)
    skip = call.cursors.number()
    found = call.desk.refused_lines(path.snapshot_id, skip=skip, most=query.limit + 1)
    more = call.cursors.write(skip + query.limit) if len(found) > query.limit else None
    return Page[RefusedRow](items=[_refused(call, each) for each in found[: query.limit]], next=more)


@CHAPTER.operation(
    Method.GET,
    "/snapshots/{snapshot_id}/refused.csv",
    raises=(NoSuchKeptSnapshot, RefusedTooLarge),
    media_type="text/csv",
)
def fetch_refused_rows(call: Call, path: SnapshotPath) -> File:
    """Fetch all that an import refused as CSV, to be sent back to the departments. No cell runs as a formula."""
    call.check_everywhere()
    check_snapshot(call, path.snapshot_id)
    file = call.desk.refused_file(path.snapshot_id)
    if file.stat().st_size > MOST_REFUSED_BYTES:
        raise RefusedTooLarge(most=MOST_REFUSED_BYTES)
    return File(content=file.read_bytes(), media_type="text/csv", name=f"refused-{path.snapshot_id[:12]}.csv")


def _imported(made: Delivered) -> ImportedItem:
    sources = made.report["sources"]
    return ImportedItem(
        snapshot_id=made.snapshot_id,
        at=made.at,
        as_of=made.report["as_of"],
        sources=[each["source"] for each in sources],
        rows=made.report["rows"],
        rows_refused=sum(sum(each["rows_refused"].values()) for each in sources),
    )


def _source(call: Call, state: SourceState) -> SourceItem:
    at = 0 if call.language == "zh" else 1
    return SourceItem(
        source=state.source,
        grain=state.grain,
        latest=_delivery(state.latest),
        before=None if state.before is None else _delivery(state.before),
        age_days=state.age_days,
        health=state.health,
        findings=[
            SourceFinding(finding=finding, health=health, words=FINDING_WORDS[finding][at])
            for finding, health in state.findings
        ],
    )


def _delivery(delivery: Delivery) -> SourceDelivery:
    return SourceDelivery.model_validate(delivery)


def _refused(call: Call, line: RefusedLine) -> RefusedRow:
    refusal = line.refusal
    return RefusedRow(
        source=line.source,
        row=refusal.row,
        whole_row=refusal.reason in ROW_REASONS,
        key=refusal.key,
        fact=refusal.fact,
        column=refusal.column,
        value=refusal.value,
        reason=refusal.reason,
        told=refusal.reason.chinese if call.language == "zh" else refusal.reason.english,
    )
