"""Sharing a budget that may be too small among requests; what does not fit waits, visibly.

Guarantees that no more than the budget is granted, and nobody more than requested. Reserving it is `ledger`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy_match.entitlements.apportion import apportion
from policy_match.entitlements.model import ClaimKey
from policy_match.policy.model import Allocation


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What one case asks of the budget. `score` ranks it (higher first); without one, its amount does."""

    key: ClaimKey
    fen: int
    score: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a request gets. `position` is its place in the queue, from 1: the order in which requests are served."""

    key: ClaimKey
    requested_fen: int
    granted_fen: int
    position: int

    @property
    def waits(self) -> bool:
        """Whether all or a part of the request waits for more budget."""
        return self.granted_fen < self.requested_fen


@dataclass(frozen=True, kw_only=True, slots=True)
class Allotment:
    """One grant per request, in the order given; and what is left of the budget."""

    grants: tuple[Grant, ...]
    left_fen: int


def allocate(requests: Sequence[Request], available_fen: int, how: Allocation) -> Allotment:
    """Return what each request gets of `available_fen`; requests come in the order in which they were made.

    - first_come: whole requests in order; from the first that does not fit on, all wait (smaller ones do not overtake).
    - rank: the same by falling score, then by order.
    - pro_rata: all if it suffices, else in proportion to the fen (largest remainders, then order).
    """
    served = list(range(len(requests)))
    if how is Allocation.RANK:
        served.sort(key=lambda place: -_score(requests[place]))
    if how is Allocation.PRO_RATA:
        granted = _in_proportion([request.fen for request in requests], available_fen)
    else:
        granted = _whole(requests, served, available_fen)
    positions = dict(zip(served, range(1, len(served) + 1), strict=True))
    grants = tuple(
        Grant(key=request.key, requested_fen=request.fen, granted_fen=granted[place], position=positions[place])
        for place, request in enumerate(requests)
    )
    return Allotment(grants=grants, left_fen=available_fen - sum(granted))


def _score(request: Request) -> int:
    return request.fen if request.score is None else request.score


def _whole(requests: Sequence[Request], served: Sequence[int], available_fen: int) -> list[int]:
    granted = [0] * len(requests)
    left = available_fen
    for place in served:
        fen = requests[place].fen
        if fen > left:
            break
        granted[place] = fen
        left -= fen
    return granted


def _in_proportion(wanted: Sequence[int], available_fen: int) -> list[int]:
    if sum(wanted) <= available_fen:
        return list(wanted)
    return list(apportion(available_fen, wanted))
