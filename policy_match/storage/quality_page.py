"""The data-quality report as a page that a person reads.

Guarantees a page of one file without scripts, which shows every value as text. What is counted is `facts.quality`.
"""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from policy_match.facts.joining import Decided
from policy_match.facts.quality import QualityReport
from policy_match.storage.profile_view import cards

DECIDED_TEXT = {
    Decided.OBSERVED: ("观测日期较新者保留", "the later observed row was kept"),
    Decided.FILLED: ("内容较完整者保留", "the more complete row was kept"),
    Decided.ORDER: ("在前者保留", "the earlier row was kept"),
}


def quality_page(report: QualityReport) -> str:
    """Return the page, HTML in UTF-8."""
    return _template().render(report=report, decided_text=DECIDED_TEXT, cards=cards(report.facts))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["share"] = _share
    return environment.from_string(files(__package__).joinpath("quality.html").read_text(encoding="utf-8"))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"
