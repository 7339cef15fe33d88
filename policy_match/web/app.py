"""Makes the Flask application: every operation becomes a route that goes through the same gates.

Guarantees the order of the gates: known path and method, who asks, whether he may, what is sent, whether it was sent
before; and that every refusal is a problem document. Wiring is left to `bootstrap`.
"""

import logging
import uuid
from collections.abc import Sequence

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as NoSuchRoute

from policy_match.errors import Language, PolicyMatchError
from policy_match.web import gates
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.authenticator import Authenticator
from policy_match.web.desk import Desk
from policy_match.web.document import openapi
from policy_match.web.operation import PARAMETER, Operation
from policy_match.web.problems import Failed, NotFound, TooLarge, WrongMethod, problem

API_ROOT = "/api/v1"
MOST_BODY_BYTES = 1024 * 1024
LANGUAGES: Sequence[Language] = ("zh", "en")

log = logging.getLogger("policy_match.web")


def create_app(desk: Desk, authenticator: Authenticator) -> Flask:
    """Return the application. It opens nothing before the first request."""
    assert {each.id for each in OPERATIONS} == set(ACCESS), "every operation has its entry in the table of access"
    app = Flask("policy_match.web")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.url_map.strict_slashes = True
    for operation in OPERATIONS:
        app.add_url_rule(
            API_ROOT + PARAMETER.sub(r"<\1>", operation.path),
            endpoint=operation.id,
            view_func=_view(operation, desk, authenticator),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    document = openapi(OPERATIONS, ACCESS, API_ROOT, desk.version)
    app.add_url_rule(
        f"{API_ROOT}/openapi.json", "openapi", lambda: Response(document, mimetype="application/json"), methods=["GET"]
    )
    app.before_request(_name_request)
    app.after_request(_finish)
    app.register_error_handler(PolicyMatchError, _refuse)
    app.register_error_handler(HTTPException, _refuse_by_flask)
    app.register_error_handler(Exception, _fail)
    return app


def _view(operation: Operation, desk: Desk, authenticator: Authenticator):  # type: ignore[no-untyped-def]
    def view(**path: str) -> Response:
        return gates.serve(operation, path, desk, authenticator, _language(), g.request_id)

    return view


def _language() -> Language:
    return "en" if request.accept_languages.best_match(LANGUAGES, "zh") == "en" else "zh"


def _name_request() -> None:
    g.request_id = str(uuid.uuid4())


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
    return response


def _refuse(error: PolicyMatchError) -> Response:
    return problem(error, _language(), g.request_id)


def _refuse_by_flask(error: HTTPException) -> Response:
    known: PolicyMatchError
    match error:
        case NoSuchRoute():
            known = NotFound()
        case MethodNotAllowed():
            answer = _refuse(WrongMethod())
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            return answer
        case RequestEntityTooLarge():
            known = TooLarge(most=MOST_BODY_BYTES)
        case _:
            log.warning("request %s: %s", g.request_id, error.name)
            known = Failed() if (error.code or 500) >= 500 else NotFound()
    return _refuse(known)


def _fail(error: Exception) -> Response:
    log.error("request %s failed", g.request_id, exc_info=error)
    return _refuse(Failed())
