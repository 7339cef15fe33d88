"""Facts about firms: source files that are sent, the mappings by which they are read, and the snapshots made of them.

Guarantees that a file is taken under the SHA-256 of its content and for what its content is; a name is only shown.
That a snapshot is made of files is asked for in `requests`.
"""

import json
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Annotated

from pydantic import Field, StringConstraints

from policy_match.facts.defects import SnapshotDamaged, SnapshotOutdated
from policy_match.facts.manifest import Manifest, read_manifest
from policy_match.services import ask_for_work
from policy_match.services.ask_for_work import NoSuchUpload
from policy_match.web.call import Call
from policy_match.web.models import Moment, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, File, Method, Tag, Upload
from policy_match.web.problems import RequestError

CHAPTER = Chapter(Tag.REGISTRY)
OPERATIONS = CHAPTER.operations

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

SOURCE_TYPES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
    "application/octet-stream",
)


class NoSuchKeptSnapshot(RequestError):
    """No snapshot of that id is kept."""

    code = "snapshot.not-kept"
    http_status = 404
    english = "no snapshot {snapshot} is kept; list the snapshots to see those that are"
    chinese = "没有保存快照 {snapshot}；请先列出已保存的快照"


class UploadPath(Query):
    """Which file."""

    digest: Annotated[Sha256, Field(description="the SHA-256 of its content, in hexadecimal digits")]


class UploadOrder(StrEnum):
    """How files that were sent are listed."""

    DIGEST = "digest"
    LATEST = "latest"


class UploadListQuery(PageQuery):
    """Which page of the files that were sent, in which order."""

    order: Annotated[UploadOrder, Field(description="by digest, or the latest first")] = UploadOrder.DIGEST


class SnapshotPath(Query):
    """Which snapshot."""

    snapshot_id: Sha256


class UploadItem(Output):
    """A file that was sent."""

    digest: Annotated[str, Field(description="the SHA-256 of its content")]
    name: Annotated[str, Field(description="what it was called where a form took it from; else empty")]
    kind: Annotated[str, Field(description="what the content is: csv, xlsx or parquet")]
    size_bytes: int
    at: Moment
    by: str


class MappingNames(Output):
    """The names of the mappings by which files are read."""

    items: list[str]


class SnapshotItem(Output):
    """A snapshot in a list."""

    snapshot_id: str


class SnapshotInput(Output):
    """A file or query from which the snapshot was made."""

    source: str
    grain: str
    mapping_file: str
    name: str
    rows: int
    sha256: str
    size_bytes: int | None
    encoding: str | None


class SnapshotTable(Output):
    """One table of facts."""

    grain: str
    rows: int
    sha256: str


class SnapshotFact(Output):
    """Where a fact comes from; `observed` is the day of all its values, none when each row has its own."""

    fact: str
    sources: list[str]
    observed: date | None


class SnapshotAnswer(Output):
    """What a snapshot was made from, and what is in it."""

    snapshot_id: str
    inputs: list[SnapshotInput]
    tables: list[SnapshotTable]
    facts: list[SnapshotFact]
    rows_and_values_refused: Annotated[int, Field(description="lines of refused.csv, each with its reason")]


class Soundness(Output):
    """Every file of the snapshot is still the one that was written."""

    snapshot_id: str
    sound: bool


