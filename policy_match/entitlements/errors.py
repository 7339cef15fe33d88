"""What keeps an entitlement from being computed at all; nothing was written.

Guarantees a stable code and one line in both languages. Missing facts are no errors: they are `Standing.UNKNOWN`.
"""

from policy_match.errors import InputError


class TermsMissing(InputError):
    """Payments of a policy count for a limit, but the rules no longer have the policy."""

    code = "entitlements.terms"
    english = "policy {policy_id} has claims or earlier payments, but is not in the rules; put its file back"
    chinese = "政策 {policy_id} 有待兑现或已付的金额，但规则库中没有该政策；请恢复其文件"


class NotAPeriod(InputError):
    """A period that no rhythm gives."""

    code = "entitlements.period"
    english = "'{period}' is not a period; write once, event, 2025, 2025-H1, 2025-Q1 or 2025-01"
    chinese = "“{period}”不是期间；可写 once、event、2025、2025-H1、2025-Q1 或 2025-01"


class NoBudgetLine(InputError):
    """A policy that would be paid says from nowhere."""

    code = "entitlements.line"
    english = "policy {policy_id} names no budget and no cost shares; add [budget] or [[cost_share]] to its file"
    chinese = "政策 {policy_id} 未写明资金来源；请在其文件中加 [budget] 或 [[cost_share]]"
