"""The best lawful combination of a firm's claims, and the best of the others.

Guarantees that every lawful combination was compared, or that the claims concerned are named as too many to compare.
Ties: fewer claims paid, then the larger claims, then policy and record ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from policy_match.entitlements.combinations import MAX_COMBINATIONS, components, lawful_sets
from policy_match.entitlements.sharing import Member, Rooms, share
from policy_match.entitlements.stacking import Rivals, places_of

MAX_ALTERNATIVES = 8
"""How many of the lawful combinations that were not chosen are kept."""
KEPT = MAX_ALTERNATIVES + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """Claims above 0 under common limits: those of one policy, or of all policies with one shared limit."""

    places: int
    rooms: Rooms


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One combination: its claims as a mask, and what each gets, by place."""

    chosen: int
    given: Mapping[int, int]

    def rank(self) -> tuple[int, int, tuple[int, ...]]:
        """Return a key by which the best comes first."""
        paid = [fen for fen in self.given.values() if fen]
        return -sum(paid), len(paid), tuple(places_of(self.chosen))


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The combinations that are kept, best first (at least one), and the claims too many to compare, as a mask."""

    options: tuple[Option, ...]
    too_many: int


def choose(members: Sequence[Member], rivals: Rivals, pools: Sequence[Pool]) -> Choice:
    """Return the best combinations. Places of members are 0, 1, … in order, the largest first."""
    binding = [pool for pool in pools if pool.rooms.bind([members[place] for place in places_of(pool.places)])]
    bound = sum(pool.places for pool in binding)
    parts = components(rivals.neighbours)
    free = sum(part for part in parts if part.bit_count() == 1 and not part & bound)
    certain = Option(chosen=free, given={place: members[place].fen for place in places_of(free)})
    options, too_many = [certain], 0
    for cluster in _clusters([part for part in parts if not part & free], binding):
        here = _options(cluster, members, rivals, [pool for pool in binding if pool.places & sum(cluster)])
        if here is None:
            too_many |= sum(cluster)
        else:
            joined = [_join(one, other) for one in options for other in here]
            options = sorted(joined, key=Option.rank)[:KEPT]
    return Choice(options=tuple(options), too_many=too_many)


def _clusters(parts: Sequence[int], pools: Sequence[Pool]) -> list[list[int]]:
    """Return the parts grouped: those that draw on one pool are compared together."""
    clusters = [[part] for part in parts]
    for pool in pools:
        touched = [cluster for cluster in clusters if sum(cluster) & pool.places]
        clusters = [cluster for cluster in clusters if not sum(cluster) & pool.places]
        clusters.append([part for cluster in touched for part in cluster])
    return clusters


def _options(
    cluster: Sequence[int], members: Sequence[Member], rivals: Rivals, pools: Sequence[Pool]
) -> list[Option] | None:
    """Return the best combinations of one cluster; `None` when there are too many to compare."""
    choices = []
    for part in cluster:
        sets = lawful_sets(part, rivals)
        if sets is None:
            return None
        choices.append(sets)
    if prod(len(sets) for sets in choices) > MAX_COMBINATIONS:
        return None
    options = []
    for chosen in map(sum, product(*choices)):
        given = {place: members[place].fen for place in places_of(chosen)}
        for pool in pools:
            shared = share([members[place] for place in places_of(pool.places & chosen)], pool.rooms)
            if shared is None:
                return None
            given.update(shared)
        options.append(Option(chosen=chosen, given=given))
    return sorted(options, key=Option.rank)[:KEPT]


def _join(one: Option, other: Option) -> Option:
    return Option(chosen=one.chosen | other.chosen, given={**one.given, **other.given})
