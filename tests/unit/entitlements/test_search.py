"""The best lawful combination is found exactly: as a slow search over everything says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_match.entitlements.choice import MAX_ALTERNATIVES
from policy_match.entitlements.combinations import MAX_COMBINATIONS, MAX_OPEN, components, lawful_sets
from policy_match.entitlements.entitle import entitle, entitle_fully
from policy_match.entitlements.limits import Draft
from policy_match.entitlements.model import Claim, History, Standing, StepCode, Terms
from policy_match.entitlements.stacking import Rivals, places_of
from policy_match.facts.catalogue import FIRM
from policy_match.policy.model import StackingRule
from policy_match.values import PolicyId
from tests.support.claims import YEAR, aid, claim, earlier, terms

IDS = ("a", "b", "c", "d")
RANKED = (StackingRule.HIGHEST, StackingRule.TOP_UP)
Firm = tuple[dict[PolicyId, Terms], list[Claim], History]
small = st.none() | st.integers(1, 9)


@st.composite
def firms(draw: st.DrawFn) -> Firm:
    """A firm with at most five claims of small amounts under any terms."""
    groups = {name: draw(st.sampled_from(StackingRule)) for name in ("g", "h")}
    shared = ("s", draw(st.integers(1, 12)))
    policies = {}
    claims = []
    for policy_id in IDS:
        grain = draw(st.sampled_from((FIRM, "loan")))
        group = draw(st.sampled_from((None, "g", "g", "h")))
        policy = terms(
            policy_id,
            grain=grain,
            item=draw(small),
            year=draw(small),
            lifetime=draw(small),
            minimum=draw(st.sampled_from((0, 0, 0, 3, 5))),
            shared=draw(st.sampled_from((None, shared))),
            tax_share=draw(st.sampled_from((None, None, "0.5"))),
            matters=draw(st.sampled_from(((), (), ("m",), ("m", "n")))),
            group=None if group is None else (group, groups[group]),
        )
        policies[policy.policy_id] = policy
        tax = draw(st.integers(0, 20))
        for record in draw(st.sampled_from(((), ("",)) if grain == FIRM else ((), ("1",), ("1", "2")))):
            claims.append(claim(policy_id, draw(st.integers(0, 7)), record, tax=tax))
    known = [
        earlier(
            policy_id,
            draw(st.integers(0, 6)),
            "" if policies[PolicyId(policy_id)].grain == FIRM else draw(st.sampled_from(("1", "2", "3"))),
            period=draw(st.sampled_from(("2025", "2025-01", "once", "2024"))),
            year=draw(st.sampled_from((YEAR, YEAR - 1))),
        )
        for policy_id in draw(st.lists(st.sampled_from(IDS), max_size=2))
    ]
    given_aid = [
        aid(draw(st.sampled_from(("m", "n"))), draw(st.integers(0, 5)), draw(st.sampled_from(("", "1"))))
        for _ in range(draw(st.integers(0, 1)))
    ]
    return policies, claims[:5], History(earlier=tuple(known), aid=tuple(given_aid))


def alone(claims: Sequence[Claim], policies: Mapping[PolicyId, Terms], history: History) -> list[int]:
    """Return what each claim would give if it were the only one, without group, shared limit and minimum."""
    free = {
        key: terms(
            key,
            grain=policy.grain,
            item=policy.limits.item_fen,
            year=policy.limits.year_fen,
            lifetime=policy.limits.lifetime_fen,
            tax_share=None if policy.limits.retained_tax is None else "0.5",
            matters=tuple(policy.matters),
        )
        for key, policy in policies.items()
    }
    found: dict[object, int] = {}
    for key in policies:
        own = [each for each in claims if each.policy_id == key]
        # Together, so that the aid for the firm is deducted once; the policy's own limits are lifted for a moment.
        lifted = {**free, key: replace(free[key], limits=replace(free[key].limits, year_fen=None, lifetime_fen=None))}
        lifted[key] = replace(lifted[key], limits=replace(lifted[key].limits, retained_tax=None))
        for each in entitle(own, lifted, history, year=YEAR).entitlements:
            room = policy_room(each.claim, policies[key], history)
            found[each.claim.key] = max(min(each.entitled_fen, room), 0)
    return [found[each.key] for each in claims]


def policy_room(one: Claim, policy: Terms, history: History) -> int:
    """Return what the policy's own limits leave."""
    own = [each for each in history.earlier if each.policy_id == policy.policy_id]
    rooms = [10**6]
    if policy.limits.year_fen is not None:
        rooms.append(policy.limits.year_fen - sum(each.fen or 0 for each in own if each.year == YEAR))
    if policy.limits.lifetime_fen is not None:
        rooms.append(policy.limits.lifetime_fen - sum(each.fen or 0 for each in own))
    if policy.limits.retained_tax is not None:
        paid = sum(each.fen or 0 for each in own if each.period != "2024")
        rooms.append((one.retained_tax_fen or 0) // 2 - paid)
    return max(min(rooms), 0)


def is_same_item(one: Terms, record: str, other: Terms, other_record: str) -> bool:
    return not (one.grain == other.grain == "loan" and record != other_record)


def group_paid(one: Claim, policies: Mapping[PolicyId, Terms], history: History) -> int:
    mine = policies[one.policy_id]
    total = 0
    for paid in history.earlier:
        other = policies[paid.policy_id]
        if mine.stacking and other.stacking and mine.stacking.group == other.stacking.group and paid.period != "2024":
            total += (paid.fen or 0) * is_same_item(mine, one.record_id, other, paid.record_id)
    return total


def all_totals(firm: Firm) -> list[int]:
    """Return the best total of every lawful combination, best first, by trying every set and every payment."""
    policies, claims, history = firm
    worth = dict(zip([each.key for each in claims], alone(claims, policies, history), strict=True))
    most = {}
    for one in claims:
        stacking = policies[one.policy_id].stacking
        paid = group_paid(one, policies, history)
        if stacking and stacking.rule in (StackingRule.HIGHEST, StackingRule.EXCLUSIVE) and paid:
            worth[one.key] = 0
        most[one.key] = max(worth[one.key] - (paid if stacking and stacking.rule is StackingRule.TOP_UP else 0), 0)
    live = [one for one in claims if worth[one.key]]

    def reasons(one: Claim, other: Claim) -> set[str]:
        mine, its = policies[one.policy_id], policies[other.policy_id]
        found: set[str] = set()
        if one is other or not is_same_item(mine, one.record_id, its, other.record_id):
            return found
        if mine.stacking and its.stacking and mine.stacking.group == its.stacking.group:
            found |= {mine.stacking.rule} - {StackingRule.ADDITIVE}
        if one.policy_id != other.policy_id and mine.matters & its.matters:
            found.add("matter")
        return found

    totals = []
    for picked in product((False, True), repeat=len(live)):
        chosen = [one for one, yes in zip(live, picked, strict=True) if yes]
        left_out = [one for one, yes in zip(live, picked, strict=True) if not yes]
        if any(reasons(one, other) for one in chosen for other in chosen):
            continue
        lawful = True
        for one in left_out:
            displacing = [other for other in chosen if reasons(one, other)]
            ranked = [other for other in displacing if reasons(one, other) & set(RANKED)]
            lower = [other for other in ranked if worth[other.key] < worth[one.key]]
            lawful = lawful and bool(displacing) and len(lower) < len(displacing)
        if lawful:
            totals.append(best_total(chosen, most, firm))
    return sorted(totals, reverse=True)


def best_total(chosen: Sequence[Claim], most: Mapping[object, int], firm: Firm) -> int:
    """Return the highest sum of payments within all limits, by trying every payment."""
    policies, _, history = firm
    best = 0
    for paid in product(*(range(most[one.key] + 1) for one in chosen)):
        if sum(paid) <= best:
            continue
        sums: dict[PolicyId, int] = {}
        shared = 0
        for one, fen in zip(chosen, paid, strict=True):
            sums[one.policy_id] = sums.get(one.policy_id, 0) + fen
            if policies[one.policy_id].limits.shared:
                shared += fen
        minimums = all(
            fen == 0 or fen >= policies[one.policy_id].limits.minimum_payout_fen
            for one, fen in zip(chosen, paid, strict=True)
        )
        within = all(sums[one.policy_id] <= policy_room(one, policies[one.policy_id], history) for one in chosen)
        if minimums and within and shared <= shared_room(firm):
            best = sum(paid)
    return best


def shared_room(firm: Firm) -> int:
    policies, _, history = firm
    limits = [policy.limits.shared.year_fen for policy in policies.values() if policy.limits.shared]
    used = sum(
        paid.fen or 0 for paid in history.earlier if policies[paid.policy_id].limits.shared and paid.year == YEAR
    )
    return max(limits[0] - used, 0) if limits else 10**6


@settings(max_examples=150, deadline=None)
@given(firms())
def test_the_combinations_are_those_of_a_search_over_everything(firm: Firm) -> None:
    policies, claims, history = firm
    result = entitle(claims, policies, history, year=YEAR)
    found = [result.total_fen, *(other.total_fen for other in result.alternatives)]
    assert found == all_totals(firm)[: MAX_ALTERNATIVES + 1]


@settings(max_examples=120, deadline=None)
@given(firms())
def test_no_limit_is_exceeded_and_the_steps_lead_to_the_amount(firm: Firm) -> None:
    policies, claims, history = firm
    result = entitle(claims, policies, history, year=YEAR)
    sums: dict[PolicyId, int] = {}
    for one in result.entitlements:
        limits = policies[one.claim.policy_id].limits
        sums[one.claim.policy_id] = sums.get(one.claim.policy_id, 0) + one.entitled_fen
        assert 0 <= one.entitled_fen <= min(one.claim.amount_fen, limits.item_fen or 10**6)
        assert one.entitled_fen == 0 or one.entitled_fen >= limits.minimum_payout_fen
        assert (one.standing is Standing.OWED) == (one.entitled_fen > 0)
        reached = one.claim.amount_fen
        for step in one.steps:
            assert (step.fen_before, step.fen_after < step.fen_before) == (reached, True)
            reached = step.fen_after
        assert reached == one.entitled_fen
        assert sums[one.claim.policy_id] <= policy_room(one.claim, policies[one.claim.policy_id], history)
    assert sum(fen for key, fen in sums.items() if policies[key].limits.shared) <= shared_room(firm)


@settings(max_examples=120, deadline=None)
@given(firms(), st.data())
def test_an_amount_that_becomes_unknown_never_pays_more(firm: Firm, data: st.DataObject) -> None:
    policies, claims, history = firm
    before = entitle(claims, policies, history, year=YEAR).total_fen
    if claims and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(claims) - 1))
        claims = [
            replace(one, retained_tax_fen=None) if one.policy_id == claims[place].policy_id else one for one in claims
        ]
    if history.earlier and data.draw(st.booleans()):
        history = replace(history, earlier=(replace(history.earlier[0], fen=None), *history.earlier[1:]))
    if history.aid and data.draw(st.booleans()):
        history = replace(history, aid=tuple(replace(one, fen=None) for one in history.aid))
    assert entitle(claims, policies, history, year=YEAR).total_fen <= before


