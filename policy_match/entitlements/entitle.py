"""From the eligible decisions of one firm to what it is entitled to, and which other combinations were lawful.

Guarantees the highest lawful total, exactly, and a step for each change of an amount; an unknown amount that counts
pays nothing. The order is: limit of one case, prior aid, retained tax, the policy's year, its lifetime; then the
stacking group; then limits that records or policies share; then the minimum payout. Instalments split what is left.
"""

from collections.abc import Sequence

from policy_match.entitlements.choice import Choice, Option, Pool, choose
from policy_match.entitlements.limits import Draft, TermsByPolicy, counted, limit_claims, terms_for
from policy_match.entitlements.model import (
    NO_HISTORY,
    Claim,
    Combination,
    Entitlement,
    FirmEntitlements,
    History,
    Standing,
    StepCode,
)
from policy_match.entitlements.sharing import NO_LIMIT, Member, Rooms
from policy_match.entitlements.stacking import (
    REASONS,
    Rivals,
    close_paid_groups,
    deduct_paid,
    places_of,
    spread_unknown,
)
from policy_match.values import PolicyId


def entitle(
    claims: Sequence[Claim], terms: TermsByPolicy, history: History = NO_HISTORY, *, year: int
) -> FirmEntitlements:
    """Return what the claims of one firm give; `year` is the calendar year of the as-of date.

    There is one claim per policy and record. `terms` has every policy of a claim, and of the history where a group,
    a matter or a shared limit counts it. Raises `TermsMissing`, `NotAPeriod`.
    """
    for claim in claims:
        found = terms.get(claim.policy_id)
        if found is None or not found.plain:
            return entitle_fully(claims, terms, history, year=year)
    return FirmEntitlements(entitlements=tuple(map(_in_full, claims)))


def _in_full(claim: Claim) -> Entitlement:
    standing = Standing.OWED if claim.amount_fen else Standing.NOTHING
    return Entitlement(claim=claim, entitled_fen=claim.amount_fen, standing=standing)


def entitle_fully(claims: Sequence[Claim], terms: TermsByPolicy, history: History, *, year: int) -> FirmEntitlements:
    """Return the same as `entitle`, without its short way for policies that limit nothing."""
    drafts = limit_claims(claims, terms, history, year)
    close_paid_groups(drafts, terms, history)
    deduct_paid(drafts, terms, history)
    shared_rooms = _shared_rooms(drafts, terms, history, year)
    spread_unknown(drafts)
    candidates = sorted(
        (draft for draft in drafts if draft.fen and not draft.missing),
        key=lambda draft: (-_payable(draft), draft.claim.policy_id, draft.claim.record_id),
    )
    members = [_member(place, draft) for place, draft in enumerate(candidates)]
    rivals = Rivals(candidates)
    pools = _pools(candidates, members, shared_rooms)
    choice = choose(members, rivals, pools)
    _explain(candidates, members, rivals, pools, choice)
    return FirmEntitlements(
        entitlements=tuple(map(_entitlement, drafts)),
        alternatives=tuple(_combination(option, drafts, candidates) for option in choice.options[1:]),
    )


def _payable(draft: Draft) -> int:
    """Return what a claim could be paid if there were no others: 0 if that is below the minimum payout."""
    fen = max(draft.fen - draft.paid_fen, 0)
    return fen if fen >= draft.terms.limits.minimum_payout_fen else 0


def _member(place: int, draft: Draft) -> Member:
    fen = _payable(draft)
    minimum_fen = draft.terms.limits.minimum_payout_fen if fen else 0
    return Member(place=place, policy_id=draft.claim.policy_id, fen=fen, minimum_fen=minimum_fen)


def _shared_rooms(drafts: Sequence[Draft], terms: TermsByPolicy, history: History, year: int) -> dict[str, int]:
    """Return what is left in `year` of each limit across policies, by its name. Raises `TermsMissing`."""
    rooms: dict[str, int] = {}
    for draft in drafts:
        shared = draft.terms.limits.shared
        if shared is None:
            continue
        paid = [
            each
            for each in history.earlier
            if (other := terms_for(each.policy_id, terms).limits.shared) is not None
            and other.name == shared.name
            and each.year == year
        ]
        rooms[shared.name] = max(shared.year_fen - counted(paid, draft), 0)
    return rooms


