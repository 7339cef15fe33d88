"""The page that says what each code of a refusal means, to which the `type` of a problem document leads.

Guarantees that every code of a refusal that the service can give has its place there, in both languages, as it is made
from the errors themselves. What stands in braces is filled in when somebody is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Flask, Response, render_template, url_for

from policy_match.errors import PolicyMatchError
from policy_match.web.problems import PROBLEMS

AT_THE_TERMINAL = "policy_match.cli"
"""Errors from there are of commands alone."""

IN_DETAIL = "{detail}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One code: with which statuses it comes, its lines in Chinese and in English, and whether a retry can help.

    Without lines the refusal itself says all.
    """

    code: str
    statuses: Sequence[int]
    lines: Sequence[tuple[str, str]]
    retry_helps: bool


def explained() -> Sequence[Explained]:
    """Return every code that there is, in order."""
    found: dict[str, list[type[PolicyMatchError]]] = {}
    for kind in _kinds(PolicyMatchError):
        found.setdefault(kind.code, []).append(kind)
    return [
        Explained(
            code=code,
            statuses=sorted({kind.http_status for kind in kinds}),
            lines=list(dict.fromkeys((kind.chinese, kind.english) for kind in kinds if kind.english != IN_DETAIL)),
            retry_helps=any(kind.retry_helps for kind in kinds),
        )
        for code, kinds in sorted(found.items())
    ]


def _kinds(base: type[PolicyMatchError]) -> Iterator[type[PolicyMatchError]]:
    yield base
    for kind in base.__subclasses__():
        if not kind.__module__.startswith(AT_THE_TERMINAL):
            yield from _kinds(kind)


def add_problem_page(app: Flask) -> None:
    """Let the application show the page."""

    def page() -> Response:
        style = url_for("static", filename="portal.css")
        return Response(render_template("problems.html", codes=explained(), style=style), mimetype="text/html")

    app.add_url_rule(PROBLEMS, "problem_page", page, methods=["GET"])
