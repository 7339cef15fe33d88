"""What the answers of gateways and robots mean: first the HTTP status, then the code that stands in the JSON.

Guarantees that a message counts as handed over only after a code that says so, whatever the status: a login page of a
network answers 200 too. What each code means is a table of its connector.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.notification_channels.https_client import Answer, NotSent
from policy_match.notices.messages import Outcome, SendResult
from policy_match.notices.result_codes import ResultCode

Json = Mapping[str, object]

_WORD = re.compile(r"-?[0-9]{1,6}|[A-Za-z][A-Za-z_-]{0,31}[0-9]{0,6}")

MALFORMED = SendResult(outcome=Outcome.REFUSED, code=ResultCode.ADDRESS_MALFORMED)
TOO_LONG = SendResult(outcome=Outcome.REFUSED, code=ResultCode.TOO_LONG)
LOST = SendResult(outcome=Outcome.LOST, code=ResultCode.NO_REPLY, provider_at_fault=True)

NOT_TAKEN: Mapping[int, ResultCode] = {
    401: ResultCode.NOT_AUTHORISED,
    403: ResultCode.NOT_AUTHORISED,
    407: ResultCode.NOT_AUTHORISED,
    429: ResultCode.RATE_LIMITED,
    503: ResultCode.BUSY,
}
"""Statuses that say that nothing was done, and why; every other below 500 says that we ask the wrong thing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a code means: its outcome, our word, and whether the provider is to blame."""

    outcome: Outcome
    code: ResultCode
    provider_at_fault: bool = False


def not_sent(error: NotSent) -> SendResult:
    """Return the result when there was no connection."""
    code = ResultCode.MISCONFIGURED if error.untrusted else ResultCode.PROVIDER_DOWN
    return SendResult(outcome=Outcome.RETRY, code=code, detail=error.detail, provider_at_fault=True)


def refused_status(answer: Answer) -> SendResult | None:
    """Return the result of a status that is not 200, `None` for 200.

    After a server's error (5xx but 503) nobody knows whether the message was taken before.
    """
    if answer.status == 200:
        return None
    detail = f"HTTP {answer.status}"
    if (answer.status >= 500 and answer.status not in NOT_TAKEN) or answer.status < 300:
        return SendResult(outcome=Outcome.LOST, code=ResultCode.NO_REPLY, detail=detail, provider_at_fault=True)
    code = NOT_TAKEN.get(answer.status, ResultCode.MISCONFIGURED)
    return SendResult(outcome=Outcome.RETRY, code=code, detail=detail, provider_at_fault=True)


def json_in(answer: Answer) -> Json | None:
    """Return the JSON object in an answer, `None` when there is none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def code_in(said: Json | None, name: str) -> int | str | None:
    """Return the code that an answer holds under a name, `None` when there is none: then nobody knows what it says."""
    code = None if said is None else said.get(name)
    return code if isinstance(code, int | str) and not isinstance(code, bool) else None


def refused_code(code: int | str, meanings: Mapping[int | str, Meaning]) -> SendResult:
    """Return the result of a code that is not success.

    A code that is not in the table says only that the provider calls it an error, so the message is tried again, a
    limited number of times. A code that is no short word or number is not shown: it may be anything.
    """
    detail = f"code {code}" if _WORD.fullmatch(str(code)) else "code unreadable"
    meaning = meanings.get(code)
    if meaning is None:
        return SendResult(outcome=Outcome.RETRY, code=ResultCode.UNKNOWN_CODE, detail=detail, provider_at_fault=True)
    return SendResult(
        outcome=meaning.outcome, code=meaning.code, detail=detail, provider_at_fault=meaning.provider_at_fault
    )
