"""How well the service does: figures by cut, days in each stage, notices, and the report as it was published.

Guarantees that figures for publication hide what few firms stand behind; with nothing hidden they are internal, for
those who are limited to no department.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policy_match.cases.model import Status
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Titles
from policy_match.services.publish_report import titles_of, year_span
from policy_match.services.recent_report import CountedReport, recent_report
from policy_match.services.report import WrongSpan
from policy_match.services.report_files import (
    BYTE_ORDER_MARK,
    delivery_csv,
    figure_csv,
    notice_csv,
    report_json,
    stage_csv,
    table_json,
)
from policy_match.web.call import Call
from policy_match.web.models import Output, Query
from policy_match.web.operation import Chapter, File, Method, Tag
from policy_match.web.problems import NotFound

CHAPTER = Chapter(Tag.REPORT)
OPERATIONS = CHAPTER.operations

CSV = "text/csv; charset=utf-8"
MOST_FILES = 100
MOST_FILE_BYTES = 16 * 1024 * 1024
"""How large a file of the published report may be."""

ANY_FILE = "application/octet-stream"

KINDS = frozenset({".html", ".csv", ".json", ".svg", ".png"})
"""What a published report is made of, by the end of the name."""


class DaysQuery(Query):
    """Benefits that fell due in these days, by default in this year; `internal` hides nothing."""

    first: date | None = None
    last: date | None = None
    internal: bool = False


class FiguresQuery(DaysQuery):
    """By what the figures are divided."""

    by: Cut = Cut.POLICY


class FiguresItem(Output):
    """The figures by name; those that are `hidden` are null, and so is a share or a time of nothing."""

    figures: dict[str, int | float | None]
    hidden: list[str]


class FigureGroupItem(FiguresItem):
    """The figures of one group."""

    group: str
    zh: str
    en: str


class DaysAnswer(Output):
    """Of which days, and as they stood when. Figures are kept for ten minutes, the same for everybody."""

    first: date
    last: date
    as_of: date
    counted_at: Annotated[datetime, Field(description="the moment as of which cases were counted")]
    internal: bool


class FiguresAnswer(DaysAnswer):
    """The figures of every group, and of all together."""

    by: Cut
    groups: list[FigureGroupItem]
    total: FiguresItem


class StageDaysItem(Output):
    """How long cases of a policy (missing: of all) stood in one status; hidden when few firms stand behind it."""

    policy: str | None
    status: Status
    median_days: int | None
    slow_days: Annotated[int | None, Field(description="nine of ten were no slower")]
    hidden: bool


class StagesAnswer(DaysAnswer):
    """Days in each status."""

    stages: list[StageDaysItem]


class KindItem(FiguresItem):
    """The figures of one kind of notice."""

    kind: str


class ProviderFiguresItem(FiguresItem):
    """The figures of one provider."""

    channel_and_provider: str


class NoticesAnswer(DaysAnswer):
    """How far notices got, by kind where kinds may be told; what became of deliveries, by provider."""

    notices: list[KindItem]
    all_notices: FiguresItem
    deliveries: list[ProviderFiguresItem]
    all_deliveries: FiguresItem


class FileKey(Query):
    """Which file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.[a-z]{2,4}$", max_length=80)]


class PublishedAnswer(Output):
    """The files of the report that was published last; none before the first."""

    files: list[str]


@CHAPTER.operation(Method.GET, "/report/figures", raises=(WrongSpan,), collects=True)
def show_figures(call: Call, query: FiguresQuery) -> FiguresAnswer:
    """Show the figures by policy, district, industry, size or channel."""
    found, titles = _made(call, query, (query.by,))
    table = table_json(query.by, found.report.tables[query.by], titles)
    return FiguresAnswer.model_validate({**_days(found), "by": query.by, **table})


@CHAPTER.operation(Method.GET, "/report/figures.csv", raises=(WrongSpan,), collects=True, media_type="text/csv")
def export_figures(call: Call, query: FiguresQuery) -> File:
    """Export the figures as CSV."""
    found, titles = _made(call, query, (query.by,))
    text = figure_csv(query.by, found.report.tables[query.by], titles)
    return _csv(text, query.by)


