"""Claims that stand together share the limit of their policy, and policies share a limit across them.

Guarantees the highest total in which nothing is above a limit and nothing paid is below its minimum payout; `None`
when there are more ways than `MAX_COMBINATIONS`. Which claims stand together is `combinations`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from policy_match.entitlements.combinations import MAX_COMBINATIONS
from policy_match.values import MONEY_LIMIT_FEN, PolicyId

NO_LIMIT = MONEY_LIMIT_FEN**2
"""A room that nothing fills."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A claim that wants `fen`: either nothing or at least `minimum_fen` is paid, which is never above `fen`."""

    place: int
    policy_id: PolicyId
    fen: int
    minimum_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """What a policy may pay altogether, by policy (absent: no limit), and what all of them may."""

    of_policy: Mapping[PolicyId, int]
    shared_fen: int = NO_LIMIT

    def bind(self, members: Sequence[Member]) -> bool:
        """Return whether the members want more than there is."""
        wanted = _by_policy(members)
        over = any(sum(each.fen for each in own) > self.of_policy.get(key, NO_LIMIT) for key, own in wanted.items())
        return over or sum(member.fen for member in members) > self.shared_fen


def share(members: Sequence[Member], rooms: Rooms) -> dict[int, int] | None:
    """Return what each member gets, by place; members come in order, the largest first.

    If filling in order reaches the highest total that the limits leave, that is the answer. Otherwise members must
    be left out because of minimum payouts: of those ways, the highest total, then the fewest paid, then the first.
    """
    filled = _fill(members, rooms, dict.fromkeys((member.place for member in members), 0), skip_small=True)
    if sum(filled.values()) == _highest(members, rooms):
        return filled
    own = _by_policy(members)
    counts = [_counts(of_one, rooms.of_policy.get(key, NO_LIMIT)) for key, of_one in own.items()]
    if prod(len(each) for each in counts) > MAX_COMBINATIONS:
        return None
    best: tuple[int, int, list[Member]] | None = None
    for picked in product(*counts):
        paid = [member for of_one, count in zip(own.values(), picked, strict=True) for member in of_one[:count]]
        if sum(member.minimum_fen for member in paid) > rooms.shared_fen:
            continue
        total = _highest(paid, rooms)
        if best is None or (total, -len(paid)) > best[:2]:
            best = (total, -len(paid), paid)
    assert best is not None, "paying nobody is always a way"
    start = dict.fromkeys((member.place for member in members), 0)
    start.update({member.place: member.minimum_fen for member in best[2]})
    return _fill(sorted(best[2], key=lambda member: member.place), rooms, start, skip_small=False)


def _counts(members: Sequence[Member], room_fen: int) -> range:
    """Return how many members of one policy may be paid, the most first; whoever is paid, the largest are.

    They have one minimum, so a larger member can always take the place of a smaller one.
    """
    minimum_fen = members[0].minimum_fen
    if minimum_fen == 0:
        return range(len(members), len(members) - 1, -1)
    return range(min(len(members), room_fen // minimum_fen), -1, -1)


def _fill(members: Sequence[Member], rooms: Rooms, start: dict[int, int], skip_small: bool) -> dict[int, int]:
    """Return `start` filled up in order as far as the rooms go, perhaps without what stays below its minimum."""
    given = dict(start)
    left = dict(rooms.of_policy)
    shared_left = rooms.shared_fen - sum(start.values())
    for member in members:
        if member.policy_id in left:
            left[member.policy_id] -= start[member.place]
    for member in members:
        more = min(member.fen - given[member.place], left.get(member.policy_id, NO_LIMIT), shared_left)
        if skip_small and more < member.minimum_fen:
            continue
        given[member.place] += more
        shared_left -= more
        if member.policy_id in left:
            left[member.policy_id] -= more
    return given


def _highest(members: Sequence[Member], rooms: Rooms) -> int:
    """Return the most that the limits leave to these members, whatever the minimum payouts."""
    sums = {key: sum(member.fen for member in own) for key, own in _by_policy(members).items()}
    return min(rooms.shared_fen, sum(min(total, rooms.of_policy.get(key, NO_LIMIT)) for key, total in sums.items()))


def _by_policy(members: Sequence[Member]) -> dict[PolicyId, list[Member]]:
    own: dict[PolicyId, list[Member]] = {}
    for member in members:
        own.setdefault(member.policy_id, []).append(member)
    return own
