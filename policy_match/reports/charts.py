"""A chart: names, and one or more bars for each; a hidden number is named and not drawn.

Guarantees that the same figures have the same digest, under which a drawn chart is kept. Drawing is `storage`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.reports.tables import Number
from policy_match.values import Digest

HIDDEN, NOTHING = "*", "–"

DRAWING = 2
"""How bars are drawn. Another drawing has another number, so that none of an earlier one is shown for its figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A name and a number, which may be hidden or of nothing; a fraction is a share."""

    name: str
    value: Number | None
    hidden: bool = False

    @property
    def length(self) -> float:
        """How long it is drawn."""
        return float(self.value or 0)

    @property
    def written(self) -> str:
        """What stands at its end."""
        if self.value is None:
            return HIDDEN if self.hidden else NOTHING
        return f"{float(self.value):.1%}" if isinstance(self.value, Fraction) else f"{self.value:,}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """Bars side by side: every series has the same names. The scale ends at `most` or later."""

    title: str
    series: Sequence[tuple[str, Sequence[Bar]]]
    most: int = 0

    @property
    def digest(self) -> Digest:
        """What the chart is known by."""
        plain = [
            DRAWING,
            self.title,
            self.most,
            [[words, [[bar.name, bar.written, bar.length] for bar in bars]] for words, bars in self.series],
        ]
        return Digest(hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest())
