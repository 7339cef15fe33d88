"""The one table of what can happen to a case: per route, which event leads from which status to which.

Guarantees that there is no other: `apply`, the SQL that enforces it (`sql_rules`) and the diagram in the manual
(`diagram`) are made from it. When a step may be taken (deadlines, reasons, amounts) is `apply`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policy_match.cases.model import Event, Route, Status


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Transition:
    """One possible step."""

    route: Route
    before: Status
    event: Event
    after: Status


Step = tuple[Status, Event, Status]

AMENDED: Mapping[Route, Status] = {
    Route.DIRECT: Status.MATCHED,
    Route.CONFIRM: Status.CONFIRMED,
    Route.LIST_THEN_COLLECT: Status.MATCHED,
    Route.CONTRACT: Status.CONFIRMED,
}
"""Where a case goes on when its amount or budget year changes: back to before its review and approval."""

ASK: Sequence[Step] = (
    (Status.NOTIFIED, Event.CONFIRM, Status.CONFIRMED),
    (Status.NOTIFIED, Event.DECLINE, Status.DECLINED),
    (Status.NOTIFIED, Event.LAPSE, Status.WAIVED),
    (Status.NOTIFIED, Event.EXTEND, Status.NOTIFIED),
    (Status.DECLINED, Event.RECONSIDER, Status.NOTIFIED),
)
"""The firm's answer. Silence accepts only where a route adds it."""

DECIDE: Sequence[Step] = (
    (Status.REVIEWED, Event.APPROVE, Status.APPROVED),
    (Status.REVIEWED, Event.REJECT, Status.REJECTED),
    (Status.APPROVED, Event.PUBLISH, Status.PUBLISHED),
    (Status.PUBLISHED, Event.OBJECT, Status.OBJECTED),
    (Status.OBJECTED, Event.DISMISS, Status.PUBLISHED),
    (Status.OBJECTED, Event.UPHOLD, Status.WITHDRAWN),
)

PAY: Sequence[Step] = (
    (Status.ORDERED, Event.SETTLE, Status.PAID),
    (Status.ORDERED, Event.BOUNCE, Status.RETURNED),
    (Status.PAID, Event.BOUNCE, Status.RETURNED),
    (Status.RETURNED, Event.CORRECT, Status.ORDERED),
    (Status.RETURNED, Event.CLOSE, Status.CLOSED),
    (Status.PAID, Event.CLOSE, Status.CLOSED),
    (Status.CLOSED, Event.BOUNCE, Status.RETURNED),
    (Status.PAID, Event.CLAIM_BACK, Status.RECOVERING),
    (Status.CLOSED, Event.CLAIM_BACK, Status.RECOVERING),
    (Status.RECOVERING, Event.RECOVER, Status.RECOVERED),
)

BEFORE_MONEY: Sequence[Status] = (
    Status.MATCHED,
    Status.NOTIFIED,
    Status.CONFIRMED,
    Status.REVIEWED,
    Status.APPROVED,
    Status.PUBLISHED,
    Status.OBJECTED,
)
"""While a case stands here it is withdrawn when the firm is no longer eligible."""

OWN_STEPS: Mapping[Route, Sequence[Step]] = {
    Route.DIRECT: (
        (Status.MATCHED, Event.REVIEW, Status.REVIEWED),
        *DECIDE,
        (Status.APPROVED, Event.ORDER, Status.ORDERED),
        (Status.PUBLISHED, Event.ORDER, Status.ORDERED),
        *PAY,
    ),
    Route.CONFIRM: (
        (Status.MATCHED, Event.NOTIFY, Status.NOTIFIED),
        *ASK,
        (Status.NOTIFIED, Event.ACCEPT_SILENCE, Status.CONFIRMED),
        (Status.CONFIRMED, Event.REVIEW, Status.REVIEWED),
        *DECIDE,
        (Status.APPROVED, Event.ORDER, Status.ORDERED),
        (Status.PUBLISHED, Event.ORDER, Status.ORDERED),
        *PAY,
    ),
    # The list is published first; then the firms on it are asked for an account, which silence cannot give.
    Route.LIST_THEN_COLLECT: (
        (Status.MATCHED, Event.REVIEW, Status.REVIEWED),
        *DECIDE,
        (Status.APPROVED, Event.NOTIFY, Status.NOTIFIED),
        (Status.PUBLISHED, Event.NOTIFY, Status.NOTIFIED),
        *ASK,
        (Status.CONFIRMED, Event.ORDER, Status.ORDERED),
        *PAY,
    ),
    # A contract needs the firm's word: silence is no declaration of intent (Civil Code art. 140).
    Route.CONTRACT: (
        (Status.MATCHED, Event.NOTIFY, Status.NOTIFIED),
        *ASK,
        (Status.CONFIRMED, Event.REVIEW, Status.REVIEWED),
        *DECIDE,
        (Status.APPROVED, Event.CONTRACT, Status.CONTRACTED),
        (Status.PUBLISHED, Event.CONTRACT, Status.CONTRACTED),
        (Status.CONTRACTED, Event.CLOSE, Status.CLOSED),
    ),
    Route.INFORM: (
        (Status.MATCHED, Event.NOTIFY, Status.NOTIFIED),
        (Status.NOTIFIED, Event.CLOSE, Status.CLOSED),
    ),
}
"""What each route does, without what follows from it: amending, queueing again and withdrawing."""


def _steps(route: Route) -> Iterator[Step]:
    own = OWN_STEPS[route]
    yield from own
    reached = {status for before, _, after in own for status in (before, after)}
    yield from ((status, Event.WITHDRAW, Status.WITHDRAWN) for status in BEFORE_MONEY if status in reached)
    if route in AMENDED:
        target = AMENDED[route]
        yield from ((status, Event.AMEND, target) for status in (Status.REVIEWED, Status.OBJECTED))
        # When the budget year is over, what was not paid in it waits for a new budget and a new approval.
        payable = {before for before, event, _ in own if event is Event.ORDER}
        yield from ((status, Event.REQUEUE, target) for status in (*payable, Status.RETURNED) if status in reached)


TRANSITIONS: frozenset[Transition] = frozenset(
    Transition(route=route, before=before, event=event, after=after)
    for route in Route
    for before, event, after in _steps(route)
)

AFTER: Mapping[tuple[Route, Status, Event], Status] = {
    (step.route, step.before, step.event): step.after for step in TRANSITIONS
}
"""The same table as a look-up: an event leads to one status."""

assert len(AFTER) == len(TRANSITIONS)


def possible(route: Route, status: Status) -> tuple[Event, ...]:
    """Return the events that the table allows from here, in the order of `Event`."""
    return tuple(event for event in Event if (route, status, event) in AFTER)
