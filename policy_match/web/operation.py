"""An operation of the API: what is sent, what comes back, and the function that does it.

Guarantees that the document, the routes and the table of access speak of the same operations. A handler's annotations
are its contract: `path`, `query` and `body` are models, and so is what it returns.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import IO, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from policy_match.errors import PolicyMatchError
from policy_match.web.models import Input, Query

Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[..., Any]

Handled = TypeVar("Handled", bound=Handler)
"""A decorated function stays what it was, for pages that call it."""

PARAMETER = re.compile(r"{(\w+)}")


class Method(StrEnum):
    """HTTP methods in use."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Tag(StrEnum):
    """The chapters of the document."""

    ACTIONS = "actions"
    RULES = "rules"
    REGISTRY = "registry"
    SWEEPS = "sweeps"
    CASES = "cases"
    OBJECTIONS = "objections"
    APPEALS = "appeals"
    EXCLUSIONS = "exclusions"
    REQUESTS = "requests"
    APPROVALS = "approvals"
    PUBLICITY = "publicity"
    BUDGET = "budget"
    LEDGER = "ledger"
    PAYMENTS = "payments"
    NOTICES = "notices"
    JOBS = "jobs"
    SUPERVISION = "supervision"
    DEADLINES = "deadlines"
    REPORT = "report"
    REVIEWS = "reviews"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    SIGN_IN = "sign-in"
    ACCOUNTS = "accounts"
    DELEGATIONS = "delegations"
    TOKENS = "tokens"
    FIRM = "firm"
    CORRECTIONS = "corrections"
    RATINGS = "ratings"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Made(Generic[Model]):
    """The answer to a request that made something: where it is now."""

    body: Model
    location: str
    """The path below the API's root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """An answer that is a file."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class SeeOther:
    """An answer that sends a browser on."""

    address: str


@dataclass(frozen=True, slots=True)
class Accepted(Generic[Model]):
    """The answer to a request for work that is done in the background: where to see how far it is."""

    body: Model
    location: str
    """The path below the API's root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A body that is a file, read as it comes; the handler says by its content what it is."""

    media_type: str
    stream: IO[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one path. `raises` are the errors of its service that the document names.

    `guarded_by` is the operation that shows what a write changes: `If-Match` is held against its entity tag; on other
    writes the header is refused. `secret` answers are not kept for repetition. Writes are `keyed`: they need an
    `Idempotency-Key`, but for those before anybody signed in.
    A file may `also` be of other media types.
    A read that `collects` fills tables of its own, which are gone with its transaction: that one is not read only.
    """

    id: str
    method: Method
    path: str
    tag: Tag
    handler: Handler
    summary: str
    description: str = ""
    status: HTTPStatus = HTTPStatus.OK
    path_model: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    uploads: Sequence[str] = ()
    answer: type[BaseModel] | None = None
    media_type: str = "application/json"
    also: Sequence[str] = ()
    raises: Sequence[type[PolicyMatchError]] = ()
    guarded_by: str = ""
    secret: bool = False
    keyed: bool = True
    collects: bool = False

    @property
    def is_known_by_body(self) -> bool:
        """Whether its body tells one request from another; a file whose digest is its path is known by that."""
        return self.keyed and not (self.uploads and self.method is Method.PUT)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method is Method.GET


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations of one module, collected by its decorator."""

    tag: Tag
    operations: list[Operation] = field(default_factory=list)

    def operation(
        self,
        method: Method,
        path: str,
        *,
        raises: Sequence[type[PolicyMatchError]] = (),
        guarded_by: str = "",
        secret: bool = False,
        keyed: bool = True,
        collects: bool = False,
        uploads: Sequence[str] = (),
        media_type: str = "application/json",
        also: Sequence[str] = (),
    ) -> Callable[[Handled], Handled]:
        """Make a function the handler of an operation; the first line of its docstring is the summary."""

        def collect(handler: Handled) -> Handled:
            hints = get_type_hints(handler)
            answer, status = _answer(hints.get("return"))
            summary, _, description = (inspect.getdoc(handler) or "").partition("\n")
            path_model: type[Query] | None = hints.get("path")
            body: type[Input] | None = hints.get("body")
            names = set(PARAMETER.findall(path))
            assert names == set(path_model.model_fields if path_model else ()), f"{path} and its model differ"
            assert body is None or method is not Method.GET, f"{path}: a GET has no body"
            self.operations.append(
                Operation(
                    id=handler.__name__,
                    method=method,
                    path=path,
                    tag=self.tag,
                    handler=handler,
                    summary=summary,
                    description=description.strip(),
                    status=status,
                    path_model=path_model,
                    query=hints.get("query"),
                    body=body,
                    uploads=uploads,
                    answer=answer,
                    media_type=media_type,
                    also=tuple(also),
                    raises=tuple(raises),
                    guarded_by=guarded_by,
                    secret=secret,
                    keyed=keyed,
                    collects=collects,
                )
            )
            return handler

        return collect


STATUS_OF: Mapping[Any, HTTPStatus] = {Made: HTTPStatus.CREATED, Accepted: HTTPStatus.ACCEPTED}


def _answer(hint: Any) -> tuple[type[BaseModel] | None, HTTPStatus]:
    """Return the model and the status of an answer."""
    if hint in (None, type(None)):
        return None, HTTPStatus.NO_CONTENT
    if hint is File:
        return None, HTTPStatus.OK
    if hint is SeeOther:
        return None, HTTPStatus.SEE_OTHER
    if get_origin(hint) in STATUS_OF:
        return get_args(hint)[0], STATUS_OF[get_origin(hint)]
    assert isinstance(hint, type) and issubclass(hint, BaseModel), f"{hint} is no model"
    return hint, HTTPStatus.OK
