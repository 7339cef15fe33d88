"""What each limit and each stacking rule makes of an amount, and how they meet; every amount is in fen."""

from dataclasses import dataclass

import pytest

from policy_match.entitlements.entitle import entitle
from policy_match.entitlements.model import Aid, Claim, Earlier, History, Standing, Terms
from policy_match.policy.model import StackingRule
from tests.support.claims import TAX, YEAR, aid, claim, earlier, terms

HIGHEST = ("jobs", StackingRule.HIGHEST)
TOP_UP = ("jobs", StackingRule.TOP_UP)
EXCLUSIVE = ("jobs", StackingRule.EXCLUSIVE)
ADDITIVE = ("jobs", StackingRule.ADDITIVE)


@dataclass(frozen=True, kw_only=True)
class Example:
    """`gives` is what each claim gets, in order; `steps` the codes of each claim's steps with their amounts."""

    name: str
    terms: list[Terms]
    claims: list[Claim]
    gives: list[int]
    steps: list[str]
    earlier: tuple[Earlier, ...] = ()
    aid: tuple[Aid, ...] = ()
    others: tuple[int, ...] = ()


LIMITS = [
    Example(name="no limit", terms=[terms("a")], claims=[claim("a", 70)], gives=[70], steps=[""]),
    Example(name="nothing decided", terms=[terms("a")], claims=[claim("a", 0)], gives=[0], steps=[""]),
    Example(
        name="one case", terms=[terms("a", item=50)], claims=[claim("a", 70)], gives=[50], steps=["item_limit 70 50"]
    ),
    Example(name="at the limit", terms=[terms("a", item=70)], claims=[claim("a", 70)], gives=[70], steps=[""]),
    Example(
        name="imported aid is deducted after the limit of one case",
        terms=[terms("a", item=50, matters=("m", "n"))],
        claims=[claim("a", 70)],
        aid=(aid("m", 10), aid("n", 5), aid("other", 99)),
        gives=[35],
        steps=["item_limit 70 50; prior_aid 50 35 m, n"],
    ),
    Example(
        name="aid above the amount leaves nothing",
        terms=[terms("a", matters=("m",))],
        claims=[claim("a", 70)],
        aid=(aid("m", 90),),
        gives=[0],
        steps=["prior_aid 70 0 m"],
    ),
    Example(
        name="our own payments for the matter count, whatever the year",
        terms=[terms("a", matters=("m",)), terms("b", matters=("m", "n")), terms("c", matters=("n",))],
        claims=[claim("a", 70)],
        earlier=(earlier("b", 20, year=2020, period="2020"), earlier("a", 5, period="2024"), earlier("c", 30)),
        gives=[45],
        steps=["prior_aid 70 45 m"],
    ),
    Example(
        name="aid for another record does not count",
        terms=[terms("a", grain="loan", matters=("m",))],
        claims=[claim("a", 70, "L1")],
        earlier=(earlier("a", 20, "L2"), earlier("a", 7, "L1", period="2024")),
        aid=(aid("m", 30, "L2"), aid("m", 3, "L1")),
        gives=[60],
        steps=["prior_aid 70 60 m"],
    ),
    Example(
        name="aid for a record counts for a policy per firm",
        terms=[terms("a", matters=("m",)), terms("b", grain="loan", matters=("m",))],
        claims=[claim("a", 70)],
        earlier=(earlier("b", 20, "L2"),),
        aid=(aid("m", 30, "L1"),),
        gives=[20],
        steps=["prior_aid 70 20 m"],
    ),
    Example(
        name="aid for the firm is deducted once among the records, from the largest first",
        terms=[terms("a", grain="loan", matters=("m",))],
        claims=[claim("a", 40, "L1"), claim("a", 70, "L2"), claim("a", 30, "L3")],
        aid=(aid("m", 90), aid("m", 5, "L1")),
        gives=[15, 0, 30],
        steps=["prior_aid 40 15 m", "prior_aid 70 0 m", ""],
    ),
    Example(
        name="aid for the firm paid by a policy per firm is deducted once among the records",
        terms=[terms("a", grain="loan", matters=("m",)), terms("b", matters=("m",))],
        claims=[claim("a", 40, "L1"), claim("a", 70, "L2")],
        earlier=(earlier("b", 75),),
        gives=[35, 0],
        steps=["prior_aid 40 35 m", "prior_aid 70 0 m"],
    ),
    Example(
        name="the share of the retained tax is rounded down",
        terms=[terms("a", tax_share="0.5")],
        claims=[claim("a", 70, tax=101)],
        gives=[50],
        steps=[f"retained_tax 70 50 {TAX}"],
    ),
    Example(
        name="a retained tax below zero pays nothing",
        terms=[terms("a", tax_share="0.5")],
        claims=[claim("a", 70, tax=-1)],
        gives=[0],
        steps=[f"retained_tax 70 0 {TAX}"],
    ),
    Example(
        name="what the policy paid in the same period counts against the retained tax",
        terms=[terms("a", grain="loan", tax_share="0.5")],
        claims=[claim("a", 70, "L2", tax=100, period="2025-Q2")],
        earlier=(earlier("a", 20, "L1", period="2025-Q2"), earlier("a", 30, "L1", period="2025-Q1")),
        gives=[30],
        steps=[f"retained_tax 70 30 {TAX}"],
    ),
    Example(
        name="without a period, what it paid in the year counts against the retained tax",
        terms=[terms("a", grain="loan", tax_share="0.5")],
        claims=[claim("a", 70, "L2", tax=100, period="event")],
        earlier=(earlier("a", 20, "L1", period="event"), earlier("a", 30, "L3", period="event", year=2024)),
        gives=[30],
        steps=[f"retained_tax 70 30 {TAX}"],
    ),
    Example(
        name="the year of the policy",
        terms=[terms("a", year=50)],
        claims=[claim("a", 70, period="2025-Q2")],
        earlier=(earlier("a", 20, period="2025-Q1"), earlier("a", 25, year=2024, period="2024-Q4")),
        gives=[30],
        steps=["year_limit 70 30"],
    ),
    Example(
        name="the lifetime of the policy",
        terms=[terms("a", lifetime=50)],
        claims=[claim("a", 70)],
        earlier=(earlier("a", 15, year=2020, period="2020"), earlier("a", 25, year=2024, period="2024")),
        gives=[10],
        steps=["lifetime_limit 70 10"],
    ),
    Example(
        name="a limit that was used up leaves nothing",
        terms=[terms("a", lifetime=50)],
        claims=[claim("a", 70)],
        earlier=(earlier("a", 60, year=2020, period="2020"),),
        gives=[0],
        steps=["lifetime_limit 70 0"],
    ),
    Example(
        name="all limits in their order",
        terms=[terms("a", item=90, matters=("m",), tax_share="0.4", year=60, lifetime=50)],
        claims=[claim("a", 100, tax=200)],
        earlier=(earlier("a", 10, year=2024, period="2024"),),
        aid=(aid("m", 2),),
        gives=[40],
        steps=[
            "item_limit 100 90; prior_aid 90 78 m; year_limit 78 60; lifetime_limit 60 40",
        ],
    ),
    Example(
        name="below the minimum payout nothing is paid",
        terms=[terms("a", item=50, minimum=51)],
        claims=[claim("a", 70)],
        gives=[0],
        steps=["item_limit 70 50; minimum_payout 50 0"],
    ),
    Example(
        name="the minimum payout itself is paid",
        terms=[terms("a", item=50, minimum=50)],
        claims=[claim("a", 70)],
        gives=[50],
        steps=["item_limit 70 50"],
    ),
    Example(
        name="records share the limit of their policy, the largest first",
        terms=[terms("a", grain="loan", year=100)],
        claims=[claim("a", 30, "L1"), claim("a", 60, "L2"), claim("a", 60, "L3")],
        gives=[0, 60, 40],
        steps=["records_limit 30 0", "", "records_limit 60 40"],
    ),
    Example(
        name="a rest below the minimum payout is moved so that both are paid",
        terms=[terms("a", grain="loan", year=100, minimum=45)],
        claims=[claim("a", 60, "L1"), claim("a", 60, "L2")],
        gives=[55, 45],
        steps=["records_limit 60 55", "records_limit 60 45"],
    ),
    Example(
        name="a rest below the minimum payout stays unpaid where it cannot be moved",
        terms=[terms("a", grain="loan", year=100, minimum=55)],
        claims=[claim("a", 60, "L1"), claim("a", 60, "L2")],
        gives=[60, 0],
        steps=["", "records_limit 60 40; minimum_payout 40 0"],
    ),
    Example(
        name="policies share a limit across them",
        terms=[terms("a", shared=("s", 100)), terms("b", shared=("s", 100)), terms("c", shared=("t", 100))],
        claims=[claim("a", 60), claim("b", 60), claim("c", 60)],
        earlier=(earlier("b", 10, period="2025-01"), earlier("b", 90, period="2024", year=2024), earlier("c", 5)),
        gives=[60, 30, 60],
        steps=["", "shared_limit 60 30 s", ""],
    ),
    Example(
        name="a limit across policies that was used up",
        terms=[terms("a", shared=("s", 100)), terms("b", shared=("s", 100))],
        claims=[claim("a", 60)],
        earlier=(earlier("b", 110), earlier("b", 10)),
        gives=[0],
        steps=["shared_limit 60 0 s"],
    ),
    Example(
        name="records under the limit of their policy and under one across policies",
        terms=[terms("a", grain="loan", year=50, shared=("s", 80)), terms("b", shared=("s", 80))],
        claims=[claim("a", 40, "L1"), claim("a", 40, "L2"), claim("b", 35)],
        gives=[40, 10, 30],
        steps=["", "records_limit 40 10", "shared_limit 35 30 s"],
    ),
    Example(
        name="a minimum payout under a limit across policies makes room",
        terms=[terms("a", shared=("s", 100)), terms("b", shared=("s", 100), minimum=50)],
        claims=[claim("a", 60), claim("b", 60)],
        gives=[50, 50],
        steps=["shared_limit 60 50 s", "shared_limit 60 50 s"],
    ),
    Example(
        name="minimum payouts that do not fit together: the fewest that reach the highest total",
        terms=[
            terms("a", shared=("s", 100), minimum=60),
            terms("b", shared=("s", 100), minimum=55),
            terms("c", shared=("s", 100), minimum=45),
        ],
        claims=[claim("a", 70), claim("b", 60), claim("c", 50)],
        gives=[0, 55, 45],
        steps=[
            "shared_limit 70 0 s",
            "shared_limit 60 55 s",
            "shared_limit 50 45 s",
        ],
    ),
]

