"""The words of the report: in what each benefit that was due ended, what the firm answered, how far word of it got.

Guarantees that each case is in exactly one end state, whatever its route and status. What is counted of it is
`figures`; which cells may be shown is `suppression`; counting is a store's.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.cases.decline_reasons import DeclineReason
from policy_match.cases.model import Route, Status

FEWEST_FIRMS = 3
"""A figure of fewer firms is not published: a reader who is one of two could tell the other's."""

UNKNOWN = "unknown"
"""The group of firms of which a fact is not known; they are never left out."""

NOT_REACHED = "none"
"""The group of firms that no channel has reached yet."""


class EndState(StrEnum):
    """What became of a benefit that was due, as it stands. Every case is in exactly one."""

    PAID = "paid"
    CLAIMED_BACK = "claimed_back"
    GRANTED = "granted"
    TOLD = "told"
    UNDER_WAY = "under_way"
    DECLINED = "declined"
    WAIVED = "waived"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class Answer(StrEnum):
    """What a firm that was asked said last. `accepted` and `waived` are what its silence meant."""

    NOT_ASKED = "not_asked"
    OPEN = "open"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WAIVED = "waived"


class Reach(StrEnum):
    """How far word of a case got. *Reached*: handed over by a channel that leaves the portal, or read in it."""

    NONE = "none"
    REACHED = "reached"
    READ = "read"


class Cut(StrEnum):
    """By what the figures are divided. Every case is in one group of each."""

    POLICY = "policy"
    DISTRICT = "district"
    INDUSTRY = "industry"
    SIZE = "size"
    CHANNEL = "channel"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, in China: benefits that fell due then are counted."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """All that the report says of one case, so that cases of one profile need not be told apart.

    `owed`: it was opened with money to be paid. `amount_zero`: its amount is nothing now. `display_over`: it is
    approved, and its publicity is over or was not asked for. `late`: an objection was not answered in time.
    """

    route: Route
    status: Status
    owed: bool
    amount_zero: bool
    display_over: bool
    answer: Answer
    reach: Reach
    reason: DeclineReason | None
    waits_for_budget: bool
    objected: bool
    upheld: bool
    late: bool
    amended: bool
    attempts: int
    came_back: int

    @property
    def end_state(self) -> EndState:
        """What became of the case."""
        return end_state(
            self.route, self.status, amount_zero=self.amount_zero, display_over=self.display_over, owed=self.owed
        )

    @property
    def corrected(self) -> bool:
        """Whether an objection or a recovery put the case right."""
        return self.upheld or self.end_state is EndState.CLAIMED_BACK


ENDED = {
    Status.PAID: EndState.PAID,
    Status.RECOVERING: EndState.CLAIMED_BACK,
    Status.RECOVERED: EndState.CLAIMED_BACK,
    Status.DECLINED: EndState.DECLINED,
    Status.WAIVED: EndState.WAIVED,
    Status.WITHDRAWN: EndState.WITHDRAWN,
    Status.REJECTED: EndState.REJECTED,
}
"""Statuses that say by themselves what became of the case."""


def end_state(route: Route, status: Status, *, amount_zero: bool, display_over: bool, owed: bool) -> EndState:
    """Return what became of a case that stands there.

    A closed case was paid, unless nothing was left of its amount: then it was given up after a return. A contract is
    fulfilled when its case closes. A title, which costs nothing, is granted with its approval and publicity.
    """
    if status in ENDED:
        return ENDED[status]
    if route is Route.INFORM and status in (Status.NOTIFIED, Status.CLOSED):
        return EndState.TOLD
    if status is Status.CLOSED:
        if route is Route.CONTRACT:
            return EndState.GRANTED
        return EndState.GIVEN_UP if amount_zero else EndState.PAID
    if display_over and amount_zero and not owed and route is not Route.CONTRACT:
        return EndState.GRANTED
    return EndState.UNDER_WAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """Cases of one profile in one group of a cut.

    `firms` are those behind them, by code or number, but never more than `FEWEST_FIRMS` of them: so many are enough to
    show a figure.
    `entitled_fen` is what they were opened with, `settled_fen` what the bank paid.
    """

    group: str
    profile: Profile
    cases: int
    firms: frozenset[str]
    entitled_fen: int = 0
    settled_fen: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupTimes:
    """Firms of a group, each once, and days from match to money of its paid cases.

    Days are calendar days in China, from the opening of the case, or the day its instalment fell due, to the payment.
    `median_days` and `slow_days` (nine of ten were no slower) are `None` when nothing was paid.
    """

    group: str
    firms: int
    paid_firms: int
    median_days: int | None
    slow_days: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StageTime:
    """How long cases of one policy (empty: of all) stood in one status, over stays that ended, in calendar days."""

    policy_id: str
    status: Status
    stays: int
    firms: int
    median_days: int
    slow_days: int
