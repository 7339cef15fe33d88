"""Publishes the report: a folder with a page for people, plots, and tables for programs.

Guarantees that each file appears whole or not at all, the page last, and that all say the same. What may be shown is
decided when the report is made.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from policy_match.cases.words import Words
from policy_match.cases.working_days import china_day
from policy_match.policy.model import RuleBook
from policy_match.ports import Clock, FileWriter
from policy_match.reports.model import Span
from policy_match.reports.report import Report, Titles
from policy_match.services.data_package import PACKAGE_NAME, data_package
from policy_match.services.report_files import (
    BYTE_ORDER_MARK,
    definition_csv,
    delivery_csv,
    figure_csv,
    notice_csv,
    report_json,
    stage_csv,
)

Plots = Callable[[Report, Titles], Mapping[str, bytes]]
"""Draws the report: SVG pictures by name."""

Page = Callable[[Report, Titles, Mapping[str, bytes]], str]
"""Makes the page, with the pictures in it."""

PAGE_NAME = "report.html"


def titles_of(rules: RuleBook) -> Titles:
    """Return the titles of policies; one without an English title is called by its id."""
    return {str(policy.id): Words(policy.title, policy.title_en or policy.id) for policy in rules.policies.values()}


def year_span(year: int | None, clock: Clock) -> Span:
    """Return the days of a calendar year in China; of this year without one."""
    wanted = china_day(clock.now()).year if year is None else year
    return Span(first=date(wanted, 1, 1), last=date(wanted, 12, 31))


def publish_report(
    report: Report, titles: Titles, *, plots: Plots, page: Page, write: FileWriter, out: Path
) -> Sequence[Path]:
    """Write the report into a folder and return the files, the page last."""
    pictures = plots(report, titles)
    tables = {
        **{f"by-{cut}.csv": figure_csv(cut, table, titles) for cut, table in report.tables.items()},
        "stages.csv": stage_csv(report.stages, titles),
        "notices.csv": notice_csv(report.notices),
        "deliveries.csv": delivery_csv(report.deliveries),
        "definitions.csv": definition_csv(),
    }
    tabular = {name: (BYTE_ORDER_MARK + text).encode() for name, text in tables.items()}
    package = data_package(report, tables, tabular)
    files = {
        **tabular,
        PACKAGE_NAME: json.dumps(package, ensure_ascii=False, indent=2).encode() + b"\n",
        "report.json": json.dumps(report_json(report, titles), ensure_ascii=False, indent=2).encode() + b"\n",
        **{f"{name}.svg": content for name, content in pictures.items()},
        PAGE_NAME: page(report, titles, pictures).encode(),
    }
    for name, content in files.items():
        write(out / name, content)
    return [out / name for name in files]