@CHAPTER.operation(Method.GET, "/report/stages", raises=(WrongSpan,), collects=True)
def show_stage_days(call: Call, query: DaysQuery) -> StagesAnswer:
    """Show how many days cases stand in each status."""
    found, titles = _made(call, query, (Cut.POLICY,))
    return StagesAnswer.model_validate({**_days(found), "stages": report_json(found.report, titles)["stages"]})


@CHAPTER.operation(Method.GET, "/report/stages.csv", raises=(WrongSpan,), collects=True, media_type="text/csv")
def export_stage_days(call: Call, query: DaysQuery) -> File:
    """Export the days in each status as CSV."""
    found, titles = _made(call, query, (Cut.POLICY,))
    return _csv(stage_csv(found.report.stages, titles), "stages")


@CHAPTER.operation(Method.GET, "/report/notices", raises=(WrongSpan,), collects=True)
def show_notice_figures(call: Call, query: DaysQuery) -> NoticesAnswer:
    """Show how far notices got, and what became of deliveries by provider."""
    found, titles = _made(call, query, (Cut.CHANNEL,))
    data = report_json(found.report, titles)
    return NoticesAnswer.model_validate(
        {
            **_days(found),
            "notices": data["notices"]["rows"],
            "all_notices": data["notices"]["total"],
            "deliveries": data["deliveries"]["rows"],
            "all_deliveries": data["deliveries"]["total"],
        }
    )


@CHAPTER.operation(Method.GET, "/report/notices.csv", raises=(WrongSpan,), collects=True, media_type="text/csv")
def export_notice_figures(call: Call, query: DaysQuery) -> File:
    """Export how far notices got, and what became of deliveries, as CSV."""
    found, _ = _made(call, query, (Cut.CHANNEL,))
    return _csv(notice_csv(found.report.notices) + delivery_csv(found.report.deliveries), "notices")


@CHAPTER.operation(Method.GET, "/report/published")
def list_published_files(call: Call) -> PublishedAnswer:
    """List the files of the report that was published last."""
    return PublishedAnswer(files=[path.name for path in _published(call)])


@CHAPTER.operation(Method.GET, "/report/published/{name}", media_type=ANY_FILE)
def fetch_published_file(call: Call, path: FileKey) -> File:
    """Fetch a file of the report that was published last."""
    for each in _published(call):
        if each.name == path.name and each.stat().st_size <= MOST_FILE_BYTES:
            return File(content=each.read_bytes(), media_type=ANY_FILE, name=each.name)
    raise NotFound


def _made(call: Call, query: DaysQuery, cuts: Sequence[Cut]) -> tuple[CountedReport, Titles]:
    if query.internal:
        call.check_everywhere()
    year = year_span(None, call.clock)
    found = recent_report(
        call.database,
        call.clock,
        span=Span(first=query.first or year.first, last=query.last or year.last),
        facts=lambda: call.desk.firm_facts(call.desk.rules_folder),
        rules=call.desk.rules.fingerprint,
        internal=query.internal,
        cuts=cuts,
        promising=call.desk.promising_providers,
    )
    # What was counted stays for the next who asks.
    call.database.commit()
    return found, titles_of(call.desk.rules)


def _csv(text: str, name: str) -> File:
    """Return a table as a file, marked so that spreadsheets read it as UTF-8."""
    return File(content=(BYTE_ORDER_MARK + text).encode(), media_type=CSV, name=f"{name}.csv")


def _days(found: CountedReport) -> dict[str, object]:
    return {
        "first": found.report.span.first,
        "last": found.report.span.last,
        "as_of": found.report.as_of,
        "counted_at": found.at,
        "internal": found.report.internal,
    }


def _published(call: Call) -> Sequence[Path]:
    folder = call.desk.report_folder
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if path.suffix in KINDS and path.is_file())
    return found[:MOST_FILES]
