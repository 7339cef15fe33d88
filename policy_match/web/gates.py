"""The way of one request through the gates, to the operation and back.

Guarantees that nothing is done for somebody who may not, that what a write changed is kept together with its answer,
and that the same write with the same key changes nothing again. What an operation does is its handler's.
"""

import hashlib
import json
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from policy_match.errors import Language
from policy_match.identity.principal import FirmUser
from policy_match.web.access import ACCESS
from policy_match.web.authenticator import Authenticator
from policy_match.web.call import Call
from policy_match.web.cursors import Cursors
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.operation import File, Made, Operation
from policy_match.web.problems import (
    BodyUnreadable,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Place,
    WrongFields,
    WrongMediaType,
    places_of,
)

JSON = "application/json"

Model = TypeVar("Model", bound=BaseModel)


def serve(
    operation: Operation,
    path: dict[str, str],
    desk: Desk,
    authenticator: Authenticator,
    language: Language,
    request_id: str,
) -> Response:
    """Answer one request. Raises a `PolicyMatchError` for what is refused."""
    with desk.database.request_work(read_only=operation.reads) as work:
        call = _call(operation, desk, authenticator, work, language, request_id)
        given = _given(operation, path)
        answered = _answer(operation, operation.handler(call, **given))
        work.commit()
    return answered


def _call(
    operation: Operation,
    desk: Desk,
    authenticator: Authenticator,
    work: RequestWork,
    language: Language,
    request_id: str,
) -> Call:
    access = ACCESS[operation.id]
    principal = authenticator.principal(request, work)
    if not access.allows(principal):
        raise NotSignedIn if principal is None else NotAllowed
    if isinstance(principal, FirmUser):
        work.act_as_firm(principal.uscc)
    assert principal is not None, "public operations come with the pages"
    about = json.dumps([operation.id, sorted(each for each in request.args.items(True) if each[0] not in PAGE)])
    return Call(
        desk=desk,
        database=work,
        principal=principal,
        reach=access.reach_of(principal),
        language=language,
        request_id=request_id,
        cursors=Cursors(about, request.args.get("cursor")),
    )


PAGE = ("cursor", "limit")
"""Parameters that may differ from page to page."""


def _given(operation: Operation, path: dict[str, str]) -> dict[str, BaseModel]:
    given: dict[str, BaseModel] = {}
    if operation.path_model is not None:
        try:
            given["path"] = operation.path_model.model_validate(path)
        except ValidationError:
            raise NotFound from None
    if operation.query is not None:
        given["query"] = _checked(operation.query, _parameters(operation.query, request.args))
    elif request.args:
        raise WrongFields([Place(where=name, detail="this parameter is not known") for name in request.args])
    if operation.body is not None:
        given["body"] = _body(operation.body)
    return given


def _parameters(model: type[BaseModel], sent: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the parameters; one that is given twice is a list, which fits only where lists are taken."""
    lists = {name for name, field in model.model_fields.items() if "list" in str(field.annotation)}
    found: dict[str, Any] = {}
    for name, values in sent.lists():
        found[name] = values if name in lists or len(values) > 1 else values[0]
    return found


def _checked(model: type[Model], sent: dict[str, Any]) -> Model:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise WrongFields(places_of(error, "")) from None


def _body(model: type[Model]) -> Model:
    if request.mimetype != JSON:
        raise WrongMediaType(wanted=JSON)
    content = request.get_data()
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False, include_input=False)):
            raise BodyUnreadable from None
        raise WrongFields(places_of(error, "")) from None


def _answer(operation: Operation, found: Any) -> Response:
    """Return the answer with its entity tag; `If-None-Match` saves sending it again."""
    if found is None:
        return Response(status=HTTPStatus.NO_CONTENT)
    if isinstance(found, File):
        answer = Response(found.content, mimetype=found.media_type)
        answer.headers.set("Content-Disposition", "attachment", filename=found.name)
        return answer
    location = None
    if isinstance(found, Made):
        found, location = found.body, found.location
    answer = Response(found.model_dump_json(), status=operation.status, mimetype=JSON)
    if location is not None:
        answer.headers["Location"] = f"/api/v1{location}"
    if operation.reads:
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)
    return answer
