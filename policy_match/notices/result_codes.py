"""Why a channel did not take a message, or why a message came back: the same words for every channel.

Guarantees that a code is stable, so that it may be stored, counted and acted on. Which reply of which provider means
which code is a table of its connector.
"""

from enum import StrEnum


class ResultCode(StrEnum):
    """What a channel said, in our words. An accepted message has no code."""

    # about the address
    NO_SUCH_ADDRESS = "no_such_address"
    ADDRESS_MALFORMED = "address_malformed"
    RECIPIENT_BLOCKED = "recipient_blocked"
    MAILBOX_FULL = "mailbox_full"
    UNREACHABLE = "unreachable"
    RECIPIENT_REFUSED = "recipient_refused"
    # about the message
    CONTENT_REFUSED = "content_refused"
    TOO_LONG = "too_long"
    KEY_REUSED = "key_reused"
    # about the provider
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    PROVIDER_DOWN = "provider_down"
    NOT_AUTHORISED = "not_authorised"
    MISCONFIGURED = "misconfigured"
    UNKNOWN_CODE = "unknown_code"
    # nobody knows
    NO_REPLY = "no_reply"


ADDRESS_IS_BAD = frozenset({ResultCode.NO_SUCH_ADDRESS, ResultCode.ADDRESS_MALFORMED, ResultCode.RECIPIENT_BLOCKED})
"""After these, in a result or in a receipt, nothing more is to be sent to that address through that channel."""
