"""The OpenAPI 3.1 document, made from the operations and the table of access.

Guarantees that each answer that the gates can give stands in it, and that it says who may call what. pydantic makes
the schemas, in JSON Schema 2020-12 as OpenAPI 3.1 wants them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from policy_match.identity.access import Access, Anybody
from policy_match.web.identity.cookies import CSRF_HEADER
from policy_match.web.identity.cookies import SESSION as COOKIE
from policy_match.web.operation import Operation
from policy_match.web.problems import MEDIA_TYPE, Problem

REF = "#/components/schemas/{model}"
TITLE = "policy-match"
SESSION, CSRF, TOKEN = "session", "csrf", "token"

BY_SESSION = "of a person who signed in, or of a firm's user"
BY_CSRF = "the token of the session, as signing in and `GET /session` tell it; with every write in a session"


def openapi(operations: Sequence[Operation], access: Mapping[str, Access], root: str, version: str) -> str:
    """Return the document as JSON."""
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for each in operations:
        models += [(model, "validation") for model in (each.path_model, each.query, each.body) if model is not None]
        models += [(each.answer, "serialization")] if each.answer is not None else []
    names, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=REF)
    definitions = schemas["$defs"]
    places = [model for each in operations for model in (each.path_model, each.query) if model is not None]
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        methods = paths.setdefault(root + each.path, {})
        methods[each.method.lower()] = _operation(each, access[each.id], names, definitions)
    for model in places:
        definitions.pop(names[model, "validation"]["$ref"].rpartition("/")[2], None)
    document = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version},
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                SESSION: {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": BY_SESSION},
                CSRF: {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": BY_CSRF},
                TOKEN: {"type": "http", "scheme": "bearer"},
            },
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(str(each.tag) for each in operations)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _operation(
    operation: Operation, access: Access, names: Mapping[Any, Any], definitions: Mapping[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [str(operation.tag)],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, [operation.description, who(access)])),
        "parameters": [
            *_parameters(operation.path_model, "path", names, definitions),
            *_parameters(operation.query, "query", names, definitions),
            *_headers(operation),
        ],
        "responses": _responses(operation, names),
        "security": _proofs(operation, access),
    }
    if operation.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[operation.body, "validation"]}},
        }
    elif operation.uploads:
        content = {media_type: _file(media_type) for media_type in operation.uploads}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _proofs(operation: Operation, access: Access) -> list[dict[str, list[str]]]:
    """Return each way to show who asks; whoever writes in a session also sends its token."""
    if access.public:
        return []
    ways: list[dict[str, list[str]]] = [{SESSION: []} if operation.reads else {SESSION: [], CSRF: []}]
    if access.machine:
        ways.append({TOKEN: []})
    return ways


def who(access: Access) -> str:
    """Return who may call, for a person."""
    if access.public:
        return "For everybody, without signing in."
    groups = []
    if access.staff is Anybody.STAFF:
        groups.append("all staff")
    elif not isinstance(access.staff, Anybody) and access.staff:
        groups.append("the roles " + ", ".join(sorted(access.staff)))
    if access.firm:
        groups.append("a firm's users, for their own firm")
    if access.machine:
        groups.append(f"machines with the scope {access.machine}")
    return f"For {'; '.join(groups)}."


def _parameters(
    model: type[BaseModel] | None, place: str, names: Mapping[Any, Any], definitions: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if model is None:
        return
    schema = definitions[names[model, "validation"]["$ref"].rpartition("/")[2]]
    for name, each in schema["properties"].items():
        yield {
            "name": name,
            "in": place,
            "required": place == "path" or name in schema.get("required", ()),
            "description": each.get("description", ""),
            "schema": {key: value for key, value in each.items() if key != "description"},
        }


def _headers(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield the headers that an operation reads."""
    if operation.reads:
        yield _header("If-None-Match", "the `ETag` of what is known already; 304 when it is still so", required=False)
    elif operation.keyed:
        yield {
            **_header("Idempotency-Key", "new for each new request, the same when it is sent again", required=True),
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    if operation.guarded_by:
        yield _header("If-Match", f"the `ETag` of `{operation.guarded_by}` as it was seen", required=False)


def _header(name: str, description: str, *, required: bool) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _responses(operation: Operation, names: Mapping[Any, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.status.phrase}
    if operation.answer is not None:
        answer["content"] = {operation.media_type: {"schema": names[operation.answer, "serialization"]}}
    elif operation.status is HTTPStatus.OK:
        answer["content"] = {media_type: _file(media_type) for media_type in (operation.media_type, *operation.also)}
    answer["headers"] = {name: {"schema": {"type": "string"}} for name in _answer_headers(operation)}
    problem = {MEDIA_TYPE: {"schema": names[Problem, "serialization"]}}
    refusals = {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem} for status in statuses(operation)
    }
    known = {"304": {"description": "what is known is still so"}} if operation.reads else {}
    return {str(int(operation.status)): answer, **known, **refusals}


def _file(media_type: str) -> dict[str, Any]:
    """Return what a file is to a program that reads the document: without a schema no client sends it."""
    match media_type:
        case "application/json":
            return {"schema": {}}
        case "application/x-www-form-urlencoded":
            return {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
        case _:
            return {"schema": {"type": "string", "format": "binary"}}


def _answer_headers(operation: Operation) -> Iterator[str]:
    """Yield the headers of a good answer."""
    yield "X-Request-Id"
    if operation.reads and operation.answer is not None:
        yield "ETag"
    if operation.status is HTTPStatus.CREATED:
        yield "Location"


def statuses(operation: Operation) -> list[int]:
    """Return every status of a refusal that the operation can give."""
    found = {400, 401, 403, 422, 429, 503, *(error.http_status for error in operation.raises)}
    if operation.path_model is not None:
        found.add(404)
    if not operation.reads:
        found |= {400, 408, 409, 411, 412, 413, 415}
    return sorted(found)
