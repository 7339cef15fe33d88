"""The table of transitions as Mermaid state diagrams, one per route, for the manual.

Guarantees the same text for the same table: a test compares it with the page.
"""

from collections import defaultdict

from policy_match.cases.model import Event, Route, Status
from policy_match.cases.transitions import TRANSITIONS
from policy_match.cases.words import STATUS_WORDS


def diagram(route: Route) -> str:
    """Return the Mermaid `stateDiagram-v2` of one route: every status that it knows and every event between them."""
    steps = sorted(step for step in TRANSITIONS if step.route is route)
    order = list(Status)
    events: dict[tuple[Status, Status], list[Event]] = defaultdict(list)
    for step in steps:
        events[step.before, step.after].append(step.event)
    left = {before for before, _ in events}
    reached = {Status.MATCHED} | {after for _, after in events}
    lines = ["stateDiagram-v2"]
    lines += [f"    {status}: {status} {STATUS_WORDS[status].zh}" for status in order if status in reached]
    lines.append(f"    [*] --> {Status.MATCHED}")
    lines += [
        f"    {before} --> {after}: {' / '.join(events[before, after])}"
        for before, after in sorted(events, key=lambda edge: (order.index(edge[0]), order.index(edge[1])))
    ]
    lines += [f"    {status} --> [*]" for status in order if status in reached - left]
    return "\n".join(lines) + "\n"
