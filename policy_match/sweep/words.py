"""What decisions, truths and changes between sweeps are called, in Chinese and English.

Guarantees a word in both languages for each of them; what they mean is said where they are defined.
"""

from collections.abc import Mapping

from policy_match.cases.words import Words
from policy_match.policy.cases import Expected
from policy_match.sweep.difference import Presence, Transition
from policy_match.sweep.match import Match
from policy_match.values import Outcome, Truth

OUTCOME_WORDS: Mapping[Outcome, Words] = {
    Outcome.ELIGIBLE: Words("符合", "eligible"),
    Outcome.INELIGIBLE: Words("不符合", "ineligible"),
    Outcome.UNDETERMINED: Words("无法判定", "undetermined"),
}

EXPECTED_WORDS: Mapping[Expected, Words] = {
    Expected.ELIGIBLE: Words("符合", "eligible"),
    Expected.INELIGIBLE: Words("不符合", "ineligible"),
    Expected.UNDETERMINED: Words("无法判定", "undetermined"),
    Expected.NOT_IN_FORCE: Words("不在施行期内", "not in force"),
}

TRUTH_WORDS: Mapping[Truth, Words] = {
    Truth.TRUE: Words("满足", "met"),
    Truth.FALSE: Words("不满足", "not met"),
    Truth.UNKNOWN: Words("数据不足", "unknown"),
}

TRANSITION_WORDS: Mapping[Transition, Words] = {
    Transition.NEWLY_ELIGIBLE: Words("新符合", "newly eligible"),
    Transition.LOST: Words("不再符合", "no longer eligible"),
    Transition.AMOUNT_CHANGED: Words("金额变化", "amount changed"),
    Transition.BECAME_UNDETERMINED: Words("变为无法判定", "became undetermined"),
    Transition.BECAME_INELIGIBLE: Words("变为不符合", "became ineligible"),
}

PRESENCE_WORDS: Mapping[Presence, Words] = {
    Presence.NEW: Words("新出现在登记数据中", "new in the registry"),
    Presence.GONE: Words("已不在登记数据中", "gone from the registry"),
}

MATCH_WORDS: Mapping[Match, Words] = {
    Match.ALL: Words("全部符合", "matches all"),
    Match.NONE: Words("全部不符合", "matches none"),
}
