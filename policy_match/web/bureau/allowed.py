"""What a person may do on a page beside what the page is for: links and forms that would be refused are not shown.

Guarantees that the table of access is asked, and nothing else; the refusal itself is the operation's.
"""

from dataclasses import replace

from policy_match.identity.principal import Reach
from policy_match.web.access import ACCESS
from policy_match.web.call import Call


def may(call: Call, operation: str) -> bool:
    """Return whether who asks may call an operation."""
    return ACCESS[operation].allows(call.principal)


def reaching(call: Call, operation: str) -> Call:
    """Return the call with the reach that who asks has for another operation, which must be allowed."""
    access = ACCESS[operation]
    assert access.allows(call.principal), f"ask whether {operation} is allowed first"
    return replace(call, reach=access.reach_of(call.principal))


def everywhere(call: Call, operation: str) -> bool:
    """Return whether who asks may call an operation that is for those who are limited to nothing."""
    return may(call, operation) and Reach() in reaching(call, operation).reach


def first_page(call: Call) -> Call:
    """Return the call without its cursor, for a list beside the one that the page goes through."""
    return replace(call, cursors=replace(call.cursors, given=None))
