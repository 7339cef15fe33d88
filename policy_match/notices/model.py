"""The words of notices: whom, what, through which channel, and how far it got.

Guarantees only the words and that a word means one thing. Which step follows which is `transitions`; wording is
`template`; choosing channels is `channel_choice`; sending is a channel's work in `connectors`.
"""

from enum import StrEnum
from typing import NewType

NoticeId = NewType("NoticeId", int)
DeliveryId = NewType("DeliveryId", int)

FIRM_PREFIX = "firm:"
"""A recipient is `firm:<credit code>` or the account of a member of staff."""


class Channel(StrEnum):
    """The ways to a recipient. The inbox is that of the portal and always gets everything."""

    INBOX = "inbox"
    EMAIL = "email"
    SMS = "sms"
    WECHAT_WORK = "wechat_work"
    DINGTALK = "dingtalk"
    LETTER = "letter"


class NoticeStatus(StrEnum):
    """How far a notice got. *Reached* means handed over by a channel that leaves the portal, or read in it."""

    DUE = "due"
    HELD = "held"
    OPEN = "open"
    REACHED = "reached"
    UNREACHED = "unreached"
    OVERTAKEN = "overtaken"


class NoticeEvent(StrEnum):
    """What happens to a notice. `prepare` writes its text; `hold` says why it cannot be written.

    `overtake`: what it would say is no longer so. `fail`: no channel is left. `relapse`: what was handed over came
    back. `reopen`: there is a new way to the recipient.
    """

    PREPARE = "prepare"
    HOLD = "hold"
    OVERTAKE = "overtake"
    REACH = "reach"
    FAIL = "fail"
    RELAPSE = "relapse"
    REOPEN = "reopen"


class DeliveryStatus(StrEnum):
    """What is known of one delivery: one notice through one provider to one address.

    *Unknown*: the reply was lost and the channel cannot promise that sending again is no second message.
    *Unconfirmed*: handed over, and no receipt came in the time in which one should.
    """

    WAITING = "waiting"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    """What happens to a delivery. The first nine are ours, the last three the recipient's side.

    `retry`: refused for now, try again later. `repeat`: nobody knows whether it was sent; send it again.
    `release`: taken to be sent, and not sent after all. `give_up`: nobody knows, and it is not sent again. `fail`: it
    will never be sent, or a person found that it did not arrive. `expire`: no receipt in time.
    """

    SEND = "send"
    HAND_OVER = "hand_over"
    RETRY = "retry"
    REPEAT = "repeat"
    RELEASE = "release"
    GIVE_UP = "give_up"
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"
    DELIVER = "deliver"
    READ = "read"
    BOUNCE = "bounce"
