"""The report for programs: tables as CSV, everything as JSON.

Guarantees that a hidden figure is told from one of nothing (`*` against empty in CSV, a list of names in JSON), that
money is in yuan as text in CSV and in whole fen in JSON, and that the same report gives the same bytes.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from policy_match.cases.model import NoticeKind
from policy_match.cases.words import STATUS_WORDS, Words
from policy_match.notices.model import Channel
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.reports.figure_kinds import Figure, Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.model import FEWEST_FIRMS, Cut
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.report import Report, StageLine, Titles, label
from policy_match.reports.tables import Number, Row, Table
from policy_match.values import Money

HIDDEN = "*"
ALL = Words("合计", "all")
DIGITS = 4
"""Decimals of a share."""

BYTE_ORDER_MARK = "\ufeff"
"""Before a CSV file, so that spreadsheets read Chinese."""


def figure_csv(cut: Cut, table: Table, titles: Titles) -> str:
    """Return one table: a line per group and one for all, a column per figure."""
    header = ["group", "name_zh", "name_en", *(_column(figure) for figure in FIGURES)]
    lines = [
        [row.group, *label(cut, row.group, titles), *(_cell(row, figure) for figure in FIGURES)] for row in table.rows
    ]
    lines.append(["", *ALL, *(_cell(table.total, figure) for figure in FIGURES)])
    return _csv([header, *lines])


def stage_csv(stages: Sequence[StageLine], titles: Titles) -> str:
    """Return the days in each status, by policy and of all."""
    header = ["policy", "name_zh", "name_en", "status", "status_zh", "status_en", "median_days", "slow_days"]
    lines = [
        [
            stage.policy_id,
            *(label(Cut.POLICY, stage.policy_id, titles) if stage.policy_id else ALL),
            stage.status.value,
            *STATUS_WORDS[stage.status],
            *((HIDDEN, HIDDEN) if stage.hidden else (str(stage.median_days), str(stage.slow_days))),
        ]
        for stage in stages
    ]
    return _csv([header, *lines])


def notice_csv(notices: Table) -> str:
    """Return how far notices got; by kind, where kinds may be told."""
    columns = [name for name, _ in NOTICE_COUNTS]
    lines = [[row.group, *KIND_WORDS[NoticeKind(row.group)], *_plain(row, columns)] for row in notices.rows]
    lines.append(["", *ALL, *_plain(notices.total, columns)])
    return _csv([["kind", "name_zh", "name_en", *columns], *lines])


def delivery_csv(deliveries: Table) -> str:
    """Return what became of the tries to reach firms, by channel and provider."""
    columns = [count.name for count in DELIVERY_COUNTS]
    lines = []
    for row in deliveries.rows:
        channel, provider = provider_of(row)
        lines.append([channel.value, provider, *CHANNEL_WORDS[channel], *_plain(row, columns)])
    lines.append(["", "", *ALL, *_plain(deliveries.total, columns)])
    return _csv([["channel", "provider", "name_zh", "name_en", *columns], *lines])


def definition_csv() -> str:
    """Return what every figure means: its name, what is counted, and of what a share is a share."""
    header = ["name", "unit", "name_zh", "name_en", "meaning_zh", "meaning_en", "numerator", "denominator"]
    lines = [
        [
            _column(figure),
            figure.unit.value if figure.unit is not Unit.FEN else "yuan",
            *figure.words,
            *figure.meaning,
            " + ".join(figure.numerator),
            " + ".join(figure.denominator),
        ]
        for figure in FIGURES
    ]
    return _csv([header, *lines])


def report_json(report: Report, titles: Titles) -> Mapping[str, Any]:
    """Return everything as JSON data."""
    return {
        "from": report.span.first.isoformat(),
        "to": report.span.last.isoformat(),
        "as_of": report.as_of.isoformat(),
        "internal": report.internal,
        "fewest_firms": FEWEST_FIRMS,
        "tables": {cut.value: table_json(cut, table, titles) for cut, table in report.tables.items()},
        "stages": [
            {
                "policy": stage.policy_id or None,
                "status": stage.status.value,
                "median_days": stage.median_days,
                "slow_days": stage.slow_days,
                "hidden": stage.hidden,
            }
            for stage in report.stages
        ],
        "notices": _tallies_json("kind", report.notices),
        "deliveries": _tallies_json("channel_and_provider", report.deliveries),
        "definitions": {
            figure.name: {
                "unit": figure.unit.value,
                "meaning_zh": figure.meaning.zh,
                "meaning_en": figure.meaning.en,
                **({"numerator": figure.numerator, "denominator": figure.denominator} if figure.numerator else {}),
            }
            for figure in FIGURES
        },
    }


def table_json(cut: Cut, table: Table, titles: Titles) -> Mapping[str, Any]:
    """Return one table as JSON data."""
    return {
        "groups": [
            {"group": row.group, **label(cut, row.group, titles)._asdict(), **_row_json(row)} for row in table.rows
        ],
        "total": _row_json(table.total),
    }


def provider_of(row: Row) -> tuple[Channel, str]:
    """Return the channel and the provider that a row of deliveries is of."""
    channel, _, provider = row.group.partition("/")
    return Channel(channel), provider


def _tallies_json(name: str, table: Table) -> Mapping[str, Any]:
    return {"rows": [{name: row.group, **_row_json(row)} for row in table.rows], "total": _row_json(table.total)}


def _row_json(row: Row) -> Mapping[str, Any]:
    figures = {name: _json_number(value) for name, value in row.figures.items()}
    return {"figures": figures, "hidden": sorted(row.hidden)}


def _json_number(value: Number | None) -> float | int | None:
    return round(float(value), DIGITS) if isinstance(value, Fraction) else value


def _column(figure: Figure) -> str:
    return figure.name.replace("_fen", "_yuan") if figure.unit is Unit.FEN else figure.name


def _cell(row: Row, figure: Figure) -> str:
    if figure.name in row.hidden:
        return HIDDEN
    value = row.figures[figure.name]
    if value is None:
        return ""
    if figure.unit is Unit.FEN:
        return str(Money(int(value)).yuan)
    return f"{float(value):.{DIGITS}f}" if figure.unit is Unit.SHARE else str(value)


def _plain(row: Row, columns: Sequence[str]) -> list[str]:
    return [HIDDEN if name in row.hidden else str(row.figures[name]) for name in columns]


def _csv(lines: Iterable[Sequence[str]]) -> str:
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\r\n").writerows(lines)
    return sink.getvalue()
