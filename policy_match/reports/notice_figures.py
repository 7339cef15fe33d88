"""What is counted of notices to firms and of the tries to reach them.

Guarantees that a notice is in one status, and that a delivery is taken, failed, unknown, cancelled or on its way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.cases.words import Words
from policy_match.notices.model import DeliveryStatus
from policy_match.notices.words import STATUS_WORDS


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryCount:
    """A figure on the tries to reach firms: deliveries in one of these statuses, or those that may have come twice."""

    name: str
    words: Words
    meaning: Words
    statuses: frozenset[DeliveryStatus]
    twice: bool = False


ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ})
TAKEN = ARRIVED | {DeliveryStatus.HANDED_OVER, DeliveryStatus.BOUNCED, DeliveryStatus.UNCONFIRMED}
ON_THE_WAY = frozenset({DeliveryStatus.WAITING, DeliveryStatus.SENDING})

DELIVERY_COUNTS: Sequence[DeliveryCount] = (
    DeliveryCount(
        name="deliveries",
        words=Words("投递", "deliveries"),
        meaning=Words("每件通知、每个渠道、每个地址一次", "one per notice, provider and address"),
        statuses=frozenset(DeliveryStatus),
    ),
    DeliveryCount(
        name="handed_over",
        words=Words("已交出", "handed over"),
        meaning=Words("服务商已接收，含此后到达、已阅、退回的", "the provider took it, whatever became of it then"),
        statuses=TAKEN,
    ),
    DeliveryCount(
        name="delivered",
        words=Words("已到达", "delivered"),
        meaning=Words("服务商回执已到达，含已阅", "the provider says that it arrived; those read included"),
        statuses=ARRIVED,
    ),
    DeliveryCount(
        name="read",
        words=Words("已阅", "read"),
        meaning=Words("企业已阅", "the firm read it"),
        statuses=frozenset({DeliveryStatus.READ}),
    ),
    DeliveryCount(
        name="bounced",
        words=Words("被退回", "bounced"),
        meaning=Words("交出后被退回", "it came back"),
        statuses=frozenset({DeliveryStatus.BOUNCED}),
    ),
    DeliveryCount(
        name="unconfirmed",
        words=Words("未获回执", "unconfirmed"),
        meaning=Words("交出后期限内没有回执", "handed over, and no receipt in time"),
        statuses=frozenset({DeliveryStatus.UNCONFIRMED}),
    ),
    DeliveryCount(
        name="failed",
        words=Words("失败", "failed"),
        meaning=Words("不会再发送", "it will never be sent"),
        statuses=frozenset({DeliveryStatus.FAILED}),
    ),
    DeliveryCount(
        name="unknown",
        words=Words("结果未知", "unknown"),
        meaning=Words("回复丢失，可能到达也可能没有", "the reply was lost: it may have arrived or not"),
        statuses=frozenset({DeliveryStatus.UNKNOWN}),
    ),
    DeliveryCount(
        name="cancelled",
        words=Words("已取消", "cancelled"),
        meaning=Words("发送前已无必要", "not needed any more before it was sent"),
        statuses=frozenset({DeliveryStatus.CANCELLED}),
    ),
    DeliveryCount(
        name="on_the_way",
        words=Words("待发送", "to be sent"),
        meaning=Words("待发送或正在发送", "waiting for its time, or being sent"),
        statuses=ON_THE_WAY,
    ),
    DeliveryCount(
        name="possible_duplicates",
        words=Words("可能重复", "possible duplicates"),
        meaning=Words(
            "结果不明而再次发送的，服务商不能保证不重复",
            "sent again while nobody knew, where the provider cannot promise",
        ),
        statuses=frozenset(),
        twice=True,
    ),
)
"""Figures by channel and provider. Those taken, failed, unknown, cancelled and on the way make up all deliveries."""

NOTICE_COUNTS: Sequence[tuple[str, Words]] = (
    ("notices", Words("通知", "notices")),
    *((status.value, words) for status, words in STATUS_WORDS.items()),
)
"""Figures by kind of notice: all, and how far they got; each is in exactly one status."""
