"""Which steps of a case are told to the firm, and as what.

Guarantees that the database writes a notice for exactly these, in the transaction of the step itself: a step that is
not listed changes nothing that the firm would want to know. The words of each kind are its templates.
"""

from collections.abc import Iterator

from policy_match.cases.apply import ASKS, NOTICES
from policy_match.cases.model import Event, NoticeKind, Route
from policy_match.cases.transitions import TRANSITIONS


def kind_of(route: Route, event: Event) -> NoticeKind | None:
    """Return what the firm is told after a step; `None` when nothing."""
    return ASKS[route] if event is Event.NOTIFY else NOTICES.get(event)


def told_steps() -> Iterator[tuple[Route, Event, NoticeKind]]:
    """Yield every step of every route that is told, sorted."""
    for route, event in sorted({(step.route, step.event) for step in TRANSITIONS}):
        kind = kind_of(route, event)
        if kind is not None:
            yield route, event, kind
