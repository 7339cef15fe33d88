"""Lists of the desk as files, where no other module of it has them.

Guarantees that they are the API's.
"""

from policy_match.web.api.v1 import audit_exports as exports
from policy_match.web.api.v1.approvals import ListId
from policy_match.web.api.v1.audit_lists import FormatQuery
from policy_match.web.api.v1.registry import SnapshotPath
from policy_match.web.api.v1.rules import PolicyPath
from policy_match.web.call import Call
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages

PAGES = Pages(Door.AUDITOR)


@PAGES.shows("/auditor/actions/file", "操作记录文件", "Requests as a file", like="export_actions")
def actions_file(call: Call, query: FormatQuery) -> File:
    """Give what was done over the web as a file."""
    file: File = exports.export_actions(call, query)
    return file


@PAGES.shows("/auditor/lists/{list_id}/file", "审批名单文件", "A list as a file", like="export_signed_cases")
def list_file(call: Call, path: ListId, query: FormatQuery) -> File:
    """Give the cases of an approval list as a file."""
    file: File = exports.export_signed_cases(call, path, query)
    return file


@PAGES.shows(
    "/auditor/policies/{policy_id}/difference/file",
    "版本差异文件",
    "Two versions as a file",
    like="export_version_difference",
)
def versions_file(call: Call, path: PolicyPath, query: exports.VersionsExport) -> File:
    """Give what one version of a policy says otherwise than another as a file."""
    file: File = exports.export_version_difference(call, path, query)
    return file


@PAGES.shows(
    "/auditor/snapshots/{snapshot_id}/difference/file",
    "快照差异文件",
    "Two snapshots as a file",
    like="export_snapshot_difference",
)
def snapshots_file(call: Call, path: SnapshotPath, query: exports.SnapshotsExport) -> File:
    """Give how often each fact differs between two snapshots as a file."""
    file: File = exports.export_snapshot_difference(call, path, query)
    return file
