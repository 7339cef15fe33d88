"""Reads what a request sends, into the models of its operation.

Guarantees that nothing unknown, converted or given twice gets through, and that every wrong place is named at once.
"""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from policy_match.web.operation import Operation, Upload
from policy_match.web.problems import (
    BodyUnreadable,
    KeyMissing,
    KeyUnfit,
    NotFound,
    Place,
    WrongFields,
    WrongMediaType,
    places_of,
)

JSON = "application/json"
KEY = re.compile(r"[!-~]{1,255}")

Model = TypeVar("Model", bound=BaseModel)


def given_to(operation: Operation, path: dict[str, str], request: Request) -> dict[str, Any]:
    """Return the path, query and body of a request as the operation's models.

    Raises `NotFound` for a path that cannot be, `WrongFields`, `BodyUnreadable`, `WrongMediaType`.
    """
    given: dict[str, Any] = {}
    if operation.path_model is not None:
        given["path"] = path_of(operation.path_model, path)
    if operation.query is not None:
        given["query"] = query_of(operation.query, request.args)
    elif request.args:
        raise WrongFields([Place(where=f"/{name}", detail="this parameter is not known") for name in request.args])
    if operation.uploads:
        if request.mimetype not in operation.uploads:
            raise WrongMediaType(wanted=", ".join(operation.uploads))
        stream = BytesIO(request.get_data()) if operation.is_known_by_body else request.stream
        given["upload"] = Upload(media_type=request.mimetype, stream=stream)
    if operation.body is not None:
        given["body"] = _body(operation.body, request)
    return given


def key_of(request: Request) -> str:
    """Return the `Idempotency-Key`. Raises `KeyMissing`, `KeyUnfit`."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise KeyMissing
    if KEY.fullmatch(key) is None:
        raise KeyUnfit
    return key


def path_of(model: type[Model], sent: Mapping[str, str]) -> Model:
    """Return what the path names. Raises `NotFound` for what cannot be."""
    try:
        return model.model_validate(sent)
    except ValidationError:
        raise NotFound from None


def query_of(model: type[Model], sent: "MultiDict[str, str]") -> Model:
    """Return the parameters; one that is given twice is a list, which fits only where lists are taken.

    Raises `WrongFields`.
    """
    lists = {name for name, field in model.model_fields.items() if "list" in str(field.annotation)}
    found: dict[str, Any] = {
        name: values if name in lists or len(values) > 1 else values[0] for name, values in sent.lists()
    }
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise WrongFields(places_of(error, "")) from None


def _body(model: type[Model], request: Request) -> Model:
    if request.mimetype != JSON:
        raise WrongMediaType(wanted=JSON)
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False, include_input=False)):
            raise BodyUnreadable from None
        raise WrongFields(places_of(error, "")) from None