def _pools(candidates: Sequence[Draft], members: Sequence[Member], shared_rooms: dict[str, int]) -> list[Pool]:
    """Return the limits that claims draw on together."""
    places: dict[tuple[str, str], int] = {}
    rooms: dict[tuple[str, str], dict[PolicyId, int]] = {}
    for draft, member in zip(candidates, members, strict=True):
        shared, policy_id = draft.terms.limits.shared, draft.claim.policy_id
        if member.fen == 0 or (shared is None and draft.room_fen is None):
            continue
        key = ("policy", str(policy_id)) if shared is None else ("shared", shared.name)
        places[key] = places.get(key, 0) | 1 << member.place
        of_policy = rooms.setdefault(key, {})
        if draft.room_fen is not None:
            of_policy[policy_id] = draft.room_fen
    return [
        Pool(places=places[key], rooms=Rooms(of_policy=rooms[key], shared_fen=_shared_room(key, shared_rooms)))
        for key in places
    ]


def _shared_room(key: tuple[str, str], shared_rooms: dict[str, int]) -> int:
    kind, name = key
    return shared_rooms[name] if kind == "shared" else NO_LIMIT


def _explain(
    candidates: Sequence[Draft], members: Sequence[Member], rivals: Rivals, pools: Sequence[Pool], choice: Choice
) -> None:
    """Write into the drafts what the best combination leaves of them, and why."""
    best = choice.options[0]
    pool_of = {place: pool for pool in pools for place in places_of(pool.places)}
    for place, draft in enumerate(candidates):
        if choice.too_many >> place & 1:
            draft.lack(StepCode.TOO_MANY)
            draft.reduce(StepCode.TOO_MANY, 0)
        elif best.chosen >> place & 1:
            _explain_chosen(draft, members, pool_of.get(place), best, place)
        else:
            kind, other = rivals.reason(place, best.chosen)
            draft.reduce(REASONS[kind], 0, candidates[other].claim.policy_id)


def _explain_chosen(draft: Draft, members: Sequence[Member], pool: Pool | None, best: Option, place: int) -> None:
    if draft.paid_fen:
        assert draft.terms.stacking is not None
        draft.reduce(StepCode.TOP_UP, draft.fen - draft.paid_fen, draft.terms.stacking.group)
    given = best.given[place]
    if pool is not None and given < members[place].fen:
        policy_left, shared_left = _leftover(pool, members[place], members, best)
        room = given + min(policy_left, shared_left)
        if policy_left <= shared_left:
            draft.reduce(StepCode.RECORDS_LIMIT, room)
        else:
            assert draft.terms.limits.shared is not None
            draft.reduce(StepCode.SHARED_LIMIT, room, draft.terms.limits.shared.name)
    draft.reduce(StepCode.MINIMUM_PAYOUT, given)


def _leftover(pool: Pool, member: Member, members: Sequence[Member], best: Option) -> tuple[int, int]:
    """Return what the best combination leaves of the room of the member's policy and of the shared room."""
    given = [(members[place], best.given[place]) for place in places_of(pool.places & best.chosen)]
    own = sum(fen for each, fen in given if each.policy_id == member.policy_id)
    policy_room = pool.rooms.of_policy.get(member.policy_id, NO_LIMIT)
    return policy_room - own, pool.rooms.shared_fen - sum(fen for _, fen in given)


def _entitlement(draft: Draft) -> Entitlement:
    missing = tuple(draft.missing)
    if missing and missing != (StepCode.TOO_MANY,):
        draft.reduce(StepCode.UNKNOWN, 0, ", ".join(missing))
    standing = Standing.UNKNOWN if missing else Standing.OWED if draft.fen else Standing.NOTHING
    return Entitlement(
        claim=draft.claim, entitled_fen=draft.fen, standing=standing, steps=tuple(draft.steps), missing=missing
    )


def _combination(option: Option, drafts: Sequence[Draft], candidates: Sequence[Draft]) -> Combination:
    given = {candidates[place].claim.key: fen for place, fen in option.given.items()}
    entitled = tuple((draft.claim.key, given[draft.claim.key]) for draft in drafts if draft.claim.key in given)
    return Combination(entitled=entitled, total_fen=sum(given.values()))