@settings(max_examples=60, deadline=None)
@given(firms())
def test_the_order_of_the_claims_does_not_matter(firm: Firm) -> None:
    policies, claims, history = firm
    there = entitle(claims, policies, history, year=YEAR)
    back = entitle(claims[::-1], policies, replace(history, earlier=history.earlier[::-1]), year=YEAR)
    assert back.entitlements == there.entitlements[::-1]


@given(st.lists(st.integers(0, 10**9), max_size=6))
def test_policies_that_limit_nothing_take_the_short_way_to_the_same_result(amounts: list[int]) -> None:
    claims = [claim(f"p{place}", fen) for place, fen in enumerate(amounts)]
    policies = {one.policy_id: terms(one.policy_id) for one in claims}
    assert all(policy.plain for policy in policies.values())
    history = History(earlier=tuple(earlier("gone", 5) for _ in amounts), aid=(aid("m", 5),))
    fully = entitle_fully(claims, policies, history, year=YEAR)
    assert entitle(claims, policies, history, year=YEAR) == fully


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, set[tuple[int, int]]]:
    """A number of claims, and which of them are rivals."""
    count = draw(st.integers(1, 9))
    edges = [(one, other) for one in range(count) for other in range(one + 1, count)]
    return count, draw(st.sets(st.sampled_from(edges))) if edges else set()


