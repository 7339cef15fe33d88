"""Which period a benefit belongs to, as the word that keeps it from being given twice.

Guarantees the same word for every day of one period.
"""

from datetime import date
from typing import assert_never

from policy_match.policy.model import Benefit, Rhythm


def period_of(rhythm: Rhythm, benefit: Benefit, as_of: date) -> str:
    """Return `once`, `2025`, `2025-H1`, `2025-Q2`, `2025-06` or `event`.

    An event has no calendar period: the record tells two of them apart. A reminder may come again every month.
    """
    if rhythm is Rhythm.EVENT and benefit is Benefit.REMINDER:
        rhythm = Rhythm.MONTH
    match rhythm:
        case Rhythm.ONCE | Rhythm.EVENT:
            return rhythm.value
        case Rhythm.YEAR:
            return f"{as_of.year:04}"
        case Rhythm.HALF_YEAR:
            return f"{as_of.year:04}-H{(as_of.month + 5) // 6}"
        case Rhythm.QUARTER:
            return f"{as_of.year:04}-Q{(as_of.month + 2) // 3}"
        case Rhythm.MONTH:
            return f"{as_of.year:04}-{as_of.month:02}"
        case _:
            assert_never(rhythm)
