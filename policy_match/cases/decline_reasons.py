"""Why firms decline, as few reasons as can be told apart; the firm's own words are kept beside them.

Guarantees only the words. A firm that names none of them has declined all the same: then the reason is not known.
"""

from collections.abc import Mapping
from enum import StrEnum

from policy_match.cases.words import Words


class DeclineReason(StrEnum):
    """Why a firm does not want a benefit."""

    HAD_ELSEWHERE = "had_elsewhere"
    TOO_SMALL = "too_small"
    CONDITIONS = "conditions"
    WRONG_DATA = "wrong_data"
    OTHER = "other"


DECLINE_REASON_WORDS: Mapping[DeclineReason, Words] = {
    DeclineReason.HAD_ELSEWHERE: Words("已享受其他同类政策", "had it from elsewhere"),
    DeclineReason.TOO_SMALL: Words("金额太小", "the amount is too small"),
    DeclineReason.CONDITIONS: Words("附带条件不合适", "the conditions do not suit"),
    DeclineReason.WRONG_DATA: Words("所依据数据不是本企业情况", "the data are not this firm's"),
    DeclineReason.OTHER: Words("其他", "another reason"),
}
