"""A report as JSON data and back, so that it can be kept and need not be counted for each view.

Guarantees that what comes back is equal to what was kept, shares as exact fractions. Where it is kept is a store's;
what is published for programs is `services.report_files`.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from policy_match.cases.model import Status
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report, StageLine
from policy_match.reports.tables import Number, Row, Table

Json = Mapping[str, Any]


def encoded(report: Report) -> Json:
    """Return a report as JSON data."""
    return {
        "first": report.span.first.isoformat(),
        "last": report.span.last.isoformat(),
        "as_of": report.as_of.isoformat(),
        "internal": report.internal,
        "tables": {cut.value: _table_json(table) for cut, table in report.tables.items()},
        "stages": [
            {
                "policy_id": line.policy_id,
                "status": line.status.value,
                "median_days": line.median_days,
                "slow_days": line.slow_days,
                "hidden": line.hidden,
            }
            for line in report.stages
        ],
        "notices": _table_json(report.notices),
        "deliveries": _table_json(report.deliveries),
    }


def decoded(kept: Json) -> Report:
    """Return the report that was encoded so."""
    return Report(
        span=Span(first=date.fromisoformat(kept["first"]), last=date.fromisoformat(kept["last"])),
        as_of=date.fromisoformat(kept["as_of"]),
        internal=kept["internal"],
        tables={Cut(cut): _table(table) for cut, table in kept["tables"].items()},
        stages=[StageLine(**{**line, "status": Status(line["status"])}) for line in kept["stages"]],
        notices=_table(kept["notices"]),
        deliveries=_table(kept["deliveries"]),
    )


def _table_json(table: Table) -> Json:
    return {"rows": [_row_json(row) for row in table.rows], "total": _row_json(table.total)}


def _row_json(row: Row) -> Json:
    figures = {name: _number_json(value) for name, value in row.figures.items()}
    return {"group": row.group, "figures": figures, "hidden": sorted(row.hidden)}


def _number_json(value: Number | None) -> int | list[int] | None:
    """Return a share as numerator and denominator."""
    return [value.numerator, value.denominator] if isinstance(value, Fraction) else value


def _table(kept: Json) -> Table:
    return Table(rows=tuple(_row(row) for row in kept["rows"]), total=_row(kept["total"]))


def _row(kept: Json) -> Row:
    figures = {name: _number(value) for name, value in kept["figures"].items()}
    return Row(group=kept["group"], figures=figures, hidden=frozenset(kept["hidden"]))


def _number(value: int | list[int] | None) -> Number | None:
    return Fraction(*value) if isinstance(value, list) else value
