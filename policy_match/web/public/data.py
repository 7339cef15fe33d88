"""Open data: the published statistics for everybody, as charts, tables and files that programs read.

Guarantees that nothing is shown here that was not published: what few firms stand behind was hidden before. The files
are those of `services.publish_report`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policy_match.cases.model import Status
from policy_match.cases.words import STATUS_WORDS, Words
from policy_match.reports.figure_kinds import Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.model import FEWEST_FIRMS, EndState
from policy_match.services.data_package import LICENCE, PACKAGE_NAME, TABLES
from policy_match.services.publish_report import PAGE_NAME
from policy_match.web.api.v1 import report as api
from policy_match.web.call import Call
from policy_match.web.operation import File
from policy_match.web.portal.page import Door, Pages, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.PUBLIC)

EVERYTHING = "report.json"
DAYS = {"first": "from", "last": "to", "as_of": "as_of"}
"""The days of the report, as the page and the file call them."""

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
}

BY_NAME = {figure.name: figure for figure in FIGURES}
HEADLINES = ("firm_coverage", "paid_fen", "money_coverage", "median_days", "firms", "paid_firms")
FUNNEL = ("eligible", "reached", "read", "confirmed", "paid")
ANSWERS = ("confirm_rate", "silence_rate", "decline_rate")

PLOTS: Mapping[str, Words] = {
    "reach": Words("触达与兑现（件）", "Reach, cases"),
    "ends": Words("应享事项的结果（件）", "What became of what was due, cases"),
    "coverage": Words("各政策受惠面", "Coverage by policy"),
    "answers": Words("各政策答复情况", "Answers by policy"),
    "stages": Words("各环节天数", "Days in each stage"),
}
"""The published plots, by the name of the file without its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """A published plot with the figures that it was drawn from."""

    file: str
    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]

    @property
    def in_words(self) -> str:
        """The picture in words."""
        return f"{self.title}: " + "; ".join(f"{name} {', '.join(values)}" for name, values in self.rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """A file to take away."""

    name: str
    title: str
    bytes: int


@PAGES.shows("/public/data", "公开数据", "Open data", like="list_published_files", nav=True)
def open_data(call: Call) -> View:
    """Show what was published last."""
    names = api.list_published_files(call).files
    if EVERYTHING not in names:
        return View("public/data.html", {"found": None})
    found = json.loads(api.fetch_published_file(call, api.FileKey(name=EVERYTHING)).content)
    say = Saying(call.language)
    written = _Written(say, found["tables"]["policy"]["total"])
    return View(
        "public/data.html",
        {
            "found": found,
            **{name: date.fromisoformat(found[key]) for name, key in DAYS.items()},
            "headlines": [(BY_NAME[name], written(name)) for name in HEADLINES if name in written.figures],
            "plots": [each for each in _plots(say, found) if each.file in names],
            "files": list(_files(call, say, names)),
            "everything": EVERYTHING,
            "package": PACKAGE_NAME if PACKAGE_NAME in names else "",
            "page_name": PAGE_NAME if PAGE_NAME in names else "",
            "figures": FIGURES,
            "fewest": FEWEST_FIRMS,
            "licence": LICENCE,
        },
    )


@PAGES.shows("/public/data/{name}", "公开数据", "Open data", like="fetch_published_file")
def open_data_file(call: Call, path: api.FileKey) -> File:
    """Fetch one file of what was published last."""
    found = api.fetch_published_file(call, path)
    kind = MEDIA_TYPES.get(path.name.rpartition(".")[2], api.ANY_FILE)
    return File(content=found.content, media_type=kind, name=found.name)


class _Written:
    """Figures of one group of the published data, as people read them."""

    def __init__(self, say: Saying, group: Mapping[str, Any]) -> None:
        self._say = say
        self.figures: Mapping[str, Any] = group["figures"]
        self._hidden = frozenset(group["hidden"])

    def __call__(self, name: str) -> str:
        """Return one figure; `*` when it is hidden, `–` when there is none."""
        if name in self._hidden:
            return "*"
        value = self.figures.get(name)
        if value is None:
            return "–"
        unit = BY_NAME[name].unit
        if unit is Unit.FEN:
            return self._say.yuan(int(value))
        return f"{value:.1%}" if unit is Unit.SHARE else self._say.count(int(value))


def _plots(say: Saying, found: Mapping[str, Any]) -> Iterator[Plot]:
    policies = found["tables"]["policy"]
    total = _Written(say, policies["total"])
    for name, figures in (("reach", FUNNEL), ("ends", tuple(state.value for state in EndState))):
        rows = [(say.words(BY_NAME[each].words), [total(each)]) for each in figures]
        yield _plot(say, name, [say("件", "cases")], rows)
    for name, figures in (("coverage", ("coverage",)), ("answers", ANSWERS)):
        rows = [
            (say(group["zh"], group["en"]), [_Written(say, group)(each) for each in figures])
            for group in policies["groups"]
        ]
        yield _plot(say, name, [say.words(BY_NAME[each].words) for each in figures], rows)
    rows = [
        (
            say.words(STATUS_WORDS[Status(each["status"])]),
            ["*" if each["hidden"] else str(each[days]) for days in ("median_days", "slow_days")],
        )
        for each in found["stages"]
        if each["policy"] is None
    ]
    yield _plot(say, "stages", [say("中位", "median"), say("九成不超过", "nine of ten")], rows)


def _plot(say: Saying, name: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Plot:
    return Plot(file=f"{name}.svg", title=say.words(PLOTS[name]), columns=columns, rows=rows)


def _files(call: Call, say: Saying, names: Sequence[str]) -> Iterator[DataFile]:
    for name, words in TABLES.items():
        file = f"{name}.csv"
        if file in names:
            size = len(api.fetch_published_file(call, api.FileKey(name=file)).content)
            yield DataFile(name=file, title=say.words(words), bytes=size)
