"""The way of one request through the gates, to the operation and back.

Guarantees that nothing is done for somebody who may not, that what a write changed is kept together with its answer,
and that the same write with the same key changes nothing again. What is sent is read by `web.reading`, what an
operation does is its handler's.
"""

import hashlib
import json
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

from flask import Response, request

from policy_match.errors import Language
from policy_match.identity.access import Access
from policy_match.identity.principal import FirmUser, Staff
from policy_match.ports.actions import ActionRow, KeptAnswer
from policy_match.services.actions import answer_given, keep_action, take_turn
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.authenticator import Authenticator
from policy_match.web.call import Call, actor_of
from policy_match.web.cursors import Cursors
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.operation import Accepted, File, Made, Operation, SeeOther
from policy_match.web.problems import ConditionNotTaken, NotAllowed, NotSignedIn, TagDiffers
from policy_match.web.reading import given_to, key_of

JSON = "application/json"
API_ROOT = "/api/v1"
CONDITIONS = ("If-Match", "If-None-Match")
PAGE = ("cursor", "limit")
"""Parameters that may differ from page to page."""


def serve(
    operation: Operation,
    path: dict[str, str],
    desk: Desk,
    authenticator: Authenticator,
    language: Language,
    request_id: str,
) -> Response:
    """Answer one request. Raises a `PolicyMatchError` for what is refused."""
    access = ACCESS[operation.id]
    with desk.database.request_work(read_only=operation.reads and not operation.collects) as work:
        call = admitted(operation, access, desk, authenticator, work, language, request_id)
        _check_headers(operation)
        given = given_to(operation, path, request)
        if operation.reads:
            return _answer(operation, operation.handler(call, **given))
        key = key_of(request) if operation.keyed else None
        digest = None if key is None else _digest(operation, desk)
        if key is not None and digest is not None:
            before = answer_given(work, actor_of(call.who), key, digest)
            if before is not None:
                return _again(before)
        if isinstance(call.principal, FirmUser):
            work.act_as_firm(call.principal.uscc)
        if operation.guarded_by:
            _check_tag(operation, call, given)
        answered = _answer(operation, operation.handler(call, **given))
        work.act_as_service()
        if call.principal is not None:
            keep(call, None if operation.secret else answered, answered.status_code, key, digest)
        work.commit()
    return answered


class Asked(Protocol):
    """An operation, or a page."""

    @property
    def id(self) -> str:
        """Its name in the table of access."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""


def admitted(
    asked: Asked,
    access: Access,
    desk: Desk,
    authenticator: Authenticator,
    work: RequestWork,
    language: Language,
    request_id: str,
) -> Call:
    """Find out who asks, and let him in if the table says so. Raises `NotSignedIn`, `NotAllowed`."""
    principal = authenticator.principal(request, work)
    if not access.allows(principal):
        if isinstance(principal, Staff) and not asked.reads:
            _keep_refusal(asked, desk, work, principal, request_id)
        raise NotSignedIn if principal is None else NotAllowed
    if asked.reads and isinstance(principal, FirmUser):
        work.act_as_firm(principal.uscc)
    about = json.dumps([asked.id, sorted(each for each in request.args.items(True) if each[0] not in PAGE)])
    return Call(
        desk=desk,
        database=work,
        principal=principal,
        reach=access.reach_of(principal),
        language=language,
        request_id=request_id,
        asked=asked.id,
        address=request.path,
        cursors=Cursors(about, request.args.get("cursor")),
    )


def _digest(operation: Operation, desk: Desk) -> bytes:
    """Return the mark of what is asked for: operation, address, and the body as sent, unless the address says it.

    Under a key of ours, as a plain hash of few digits, such as those of an account, could be guessed.
    """
    asked = hashlib.sha256(json.dumps([operation.id, request.path, request.query_string.decode("latin-1")]).encode())
    if operation.is_known_by_body:
        asked.update(request.get_data())
    return bytes.fromhex(desk.identity.sealer.mark(asked.hexdigest()))


def _check_headers(operation: Operation) -> None:
    """Refuse a write under a condition that would not be looked at. Raises `ConditionNotTaken`."""
    if operation.reads:
        return
    taken = ("If-Match",) if operation.guarded_by else ()
    for header in CONDITIONS:
        if header in request.headers and header not in taken:
            raise ConditionNotTaken(header=header)


def _check_tag(operation: Operation, call: Call, given: dict[str, Any]) -> None:
    """Refuse when what the sender saw is not what is there (RFC 9110, 13.1.1). Raises `TagDiffers`.

    Until the transaction ends nobody else does the same there, with the header or without.
    """
    firm = call.principal.uscc if isinstance(call.principal, FirmUser) else ""
    take_turn(call.database, f"{operation.id} {request.path} {firm}")
    if "If-Match" not in request.headers:
        return
    guard = next(each for each in OPERATIONS if each.id == operation.guarded_by)
    asked = {name: given[name] for name in ("path",) if name in given}
    asked |= {} if guard.query is None else {"query": guard.query()}
    seen = _answer(guard, guard.handler(call, **asked))
    if not request.if_match.contains(seen.get_etag()[0] or ""):
        raise TagDiffers


def keep(call: Call, answered: Response | None, status: int, key: str | None, digest: bytes | None) -> None:
    """Keep what was done, with the answer for whoever sends the same again; `None` where it holds a secret."""
    kept = None
    if answered is not None and key is not None:
        location = answered.headers.get("Location", "")
        kept = KeptAnswer(status=status, location=location, body=answered.get_data())
    keep_action(call.database, call.action(status, key, digest), kept)


def _keep_refusal(asked: Asked, desk: Desk, work: RequestWork, principal: Staff, request_id: str) -> None:
    """Keep what a member of staff tried and may not."""
    row = ActionRow(
        request_id=UUID(request_id),
        at=desk.clock.now(),
        actor=actor_of(principal),
        operation=asked.id,
        path=request.path,
        status=HTTPStatus.FORBIDDEN,
    )
    keep_action(work, row, None)
    work.commit()


def _again(before: KeptAnswer) -> Response:
    answer = Response(before.body, status=before.status, mimetype=JSON if before.body else None)
    if before.location:
        answer.headers["Location"] = before.location
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _answer(operation: Operation, found: Any) -> Response:
    """Return the answer with its entity tag; `If-None-Match` saves sending it again."""
    if found is None:
        return Response(status=HTTPStatus.NO_CONTENT)
    if isinstance(found, File):
        answer = Response(found.content, mimetype=found.media_type)
        answer.headers.set("Content-Disposition", "attachment", filename=found.name)
        return answer
    if isinstance(found, SeeOther):
        return Response(status=operation.status, headers={"Location": found.address})
    location = None
    if isinstance(found, Made | Accepted):
        found, location = found.body, found.location
    answer = Response(found.model_dump_json(), status=operation.status, mimetype=operation.media_type)
    if location is not None:
        answer.headers["Location"] = API_ROOT + location
    if operation.reads:
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)
    return answer
