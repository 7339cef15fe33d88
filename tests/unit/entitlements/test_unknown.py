"""An unknown amount that counts pays nothing and is named; one that cannot matter does not stand in the way."""

import pytest

from policy_match.entitlements.entitle import entitle
from policy_match.entitlements.errors import NotAPeriod, TermsMissing
from policy_match.entitlements.model import (
    STEP_TEXTS,
    Claim,
    FirmEntitlements,
    History,
    Standing,
    Step,
    StepCode,
    Terms,
)
from policy_match.entitlements.periods import months_of, overlap
from policy_match.policy.model import StackingRule
from tests.support.claims import TAX, YEAR, aid, claim, earlier, terms

HIGHEST = ("jobs", StackingRule.HIGHEST)
TOP_UP = ("jobs", StackingRule.TOP_UP)


def entitled(policies: list[Terms], claims: list[Claim], history: History) -> FirmEntitlements:
    return entitle(claims, {each.policy_id: each for each in policies}, history, year=YEAR)


@pytest.mark.parametrize(
    ("policy", "history", "missing"),
    [
        (terms("a", matters=("m",)), History(aid=(aid("m", 5), aid("m", None), aid("m", None))), "prior_aid:m"),
        (terms("a", tax_share="0.5"), History(), TAX),
        (terms("a", year=90), History(earlier=(earlier("b", None), earlier("a", None, period="2025-01"))), "earlier:a"),
        (terms("a", lifetime=90), History(earlier=(earlier("a", None, year=2020, period="2020"),)), "earlier:a"),
        (terms("a", matters=("m",)), History(earlier=(earlier("b", None),)), "earlier:b"),
        (terms("a", shared=("s", 90)), History(earlier=(earlier("b", None),)), "earlier:b"),
        (terms("a", group=HIGHEST), History(earlier=(earlier("b", None),)), "earlier:b"),
        (terms("a", group=TOP_UP), History(earlier=(earlier("b", None),)), "earlier:b"),
    ],
)
def test_an_unknown_amount_that_counts_pays_nothing_and_is_named(policy: Terms, history: History, missing: str) -> None:
    rule = HIGHEST if policy.stacking is None else (policy.stacking.group, policy.stacking.rule)
    other = terms("b", matters=("m",), shared=("s", 90), group=rule)
    (one,) = entitled([policy, other], [claim("a", 70)], history).entitlements
    assert (one.entitled_fen, one.standing, one.missing) == (0, Standing.UNKNOWN, (missing,))
    assert one.steps[-1] == Step(
        code=StepCode.UNKNOWN, fen_before=one.steps[-1].fen_before, fen_after=0, detail=missing
    )


@pytest.mark.parametrize(
    ("policy", "history"),
    [
        (terms("a", tax_share="0.5", lifetime=50), History(earlier=(earlier("a", 50, year=2020, period="2020"),))),
        (terms("a", group=HIGHEST), History(earlier=(earlier("b", None), earlier("b", 5)))),
        (terms("a", matters=("m",), year=90), History(aid=(aid("m", 70),), earlier=(earlier("a", None),))),
    ],
)
def test_where_nothing_is_left_an_unknown_amount_does_not_count(policy: Terms, history: History) -> None:
    (one,) = entitled([policy, terms("b", group=HIGHEST)], [claim("a", 70)], history).entitlements
    assert (one.entitled_fen, one.standing, one.missing) == (0, Standing.NOTHING, ())


def test_nobody_knows_the_highest_while_a_possibly_higher_one_is_unknown() -> None:
    policies = [terms("a", group=HIGHEST, tax_share="1"), terms("b", group=HIGHEST), terms("c", group=HIGHEST, item=5)]
    result = entitled(policies, [claim("a", 70), claim("b", 60), claim("c", 80)], History())
    assert [each.standing for each in result.entitlements] == [Standing.UNKNOWN] * 3
    assert [each.missing for each in result.entitlements] == [(TAX,)] * 3


def test_an_unknown_claim_that_cannot_be_the_highest_does_not_stand_in_the_way() -> None:
    policies = [terms("a", group=HIGHEST, tax_share="1"), terms("b", group=HIGHEST)]
    result = entitled(policies, [claim("a", 70), claim("b", 71)], History())
    assert [(each.entitled_fen, each.standing) for each in result.entitlements] == [
        (0, Standing.UNKNOWN),
        (71, Standing.OWED),
    ]


def test_an_unknown_claim_leaves_an_exclusive_rival_alone() -> None:
    exclusive = ("jobs", StackingRule.EXCLUSIVE)
    policies = [terms("a", group=exclusive, tax_share="1"), terms("b", group=exclusive)]
    result = entitled(policies, [claim("a", 70), claim("b", 60)], History())
    assert [each.entitled_fen for each in result.entitlements] == [0, 60]


def test_a_record_with_unknown_aid_takes_none_of_the_aid_for_the_firm() -> None:
    history = History(aid=(aid("m", 50), aid("m", None, "L1")))
    claims = [claim("a", 70, "L1"), claim("a", 60, "L2")]
    result = entitled([terms("a", grain="loan", matters=("m",))], claims, history)
    assert [each.entitled_fen for each in result.entitlements] == [0, 10]


def test_a_policy_that_the_rules_no_longer_have_is_an_error_where_it_counts() -> None:
    history = History(earlier=(earlier("gone", 5),))
    assert entitled([terms("a", year=50)], [claim("a", 70)], history).total_fen == 50
    for policy in (terms("a", matters=("m",)), terms("a", shared=("s", 5)), terms("a", group=HIGHEST)):
        with pytest.raises(TermsMissing, match="gone"):
            entitled([policy], [claim("a", 70)], history)
    with pytest.raises(TermsMissing, match="put its file back"):
        entitled([], [claim("a", 70)], History())


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("2025", "2025-12", True),
        ("2025", "2024-12", False),
        ("2025-H2", "2025-Q3", True),
        ("2025-H1", "2025-Q3", False),
        ("2025-Q1", "2025-03", True),
        ("2025-Q1", "2025-04", False),
        ("once", "1999-04", True),
        ("event", "2025-H1", True),
    ],
)
def test_periods_meet_when_they_have_a_month_in_common(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) is meet
    assert overlap(other, one) is meet


def test_what_is_no_period_is_refused() -> None:
    with pytest.raises(NotAPeriod, match="'2025-13' is not a period"):
        months_of("2025-13")


def test_each_step_has_a_text_in_both_languages() -> None:
    assert set(STEP_TEXTS) == set(StepCode)
    step = Step(code=StepCode.NOT_HIGHEST, fen_before=5, fen_after=0, detail="some-grant")
    assert step.text("en") == "only the highest of the group is paid: some-grant"
    assert step.text("zh") == "就高不重复，按较高项兑现：some-grant"
