"""What is on public display: cases by policy and by the day on which their display began, and what is shown of a firm.

Guarantees that a credit code is never shown whole, and that the name of a one-person business, which may be that of a
person, is not either. Who is put on display, and for how long, is `notify_cases`.
"""

from dataclasses import dataclass
from datetime import date

from policy_match.values import PolicyId, Uscc

SHOWN_BEFORE, SHOWN_AFTER = 6, 4
ONE_PERSON = "92"
"""How codes of 个体工商户 begin: registered by market regulation (9), as a self-employed household (GB 32100, 2)."""

SHOWN_OF_NAME = 2
"""So many characters at each end of such a name: where it is, and what it does."""

HIDDEN = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Display:
    """The cases of one policy whose display began on one day; `objected` wait for the answer to an objection.

    `last_day` is the last on which somebody may object to any of them.
    """

    policy_id: PolicyId
    first_day: date
    last_day: date
    cases: int
    objected: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DisplayedCase:
    """One case on display. `name` is the firm's registered name, empty when the snapshot has none."""

    case_id: int
    uscc: Uscc
    name: str
    period: str
    instalment: int
    instalments: int
    amount_fen: int
    last_day: date

    @property
    def shown_code(self) -> str:
        """The credit code as everybody may see it."""
        hidden = HIDDEN * max(len(self.uscc) - SHOWN_BEFORE - SHOWN_AFTER, 0)
        return f"{self.uscc[:SHOWN_BEFORE]}{hidden}{self.uscc[-SHOWN_AFTER:]}"

    @property
    def shown_name(self) -> str:
        """The name as everybody may see it: that of a firm whole, as objections need it."""
        if not self.uscc.startswith(ONE_PERSON):
            return self.name
        hidden = HIDDEN * max(len(self.name) - 2 * SHOWN_OF_NAME, 1)
        return f"{self.name[:SHOWN_OF_NAME]}{hidden}{self.name[-SHOWN_OF_NAME:]}" if self.name else ""
