"""What was promised and what was fulfilled, per department and policy, with the age of what was not.

Guarantees that every case that is owed is counted in one group, and that the groups add up to what is owed. A promise
stands from the first approval of the case until it is paid or falls away, a new budget year included. Counting is a
store's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.values import PolicyId, Uscc

BUCKETS = (8, 31, 91, 181)
"""The first day of age of each bucket after the first, in calendar days: up to 7, 8-30, 31-90, 91-180, over 180."""

BUCKET_WORDS = (
    Words("7 天内", "0-7"),
    Words("8–30 天", "8-30"),
    Words("31–90 天", "31-90"),
    Words("91–180 天", "91-180"),
    Words("180 天以上", "over 180"),
)


class Group(StrEnum):
    """What became of a case that is owed.

    *Pending* was never approved yet. *Promised* was approved (its list is signed), and is not paid. *Elsewhere* is
    a contract that was carried out: its money does not pass here. *Claimed back* was paid and is, or was, recovered.
    *Given up* is what the firm declined or let lapse, and what nobody pays again after a return.
    """

    FULFILLED = "fulfilled"
    PROMISED = "promised"
    PENDING = "pending"
    ELSEWHERE = "elsewhere"
    CLAIMED_BACK = "claimed_back"
    GIVEN_UP = "given_up"
    FALLEN = "fallen"


GROUP_WORDS: Mapping[Group, Words] = {
    Group.FULFILLED: Words("已兑现", "fulfilled"),
    Group.PROMISED: Words("已批准未兑现", "promised, not paid"),
    Group.PENDING: Words("尚未批准", "not approved yet"),
    Group.ELSEWHERE: Words("合同另行付款", "paid elsewhere by contract"),
    Group.CLAIMED_BACK: Words("追回", "claimed back"),
    Group.GIVEN_UP: Words("放弃（含视同放弃、退票后放弃）", "declined, waived, given up"),
    Group.FALLEN: Words("不再应付", "no longer owed"),
}

AGED = frozenset({Group.PROMISED, Group.PENDING})
"""Groups of which the age counts: since the first approval, or since the last step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """So many cases, and their money in fen as it stands."""

    cases: int = 0
    fen: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(cases=self.cases + other.cases, fen=self.fen + other.fen)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedPromises:
    """What a store counted of one policy in one group and bucket; `opened_fen` is the money of the openings."""

    unit: str
    policy_id: PolicyId
    group: Group
    bucket: int
    cases: int
    fen: int
    opened_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseLine:
    """One policy of one department, or the sum of all (with empty names). `owed` is the money of the openings.

    `cut_fen` is what amendments and shares of a budget took off since. `ages` has a sum for each bucket, for the
    groups whose age counts.
    """

    unit: str
    policy_id: PolicyId
    owed: Sum
    groups: Mapping[Group, Sum]
    ages: Mapping[Group, Sequence[Sum]]

    @property
    def cut_fen(self) -> int:
        """What the openings gave and nobody is to get any more, in fen."""
        return self.owed.fen - sum(each.fen for each in self.groups.values())


def promise_lines(counted: Iterable[CountedPromises]) -> Sequence[PromiseLine]:
    """Return a line for each department and policy, in order, and the sum of all as the last."""
    parts: dict[tuple[str, PolicyId], list[CountedPromises]] = {}
    everything = []
    for each in counted:
        parts.setdefault((each.unit, each.policy_id), []).append(each)
        everything.append(each)
    lines = [_line(unit, policy, parts[unit, policy]) for unit, policy in sorted(parts)]
    return [*lines, _line("", PolicyId(""), everything)]


def _line(unit: str, policy_id: PolicyId, counted: Sequence[CountedPromises]) -> PromiseLine:
    groups = {group: Sum() for group in Group}
    ages = {group: [Sum() for _ in BUCKET_WORDS] for group in Group if group in AGED}
    owed = Sum()
    for each in counted:
        here = Sum(cases=each.cases, fen=each.fen)
        groups[each.group] += here
        if each.group in ages:
            ages[each.group][each.bucket] += here
        owed += Sum(cases=each.cases, fen=each.opened_fen)
    line = PromiseLine(unit=unit, policy_id=policy_id, owed=owed, groups=groups, ages=ages)
    assert sum(each.cases for each in groups.values()) == owed.cases
    assert line.cut_fen >= 0, "nobody gets more than the opening gave"
    return line


@dataclass(frozen=True, kw_only=True, slots=True)
class UnpaidFirm:
    """A firm that was promised money which it does not have: since when the oldest, in how many cases, how much."""

    uscc: Uscc
    name: str
    oldest_on: date
    cases: int
    fen: int
    units: tuple[str, ...]
    policies: tuple[PolicyId, ...]
