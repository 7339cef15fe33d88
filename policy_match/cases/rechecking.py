"""What a newer look at the facts says of a case: still eligible, for less, not any more, or nobody can say.

Guarantees that an amount is never raised by a recheck, that a lower one goes through the same steps as the first, and
that what is unknown waits instead of passing or failing. Reading the sweeps and taking the steps is `services`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.cases.model import Route, Status
from policy_match.entitlements.instalments import instalments
from policy_match.entitlements.model import Step, StepCode
from policy_match.policy.model import Policy, StillTest
from policy_match.values import Outcome, Uscc


class RecheckPurpose(StrEnum):
    """Before what eligibility and exclusions are read again."""

    APPROVAL = "approval"
    PAYMENT = "payment"


class RecheckOutcome(StrEnum):
    """What the recheck of one case found."""

    ELIGIBLE = "eligible"
    AMOUNT_LOWER = "amount_lower"
    INELIGIBLE = "ineligible"
    UNDETERMINED = "undetermined"
    EXCLUDED = "excluded"
    NOT_REGISTERED = "not_registered"


RECHECK_WORDS: Mapping[RecheckOutcome, tuple[str, str]] = {
    RecheckOutcome.ELIGIBLE: ("still eligible", "仍符合条件"),
    RecheckOutcome.AMOUNT_LOWER: ("the newest facts give a lower amount", "按最新数据计算的金额较低"),
    RecheckOutcome.INELIGIBLE: ("no longer eligible by the newest facts", "按最新数据已不符合条件"),
    RecheckOutcome.UNDETERMINED: ("cannot be said by the newest facts", "按最新数据无法确定"),
    RecheckOutcome.EXCLUDED: ("on an exclusion list", "在排除名单内"),
    RecheckOutcome.NOT_REGISTERED: ("no longer in the register", "已不在登记名录"),
}
"""Each outcome in English and Chinese, for reasons that people read."""

DEDUCTIONS = frozenset({StepCode.PRIOR_AID, StepCode.TOP_UP})
"""Steps that take a sum away; all others are limits."""


class RegisterSays(StrEnum):
    """Whether the firm is in a register: of the rechecking sweep, or of the newest one after the case fell due."""

    PRESENT = "present"
    ABSENT = "absent"
    NO_WORD = "no_word"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecheckCandidate:
    """A case that waits for a recheck, with what was decided then and what the newest sweep says now.

    `now` is `None` where the sweep kept no row: ineligible, or not there. `excluded` is the ground of an exclusion.
    `last` is what an earlier recheck of the same standing by the same sweep found, if there was one.
    """

    case_id: int
    uscc: Uscc
    record_id: str
    route: Route
    status: Status
    amount_fen: int
    instalment: int
    decided_fen: int
    steps: tuple[Step, ...]
    due_from: date
    must_still: StillTest | None
    now: Outcome | None
    now_fen: int | None
    excluded: str | None
    last: tuple[RecheckOutcome, int | None] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rechecked:
    """What the recheck of one case found; `amount_fen` is the new amount when it is lower."""

    case_id: int
    outcome: RecheckOutcome
    amount_fen: int | None = None


def recheck(
    case: RecheckCandidate, policy: Policy, as_of: date, *, in_sweep: RegisterSays, when_due: RegisterSays
) -> Rechecked:
    """Return what the newest facts say of a case.

    `in_sweep` says whether the rechecking sweep knows the firm; `when_due` whether the newest register since the
    instalment fell due does. The strongest reason to stop comes first: exclusion, register, decision.
    """
    outcome, fen = _outcome(case, policy, as_of, in_sweep, when_due)
    return Rechecked(case_id=case.case_id, outcome=outcome, amount_fen=fen)


def _outcome(
    case: RecheckCandidate, policy: Policy, as_of: date, in_sweep: RegisterSays, when_due: RegisterSays
) -> tuple[RecheckOutcome, int | None]:
    if case.excluded is not None:
        return RecheckOutcome.EXCLUDED, None
    if case.must_still is not None and when_due is RegisterSays.ABSENT:
        return RecheckOutcome.NOT_REGISTERED, None
    if case.must_still is not None and when_due is RegisterSays.NO_WORD:
        return RecheckOutcome.UNDETERMINED, None
    if case.now is None:
        if in_sweep is not RegisterSays.ABSENT:
            return RecheckOutcome.INELIGIBLE, None
        # A later instalment that does not ask for the register is not lost with it: a person decides.
        gone = case.instalment == 1 or case.must_still is not None
        return (RecheckOutcome.NOT_REGISTERED if gone else RecheckOutcome.UNDETERMINED), None
    if case.now is not Outcome.ELIGIBLE:
        return RecheckOutcome.UNDETERMINED, None
    assert case.now_fen is not None, "an eligible decision has an amount"
    if case.now_fen >= case.decided_fen:
        return RecheckOutcome.ELIGIBLE, None
    fen = lower_amount(case, policy, as_of)
    if fen >= case.amount_fen:
        return RecheckOutcome.ELIGIBLE, None
    return (RecheckOutcome.AMOUNT_LOWER, fen) if fen else (RecheckOutcome.INELIGIBLE, None)


def lower_amount(case: RecheckCandidate, policy: Policy, as_of: date) -> int:
    """Return what the case gives, in fen, when the decision is now `now_fen`, below what was decided.

    The steps of the entitlement are taken again: what was deducted is deducted, what was a limit limits; then the
    minimum payout and the instalments. What is informed only has no steps and no instalments.
    """
    assert case.now_fen is not None
    fen = case.now_fen
    for step in case.steps:
        taken = step.fen_before - step.fen_after
        fen = max(fen - taken, 0) if step.code in DEDUCTIONS else min(fen, step.fen_after)
    if fen < policy.limits.minimum_payout_fen:
        return 0
    parts = {due.number: due.fen for due in instalments(fen, policy.instalments, as_of)}
    return parts.get(case.instalment, 0)