STACKING = [
    Example(
        name="highest: only the highest",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST), terms("c", group=HIGHEST)],
        claims=[claim("a", 50), claim("b", 70), claim("c", 60)],
        gives=[0, 70, 0],
        steps=["not_highest 50 0 b", "", "not_highest 60 0 b"],
    ),
    Example(
        name="highest: by what is left after the limits of each",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST, item=40)],
        claims=[claim("a", 50), claim("b", 70)],
        gives=[50, 0],
        steps=["", "item_limit 70 40; not_highest 40 0 a"],
    ),
    Example(
        name="highest: a tie goes to the first policy id, the other is an alternative",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("b", 50), claim("a", 50)],
        gives=[0, 50],
        steps=["not_highest 50 0 a", ""],
        others=(50,),
    ),
    Example(
        name="highest: once the group was paid for the year there is no more",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("b", 70)],
        earlier=(earlier("a", 50), earlier("a", 50, period="2024", year=2024)),
        gives=[0],
        steps=["group_paid 70 0 a"],
    ),
    Example(
        name="highest: another year of a yearly benefit is another matter",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("b", 70)],
        earlier=(earlier("a", 50, period="2024", year=2024), earlier("a", 0)),
        gives=[70],
        steps=[""],
    ),
    Example(
        name="highest: a benefit that is given once is compared with all years",
        terms=[terms("a", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("b", 70, period="once")],
        earlier=(earlier("a", 50, period="2024-06", year=2024),),
        gives=[0],
        steps=["group_paid 70 0 a"],
    ),
    Example(
        name="highest: each record by itself",
        terms=[terms("a", grain="loan", group=HIGHEST), terms("b", grain="loan", group=HIGHEST)],
        claims=[claim("a", 50, "L1"), claim("b", 70, "L1"), claim("a", 60, "L2")],
        earlier=(earlier("a", 50, "L3"),),
        gives=[0, 70, 60],
        steps=["not_highest 50 0 b", "", ""],
    ),
    Example(
        name="highest: a policy per firm meets every record",
        terms=[terms("a", grain="loan", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("a", 50, "L1"), claim("a", 80, "L2"), claim("b", 70)],
        gives=[50, 80, 0],
        steps=["", "", "not_highest 70 0 a"],
    ),
    Example(
        name="highest: a policy per firm above every record",
        terms=[terms("a", grain="loan", group=HIGHEST), terms("b", group=HIGHEST)],
        claims=[claim("a", 50, "L1"), claim("a", 60, "L2"), claim("b", 70)],
        gives=[0, 0, 70],
        steps=["not_highest 50 0 b", "not_highest 60 0 b", ""],
    ),
    Example(
        name="highest: is not left out for a lower one, even if limits leave less of it",
        terms=[terms("a", group=HIGHEST, shared=("s", 10)), terms("b", group=HIGHEST)],
        claims=[claim("a", 70), claim("b", 60)],
        gives=[10, 0],
        steps=["shared_limit 70 10 s", "not_highest 60 0 a"],
    ),
    Example(
        name="exclusive: the best for the firm, even if it is not the highest",
        terms=[terms("a", group=EXCLUSIVE, shared=("s", 10)), terms("b", group=EXCLUSIVE)],
        claims=[claim("a", 70), claim("b", 60)],
        gives=[0, 60],
        steps=["not_chosen 70 0 b", ""],
        others=(10,),
    ),
    Example(
        name="exclusive: two groups under one limit are chosen together",
        terms=[
            terms("a", group=EXCLUSIVE, shared=("s", 100)),
            terms("b", group=EXCLUSIVE),
            terms("c", group=("homes", StackingRule.EXCLUSIVE), shared=("s", 100)),
            terms("d", group=("homes", StackingRule.EXCLUSIVE)),
        ],
        claims=[claim("a", 90), claim("b", 50), claim("c", 80), claim("d", 60)],
        gives=[90, 0, 0, 60],
        steps=["", "not_chosen 50 0 a", "not_chosen 80 0 d", ""],
        others=(130, 110, 100),
    ),
    Example(
        name="exclusive: a minimum payout turns the choice",
        terms=[terms("a", group=EXCLUSIVE, minimum=80), terms("b", group=EXCLUSIVE)],
        claims=[claim("a", 70), claim("b", 60)],
        gives=[0, 60],
        steps=["not_chosen 70 0 b", ""],
        others=(0,),
    ),
    Example(
        name="exclusive: once one was taken there is no more",
        terms=[terms("a", group=EXCLUSIVE), terms("b", group=EXCLUSIVE)],
        claims=[claim("b", 70, period="2025-Q2")],
        earlier=(earlier("a", 50, period="2025-H1"),),
        gives=[0],
        steps=["group_paid 70 0 a"],
    ),
    Example(
        name="top up: the difference to what the group was paid",
        terms=[terms("a", group=TOP_UP), terms("b", group=TOP_UP)],
        claims=[claim("b", 70, period="once")],
        earlier=(earlier("a", 50, period="once", year=2022),),
        gives=[20],
        steps=["top_up 70 20 jobs"],
    ),
    Example(
        name="top up: only the highest of several is topped up to",
        terms=[terms("a", group=TOP_UP), terms("b", group=TOP_UP), terms("c", group=TOP_UP)],
        claims=[claim("b", 70), claim("c", 60)],
        earlier=(earlier("a", 65), earlier("a", 65, period="2024", year=2024)),
        gives=[5, 0],
        steps=["top_up 70 5 jobs", "not_highest 60 0 b"],
    ),
    Example(
        name="top up: more was paid already",
        terms=[terms("a", group=TOP_UP), terms("b", group=TOP_UP)],
        claims=[claim("b", 70)],
        earlier=(earlier("a", 90),),
        gives=[0],
        steps=["top_up 70 0 jobs"],
    ),
    Example(
        name="top up: a difference below the minimum payout",
        terms=[terms("a", group=TOP_UP), terms("b", group=TOP_UP, minimum=21)],
        claims=[claim("b", 70)],
        earlier=(earlier("a", 50),),
        gives=[0],
        steps=["top_up 70 20 jobs; minimum_payout 20 0"],
    ),
    Example(
        name="additive: all",
        terms=[terms("a", group=ADDITIVE), terms("b", group=ADDITIVE)],
        claims=[claim("a", 50), claim("b", 70)],
        earlier=(earlier("a", 10, period="2025-01"),),
        gives=[50, 70],
        steps=["", ""],
    ),
    Example(
        name="different groups do not meet",
        terms=[terms("a", group=HIGHEST), terms("b", group=("homes", StackingRule.HIGHEST)), terms("c")],
        claims=[claim("a", 50), claim("b", 70), claim("c", 5)],
        gives=[50, 70, 5],
        steps=["", "", ""],
    ),
    Example(
        name="one matter, two policies: one of them now, the other one is reduced by it later",
        terms=[terms("a", matters=("m",)), terms("b", matters=("m", "n")), terms("c", matters=("n",))],
        claims=[claim("a", 50), claim("b", 70), claim("c", 60)],
        gives=[50, 0, 60],
        steps=["", "same_matter 70 0 c", ""],
        others=(70,),
    ),
    Example(
        name="the highest of a group gives way to more for another matter; then the next of the group may stand",
        terms=[
            terms("a", group=HIGHEST, matters=("m",)),
            terms("b", group=HIGHEST),
            terms("c", matters=("m",)),
        ],
        claims=[claim("a", 60), claim("b", 50), claim("c", 55)],
        gives=[0, 50, 55],
        steps=["same_matter 60 0 c", "", ""],
        others=(60,),
    ),
]


@pytest.mark.parametrize("example", [*LIMITS, *STACKING], ids=lambda example: example.name)
def test_a_worked_example(example: Example) -> None:
    result = entitle(
        example.claims,
        {each.policy_id: each for each in example.terms},
        History(earlier=example.earlier, aid=example.aid),
        year=YEAR,
    )
    assert [each.entitled_fen for each in result.entitlements] == example.gives
    shown = [
        "; ".join(f"{step.code} {step.fen_before} {step.fen_after} {step.detail}".strip() for step in each.steps)
        for each in result.entitlements
    ]
    assert shown == example.steps
    assert tuple(other.total_fen for other in result.alternatives) == example.others
    assert result.total_fen == sum(example.gives)
    assert [each.standing for each in result.entitlements] == [
        Standing.OWED if fen else Standing.NOTHING for fen in example.gives
    ]


def test_an_alternative_shows_what_each_of_its_claims_would_get() -> None:
    policies = [terms("a", group=EXCLUSIVE, shared=("s", 10)), terms("b", group=EXCLUSIVE), terms("c")]
    result = entitle(
        [claim("c", 5), claim("a", 70), claim("b", 60)], {each.policy_id: each for each in policies}, year=YEAR
    )
    assert [other.entitled for other in result.alternatives] == [(("c", 5), ("a", 10))]
