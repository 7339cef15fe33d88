"""Which claims may stand together: stacking groups, and one benefit per matter and thing.

Guarantees that in a `highest` or `top_up` group nothing stands whose rank could still change. Two claims are rivals
if they share a group that is not additive, or (different policies) a matter, and may be for one thing: records of one
table with different ids are not. What was paid for a matter counts from the next opening on, as prior aid.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import combinations

from policy_match.entitlements.limits import Draft, TermsByPolicy, counted, same_item, terms_for
from policy_match.entitlements.model import Earlier, History, StepCode
from policy_match.entitlements.periods import overlap
from policy_match.policy.model import StackingRule

RANKED = frozenset({StackingRule.HIGHEST, StackingRule.TOP_UP})
"""Rules under which only the highest of the group may be taken."""


class Rivalry(IntEnum):
    """Why two claims cannot stand together; the stronger reason wins."""

    NONE = 0
    MATTER = 1
    CHOICE = 2
    RANK = 3


REASONS = {
    Rivalry.MATTER: StepCode.SAME_MATTER,
    Rivalry.CHOICE: StepCode.NOT_CHOSEN,
    Rivalry.RANK: StepCode.NOT_HIGHEST,
}


def rivalry(one: Draft, other: Draft) -> Rivalry:
    """Return whether and why two claims exclude each other."""
    if not same_item(one.terms, one.claim.record_id, other.terms, other.claim.record_id):
        return Rivalry.NONE
    stacking, others = one.terms.stacking, other.terms.stacking
    if stacking is not None and others is not None and stacking.group == others.group:
        if stacking.rule in RANKED:
            return Rivalry.RANK
        if stacking.rule is StackingRule.EXCLUSIVE:
            return Rivalry.CHOICE
    if one.claim.policy_id != other.claim.policy_id and not one.terms.matters.isdisjoint(other.terms.matters):
        return Rivalry.MATTER
    return Rivalry.NONE


def close_paid_groups(drafts: Sequence[Draft], terms: TermsByPolicy, history: History) -> None:
    """Leave nothing of a claim whose `highest` or `exclusive` group was paid for the same thing and time.

    Raises `TermsMissing`.
    """
    for draft in drafts:
        stacking = draft.terms.stacking
        if stacking is None or stacking.rule not in (StackingRule.HIGHEST, StackingRule.EXCLUSIVE):
            continue
        paid = paid_by_group(draft, terms, history)
        if counted(paid, draft) > 0:
            names = sorted({each.policy_id for each in paid if each.fen})
            draft.reduce(StepCode.GROUP_PAID, 0, ", ".join(names))
            draft.missing.clear()


def paid_by_group(draft: Draft, terms: TermsByPolicy, history: History) -> list[Earlier]:
    """Return what the claim's group was paid for the same thing in an overlapping period. Raises `TermsMissing`."""
    assert draft.terms.stacking is not None
    found = []
    for paid in history.earlier:
        other = terms_for(paid.policy_id, terms)
        if (
            other.stacking is not None
            and other.stacking.group == draft.terms.stacking.group
            and same_item(draft.terms, draft.claim.record_id, other, paid.record_id)
            and overlap(paid.period, draft.claim.period)
        ):
            found.append(paid)
    return found


def spread_unknown(drafts: Sequence[Draft]) -> None:
    """Make a ranked claim unknown where an unknown rival could be higher: nobody knows which is the highest."""
    if not any(draft.missing for draft in drafts):
        return
    by_amount = sorted(drafts, key=lambda draft: -draft.fen)
    for place, draft in enumerate(by_amount):
        if draft.missing or draft.fen == 0:
            continue
        for higher in by_amount[:place]:
            if higher.missing and higher.fen > draft.fen and rivalry(higher, draft) is Rivalry.RANK:
                for name in higher.missing:
                    draft.lack(name)


def deduct_paid(drafts: Sequence[Draft], terms: TermsByPolicy, history: History) -> None:
    """Set aside what the `top_up` group of a claim was paid; the rank still goes by the amount before.

    Raises `TermsMissing`.
    """
    for draft in drafts:
        if draft.terms.stacking is not None and draft.terms.stacking.rule is StackingRule.TOP_UP:
            draft.paid_fen = counted(paid_by_group(draft, terms, history), draft)


class Rivals:
    """The rivalries between the candidates of one firm, as bit masks over their places."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._ranks = [draft.fen for draft in drafts]
        count = len(drafts)
        self.neighbours = [0] * count
        self.kinds: dict[tuple[int, int], Rivalry] = {}
        selective = [place for place, draft in enumerate(drafts) if draft.terms.stacking or draft.terms.matters]
        for one, other in combinations(selective, 2):
            kind = rivalry(drafts[one], drafts[other])
            if kind is not Rivalry.NONE:
                self.neighbours[one] |= 1 << other
                self.neighbours[other] |= 1 << one
                self.kinds[one, other] = self.kinds[other, one] = kind

    def outranks_all(self, place: int, others: int) -> bool:
        """Return whether the claim is strictly the highest of its ranked group among its rivals in `others`.

        Such a claim cannot be left out for one of them.
        """
        return all(self._outranks(place, other) for other in places_of(self.neighbours[place] & others))

    def reason(self, place: int, chosen: int) -> tuple[Rivalry, int]:
        """Return why a claim was lawfully left out, the strongest reason first, and for which of `chosen`."""
        others = [each for each in places_of(self.neighbours[place] & chosen) if not self._outranks(place, each)]
        other = max(others, key=lambda other: (self.kinds[place, other], -other))
        return self.kinds[place, other], other

    def _outranks(self, place: int, other: int) -> bool:
        return self.kinds[place, other] is Rivalry.RANK and self._ranks[other] < self._ranks[place]


def places_of(mask: int) -> list[int]:
    """Return the places of the bits that are set, rising."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
