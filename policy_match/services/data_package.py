"""Describes the published tables for programs: a data package, as Frictionless Data writes it.

Guarantees that every table is described column by column, with its size and digest, and under which licence it may be
used. Source: Data Package and Tabular Data Resource, version 1 (specs.frictionlessdata.io). It was chosen over DCAT
because it names columns and missing values too, in plain JSON.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from policy_match.cases.words import Words
from policy_match.reports.figure_kinds import Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.groups import CUT_WORDS
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.report import Report

PACKAGE_NAME = "datapackage.json"

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "知识共享署名 4.0 国际 · Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
"""Anybody may use, change and pass on the figures, also for money, who names where they come from."""

TABLES: Mapping[str, Words] = {
    **{f"by-{cut}": Words(f"按{words.zh}", f"by {words.en}") for cut, words in CUT_WORDS.items()},
    "stages": Words("各环节天数", "days in each stage"),
    "notices": Words("通知", "notices"),
    "deliveries": Words("投递", "deliveries"),
    "definitions": Words("指标含义", "what the figures mean"),
}
"""What the published tables are called, by the name of their file without its end."""

MISSING = ("", "*")
"""Empty is a share or a time of nothing; `*` is hidden, as too few firms stand behind it."""

_MONEY_AND_SHARES = (Unit.FEN, Unit.SHARE)
_TYPES: Mapping[str, str] = {
    **{each.name: "integer" for each in DELIVERY_COUNTS},
    **{name: "integer" for name, _ in NOTICE_COUNTS},
    **{
        each.name.replace("_fen", "_yuan") if each.unit is Unit.FEN else each.name: (
            "number" if each.unit in _MONEY_AND_SHARES else "integer"
        )
        for each in FIGURES
    },
}
_MEANINGS: Mapping[str, Words] = {
    each.name.replace("_fen", "_yuan") if each.unit is Unit.FEN else each.name: each.meaning for each in FIGURES
}


def data_package(report: Report, tables: Mapping[str, str], files: Mapping[str, bytes]) -> Mapping[str, Any]:
    """Return the description of the tables, given as CSV by name and as the bytes of their files."""
    return {
        "profile": "tabular-data-package",
        "name": f"policy-match-{report.span.first.isoformat()}-{report.span.last.isoformat()}",
        "title": "惠企政策免申即享成效 · How well benefits reach firms without an application",
        "description": (
            f"{report.span.first.isoformat()} – {report.span.last.isoformat()}, {report.as_of.isoformat()}. "
            "* 表示企业不足 3 家，或为防止推算而隐去。 "
            "* is hidden: fewer than 3 firms stand behind it, or others could be computed from it."
        ),
        "created": f"{report.as_of.isoformat()}T00:00:00+08:00",
        "licenses": [LICENCE],
        "resources": [_resource(name, text, files[name]) for name, text in tables.items()],
    }


def _resource(file: str, text: str, content: bytes) -> Mapping[str, Any]:
    name = file.removesuffix(".csv")
    columns = text.split("\r\n", 1)[0].split(",")
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": file,
        "title": " · ".join(TABLES[name]),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(column, name) for column in columns],
            "missingValues": list(MISSING),
        },
    }


def _field(column: str, table: str) -> Mapping[str, str]:
    known = table != "definitions"
    field = {"name": column, "type": _TYPES.get(column, "string") if known else "string"}
    meaning = _MEANINGS.get(column) if known else None
    return field if meaning is None else {**field, "description": " · ".join(meaning)}
