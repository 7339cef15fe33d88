"""What a newer look at the facts says of one case."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from policy_match.cases.model import Route, Status
from policy_match.cases.rechecking import (
    RECHECK_WORDS,
    RecheckCandidate,
    RecheckOutcome,
    RegisterSays,
    lower_amount,
    recheck,
)
from policy_match.entitlements.model import Step, StepCode
from policy_match.policy.model import Instalment, Limits, Policy, StillTest
from policy_match.values import Outcome, Uscc
from tests.support.policies import make_policy

DAY = date(2025, 6, 30)
PRESENT, ABSENT, NO_WORD = RegisterSays
POLICY, _ = make_policy("some")
CASE = RecheckCandidate(
    case_id=1,
    uscc=Uscc("91370000MA00000001"),
    record_id="",
    route=Route.DIRECT,
    status=Status.MATCHED,
    amount_fen=1000,
    instalment=1,
    due_from=DAY,
    decided_fen=1000,
    steps=(),
    must_still=None,
    now=Outcome.ELIGIBLE,
    now_fen=1000,
    excluded=None,
    last=None,
)
LATER = replace(CASE, instalment=2, must_still=StillTest.REGISTERED)


def _outcome(
    case: RecheckCandidate, in_sweep: RegisterSays = PRESENT, when_due: RegisterSays = PRESENT, policy: Policy = POLICY
) -> RecheckOutcome:
    return recheck(case, policy, DAY, in_sweep=in_sweep, when_due=when_due).outcome


@pytest.mark.parametrize(
    ("case", "in_sweep", "when_due", "outcome"),
    [
        (CASE, PRESENT, NO_WORD, RecheckOutcome.ELIGIBLE),
        (replace(CASE, now_fen=2000), PRESENT, NO_WORD, RecheckOutcome.ELIGIBLE),
        (replace(CASE, now_fen=999), PRESENT, NO_WORD, RecheckOutcome.AMOUNT_LOWER),
        (replace(CASE, now_fen=0), PRESENT, NO_WORD, RecheckOutcome.INELIGIBLE),
        (replace(CASE, now=None), PRESENT, NO_WORD, RecheckOutcome.INELIGIBLE),
        (replace(CASE, now=None), NO_WORD, NO_WORD, RecheckOutcome.INELIGIBLE),
        (replace(CASE, now=None), ABSENT, NO_WORD, RecheckOutcome.NOT_REGISTERED),
        (replace(CASE, now=Outcome.UNDETERMINED, now_fen=None), PRESENT, NO_WORD, RecheckOutcome.UNDETERMINED),
        (replace(CASE, excluded="失信", now=None), ABSENT, ABSENT, RecheckOutcome.EXCLUDED),
        (LATER, PRESENT, PRESENT, RecheckOutcome.ELIGIBLE),
        (LATER, PRESENT, ABSENT, RecheckOutcome.NOT_REGISTERED),
        (LATER, PRESENT, NO_WORD, RecheckOutcome.UNDETERMINED),
        (replace(LATER, now=None), ABSENT, PRESENT, RecheckOutcome.NOT_REGISTERED),
        (replace(LATER, now=None, must_still=None), ABSENT, NO_WORD, RecheckOutcome.UNDETERMINED),
    ],
)
def test_the_strongest_reason_to_stop_comes_first(
    case: RecheckCandidate, in_sweep: RegisterSays, when_due: RegisterSays, outcome: RecheckOutcome
) -> None:
    assert _outcome(case, in_sweep, when_due) is outcome


def test_an_amount_that_an_objection_lowered_is_not_lowered_again() -> None:
    assert _outcome(replace(CASE, amount_fen=400, now_fen=900)) is RecheckOutcome.ELIGIBLE


def test_deductions_are_deducted_and_limits_limit() -> None:
    steps = (
        Step(code=StepCode.ITEM_LIMIT, fen_before=1000, fen_after=800),
        Step(code=StepCode.PRIOR_AID, fen_before=800, fen_after=500, detail="x"),
        Step(code=StepCode.YEAR_LIMIT, fen_before=500, fen_after=450),
    )
    case = replace(CASE, steps=steps)
    assert [lower_amount(replace(case, now_fen=fen), POLICY, DAY) for fen in (900, 700, 400, 200)] == [450, 400, 100, 0]


def test_below_the_minimum_payout_nothing_is_left() -> None:
    policy = replace(POLICY, limits=Limits(minimum_payout_fen=500))
    assert lower_amount(replace(CASE, now_fen=499), policy, DAY) == 0
    assert lower_amount(replace(CASE, now_fen=500), policy, DAY) == 500


def test_an_instalment_becomes_lower_by_its_share() -> None:
    plan = (Instalment(share=Decimal("0.6")), Instalment(share=Decimal("0.4"), months=12))
    policy = replace(POLICY, instalments=plan)
    assert lower_amount(replace(CASE, now_fen=500), policy, DAY) == 300
    assert lower_amount(replace(CASE, now_fen=500, instalment=2), policy, DAY) == 200
    assert lower_amount(replace(CASE, now_fen=1, instalment=2), policy, DAY) == 0


def test_every_outcome_has_words() -> None:
    assert RECHECK_WORDS.keys() == set(RecheckOutcome)
