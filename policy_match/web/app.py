"""Makes the Flask application: every operation becomes a route that goes through the same gates.

Guarantees the order of the gates: known path and method, who asks, whether he may, what is sent, whether it was sent
before; and that every refusal is a problem document. Wiring is left to `bootstrap`.
"""

import logging
import time
from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as NoSuchRoute
from werkzeug.routing import BaseConverter

from policy_match.errors import Language, PolicyMatchError
from policy_match.web import auditor, bureau, enterprise, gates, public
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.api_page import add_api_page
from policy_match.web.authenticator import Authenticator
from policy_match.web.desk import Desk
from policy_match.web.document import openapi
from policy_match.web.form_text import TextRequest
from policy_match.web.guard import Guard, Known, say_when, shown
from policy_match.web.health import Health, add_health
from policy_match.web.operation import PARAMETER, Operation
from policy_match.web.portal.page import Page
from policy_match.web.portal.routes import add_pages, is_for_people, refuse_on_page
from policy_match.web.portal.serving import Portal
from policy_match.web.problem_page import add_problem_page
from policy_match.web.problems import BodyUnreadable, Failed, NotFound, TooLarge, WrongMethod, problem

API_ROOT = "/api/v1"
LANGUAGES: Sequence[Language] = ("zh", "en")

PAGES: Sequence[Page] = (*public.PAGES, *enterprise.PAGES, *bureau.PAGES, *auditor.PAGES)
"""Every page of every door."""

log = logging.getLogger("policy_match.web")


@cache
def document_of(version: str) -> str:
    """Return the OpenAPI document of the API, made once per process."""
    return openapi(OPERATIONS, ACCESS, API_ROOT, version)


def create_app(desk: Desk, authenticator: Authenticator, guard: Guard | None = None) -> Flask:
    """Return the application. It opens nothing before the first request; without a guard nobody is counted."""
    assert {each.id for each in OPERATIONS} == set(ACCESS), "every operation has its entry in the table of access"
    app = Flask("policy_match.web")
    app.request_class = TextRequest
    guard = guard or Guard(seconds=time.monotonic)
    authenticator = Known(authenticator, guard.rates)
    app.config["MAX_CONTENT_LENGTH"] = guard.limits.body_bytes
    app.url_map.strict_slashes = True
    app.url_map.converters["number"] = NumberInPath
    for operation in OPERATIONS:
        app.add_url_rule(
            API_ROOT + _rule(operation),
            endpoint=operation.id,
            view_func=_view(operation, desk, authenticator, guard),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    app.add_url_rule(
        f"{API_ROOT}/openapi.json",
        "openapi",
        lambda: Response(document_of(desk.version), mimetype="application/json"),
        methods=["GET"],
    )
    add_api_page(app, API_ROOT)
    add_problem_page(app)
    portal = add_pages(app, PAGES, ACCESS, desk, authenticator, guard.limits.upload_bytes)
    add_health(app, Health(lambda: desk.database, guard.seconds))
    app.before_request(guard.begin)
    app.after_request(guard.end)
    refusals = Refusals(portal)
    app.register_error_handler(PolicyMatchError, refusals.refuse)
    app.register_error_handler(HTTPException, refusals.refuse_by_flask)
    app.register_error_handler(Exception, refusals.fail)
    return app


class NumberInPath(BaseConverter):
    """A number of something, so that `/requests/7` and `/requests/sweeps` are never the same address."""

    regex = "[0-9]{1,16}"


def _rule(operation: Operation) -> str:
    """Return the path as a route is written."""
    fields = {} if operation.path_model is None else operation.path_model.model_fields
    return PARAMETER.sub(
        lambda match: f"<{'number:' if fields[match[1]].annotation is int else ''}{match[1]}>", operation.path
    )


def _view(operation: Operation, desk: Desk, authenticator: Authenticator, guard: Guard):  # type: ignore[no-untyped-def]
    def view(**path: str) -> Response:
        if operation.uploads:
            request.max_content_length = guard.limits.upload_bytes
        return gates.serve(operation, path, desk, authenticator, _language(), g.request_id)

    return view


def _language() -> Language:
    return "en" if request.accept_languages.best_match(LANGUAGES, "zh") == "en" else "zh"


class Refusals:
    """How requests are refused: programs with problem documents, people with pages."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def refuse(self, error: PolicyMatchError) -> Response:
        """Return the refusal that an error is."""
        told = shown(error)
        page = is_for_people()
        answer = refuse_on_page(self._portal, told) if page else problem(told, _language(), g.request_id)
        say_when(told, answer)
        return answer

    def refuse_by_flask(self, error: HTTPException) -> Response:
        """Return what Flask refuses, as a refusal of ours."""
        known: PolicyMatchError
        match error:
            case NoSuchRoute():
                known = NotFound()
            case MethodNotAllowed():
                answer = self.refuse(WrongMethod())
                answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
                return answer
            case RequestEntityTooLarge():
                known = TooLarge(most=request.max_content_length)
            case BadRequest():
                known = BodyUnreadable()
            case _:
                known = Failed() if (error.code or 500) >= 500 else NotFound()
        return self.refuse(known)

    def fail(self, error: Exception) -> Response:
        """Return that the mistake is ours; the log knows more."""
        log.error("failed", extra={"fields": {"id": g.request_id}}, exc_info=error)
        return self.refuse(Failed())
