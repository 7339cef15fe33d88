"""The limits of each claim by itself: one case, aid already paid, retained tax, the policy's year and lifetime.

Guarantees that a limit rounds down, that a fen of aid is deducted once among the claims of one policy, and that an
unknown amount that counts leaves the claim open. Several claims under one limit are `sharing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from policy_match.entitlements.errors import TermsMissing
from policy_match.entitlements.model import Aid, Claim, Earlier, History, Step, StepCode, Terms
from policy_match.entitlements.periods import TIMELESS, overlap
from policy_match.facts.catalogue import FIRM
from policy_match.values import PolicyId

TermsByPolicy = Mapping[PolicyId, Terms]


@dataclass(kw_only=True, slots=True)
class Draft:
    """A claim while it is computed. `fen` is what is left so far; with `missing` facts it is the most it could be.

    `room_fen` is the room of the policy for all its claims together; `None` is no limit. `paid_fen` is what the
    `top_up` group was paid before.
    """

    claim: Claim
    terms: Terms
    fen: int
    steps: list[Step] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    room_fen: int | None = None
    paid_fen: int = 0

    def reduce(self, code: StepCode, fen: int, detail: str = "") -> None:
        """Lower the amount to `fen`, not below 0, if it is above."""
        fen = max(fen, 0)
        if fen < self.fen:
            self.steps.append(Step(code=code, fen_before=self.fen, fen_after=fen, detail=detail))
            self.fen = fen

    def lack(self, name: str) -> None:
        """Record that an amount that counts is unknown; where nothing can be owed any more, it does not count."""
        if self.fen > 0 and name not in self.missing:
            self.missing.append(name)


def terms_for(policy_id: PolicyId, terms: TermsByPolicy) -> Terms:
    """Return the terms of a policy. Raises `TermsMissing`."""
    found = terms.get(policy_id)
    if found is None:
        raise TermsMissing(policy_id=policy_id)
    return found


def same_item(terms: Terms, record_id: str, other: Terms, other_record_id: str) -> bool:
    """Return whether two benefits may be for one thing: all but different records of one table."""
    return terms.grain != other.grain or terms.grain == FIRM or record_id == other_record_id


def counted(payments: Iterable[Earlier], draft: Draft) -> int:
    """Return the sum of `payments`; an unknown one is a lack of `draft` and counts as 0."""
    total = 0
    for paid in payments:
        if paid.fen is None:
            draft.lack(f"earlier:{paid.policy_id}")
        else:
            total += paid.fen
    return total


def limit_claims(claims: Sequence[Claim], terms: TermsByPolicy, history: History, year: int) -> list[Draft]:
    """Return a draft per claim, limited by itself. Raises `TermsMissing`."""
    drafts = [Draft(claim=each, terms=terms_for(each.policy_id, terms), fen=each.amount_fen) for each in claims]
    pools: dict[PolicyId, int] = {}
    for draft in sorted(drafts, key=lambda draft: (-draft.fen, draft.claim.policy_id, draft.claim.record_id)):
        if draft.terms.plain:
            continue
        if draft.terms.limits.item_fen is not None:
            draft.reduce(StepCode.ITEM_LIMIT, draft.terms.limits.item_fen)
        if draft.terms.matters:
            _deduct_aid(draft, terms, history, pools)
        _limit_policy(draft, history, year)
        if draft.fen == 0:
            draft.missing.clear()
    return drafts


def _deduct_aid(draft: Draft, terms: TermsByPolicy, history: History, pools: dict[PolicyId, int]) -> None:
    """Deduct the aid for the claim's record, then what is left of the aid for the firm as a whole."""
    matters, claim = draft.terms.matters, draft.claim
    own, firm_wide = 0, 0
    for aid in history.aid:
        if aid.matter in matters and (draft.terms.grain == FIRM or aid.record_id in ("", claim.record_id)):
            fen = _known_aid(aid, draft)
            if aid.record_id:
                own += fen
            else:
                firm_wide += fen
    for paid in history.earlier:
        other = terms_for(paid.policy_id, terms)
        if matters.isdisjoint(other.matters) or not same_item(draft.terms, claim.record_id, other, paid.record_id):
            continue
        fen = counted((paid,), draft)
        if other.grain == draft.terms.grain:
            own += fen
        else:
            firm_wide += fen
    left = pools.setdefault(claim.policy_id, firm_wide)
    detail = ", ".join(sorted(matters))
    before = draft.fen
    # Of a record that stays open nobody knows how much of the aid for the firm it takes: the others bear all of it.
    stays_open = draft.missing and draft.terms.grain != FIRM
    taken = 0 if stays_open else min(left, max(before - own, 0))
    pools[claim.policy_id] = left - taken
    draft.reduce(StepCode.PRIOR_AID, before - own - taken, detail)


def _known_aid(aid: Aid, draft: Draft) -> int:
    if aid.fen is None:
        draft.lack(f"prior_aid:{aid.matter}")
        return 0
    return aid.fen


def _limit_policy(draft: Draft, history: History, year: int) -> None:
    """Apply the limits that all claims of the policy share, each claim as if it were alone."""
    limits, claim = draft.terms.limits, draft.claim
    own = [paid for paid in history.earlier if paid.policy_id == claim.policy_id]
    if limits.retained_tax is not None:
        fact, share = limits.retained_tax.fact, limits.retained_tax.share
        if claim.retained_tax_fen is None:
            draft.lack(fact)
        else:
            paid = counted((each for each in own if _same_period(each, claim, year)), draft)
            most = Fraction(share) * claim.retained_tax_fen
            _limit_to(draft, StepCode.RETAINED_TAX, most.numerator // most.denominator - paid, fact)
    if limits.year_fen is not None:
        paid = counted((each for each in own if each.year == year), draft)
        _limit_to(draft, StepCode.YEAR_LIMIT, limits.year_fen - paid)
    if limits.lifetime_fen is not None:
        _limit_to(draft, StepCode.LIFETIME_LIMIT, limits.lifetime_fen - counted(own, draft))


def _same_period(paid: Earlier, claim: Claim, year: int) -> bool:
    """Return whether an earlier payment counts against the same retained tax: its period, else its calendar year."""
    if claim.period in TIMELESS:
        return paid.year == year
    return overlap(paid.period, claim.period)


def _limit_to(draft: Draft, code: StepCode, room_fen: int, detail: str = "") -> None:
    room_fen = max(room_fen, 0)
    draft.room_fen = room_fen if draft.room_fen is None else min(draft.room_fen, room_fen)
    draft.reduce(code, room_fen, detail)
