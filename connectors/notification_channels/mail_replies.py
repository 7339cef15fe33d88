"""What the replies of mail servers mean: RFC 5321 reply codes with the enhanced status codes of RFC 3463.

Guarantees that only codes that clearly speak of the address do so in our words, since an address is given up after
them. The text of a reply is never used: servers repeat addresses in it.
"""

import re
from collections.abc import Mapping

from policy_match.notices.messages import Outcome, SendResult
from policy_match.notices.result_codes import ResultCode

SERVICE_CLOSING = 421

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")

STATUS_CODES: Mapping[str, ResultCode] = {
    "1.1": ResultCode.NO_SUCH_ADDRESS,  # no such mailbox
    "1.2": ResultCode.NO_SUCH_ADDRESS,  # no such domain
    "1.3": ResultCode.NO_SUCH_ADDRESS,  # not an address
    "1.6": ResultCode.NO_SUCH_ADDRESS,  # moved, nobody says where to
    "1.10": ResultCode.NO_SUCH_ADDRESS,  # the domain takes no mail (RFC 7505)
    "2.1": ResultCode.RECIPIENT_REFUSED,  # the mailbox is closed
    "2.2": ResultCode.MAILBOX_FULL,
    "2.3": ResultCode.TOO_LONG,
    "3.4": ResultCode.TOO_LONG,
    "4.7": ResultCode.UNREACHABLE,  # the relay gave up after its days
    "4.4": ResultCode.UNREACHABLE,
    "4.1": ResultCode.UNREACHABLE,
}
"""Subject and detail of an enhanced status code; what is not listed is told by its kind alone."""


def status_in(text: str) -> str:
    """Return the enhanced status code with which a text begins, such as `5.1.1`; empty without one."""
    found = _STATUS.match(text)
    return found[0] if found else ""


def code_of_status(status: str, otherwise: ResultCode) -> ResultCode:
    """Return our code for an enhanced status code."""
    return STATUS_CODES.get(status.partition(".")[2], otherwise)


def refused_sender(reply: int, status: str) -> SendResult:
    """Return the result when MAIL, DATA or the login is refused: nothing is wrong with the recipient."""
    passing = 400 <= reply < 500
    return SendResult(
        outcome=Outcome.RETRY,
        code=ResultCode.BUSY if passing else ResultCode.MISCONFIGURED,
        detail=_detail(reply, status),
        provider_at_fault=True,
    )


def refused_recipient(reply: int, status: str) -> SendResult:
    """Return the result when RCPT is refused. Policy (5.7.x) is the server's, and 421 says that it is closing."""
    passing = 400 <= reply < 500
    return SendResult(
        outcome=Outcome.RETRY if passing else Outcome.REFUSED,
        code=ResultCode.BUSY if passing else code_of_status(status, ResultCode.RECIPIENT_REFUSED),
        detail=_detail(reply, status),
        provider_at_fault=reply == SERVICE_CLOSING or status.startswith("5.7."),
    )


def refused_content(reply: int, status: str) -> SendResult:
    """Return the result when the mail was read to its end and not taken."""
    passing = 400 <= reply < 500
    return SendResult(
        outcome=Outcome.RETRY if passing else Outcome.REFUSED,
        code=ResultCode.BUSY if passing else code_of_status(status, ResultCode.CONTENT_REFUSED),
        detail=_detail(reply, status),
        provider_at_fault=passing,
    )


def _detail(reply: int, status: str) -> str:
    return f"SMTP {reply} {status}".rstrip()