@settings(max_examples=150, deadline=None)
@given(graphs())
@example((7, {(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 5), (4, 6), (5, 6)}))
def test_every_largest_set_without_rivals_is_found_once(graph: tuple[int, set[tuple[int, int]]]) -> None:
    count, edges = graph
    drafts = [
        Draft(
            claim=claim(f"p{place}", 1),
            terms=terms(f"p{place}", matters=tuple(str(edge) for edge in edges if place in edge)),
            fen=1,
        )
        for place in range(count)
    ]
    rivals = Rivals(drafts)
    parts = components(rivals.neighbours)
    found = [[set(places_of(mask)) for mask in lawful_sets(part, rivals) or ()] for part in parts]
    assert sum(parts) == (1 << count) - 1
    for part, sets in zip(parts, found, strict=True):
        inside = places_of(part)
        expected = []
        for picked in product((False, True), repeat=len(inside)):
            chosen = {place for place, yes in zip(inside, picked, strict=True) if yes}
            free = [
                place
                for place in inside
                if not any((min(place, other), max(place, other)) in edges for other in chosen)
            ]
            if set(free) == chosen:
                expected.append(chosen)
        assert sorted(map(sorted, sets)) == sorted(map(sorted, expected))


EXCLUSIVE = ("g", StackingRule.EXCLUSIVE)
PAIRS = MAX_COMBINATIONS.bit_length()


