"""The instalments of what is owed: how much falls due when, and what must still hold then.

Guarantees that they add up to the whole, to the fen. Whether the firm is still in the register is asked when one
falls due, by the service that opens it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.entitlements.apportion import apportion
from policy_match.policy.model import Instalment, StillTest
from policy_match.values import add_months


@dataclass(frozen=True, kw_only=True, slots=True)
class DueInstalment:
    """One instalment: its number from 1, and the first day on which it may be paid."""

    number: int
    fen: int
    due_from: date
    still: StillTest | None = None


def instalments(fen: int, plan: Sequence[Instalment], as_of: date) -> tuple[DueInstalment, ...]:
    """Return the instalments of `fen`; without a plan, one that is due on the as-of date.

    Each is due the same day of a later month, or the last day of it (Civil Code art. 202). One without a fen, of a
    very small amount, is left out; the others keep their numbers.
    """
    if not plan:
        return (DueInstalment(number=1, fen=fen, due_from=as_of),)
    found = []
    parts = apportion(fen, [instalment.share for instalment in plan])
    for number, (instalment, part) in enumerate(zip(plan, parts, strict=True), start=1):
        due_from = add_months(as_of, instalment.months)
        assert due_from is not None, "the loader limits the months"
        if part:
            found.append(DueInstalment(number=number, fen=part, due_from=due_from, still=instalment.still))
    return tuple(found)
