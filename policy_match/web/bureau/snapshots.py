"""One snapshot of the facts: what it was made from, how good it is, what was refused, what changed since another.

Guarantees that what is shown is the report that the import wrote, and that all that was refused can be taken away.
"""

import json
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from policy_match.facts.catalogue import FIRM
from policy_match.facts.reasons import Reason
from policy_match.web.api.v1 import registry as api
from policy_match.web.api.v1 import snapshot_differences as differences_api
from policy_match.web.api.v1 import sources as sources_api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.policies import labels_of
from policy_match.web.call import Call
from policy_match.web.models import Name, PageQuery, Query
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, Table, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.BUREAU)

OTHERS = 100
"""So many other snapshots can be compared with."""

LISTED = 50


class BeforeSnapshotQuery(Query):
    """The earlier snapshot."""

    before: api.Sha256


class RefusedQuery(PageQuery):
    """Which page of what was refused."""

    limit: Annotated[int, Field(ge=1, le=500)] = LISTED


class MovedQuery(PageQuery):
    """The earlier snapshot, the table and the fact."""

    before: api.Sha256
    grain: Name = FIRM
    fact: Name | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = LISTED


@PAGES.shows("/bureau/data/snapshots/{snapshot_id}", "数据质量报告", "Quality of an import", like="show_quality_report")
def snapshot(call: Call, path: api.SnapshotPath) -> View:
    """Show the report on an import: rows, reasons, facts."""
    report: dict[str, Any] = json.loads(api.show_quality_report(call, path).content)
    others = sources_api.list_imports(call, PageQuery(limit=OTHERS)).items
    return View(
        "bureau/snapshot.html",
        {
            "id": path.snapshot_id,
            "report": report,
            "made": next((each for each in others if each.snapshot_id == path.snapshot_id), None),
            "others": [each for each in others if each.snapshot_id != path.snapshot_id],
            "reason": _Reasons(call),
            "day": _Days(call),
            "labels": labels_of(call),
            "may_sweep": may(call, "request_sweep"),
        },
    )


@PAGES.shows("/bureau/data/snapshots/{snapshot_id}/refused", "拒收明细", "What was refused", like="list_refused_rows")
def refused(call: Call, path: api.SnapshotPath, query: RefusedQuery) -> View:
    """List the rows and values that an import refused."""
    found = sources_api.list_refused_rows(call, path, PageQuery(limit=query.limit))
    return View("bureau/refused.html", {"id": path.snapshot_id, "found": found, "labels": labels_of(call)})


@PAGES.shows(
    "/bureau/data/snapshots/{snapshot_id}/refused.csv", "下载拒收明细", "Refused rows", like="fetch_refused_rows"
)
def refused_file(call: Call, path: api.SnapshotPath) -> File:
    """Send all that an import refused."""
    found: File = sources_api.fetch_refused_rows(call, path)
    return found


@PAGES.shows(
    "/bureau/data/snapshots/{snapshot_id}/difference",
    "快照差异",
    "Snapshots compared",
    like="compare_kept_snapshots",
    tables=(Table("difference", differences_api.compare_kept_snapshots, "tables"),),
)
def snapshot_difference(call: Call, path: api.SnapshotPath, query: BeforeSnapshotQuery) -> View:
    """Say what changed since an earlier snapshot."""
    found = differences_api.compare_kept_snapshots(call, path, differences_api.FromSnapshotQuery(before=query.before))
    return View("bureau/snapshot_difference.html", {"found": found})


@PAGES.shows(
    "/bureau/data/snapshots/{snapshot_id}/difference/rows",
    "变化明细",
    "Changed rows",
    like="list_moved_rows",
    tables=(Table("moved-rows", differences_api.list_moved_rows),),
)
def moved_rows(call: Call, path: api.SnapshotPath, query: MovedQuery) -> View:
    """List the rows that came or went, or in which one fact differs."""
    wanted = differences_api.ChangedFactsQuery(
        before=query.before, grain=query.grain, fact=query.fact, limit=query.limit
    )
    found = differences_api.list_moved_rows(call, path, wanted)
    return View(
        "bureau/moved_rows.html",
        {"id": path.snapshot_id, "query": query, "found": found, "labels": labels_of(call)},
    )


class _Days:
    """Says the days of a report, which stand there as ISO texts."""

    def __init__(self, call: Call) -> None:
        self._say = Saying(call.language)

    def __call__(self, text: str | None) -> str:
        """Return a day as pages say it; the name of a column, where each row has its own day, stays."""
        try:
            return self._say.day(None if text is None else date.fromisoformat(text))
        except ValueError:
            return str(text)


class _Reasons:
    """Says why something was refused, in the language of the page."""

    def __init__(self, call: Call) -> None:
        self._zh = call.language == "zh"

    def __call__(self, reason: str) -> str:
        """Return the words of a reason by its code."""
        known = Reason(reason)
        return known.chinese if self._zh else known.english
