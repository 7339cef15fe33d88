"""What cases rest on: policies with their versions, snapshots of facts, what two of them differ in; and what was done.

Guarantees that nothing is compared here: the differences are the API's.
"""

from dataclasses import dataclass

from policy_match.services.explain import NoSuchPolicy
from policy_match.web.api.v1 import actions, registry, rules
from policy_match.web.api.v1 import policy_versions as versions
from policy_match.web.api.v1 import snapshot_differences as snapshots
from policy_match.web.api.v1 import sources as imports
from policy_match.web.auditor.operations import OPERATION_WORDS
from policy_match.web.auditor.search import titles
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.page import Door, Pages, Table, View

PAGES = Pages(Door.AUDITOR)


@dataclass(frozen=True, slots=True)
class Pair:
    """A version with the one before it, none for the first."""

    version: versions.ListedVersion
    before: versions.ListedVersion | None


@PAGES.shows(
    "/auditor/policies",
    "政策版本",
    "Policies",
    like="search_cases",
    nav=True,
    tables=(Table("policies", rules.list_policies),),
)
def policies(call: Call, query: rules.PolicyQuery) -> View:
    """List the policies of the rules in use."""
    return View("auditor/policies.html", {"found": rules.list_policies(call, query), "titles": titles(call)})


@PAGES.shows(
    "/auditor/policies/{policy_id}",
    "政策",
    "A policy",
    like="search_cases",
    tables=(Table("versions", versions.list_policy_versions),),
)
def policy(call: Call, path: rules.PolicyPath) -> View:
    """Show a policy: every version, by which sweeps it decided, and what it says now."""
    found = versions.list_policy_versions(call, path).items
    try:
        now = rules.show_policy(call, path)
    except NoSuchPolicy:
        now = None  # kept sweeps decided by it, and the rules in use no longer have it
    pairs = [Pair(each, before) for each, before in zip(found, [*found[1:], None], strict=True)]
    return View(
        "auditor/policy.html",
        {"policy_id": path.policy_id, "pairs": pairs, "now": now, "titles": titles(call)},
    )


@PAGES.shows("/auditor/policies/{policy_id}/difference", "政策版本差异", "Two versions", like="search_cases")
def version_difference(call: Call, path: rules.PolicyPath, query: versions.VersionPairQuery) -> View:
    """Show what one version of a policy says otherwise than another."""
    found = versions.compare_policy_versions(call, path, query)
    return View("auditor/version_difference.html", {"found": found, "titles": titles(call)})


@PAGES.shows(
    "/auditor/snapshots",
    "数据快照",
    "Snapshots",
    like="search_cases",
    nav=True,
    tables=(Table("snapshots", imports.list_imports),),
)
def kept_snapshots(call: Call, query: PageQuery) -> View:
    """List the snapshots that are kept, the latest first, each with the way to what changed since the one before."""
    return View("auditor/snapshots.html", {"found": imports.list_imports(call, query)})


@PAGES.shows("/auditor/snapshots/{snapshot_id}", "数据快照明细", "A snapshot", like="search_cases")
def snapshot(call: Call, path: registry.SnapshotPath) -> View:
    """Show what a snapshot was made from."""
    return View("auditor/snapshot.html", {"found": registry.show_snapshot(call, path)})


@PAGES.shows("/auditor/snapshots/{snapshot_id}/difference", "数据快照差异", "Two snapshots", like="search_cases")
def snapshot_difference(call: Call, path: registry.SnapshotPath, query: snapshots.FromSnapshotQuery) -> View:
    """Show what changed from an earlier snapshot to this one."""
    return View("auditor/snapshot_difference.html", {"found": snapshots.compare_kept_snapshots(call, path, query)})


@PAGES.shows(
    "/auditor/snapshots/{snapshot_id}/difference/rows",
    "变化的行",
    "Rows that changed",
    like="search_cases",
    tables=(Table("moved-rows", snapshots.list_moved_rows),),
)
def moved_rows(call: Call, path: registry.SnapshotPath, query: snapshots.ChangedFactsQuery) -> View:
    """Show the rows in which one fact differs, or those that came or went."""
    return View(
        "auditor/moved_rows.html",
        {"snapshot_id": path.snapshot_id, "query": query, "found": snapshots.list_moved_rows(call, path, query)},
    )


@PAGES.shows("/auditor/actions", "操作记录", "Requests", like="search_cases", nav=True)
def all_actions(call: Call, query: PageQuery) -> View:
    """Show what was done over the web, the latest first."""
    return View("auditor/actions.html", {"found": actions.list_actions(call, query), "operations": OPERATION_WORDS})
