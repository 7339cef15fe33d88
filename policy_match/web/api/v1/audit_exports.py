"""For auditors: lists of other chapters as files, so that every list of their desk can be taken away.

Guarantees that a file holds what the list shows, whole or not at all.
"""

from typing import Annotated

import pyarrow as pa
from pydantic import Field

from policy_match.facts.defects import SnapshotDamaged, SnapshotOutdated
from policy_match.services.approval_lists import NoSuchList
from policy_match.services.case_files import approval_list_file
from policy_match.services.explain import NoSuchPolicy
from policy_match.services.policy_versions import NoSuchVersion
from policy_match.services.table_files import MOST_EXPORTED, Columns, FileFormat, table_of, written
from policy_match.web.api.v1.actions import ActionItem
from policy_match.web.api.v1.approvals import ListId, show_approval_list
from policy_match.web.api.v1.audit import CSV, PARQUET, file_of
from policy_match.web.api.v1.audit_lists import FormatQuery
from policy_match.web.api.v1.policy_versions import VersionPairQuery, compare_policy_versions
from policy_match.web.api.v1.registry import NoSuchKeptSnapshot, SnapshotPath
from policy_match.web.api.v1.rules import PolicyPath
from policy_match.web.api.v1.snapshot_differences import FromSnapshotQuery, compare_kept_snapshots
from policy_match.web.call import Call
from policy_match.web.operation import Chapter, File, Method, Tag

CHAPTER = Chapter(Tag.AUDIT)
OPERATIONS = CHAPTER.operations

ACTION_COLUMNS: Columns = {
    "action_id": pa.int64(),
    "at": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("by", "account", "operation", "path"), pa.string()),
    "status": pa.int32(),
}
CHANGE_COLUMNS: Columns = dict.fromkeys(("part", "kind", "name", "what", "before", "after"), pa.string())
MOVEMENT_COLUMNS: Columns = {
    **dict.fromkeys(("fact", "label"), pa.string()),
    **dict.fromkeys(("before_known", "after_known", "changed", "became_known", "became_unknown"), pa.int64()),
}


class VersionsExport(VersionPairQuery):
    """Two versions of one policy, written as what."""

    format: Annotated[FileFormat, Field(description="written as what")] = FileFormat.CSV


class SnapshotsExport(FromSnapshotQuery):
    """The earlier snapshot, written as what."""

    format: Annotated[FileFormat, Field(description="written as what")] = FileFormat.CSV


@CHAPTER.operation(Method.GET, "/audit/actions/export", media_type=CSV, also=(PARQUET,))
def export_actions(call: Call, query: FormatQuery) -> File:
    """Give what was done over the web as a CSV or Parquet file, the latest first: of more, the latest."""
    call.check_everywhere()
    with call.database.unit_of_work() as work:
        found = work.actions.newest(before=None, most=MOST_EXPORTED)
    rows = [
        ActionItem(
            action_id=each.action_id,
            at=each.at,
            by=each.actor.by,
            account=each.actor.account,
            operation=each.operation,
            path=each.path,
            status=each.status,
            request_id=str(each.request_id),
        )
        for each in found
    ]
    return file_of(written(table_of(rows, ACTION_COLUMNS), query.format), query.format, "actions")


@CHAPTER.operation(Method.GET, "/audit/lists/{list_id}/export", raises=(NoSuchList,), media_type=CSV, also=(PARQUET,))
def export_signed_cases(call: Call, path: ListId, query: FormatQuery) -> File:
    """Give the cases of an approval list, exactly as they are signed, as a CSV or Parquet file."""
    show_approval_list(call, path)
    content = approval_list_file(call.database, path.list_id, query.format)
    return file_of(content, query.format, f"list-{path.list_id}")


@CHAPTER.operation(
    Method.GET,
    "/audit/policies/{policy_id}/difference/export",
    raises=(NoSuchPolicy, NoSuchVersion),
    media_type=CSV,
    also=(PARQUET,),
)
def export_version_difference(call: Call, path: PolicyPath, query: VersionsExport) -> File:
    """Give what one version of a policy says otherwise than another as a CSV or Parquet file."""
    found = compare_policy_versions(call, path, query)
    content = written(table_of(found.changes, CHANGE_COLUMNS), query.format)
    return file_of(content, query.format, f"versions-{path.policy_id}")


@CHAPTER.operation(
    Method.GET,
    "/audit/snapshots/{snapshot_id}/difference/export",
    raises=(NoSuchKeptSnapshot, SnapshotDamaged, SnapshotOutdated),
    media_type=CSV,
    also=(PARQUET,),
)
def export_snapshot_difference(call: Call, path: SnapshotPath, query: SnapshotsExport) -> File:
    """Give how often each fact differs between two snapshots as a CSV or Parquet file."""
    found = compare_kept_snapshots(call, path, query)
    facts = [fact for table in found.tables for fact in table.facts]
    content = written(table_of(facts, MOVEMENT_COLUMNS), query.format)
    return file_of(content, query.format, f"snapshots-{path.snapshot_id[:12]}")
