"""Money that must be handed back: after fraud, or because too much was paid to an honest firm.

Guarantees that the two are told apart in what is asked and in what follows, and that nobody decides on money whose
payment they approved. Whether the money arrives is the ledger's and the bank's to say.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.errors import InputError
from policy_match.values import MONEY_LIMIT_FEN, Uscc, add_months

EXCLUSION_YEARS = 3
"""After fraud a firm is paid nothing for so long, as 合肥 does (platforms note 22)."""


class RecoveryKind(StrEnum):
    """Why money is asked back."""

    FRAUD = "fraud"
    OVERPAYMENT = "overpayment"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """A decision to ask money back, in fen. `excluded_until` is the last day without payment, `None` for no ban."""

    case_id: int
    uscc: Uscc
    kind: RecoveryKind
    paid_fen: int
    right_fen: int
    asked_fen: int
    decided_on: date
    decided_by: str
    reason: str
    excluded_until: date | None


class WrongRecovery(InputError):
    """Amounts, reason or period do not make a decision. `defect` and `defect_zh` say which."""

    code = "recovery.wrong"
    english = "case {case_id}: {defect}; correct the decision"
    chinese = "事项 {case_id}：{defect_zh}；请更正追回决定"


class SameHands(InputError):
    """Who approved the case may not decide on its recovery."""

    code = "recovery.same-hands"
    english = "case {case_id}: {by} approved it, so somebody else must decide on its recovery"
    chinese = "事项 {case_id}：{by} 曾审批该事项，追回须由其他人员决定"


def decide_recovery(
    *,
    case_id: int,
    uscc: Uscc,
    kind: RecoveryKind,
    paid_fen: int,
    right_fen: int,
    decided_on: date,
    decided_by: str,
    approved_by: Collection[str],
    reason: str,
    exclusion_years: int = EXCLUSION_YEARS,
) -> Recovery:
    """Return the decision.

    `paid_fen` is what was paid and neither came back nor was asked back before, `right_fen` what would have been
    right. Honest overpayment: the difference is asked back, without interest, and nothing else follows. Fraud: all is
    asked back and the firm is excluded for `exclusion_years`, to the corresponding day (Civil Code art. 202).
    Raises `SameHands` or `WrongRecovery`.
    """
    by = decided_by.strip()
    if by.casefold() in {name.strip().casefold() for name in approved_by}:
        raise SameHands(case_id=case_id, by=by)
    until = add_months(decided_on, 12 * exclusion_years) if exclusion_years > 0 else None
    for wrong, defect, defect_zh in (
        (not by, "nobody is named who decides", "未注明决定人"),
        (not reason.strip(), "a reason is needed", "须写明理由"),
        (not 0 < paid_fen < MONEY_LIMIT_FEN, f"{paid_fen} fen cannot have been paid", f"已付金额 {paid_fen} 分无效"),
        (
            not 0 <= right_fen < paid_fen and kind is RecoveryKind.OVERPAYMENT,
            f"{paid_fen} fen paid is not more than {right_fen} fen, which would be right",
            f"已付 {paid_fen} 分并未超过应付 {right_fen} 分",
        ),
        (
            right_fen != 0 and kind is RecoveryKind.FRAUD,
            "nothing is right of what was got by fraud: write 0 as the right amount",
            "骗取的资金不存在应付金额：应付金额应为 0",
        ),
        (
            until is None and kind is RecoveryKind.FRAUD,
            f"an exclusion of {exclusion_years} years is none",
            f"禁止享受期限 {exclusion_years} 年无效",
        ),
    ):
        if wrong:
            raise WrongRecovery(case_id=case_id, defect=defect, defect_zh=defect_zh)
    return Recovery(
        case_id=case_id,
        uscc=uscc,
        kind=kind,
        paid_fen=paid_fen,
        right_fen=right_fen,
        asked_fen=paid_fen - right_fen,
        decided_on=decided_on,
        decided_by=by,
        reason=reason.strip(),
        excluded_until=until if kind is RecoveryKind.FRAUD else None,
    )


def excluded_until(recoveries: Iterable[Recovery], uscc: Uscc, day: date) -> date | None:
    """Return the last day on which a firm is excluded, if it is so on `day`: after fraud, from the decision on."""
    last_days = [
        each.excluded_until
        for each in recoveries
        if each.uscc == uscc and each.excluded_until is not None and each.decided_on <= day <= each.excluded_until
    ]
    return max(last_days, default=None)
