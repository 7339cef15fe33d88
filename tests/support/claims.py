"""Short ways to write invented terms, claims and histories for the tests of entitlements."""

from decimal import Decimal

from policy_match.entitlements.model import Aid, Claim, Earlier, Terms
from policy_match.facts.catalogue import FIRM
from policy_match.policy.model import Limits, RetainedTax, SharedLimit, Stacking, StackingRule
from policy_match.values import FactName, PolicyId, Uscc

YEAR = 2025
TAX = FactName("local_tax_retained_y1")


def terms(
    policy_id: str,
    *,
    grain: str = FIRM,
    item: int | None = None,
    year: int | None = None,
    lifetime: int | None = None,
    minimum: int = 0,
    shared: tuple[str, int] | None = None,
    tax_share: str | None = None,
    matters: tuple[str, ...] = (),
    group: tuple[str, StackingRule] | None = None,
) -> Terms:
    """Return the terms of a policy; all amounts in fen."""
    return Terms(
        policy_id=PolicyId(policy_id),
        grain=grain,
        limits=Limits(
            item_fen=item,
            year_fen=year,
            lifetime_fen=lifetime,
            minimum_payout_fen=minimum,
            shared=None if shared is None else SharedLimit(name=shared[0], year_fen=shared[1]),
            retained_tax=None if tax_share is None else RetainedTax(fact=TAX, share=Decimal(tax_share)),
        ),
        matters=frozenset(matters),
        stacking=None if group is None else Stacking(group=group[0], rule=group[1]),
    )


def claim(policy_id: str, fen: int, record: str = "", *, period: str = "2025", tax: int | None = None) -> Claim:
    """Return a claim whose key is `policy` or `policy/record`."""
    return Claim(
        key=f"{policy_id}/{record}" if record else policy_id,
        policy_id=PolicyId(policy_id),
        uscc=Uscc("91370200000000000X"),
        record_id=record,
        period=period,
        amount_fen=fen,
        retained_tax_fen=tax,
    )


def earlier(policy_id: str, fen: int | None, record: str = "", *, period: str = "2025", year: int = YEAR) -> Earlier:
    """Return an earlier payment."""
    return Earlier(policy_id=PolicyId(policy_id), record_id=record, period=period, year=year, fen=fen)


def aid(matter: str, fen: int | None, record: str = "") -> Aid:
    """Return imported aid."""
    return Aid(matter=matter, fen=fen, record_id=record)
