"""What stands around every request: its id, how often one may ask, the log, figures, and careful headers.

Guarantees one line of log and one count for each request, and an id in every answer. Who may do what is left to
`gates`; whom a proxy may speak for, to `proxies`.
"""

import logging
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from flask import Request, Response, g, request

from policy_match.errors import PolicyMatchError, SettingError, SeveralMistakes, StorageError
from policy_match.identity.principal import FirmUser, Machine, Principal, Staff
from policy_match.services.attempts import TooHasty
from policy_match.web.authenticator import Authenticator
from policy_match.web.desk import RequestWork
from policy_match.web.foreign import check_site
from policy_match.web.form_text import check_text
from policy_match.web.headers import make_careful
from policy_match.web.health import LIVE, READY
from policy_match.web.metrics import Metrics
from policy_match.web.problems import Place, WrongFields
from policy_match.web.proxies import REQUEST_ID
from policy_match.web.rate_limits import RateLimits, TooManyRequests, check, tell
from policy_match.web.unreadable import LengthMissing
from policy_match.web_settings import LimitSettings

RETRY_SECONDS = 2
"""When to ask again after the database was busy."""

NUL = b"%00"
UNCOUNTED = (LIVE, READY)
"""Asked for by proxies and by whatever restarts processes, from addresses that others share."""

log = logging.getLogger("policy_match.web")


class Unavailable(StorageError):
    """Database or settings do not serve now. What they say of themselves names machines, files and variables."""

    code = "service.unavailable"
    english = "the service cannot answer just now; nothing was kept: try again in a moment"
    chinese = "服务暂时无法响应，本次未保存任何内容；请稍后重试"


class PoolUse(Protocol):
    """How a pool of connections stands."""

    @property
    def in_use(self) -> int:
        """Connections in use."""

    @property
    def waiting(self) -> int:
        """Who waits for one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """Watches over the requests of one process. Without `rates` and `metrics` nobody is counted."""

    seconds: Callable[[], float]
    limits: LimitSettings = field(default_factory=LimitSettings)
    rates: RateLimits | None = None
    metrics: Metrics | None = None
    pool_use: Callable[[], PoolUse] | None = None

    def begin(self) -> None:
        """Give the request its id, and refuse what comes too often, from another site, or cannot be read to its end.

        Raises `TooManyRequests`, `LengthMissing`, `NotUtf8`, `WrongFields`, `ForeignSite`.
        """
        g.begun = self.seconds()
        g.request_id = request.environ.get(REQUEST_ID) or str(uuid.uuid4())
        if self.rates is not None and request.path not in UNCOUNTED:
            check(self.rates.of_address(request.remote_addr or ""))
        if "Transfer-Encoding" in request.headers:
            raise LengthMissing
        check_text(request.query_string)
        if NUL in request.query_string:
            raise WrongFields([Place(where="", detail="a parameter holds a NUL character")])
        check_site(request)

    def end(self, response: Response) -> Response:
        """Finish the answer, count it and log it."""
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
        make_careful(request, response)
        tell(response)
        self._count(request.endpoint or "none", response.status_code)
        return response

    def _count(self, operation: str, status: int) -> None:
        seconds = self.seconds() - g.begun
        if self.metrics is not None:
            self.metrics.count(operation, status, seconds)
            if self.pool_use is not None:
                use = self.pool_use()
                self.metrics.tell_pool(use.in_use, use.waiting)
        fields = {
            "id": g.request_id,
            "operation": operation,
            "method": request.method,
            "status": status,
            "ms": math.ceil(seconds * 1000),
            "who": g.get("who", "nobody"),
        }
        log.info("request", extra={"fields": {**fields, **({"why": g.why} if "why" in g else {})}})


class Known:
    """Finds out who asks, notes of which kind he is, and lets nobody ask too often."""

    def __init__(self, authenticator: Authenticator, rates: RateLimits | None) -> None:
        self._authenticator = authenticator
        self._rates = rates

    def principal(self, request: Request, work: RequestWork) -> Principal | None:
        """Return who asks. Raises `TooManyRequests`, and what the authenticator raises."""
        found = self._authenticator.principal(request, work)
        if found is None:
            return None
        g.who, g.principal = kind_of(found), found
        if self._rates is not None:
            check(self._rates.of_principal(found))
        return found


def kind_of(principal: Principal) -> str:
    """Return what the log says of a principal."""
    match principal:
        case Staff():
            return "staff"
        case FirmUser():
            return "firm"
        case Machine():
            return "machine"


def shown(error: PolicyMatchError) -> PolicyMatchError:
    """Return the error as it is told outside; what database and settings say of themselves stays within."""
    g.why = error.code
    return Unavailable() if _is_inner(error) else error


def _is_inner(error: PolicyMatchError) -> bool:
    match error:
        case SettingError():
            return True
        case StorageError():
            return error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
        case SeveralMistakes():
            return any(map(_is_inner, error.mistakes))
    return False


def say_when(error: PolicyMatchError, response: Response) -> None:
    """Say when to ask again, where that helps."""
    if isinstance(error, TooManyRequests | TooHasty):
        response.headers["Retry-After"] = str(error.fields["seconds"])
    elif error.http_status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