def pairs(count: int, limit: int) -> tuple[dict[PolicyId, Terms], list[Claim]]:
    """Return `count` loans with a choice of two policies each, under one limit."""
    both = [terms(name, grain="loan", group=EXCLUSIVE, shared=("s", limit)) for name in ("a", "b")]
    claims = [claim(name, 50 + place, str(place)) for place in range(count) for name in ("a", "b")]
    return {each.policy_id: each for each in both}, claims


def test_choices_that_do_not_meet_are_made_one_by_one_however_many() -> None:
    policies, claims = pairs(60, limit=10**6)
    result = entitle(claims, policies, year=YEAR)
    assert result.total_fen == sum(50 + place for place in range(60))
    assert len(result.alternatives) == MAX_ALTERNATIVES


def test_more_combinations_than_can_be_compared_leave_the_claims_open() -> None:
    policies, claims = pairs(PAIRS, limit=100)
    policies |= {PolicyId("c"): terms("c")}
    result = entitle([*claims, claim("c", 5)], policies, year=YEAR)
    *many, other = result.entitlements
    assert {(one.standing, one.entitled_fen, one.missing) for one in many} == {(Standing.UNKNOWN, 0, ("too_many",))}
    assert {one.steps[-1].code for one in many} == {StepCode.TOO_MANY}
    assert (other.standing, other.entitled_fen) == (Standing.OWED, 5)


def test_the_number_that_can_be_compared_is_compared() -> None:
    policies, claims = pairs(PAIRS - 1, limit=100)
    assert entitle(claims, policies, year=YEAR).total_fen == 100


def test_a_chain_of_choices_with_too_many_combinations_stays_open() -> None:
    policies = {}
    claims = []
    for place in range(40):
        matters = (f"m{place}", f"m{place + 1}")
        policy = terms(f"p{place:02}", matters=matters)
        policies[policy.policy_id] = policy
        claims.append(claim(policy.policy_id, 5))
    result = entitle(claims, policies, year=YEAR)
    assert {one.standing for one in result.entitlements} == {Standing.UNKNOWN}


def test_one_policy_per_firm_against_hundreds_of_records_is_two_combinations() -> None:
    policies = [terms("a", grain="loan", group=EXCLUSIVE), terms("b", group=EXCLUSIVE)]
    claims = [claim("b", 900), *(claim("a", 5, str(place)) for place in range(MAX_OPEN - 1))]
    result = entitle(claims, {each.policy_id: each for each in policies}, year=YEAR)
    assert (result.total_fen, [other.total_fen for other in result.alternatives]) == (5 * (MAX_OPEN - 1), [900])
    too_many = entitle([*claims, claim("a", 5, "x")], {each.policy_id: each for each in policies}, year=YEAR)
    assert too_many.total_fen == 0


def test_a_minimum_payout_under_one_limit_with_too_many_ways_stays_open() -> None:
    policies = [terms(name, shared=("s", 100), minimum=60 - place) for place, name in enumerate("abcdefghijklm")]
    claims = [claim(policy.policy_id, 90 - place) for place, policy in enumerate(policies)]
    result = entitle(claims, {each.policy_id: each for each in policies}, year=YEAR)
    assert {one.standing for one in result.entitlements} == {Standing.UNKNOWN}


@pytest.mark.parametrize("count", [2, 5])
def test_a_tie_in_a_ranked_group_has_one_combination_for_each(count: int) -> None:
    policies = [terms(name, group=("g", StackingRule.HIGHEST)) for name in "abcde"[:count]]
    claims = [claim(policy.policy_id, 50) for policy in policies]
    result = entitle(claims, {each.policy_id: each for each in policies}, year=YEAR)
    assert [one.entitled_fen for one in result.entitlements] == [50] + [0] * (count - 1)
    assert [other.total_fen for other in result.alternatives] == [50] * (count - 1)
