"""How well the service does, as a page that a person reads.

Guarantees a page of one file without scripts, which shows every value as text. What is counted is
`cases.performance`.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from policy_match.cases.performance import FEWEST_FIRMS, Performance
from policy_match.values import Money


def performance_page(found: Performance, titles: Mapping[str, str], day: str) -> str:
    """Return the page, HTML in UTF-8; `titles` are those of policies by id."""
    return _template().render(found=found, titles=titles, day=day, fewest=FEWEST_FIRMS)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["share"] = _share
    environment.filters["yuan"] = lambda fen: str(Money(fen))
    return environment.from_string(files(__package__).joinpath("performance.html").read_text(encoding="utf-8"))


def _share(value: Fraction | None) -> str:
    return "–" if value is None else f"{float(value):.1%}"
