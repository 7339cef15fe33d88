"""Requests at random, made from the document: whatever is sent, the answer is one that the document says.

schemathesis reads the document as any stranger would and checks with all that it has: no 5xx, no status, media type,
header or field that is not written, nothing taken that does not fit, 405 with `Allow` for other methods, and nobody let
in without a proof. One check is ours: what fits the document reaches its operation, which may refuse it for reasons.
"""

import json
import math
import os
from collections.abc import Iterator, Sequence
from itertools import count, islice, product
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.schemas import OpenApiSchema

from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.app import API_ROOT
from policy_match.web.document import openapi
from tests.support.everybody import Everybody, Kind, Proofs, allowed, everybody

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 200 if NIGHTLY else 2
"""So many random requests for each operation and mode."""

COVERAGE = 2_000 if NIGHTLY else 8
"""So many requests at most, for each operation and mode, of those that reach each limit of its schema in turn."""

MOST_COVERAGE = 5_000

THINGS = 4
"""Numbered things are looked for among the first ones, which are there."""

CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422", "429"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "409", "412", "415", "422"]
        },
        "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "409", "415", "422"]},
    },
}
"""What operations refuse for reasons of their own is 400, 409, 412 or 422 by the code of the problem."""

NOT_FITTING = {"request.fields", "request.body", "request.media-type", "request.key-missing", "request.key-unfit"}

OPERATION = {operation.id: operation for operation in OPERATIONS}
KEYS = count(1)


@pytest.fixture(scope="module")
def world(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with everybody(server, tmp_path_factory.mktemp("world")) as found:
        for _ in range(THINGS):
            found.proofs(Kind.STAFF)  # sessions to end, so that nobody ends the one that he asks with
        yield found


@pytest.fixture(scope="module")
def schema(world: Everybody) -> OpenApiSchema:
    document = json.loads(openapi(OPERATIONS, ACCESS, API_ROOT, "0.0.test"))
    loaded = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    loaded.app = world.entrance.app
    return loaded


@schemathesis.serializer(
    "text/csv",
    "application/pdf",
    "image/jpeg",
    "image/png",
    "message/rfc822",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def bytes_of(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Return a file as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.check
def what_fits_is_not_refused_as_unfit(ctx: schemathesis.CheckContext, response: Response, case: Case) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    told = response.json()
    public = ACCESS[case.operation.definition.raw["operationId"]].public
    if told["code"] in NOT_FITTING or (told["code"] == "access.sign-in" and not public):
        raise Failure(operation=case.operation.label, title="refused", message=f"{told['code']} {told['places']}")


def send(case: Case, proofs: Proofs, failures: dict[str, str]) -> None:
    """Send a request and note what the checks say, once for each kind of failure."""
    _aim(case)
    try:
        answer = case.call(headers=dict(proofs.headers), cookies=dict(proofs.cookies))
        shown = dict(proofs.shown)
        case.validate_response(answer, headers=shown, transport_kwargs={"headers": shown})
    except FailureGroup as group:
        for each in group.exceptions:
            failures.setdefault(f"{each.title}: {each.message[:300]}", case.as_curl_command()[-700:])


def _aim(case: Case) -> None:
    """Give a valid request a key of its own, and let it ask for things that are there."""
    meta = case.meta
    assert meta is not None
    if not meta.is_negative_at(ParameterLocation.HEADER) and "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"random-{next(KEYS)}"
    if meta.generation.mode.is_positive:
        case.body = _whole(case.body)
    if case.path_parameters and not meta.is_negative_at(ParameterLocation.PATH):
        for name, value in case.path_parameters.items():
            if isinstance(value, int):
                case.path_parameters[name] = 1 + value % THINGS


def _whole(body: Any) -> Any:
    """Write whole numbers as such: to JSON Schema 1.0 is an integer, too, which the API leaves to those who count."""
    match body:
        case float() if body.is_integer():
            return int(body)
        case dict():
            return {name: _whole(each) for name, each in body.items()}
        case list():
            return [_whole(each) for each in body]
        case _:
            return body


def _spread(cases: Iterator[Case]) -> Sequence[Case]:
    """Return at most so many of the cases, from all over them."""
    found = list(islice(cases, MOST_COVERAGE))
    return found[:: max(1, math.ceil(len(found) / COVERAGE))]


def _kinds(name: str) -> Sequence[Kind]:
    found = allowed(ACCESS[name])
    return found if NIGHTLY else found[:1]


def _modes(operation: APIOperation) -> Sequence[GenerationMode]:
    """Return how requests can be: none can be wrong where everything that is sent is any text, or nothing."""
    free = [each.name for each in operation.iter_parameters() if each.name not in ("If-None-Match", "If-Match")]
    return list(GenerationMode) if free or operation.body else [GenerationMode.POSITIVE]


@pytest.mark.parametrize("name", OPERATION)
def test_every_answer_is_one_that_the_document_says(world: Everybody, schema: OpenApiSchema, name: str) -> None:
    operation = schema.find_operation_by_id(name)
    generation = schema.config.generation_for(operation=operation)
    failures: dict[str, str] = {}
    for kind, mode in product(_kinds(name), _modes(operation)):
        proofs = world.proofs(kind)
        for case in _spread(
            schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=generation)
        ):
            send(case, proofs, failures)
        _at_random(operation, mode, proofs, failures)
    assert not failures, "\n".join(f"{told}\n    {sent}" for told, sent in failures.items())


def _at_random(operation: APIOperation, mode: GenerationMode, proofs: Proofs, failures: dict[str, str]) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        send(case, proofs, failures)

    one()
