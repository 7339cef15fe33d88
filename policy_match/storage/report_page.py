"""The report as a page that a person reads.

Guarantees a page of one file without scripts, which shows every value as text, can be read by keyboard and printed,
and says of itself when it is not for publication. What is counted is `reports.figures`; pictures are `report_plots`.
"""

import base64
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from policy_match.cases.words import STATUS_WORDS
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.reports.figure_kinds import SECTION_WORDS, UNIT_WORDS, Figure, Section, Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.groups import CUT_WORDS
from policy_match.reports.model import FEWEST_FIRMS, Cut
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.report import Report, Titles, label
from policy_match.reports.tables import Number, Row
from policy_match.values import Money

HIDDEN, NOTHING = "*", "–"

CAPTIONS: Mapping[str, tuple[str, str]] = {
    "reach": ("从应享到到账：各步的件数", "From what was due to the money: cases at each step"),
    "ends": ("每件应享事项都有且只有一个结果", "Every case is in exactly one of these"),
    "coverage": ("各政策应付款事项中已兑付的比例", "Of what each policy owed, the share that was paid"),
    "answers": ("答复期已结束的事项：确认、未答复、放弃", "Of the windows that ended: confirmed, silent, declined"),
    "stages": ("事项在各环节停留的日历天数", "Calendar days that cases stood in each stage"),
}
"""What each picture shows, for the caption and for who cannot see it."""


def report_page(report: Report, titles: Titles, pictures: Mapping[str, bytes]) -> str:
    """Return the page, HTML in UTF-8; `pictures` are SVG by name."""
    return _template().render(
        report=report,
        total=next(iter(report.tables.values())).total,
        pictures=[(name, CAPTIONS[name], base64.b64encode(content).decode()) for name, content in pictures.items()],
        label=lambda cut, group: label(cut, group, titles),
        policy_label=lambda policy: label(Cut.POLICY, policy, titles),
        sections=[
            (section.value, SECTION_WORDS[section], [figure for figure in FIGURES if figure.section is section])
            for section in Section
        ],
        figures={figure.name: figure for figure in FIGURES},
        cut_words=CUT_WORDS,
        status_words=STATUS_WORDS,
        kind_words=KIND_WORDS,
        channel_words=CHANNEL_WORDS,
        unit_words=UNIT_WORDS,
        notice_counts=NOTICE_COUNTS,
        delivery_counts=DELIVERY_COUNTS,
        fewest=FEWEST_FIRMS,
        cell=_cell,
        plain=_plain,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))


def _cell(row: Row, figure: Figure) -> str:
    return HIDDEN if figure.name in row.hidden else _written(row.figures[figure.name], figure.unit)


def _written(value: Number | None, unit: Unit) -> str:
    if value is None:
        return NOTHING
    if unit is Unit.FEN:
        return str(Money(int(value)))
    return f"{float(value):.1%}" if isinstance(value, Fraction) else f"{value:,}"


def _plain(row: Row, name: str) -> str:
    return HIDDEN if name in row.hidden else f"{row.figures[name]:,}"
