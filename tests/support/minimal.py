"""The least that an operation takes: made from its models, so that a new operation is tried without touching a test.

Guarantees that what is made is valid by the model that it was made from. Numbers of things are those that a test gives.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from policy_match.web.operation import PARAMETER, Operation

WORDS = (
    "x",
    "1",
    "37",
    "zh",
    "latest",
    "city-2025",
    "/x",
    "https://example.org/x",
    "x.csv",
    "123456",
    "102452000017",
    "91370000MA00000001",
    "0" * 64,
)
"""One of them fits each pattern of the API."""

FORMATS = {
    "date": "2025-07-01",
    "date-time": "2025-07-01T00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "password": "6228480402564890018",
    "binary": "x",
}


def body_of(operation: Operation, number: int = 1) -> Any:
    """Return the least body, `None` when the operation takes none. Whole numbers in it are `number` where that fits."""
    return None if operation.body is None else _made(operation.body, number)


def query_of(operation: Operation, number: int = 1) -> Mapping[str, str]:
    """Return the parameters that the operation cannot do without."""
    return {} if operation.query is None else {name: str(each) for name, each in _made(operation.query, number).items()}


def path_of(operation: Operation, number: int = 1) -> str:
    """Return the path with its parameters filled in."""
    given = {} if operation.path_model is None else _made(operation.path_model, number)
    return PARAMETER.sub(lambda match: str(given[match[1]]), operation.path)


def _made(model: type[BaseModel], number: int) -> Any:
    schema = model.model_json_schema(mode="validation")
    return _value(schema, schema.get("$defs", {}), number)


def _value(schema: Mapping[str, Any], definitions: Mapping[str, Any], number: int) -> Any:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rpartition("/")[2]], definitions, number)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _value(schema[several][0], definitions, number)
    match schema.get("type"):
        case "object":
            wanted = schema.get("required", ())
            return {
                name: _value(each, definitions, number)
                for name, each in schema.get("properties", {}).items()
                if name in wanted
            }
        case "array":
            return [_value(schema.get("items", {}), definitions, number)] * schema.get("minItems", 0)
        case "integer" | "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return min(max(number, least), schema.get("maximum", number + least))
        case "boolean":
            return False
        case "string":
            return _text(schema)
        case _:
            return "x"


def _text(schema: Mapping[str, Any]) -> str:
    if "format" in schema and schema["format"] in FORMATS:
        return FORMATS[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength", 2_000)
    pattern = schema.get("pattern", "")
    for word in (*WORDS, "x" * max(least, 1)):
        if least <= len(word) <= most and re.search(pattern, word):
            return word
    raise AssertionError(f"no word fits {pattern} with {least} to {most} letters: add one to WORDS")
