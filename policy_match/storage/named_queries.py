"""The SQL of the stores, kept in `queries/*.sql`: each query has a name and a line that says what it gives.

Guarantees that a file with a query twice, without a description or without text is refused. What the queries mean
is left to the stores, which call them by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HEADING = re.compile(r"^-- ([a-z_]+) --\n", re.MULTILINE)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedQuery:
    """One query. `parameters` are the names that a caller must give."""

    name: str
    description: str
    text: str

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the placeholders."""
        return frozenset(PLACEHOLDER.findall(self.text))


def parse_queries(source: str) -> Mapping[str, NamedQuery]:
    """Return the queries of one file by name. Raises `ValueError` for a file that is not written as agreed."""
    before, *parts = HEADING.split(source)
    if before.strip():
        raise ValueError(f"text before the first heading: {before.strip()[:40]}")
    found: dict[str, NamedQuery] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        lines = body.strip().splitlines()
        comments = [line for line in lines if line.startswith("-- ")]
        text = "\n".join(line for line in lines if not line.startswith("-- "))
        if name in found or not comments or not text:
            raise ValueError(f"query {name} is there twice, or has no description or no text")
        description = " ".join(line.removeprefix("-- ") for line in comments)
        found[name] = NamedQuery(name=name, description=description, text=text)
    return found


@cache
def all_queries() -> Mapping[str, NamedQuery]:
    """Return every query of the package by name."""
    found: dict[str, NamedQuery] = {}
    for file in sorted((files("policy_match.storage") / "queries").iterdir(), key=lambda file: file.name):
        queries = parse_queries(file.read_text(encoding="utf-8"))
        assert not found.keys() & queries.keys(), f"{file.name} repeats a name"
        found.update(queries)
    return found
