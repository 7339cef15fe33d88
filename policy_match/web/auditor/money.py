"""The money of policies, funds, districts and months, added up to the ledger, and down to cases and transfers.

Guarantees that every list says what it adds up to and whether that is what the ledger keeps.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from policy_match.ledger.accounts import LineAccount, LineId
from policy_match.ports.audit import TotalsBy
from policy_match.services.budget_lines import budget_line, budget_lines
from policy_match.web.api.v1 import audit as api
from policy_match.web.api.v1 import audit_lists as lists
from policy_match.web.api.v1.budget import LineItem, LineKey
from policy_match.web.auditor.search import titles
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, View

PAGES = Pages(Door.AUDITOR)

MOST_LINES = 1_000


@dataclass(slots=True)
class Row:
    """One group: its cases, and what it adds to each account, in fen."""

    name: str
    cases: int = 0
    fen: dict[LineAccount, int] = field(default_factory=lambda: defaultdict(int))


@PAGES.shows("/auditor/totals", "金额核对", "Totals", like="show_audit_totals", nav=True)
def totals(call: Call, query: api.TotalsQuery) -> View:
    """Show the ledger's money by group, with its proof."""
    found = api.show_audit_totals(call, query)
    years = {"year": query.year} if query.year else {}
    return View(
        "auditor/totals.html",
        {
            "query": query,
            "rows": _rows(found),
            "accounts": list(LineAccount),
            "checks": {check.account: check for check in found.checks},
            "in_order": found.in_order,
            "ways": list(TotalsBy),
            "lines": budget_lines(call.database, call.clock, year=query.year, after="", most=MOST_LINES),
            "titles": titles(call),
            "export": {
                name: f"/auditor/totals-file?{urlencode({'by': query.by, **years, 'format': format})}"
                for name, format in (("CSV", "csv"), ("Parquet", "parquet"))
            },
        },
    )


@PAGES.shows("/auditor/totals-file", "合计文件", "Totals as a file", like="export_audit_totals")
def totals_file(call: Call, query: lists.TotalsExport) -> File:
    """Give the totals as a file."""
    file: File = lists.export_audit_totals(call, query)
    return file


@PAGES.shows("/auditor/totals/cases", "合计的明细", "The cases of a total", like="list_group_cases")
def group(call: Call, query: lists.GroupPage) -> View:
    """Show the cases of one group of the totals with their money."""
    found = lists.list_group_cases(call, query)
    years = {"year": query.year} if query.year else {}
    asked = {"by": query.by, "group": query.group, **years}
    return View(
        "auditor/group.html",
        {
            "query": query,
            "found": found,
            "accounts": list(LineAccount),
            "wholes": _wholes(found.sums),
            "titles": titles(call),
            "export": {
                name: f"/auditor/totals-cases-file?{urlencode({**asked, 'format': format})}"
                for name, format in (("CSV", "csv"), ("Parquet", "parquet"))
            },
        },
    )


@PAGES.shows("/auditor/totals-cases-file", "明细文件", "The cases of a total as a file", like="export_group_cases")
def group_file(call: Call, query: lists.GroupExport) -> File:
    """Give the cases of one group of the totals as a file."""
    file: File = lists.export_group_cases(call, query)
    return file


@PAGES.shows("/auditor/lines/{line}", "预算科目", "A budget line", like="list_line_transfers")
def line(call: Call, path: LineKey, query: PageQuery) -> View:
    """Show the balances of a budget line and its transfers."""
    kept = budget_line(call.database, call.clock, LineId(path.line))
    return View(
        "auditor/line.html",
        {
            "name": path.line,
            "kept": LineItem.model_validate(kept),
            "accounts": list(LineAccount),
            "transfers": lists.list_line_transfers(call, path, query),
        },
    )


@PAGES.shows("/auditor/lines/{line}/file", "分录文件", "Transfers as a file", like="export_line_transfers")
def line_file(call: Call, path: LineKey, query: lists.FormatQuery) -> File:
    """Give the transfers of a budget line as a file."""
    file: File = lists.export_line_transfers(call, path, query)
    return file


def _rows(found: api.TotalsAnswer) -> Sequence[Row]:
    rows: dict[str, Row] = {}
    for total in found.totals:
        row = rows.setdefault(total.group, Row(name=total.group))
        row.cases = max(row.cases, total.cases)
        row.fen[total.account] += total.total_fen
    return list(rows.values())


def _wholes(sums: lists.GroupSumsItem) -> Mapping[LineAccount, int]:
    return {each: sums.of_cases.get(each, 0) + sums.apart.get(each, 0) for each in LineAccount}
