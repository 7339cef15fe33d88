"""Refusals of what is no request: not HTTP, too long in the head, or too slow.

Guarantees that whatever gunicorn cannot read has a refusal of ours.
"""

from gunicorn.http import errors as http

from policy_match.web.problems import Failed, RequestError


class TooSlow(RequestError):
    """The request did not come within its time."""

    code = "request.too-slow"
    http_status = 408
    retry_helps = True
    english = "the request did not arrive in time; send it again over a better connection"
    chinese = "请求未在规定时间内传送完毕；请在网络良好时重新发送"


class HeadUnreadable(RequestError):
    """The head of the request is not what HTTP says (RFC 9112)."""

    code = "request.head"
    english = "the request line or a header is not HTTP/1.1; correct it"
    chinese = "请求行或请求头不符合 HTTP/1.1；请更正"


class HeadTooLarge(RequestError):
    """The headers are too many or too long."""

    code = "request.head-too-large"
    http_status = 431
    english = "the headers are too many or too long; send fewer"
    chinese = "请求头过多或过长；请减少后重试"


class AddressTooLong(RequestError):
    """The request line is too long."""

    code = "request.address-too-long"
    http_status = 414
    english = "the address is too long; send less in it"
    chinese = "请求地址过长；请缩短后重试"


class LengthMissing(RequestError):
    """A body that does not say how long it is (RFC 9110, 15.5.12).

    One that goes on past the limit would be cut there by what reads it. Proxies that buffer say the length.
    """

    code = "request.length"
    http_status = 411
    english = "say the length of the body in `Content-Length`; bodies in chunks are not taken"
    chinese = "请在 Content-Length 中注明请求体长度；不接受分块传输的请求体"


OUR_FAULT = (http.InvalidResponseHeader, http.InvalidResponseHeaderName, http.ConfigurationProblem)


def refusal_of(error: BaseException) -> RequestError | Failed:
    """Return the refusal of a request that could not be read; `Failed` when the fault is ours."""
    if isinstance(error, RequestError):
        return error
    if not isinstance(error, http.ParseException) or isinstance(error, OUR_FAULT):
        return Failed()
    if isinstance(error, http.LimitRequestLine):
        return AddressTooLong()
    return HeadTooLarge() if isinstance(error, http.LimitRequestHeaders) else HeadUnreadable()
