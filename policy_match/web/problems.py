"""Problem details (RFC 9457): how every refusal looks.

Guarantees one line that says what is wrong, where, and what to do next, in the language asked for, and a stable code.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field, ValidationError

from policy_match.errors import InputError, Language, PolicyMatchError

MEDIA_TYPE = "application/problem+json"
PROBLEMS = "/api/v1/problems"
"""Where the page is on which every code is explained; each has its place there."""

MOST_PLACES = 20


class Place(BaseModel):
    """One wrong place of a request."""

    where: Annotated[str, Field(description="a JSON pointer into the body (RFC 6901), or the name of a parameter")]
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: Annotated[str, Field(description="where the code is explained")]
    title: str
    status: int
    detail: Annotated[str, Field(description="what is wrong, where, and what to do next")]
    instance: Annotated[str, Field(description="the id of the request, for asking about it")]
    code: Annotated[str, Field(description="stable, for programs")]
    retry_helps: Annotated[bool, Field(description="whether the same request may be answered later")] = False
    places: list[Place] = []


class RequestError(InputError):
    """The request is not one that the operation takes."""

    code = "request"
    http_status = 400


class BodyUnreadable(RequestError):
    """Not JSON in UTF-8, or nested too deeply."""

    code = "request.body"
    english = "the body is not JSON in UTF-8, or too deeply nested; correct it"
    chinese = "请求体不是 UTF-8 编码的 JSON，或嵌套过深；请更正"


class WrongMediaType(RequestError):
    """A body of another kind."""

    code = "request.media-type"
    http_status = 415
    english = "send the body as {wanted}"
    chinese = "请以 {wanted} 格式发送请求体"


class WrongFields(RequestError):
    """Fields or parameters that do not fit."""

    code = "request.fields"
    http_status = 422
    english = "{count} place(s) of the request do not fit, see `places`; correct them"
    chinese = "请求中有 {count} 处不符合要求，见 places；请更正"

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places)
        super().__init__(count=len(self.places))


class KeyMissing(RequestError):
    """A write without a key."""

    code = "request.key-missing"
    english = "send an Idempotency-Key with every write: a new one for each new request, the same when you repeat it"
    chinese = "写操作须带 Idempotency-Key：每个新请求用新的键，重试时用原来的键"


class KeyUnfit(RequestError):
    """Not a key."""

    code = "request.key-unfit"
    english = "the Idempotency-Key has 1 to 255 visible ASCII characters without spaces, for example a UUID"
    chinese = "Idempotency-Key 应为 1 至 255 个可见 ASCII 字符，不含空格，例如 UUID"


class TagDiffers(RequestError):
    """Somebody else changed it since it was read."""

    code = "request.changed"
    http_status = 412
    english = "this was changed since you read it; look at it again, then decide"
    chinese = "内容在您查看之后已发生变化；请重新查看后再决定"


class ConditionNotTaken(RequestError):
    """A write under a condition that its operation does not check; to ignore it would lose what others wrote."""

    code = "request.condition"
    english = "this operation does not take {header}; look at the thing itself, and send the request without the header"
    chinese = "此操作不支持 {header}；请先查看当前内容，再去掉该请求头重新发送"


class NotSignedIn(RequestError):
    """Nobody known asks."""

    code = "access.sign-in"
    http_status = 401
    english = "sign in first, or send a valid token"
    chinese = "请先登录，或提供有效的令牌"


class NotAllowed(RequestError):
    """The principal may not."""

    code = "access.refused"
    http_status = 403
    english = "you may not do this; ask an administrator which role it needs"
    chinese = "您无权进行此操作；所需角色请咨询系统管理员"


class NotFound(RequestError):
    """No such path."""

    code = "request.not-found"
    http_status = 404
    english = "there is nothing at this address; see /api/v1/openapi.json"
    chinese = "该地址不存在；请见 /api/v1/openapi.json"


class WrongMethod(RequestError):
    """The path takes other methods."""

    code = "request.method"
    http_status = 405
    english = "this address does not take the method; use one of those in `Allow`"
    chinese = "该地址不支持此方法；请使用 Allow 中列出的方法"


class TooLarge(RequestError):
    """The body is larger than is taken."""

    code = "request.too-large"
    http_status = 413
    english = "the body is larger than {most} bytes; send less"
    chinese = "请求体超过 {most} 字节；请缩小后重试"


class Failed(PolicyMatchError):
    """A mistake of ours; the log knows more."""

    code = "internal"
    http_status = 500
    english = "the service made a mistake; tell the operators the `instance`"
    chinese = "服务内部出错；请将 instance 告知运维人员"


def problem(error: PolicyMatchError, language: Language, request_id: str) -> Response:
    """Return the refusal that an error is."""
    status = HTTPStatus(error.http_status)
    body = Problem(
        type=f"{PROBLEMS}#{error.code}",
        title=status.phrase,
        status=status,
        detail=error.message(language),
        instance=f"urn:uuid:{request_id}",
        code=error.code,
        retry_helps=error.retry_helps,
        places=list(error.places) if isinstance(error, WrongFields) else [],
    )
    return Response(body.model_dump_json(), status=status, mimetype=MEDIA_TYPE)


def places_of(error: ValidationError, root: str) -> list[Place]:
    """Return where a request does not fit; what was sent is not repeated."""
    return [
        Place(where=root + "".join(f"/{part}" for part in each["loc"]), detail=each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_PLACES]
    ]