@CHAPTER.operation(Method.GET, "/uploads")
def list_uploads(call: Call, query: UploadListQuery) -> Page[UploadItem]:
    """List the files that were sent, by digest or the latest first."""
    if query.order is UploadOrder.LATEST:
        return _latest_uploads(call, query.limit)
    place = call.cursors.place(str)
    found = ask_for_work.list_uploads(call.database, after=place[0] if place else "", most=query.limit + 1)
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].digest) if len(found) > query.limit else None
    return Page[UploadItem](items=[UploadItem.model_validate(each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/uploads/{digest}", raises=(NoSuchUpload,))
def show_upload(call: Call, path: UploadPath) -> UploadItem:
    """Show what is known of a file that was sent."""
    return UploadItem.model_validate(ask_for_work.show_upload(call.database, path.digest))


@CHAPTER.operation(Method.PUT, "/uploads/{digest}", uploads=SOURCE_TYPES)
def put_upload(call: Call, path: UploadPath, upload: Upload) -> UploadItem:
    """Send a source file: CSV in UTF-8 or GB18030, an Excel workbook, or Parquet.

    The address says the SHA-256 of its content, so that sending it again changes nothing. What kind of file it is is
    read from the content.
    """
    return keep_sent(call, path.digest, upload.stream)


@CHAPTER.operation(Method.GET, "/mappings")
def list_mappings(call: Call) -> MappingNames:
    """List the mappings by which files are read."""
    return MappingNames(items=list(call.desk.shipped_mappings()))


@CHAPTER.operation(Method.GET, "/snapshots")
def list_snapshots(call: Call, query: PageQuery) -> Page[SnapshotItem]:
    """List the snapshots that are kept, the latest first."""
    found = call.desk.snapshots_made(query.limit + 1, call.cursors.place(datetime, str))
    kept = found[: query.limit]
    more = call.cursors.write(*kept[-1]) if len(found) > query.limit else None
    return Page[SnapshotItem](items=[SnapshotItem(snapshot_id=snapshot_id) for _, snapshot_id in kept], next=more)


@CHAPTER.operation(
    Method.GET, "/snapshots/{snapshot_id}", raises=(NoSuchKeptSnapshot, SnapshotDamaged, SnapshotOutdated)
)
def show_snapshot(call: Call, path: SnapshotPath) -> SnapshotAnswer:
    """Show what a snapshot was made from, and what is in it."""
    check_snapshot(call, path.snapshot_id)
    opened = call.desk.open_snapshot(path.snapshot_id, call.desk.rules.catalogue)
    return _snapshot(path.snapshot_id, read_manifest(json.loads(opened.manifest_text)))


@CHAPTER.operation(Method.GET, "/snapshots/{snapshot_id}/soundness", raises=(NoSuchKeptSnapshot, SnapshotDamaged))
def verify_snapshot(call: Call, path: SnapshotPath) -> Soundness:
    """Read every file of a snapshot and check its SHA-256; what was changed is a refusal."""
    check_snapshot(call, path.snapshot_id)
    call.desk.verify_snapshot(path.snapshot_id)
    return Soundness(snapshot_id=path.snapshot_id, sound=True)


@CHAPTER.operation(Method.GET, "/snapshots/{snapshot_id}/quality", raises=(NoSuchKeptSnapshot,))
def show_quality_report(call: Call, path: SnapshotPath) -> File:
    """Show the report on the data of an import, as JSON: rows and values kept, refused and why, profiles of facts."""
    check_snapshot(call, path.snapshot_id)
    content = call.desk.quality_report(path.snapshot_id)
    return File(content=content, media_type="application/json", name=f"quality-{path.snapshot_id[:12]}.json")


def keep_sent(call: Call, digest: str, stream: IO[bytes], called: str = "") -> UploadItem:
    """Keep a file under the SHA-256 of its content, with what it was called. Raises `UploadNameUnfit` before that."""
    name = ask_for_work.upload_name(called)
    stored = call.desk.uploads.keep(stream, digest)
    kept = ask_for_work.keep_upload(
        call.database,
        call.clock,
        digest=digest,
        kind=stored.kind,
        size_bytes=stored.size_bytes,
        by=call.by,
        name=name,
    )
    return UploadItem.model_validate(kept)


def _latest_uploads(call: Call, limit: int) -> Page[UploadItem]:
    place = call.cursors.place(datetime, str)
    before = None if place is None else (place[0], place[1])
    found = ask_for_work.latest_uploads(call.database, before=before, most=limit + 1)
    kept = found[:limit]
    more = call.cursors.write(kept[-1].at, kept[-1].digest) if len(found) > limit else None
    return Page[UploadItem](items=[UploadItem.model_validate(each) for each in kept], next=more)


def check_snapshot(call: Call, snapshot_id: str) -> None:
    """Refuse what is not the whole id of a kept snapshot. Raises `NoSuchKeptSnapshot`."""
    if snapshot_id not in {each.name for each in call.desk.kept_snapshots()}:
        raise NoSuchKeptSnapshot(snapshot=snapshot_id)


def _snapshot(snapshot_id: str, manifest: Manifest) -> SnapshotAnswer:
    return SnapshotAnswer(
        snapshot_id=snapshot_id,
        inputs=[
            SnapshotInput(
                source=each.source,
                grain=each.grain,
                mapping_file=each.mapping_file,
                name=each.input.name,
                rows=each.input.rows,
                sha256=each.input.sha256,
                size_bytes=each.input.size_bytes,
                encoding=each.input.encoding,
            )
            for each in manifest.inputs
        ],
        tables=[
            SnapshotTable(grain=grain, rows=table.rows, sha256=table.sha256)
            for grain, table in sorted(manifest.tables.items())
        ],
        facts=[
            SnapshotFact(fact=name, sources=list(entry.sources), observed=entry.observed)
            for name, entry in sorted(manifest.facts.items())
        ],
        rows_and_values_refused=manifest.refused.rows,
    )
