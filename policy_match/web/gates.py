"""The way of one request through the gates, to the operation and back.

Guarantees that nothing is done for somebody who may not, that what a write changed is kept together with its answer,
and that the same write with the same key changes nothing again. What is sent is read by `web.reading`, what an
operation does is its handler's.
"""

import hashlib
import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request

from policy_match.errors import Language
from policy_match.identity.principal import FirmUser, Principal, Staff
from policy_match.ports.actions import ActionRow, Actor, KeptAnswer
from policy_match.services.actions import answer_given, keep_action
from policy_match.web.access import ACCESS
from policy_match.web.api.v1 import OPERATIONS
from policy_match.web.authenticator import Authenticator
from policy_match.web.call import Call
from policy_match.web.cursors import Cursors
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.operation import File, Made, Operation
from policy_match.web.problems import NotAllowed, NotSignedIn, TagDiffers
from policy_match.web.reading import given_to, key_of

JSON = "application/json"
API_ROOT = "/api/v1"
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
    with desk.database.request_work(read_only=operation.reads) as work:
        call = _call(operation, desk, authenticator, work, language, request_id)
        given = given_to(operation, path, request)
        if operation.reads:
            return _answer(operation, operation.handler(call, **given))
        key = key_of(request) if operation.keyed else None
        digest = None if key is None else _digest(operation)
        if key is not None and digest is not None:
            before = answer_given(work, _actor(call.who), key, digest)
            if before is not None:
                return _again(before)
        if operation.guarded_by and "If-Match" in request.headers:
            _check_tag(operation, call, given)
        if isinstance(call.principal, FirmUser):
            work.act_as_firm(call.principal.uscc)
        answered = _answer(operation, operation.handler(call, **given))
        work.act_as_service()
        if call.principal is not None:
            _keep(operation, call, answered, key, digest)
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
        if isinstance(principal, Staff) and not operation.reads:
            _keep_refusal(operation, desk, work, principal, request_id)
        raise NotSignedIn if principal is None else NotAllowed
    if operation.reads and isinstance(principal, FirmUser):
        work.act_as_firm(principal.uscc)
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


def _actor(principal: Principal) -> Actor:
    return Actor(by=principal.actor, account=principal.user if isinstance(principal, FirmUser) else "")


def _digest(operation: Operation) -> bytes:
    """Return the SHA-256 of what is asked for: operation, address, and the body as it was sent, but for uploads."""
    asked = hashlib.sha256(json.dumps([operation.id, request.path, request.query_string.decode("latin-1")]).encode())
    if not operation.uploads:
        asked.update(request.get_data())
    return asked.digest()


def _check_tag(operation: Operation, call: Call, given: dict[str, Any]) -> None:
    """Refuse when what the sender saw is not what is there (RFC 9110, 13.1.1). Raises `TagDiffers`."""
    guard = next(each for each in OPERATIONS if each.id == operation.guarded_by)
    asked = {"path": given["path"], **({} if guard.query is None else {"query": guard.query()})}
    seen = _answer(guard, guard.handler(call, **asked))
    if not request.if_match.contains(seen.get_etag()[0] or ""):
        raise TagDiffers


def _keep(operation: Operation, call: Call, answered: Response, key: str | None, digest: bytes | None) -> None:
    location = answered.headers.get("Location", "")
    kept = KeptAnswer(status=answered.status_code, location=location, body=answered.get_data())
    row = ActionRow(
        request_id=UUID(call.request_id),
        at=call.now,
        actor=_actor(call.who),
        operation=operation.id,
        path=request.path,
        status=answered.status_code,
        key=key,
        request_digest=digest,
    )
    keep_action(call.database, row, None if operation.secret or key is None else kept)


def _keep_refusal(operation: Operation, desk: Desk, work: RequestWork, principal: Staff, request_id: str) -> None:
    """Keep what a member of staff tried and may not."""
    row = ActionRow(
        request_id=UUID(request_id),
        at=desk.clock.now(),
        actor=_actor(principal),
        operation=operation.id,
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
    location = None
    if isinstance(found, Made):
        found, location = found.body, found.location
    answer = Response(found.model_dump_json(), status=operation.status, mimetype=JSON)
    if location is not None:
        answer.headers["Location"] = API_ROOT + location
    if operation.reads:
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)
    return answer
