"""Every lawful combination of rival claims: the largest sets in which no two are rivals.

Guarantees that all are found or the answer is `None`; there is no sample. A set is unlawful if a claim was left out
only for lower ones of its own ranked group. Bron and Kerbosch's algorithm with pivot (CACM 16 (9), 1973).
"""

from collections.abc import Iterator

from policy_match.entitlements.stacking import Rivals, places_of

MAX_COMBINATIONS = 4096
"""The most combinations that are looked at for claims that meet; beyond it they stay open (`too_many`)."""
MAX_OPEN = 200
"""The most rival claims whose choice is open: bounds the depth of the search."""


def components(neighbours: list[int]) -> list[int]:
    """Return the connected parts of a graph, as masks, by their first place."""
    parts = []
    unseen = (1 << len(neighbours)) - 1
    while unseen:
        part, border = 0, unseen & -unseen
        while border:
            part |= border
            border = _around(border, neighbours) & ~part
        parts.append(part)
        unseen &= ~part
    return parts


def _around(places: int, neighbours: list[int]) -> int:
    reached = 0
    for place in places_of(places):
        reached |= neighbours[place]
    return reached


def lawful_sets(part: int, rivals: Rivals) -> list[int] | None:
    """Return every lawful combination of the claims in `part`, as masks; `None` when there are too many."""
    certain, open_places = _settle(part, rivals)
    if open_places.bit_count() > MAX_OPEN:
        return None
    found: list[int] = []
    for looked_at, candidate in enumerate(_maximal(0, open_places, 0, rivals.neighbours)):
        if looked_at == MAX_COMBINATIONS:
            return None
        if candidate is not None and _is_lawful(certain | candidate, part, rivals):
            found.append(certain | candidate)
    return found


def _settle(part: int, rivals: Rivals) -> tuple[int, int]:
    """Return the claims that every lawful combination has, and those that are still open."""
    certain, open_places = 0, part
    settled = True
    while settled:
        settled = False
        for place in places_of(open_places):
            if rivals.outranks_all(place, open_places):
                certain |= 1 << place
                open_places &= ~(1 << place | rivals.neighbours[place])
                settled = True
                break
    return certain, open_places


def _maximal(chosen: int, candidates: int, excluded: int, neighbours: list[int]) -> Iterator[int | None]:
    """Yield each maximal set without rivals, and `None` for each dead end."""
    for place in places_of(candidates):
        if not neighbours[place] & candidates:
            chosen |= 1 << place
            candidates &= ~(1 << place)
            excluded &= ~neighbours[place]
    if not candidates:
        yield None if excluded else chosen
        return
    # Every maximal set has the pivot or one of its rivals; with the fewest rivals left there are the fewest branches.
    pivot = min(places_of(candidates | excluded), key=lambda place: (neighbours[place] & candidates).bit_count())
    branches = places_of((neighbours[pivot] | 1 << pivot) & candidates)
    if not branches:
        yield None
    for place in branches:
        here = 1 << place
        kept = ~(neighbours[place] | here)
        yield from _maximal(chosen | here, candidates & kept, excluded & kept, neighbours)
        candidates &= ~here
        excluded |= here


def _is_lawful(chosen: int, part: int, rivals: Rivals) -> bool:
    return not any(rivals.outranks_all(place, chosen) for place in places_of(part & ~chosen))
