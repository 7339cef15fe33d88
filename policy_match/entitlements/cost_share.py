"""Which budget lines bear a payment, and how much of it each.

Guarantees that the parts add up to the payment, to the fen. Reserving the money is `ledger`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from policy_match.entitlements.apportion import apportion
from policy_match.entitlements.errors import NoBudgetLine
from policy_match.policy.model import CostShare, Policy

WHOLE = Decimal(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CostPart:
    """What one budget line bears. `line` is its id, `<line>-<year>`."""

    line: str
    fen: int


def shares_of(policy: Policy) -> tuple[CostShare, ...]:
    """Return who bears the cost of a policy: its cost shares, or its fund for all of it. Raises `NoBudgetLine`."""
    if policy.cost_shares:
        return policy.cost_shares
    if policy.budget is None:
        raise NoBudgetLine(policy_id=policy.id)
    return (CostShare(line=policy.budget.fund, share=WHOLE),)


def split_cost(fen: int, shares: Sequence[CostShare], year: int) -> tuple[CostPart, ...]:
    """Return what each line of budget year `year` bears of `fen`, in the order of the shares; parts of 0 included."""
    parts = apportion(fen, [share.share for share in shares])
    return tuple(CostPart(line=line_id(share.line, year), fen=part) for share, part in zip(shares, parts, strict=True))


def line_id(line: str, year: int) -> str:
    """Return the id of a budget line in a budget year."""
    return f"{line}-{year}"
