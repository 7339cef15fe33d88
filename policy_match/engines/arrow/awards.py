"""From an exact amount in yuan to the award in fen, for the eligible rows of one policy.

Guarantees the order of `sweep.decide.award`: rounded once, half up, to the fen; nothing below the minimum; then at
most the cap, and never less than nothing. An award of 10**18 fen or more is unknown.
"""

from collections.abc import Callable

import numpy as np

from policy_match.engines.arrow.arithmetic import rounded_units
from policy_match.engines.arrow.columns import Numbers
from policy_match.engines.arrow.integers import Integers
from policy_match.engines.arrow.masks import both
from policy_match.values import MONEY_LIMIT_FEN, Money

YUAN_DIGITS = 2


def award_after(minimum: Money) -> Callable[..., Numbers]:
    """Return the operation that turns an amount, and a cap if there is one, into whole fen."""

    def award(amount: Numbers, *caps: Numbers) -> Numbers:
        fen = rounded_units(amount, YUAN_DIGITS)
        known = amount.known
        if fen.low < minimum.fen:
            fen = fen.where((fen.values >= minimum.fen).astype(np.bool_, copy=False), Integers.of(0))
        for cap in caps:
            fen = fen.at_most(rounded_units(cap, YUAN_DIGITS))
            known = both(known, cap.known)
        if fen.low < 0:
            fen = fen.where((fen.values >= 0).astype(np.bool_, copy=False), Integers.of(0))
        if fen.exact or fen.high >= MONEY_LIMIT_FEN:
            known = both(known, (fen.values < MONEY_LIMIT_FEN).astype(np.bool_, copy=False))
        if fen.exact and known is not None:
            fen = fen.where(known, Integers.of(0))  # what is too large to be money may be too large for int64
        return Numbers(fen, known=known)

    return award
