"""The document of the API: valid, as committed, and complete enough that programs can be made from it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from tests.functional.api.render import FILE, document

WRITES = ("post", "put", "patch", "delete")
WITHOUT_KEY = {operation.id for operation in OPERATIONS if not operation.reads and not operation.keyed}


@pytest.fixture(scope="module")
def told() -> Mapping[str, Any]:
    made: Mapping[str, Any] = json.loads(document())
    return made


@pytest.fixture(scope="module")
def operations(told: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [(method, path, each) for path, methods in told["paths"].items() for method, each in methods.items()]


def test_the_committed_document_is_what_the_code_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "run: make api"


def test_it_is_valid_openapi_3_1(told: Mapping[str, Any]) -> None:
    assert told["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(told).iter_errors()] == []


def test_each_operation_is_there_once(operations: list[tuple[str, str, Mapping[str, Any]]]) -> None:
    found = Counter(each["operationId"] for _, _, each in operations)
    assert found == Counter(ACCESS.keys())


def test_no_two_schemas_have_the_same_name_for_a_program(told: Mapping[str, Any]) -> None:
    titles = Counter(schema.get("title", name) for name, schema in told["components"]["schemas"].items())
    assert [title for title, times in titles.items() if times > 1] == []


def test_every_write_asks_for_a_key_but_those_that_bring_a_password_or_no_proof(
    operations: list[tuple[str, str, Mapping[str, Any]]],
) -> None:
    without = {
        each["operationId"]
        for method, _, each in operations
        if method in WRITES
        and not any(header["name"] == "Idempotency-Key" and header["required"] for header in each["parameters"])
    }
    assert without == WITHOUT_KEY
    assert {name for name in without if not ACCESS[name].public} == {"change_my_password"}


def test_every_refusal_is_a_problem_document(operations: list[tuple[str, str, Mapping[str, Any]]]) -> None:
    kinds = {
        (status, *answer["content"])
        for _, _, each in operations
        for status, answer in each["responses"].items()
        if status >= "400"
    }
    assert {kind[1:] for kind in kinds} == {("application/problem+json",)}


def test_who_may_call_is_said_of_each(operations: list[tuple[str, str, Mapping[str, Any]]]) -> None:
    for _, path, each in operations:
        access = ACCESS[each["operationId"]]
        assert (each["security"] == []) == access.public, path
        assert ({"token": []} in each["security"]) == (access.machine is not None), path
        assert {"401", "429", "503"} <= each["responses"].keys(), path


def test_a_write_in_a_session_brings_the_sessions_token(
    told: Mapping[str, Any], operations: list[tuple[str, str, Mapping[str, Any]]]
) -> None:
    schemes = told["components"]["securitySchemes"]
    named = {name: (each.get("in"), each.get("name", each.get("scheme"))) for name, each in schemes.items()}
    assert named == {
        "session": ("cookie", "__Host-session"),
        "csrf": ("header", "X-CSRF-Token"),
        "token": (None, "bearer"),
    }
    for method, path, each in operations:
        wanted = {"session": [], "csrf": []} if method in WRITES else {"session": []}
        assert [way for way in each["security"] if "token" not in way] == ([wanted] if each["security"] else []), path


def test_every_body_and_good_answer_has_a_schema(operations: list[tuple[str, str, Mapping[str, Any]]]) -> None:
    for _, path, each in operations:
        for content in _contents(each):
            assert "schema" in content, path


def _contents(operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).values()


def test_nothing_unknown_fits_a_body(
    told: Mapping[str, Any], operations: list[tuple[str, str, Mapping[str, Any]]]
) -> None:
    schemas = told["components"]["schemas"]
    for _, path, each in operations:
        schema = each.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in schema:
            assert schemas[schema["$ref"].rpartition("/")[2]]["additionalProperties"] is False, path
