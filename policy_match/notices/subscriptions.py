"""What a firm may choose to hear or not: news of what it asked for itself, and reminders that start no time limit.

Guarantees that whatever moves money, takes something away or starts a time limit is on no list and always comes. The
choice is a preference; that it is followed is `services.prepare_notices`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from policy_match.cases.model import NoticeKind
from policy_match.cases.words import Words
from policy_match.policy.model import Benefit


class Subscription(StrEnum):
    """What comes unless a firm says that it does not want it."""

    LICENCES = "licences"
    CORRECTIONS = "corrections"
    RATINGS = "ratings"
    SUGGESTIONS = "suggestions"


SUBSCRIPTION_WORDS: Mapping[Subscription, Words] = MappingProxyType(
    {
        Subscription.LICENCES: Words("证照到期提醒", "reminders of licences that end"),
        Subscription.CORRECTIONS: Words("数据更正申请的答复", "answers to requests to correct facts"),
        Subscription.RATINGS: Words("评价的答复", "answers to our ratings"),
        Subscription.SUGGESTIONS: Words("政策建议的处理结果", "what becomes of our suggestions"),
    }
)

OF_KIND: Mapping[NoticeKind, Subscription] = MappingProxyType(
    {
        NoticeKind.CORRECTION_ANSWERED: Subscription.CORRECTIONS,
        NoticeKind.RATING_ANSWERED: Subscription.RATINGS,
        NoticeKind.SUGGESTION_DECIDED: Subscription.SUGGESTIONS,
    }
)


def may_depend_on_benefit(kind: NoticeKind) -> bool:
    """Return whether only the policy says if the notice is of a choice: of a licence, or of money to claim."""
    return kind is NoticeKind.INFORMATION


def subscription_of(kind: NoticeKind, benefit: Benefit | None) -> Subscription | None:
    """Return the choice that a notice falls under, `None` for what always comes. `benefit` is that of its policy."""
    if may_depend_on_benefit(kind):
        return Subscription.LICENCES if benefit is Benefit.REMINDER else None
    return OF_KIND.get(kind)
