"""The stages that a case still comes to when all goes well, for the firm that waits: the way ahead of a parcel.

Guarantees nothing: objections, amended amounts and returned payments lead elsewhere. What the case waits for now is
`next_step`.
"""

from collections.abc import Mapping, Sequence

from policy_match.cases.model import Route, Status
from policy_match.supervision.stages import Stage

Way = Sequence[tuple[Status, Stage]]

ASKED: Way = ((Status.NOTIFIED, Stage.NOTIFY), (Status.CONFIRMED, Stage.ANSWER))
DECIDED: Way = ((Status.REVIEWED, Stage.REVIEW), (Status.APPROVED, Stage.APPROVAL), (Status.PUBLISHED, Stage.PUBLICITY))
MONEY: Way = ((Status.ORDERED, Stage.ORDER), (Status.PAID, Stage.BANK))

WAYS: Mapping[Route, Way] = {
    Route.DIRECT: (*DECIDED, *MONEY),
    Route.CONFIRM: (*ASKED, *DECIDED, *MONEY),
    Route.LIST_THEN_COLLECT: (*DECIDED, *ASKED, *MONEY),
    Route.CONTRACT: (*ASKED, *DECIDED, (Status.CONTRACTED, Stage.CONTRACT)),
    Route.INFORM: ((Status.NOTIFIED, Stage.NOTIFY),),
}
"""Per route each status on the way, with the stage that leads to it."""

BESIDE: Mapping[Status, Status] = {Status.OBJECTED: Status.PUBLISHED, Status.RETURNED: Status.ORDERED}
"""Where a case that left the way comes back to it."""


def stages_ahead(route: Route, status: Status, *, amount_fen: int, publicity_days: int) -> Sequence[Stage]:
    """Return the stages that are still to come, in order; none once the case has ended or the firm has its due.

    A policy with no working days of publicity shows no list, and a case of no amount is not paid.
    """
    way = WAYS[route]
    here = BESIDE.get(status, status)
    passed = [place for place, (reached, _) in enumerate(way) if reached is here]
    if not passed and here is not Status.MATCHED:
        return ()
    to_come = way[passed[0] + 1 :] if passed else way
    left_out = {Stage.PUBLICITY} if publicity_days == 0 else set()
    left_out |= {Stage.ORDER, Stage.BANK} if amount_fen == 0 else set()
    return tuple(stage for _, stage in to_come if stage not in left_out)
