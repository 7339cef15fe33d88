"""Which steps the cases of a policy take, chosen from how its benefit is delivered.

Guarantees that what may not be paid by machine never gets a route on which money can be ordered.
"""

from policy_match.cases.model import Event, Route
from policy_match.policy.model import Benefit, Delivery, Policy, Silence

PAYABLE_GRADE = "A"
INFORM_ONLY = frozenset({Delivery.SELF_DECLARE, Delivery.APPLY, Delivery.NONE})


def route_of(policy: Policy) -> Route:
    """Return the route of a policy's cases.

    Reminders, what the firm declares or applies for itself, and policies whose source was not fully seen only inform,
    whatever else they say. Equity needs a contract. A bank or a utility is paid like a firm, without being asked.
    """
    if policy.benefit is Benefit.REMINDER or policy.delivery in INFORM_ONLY or policy.encoding_grade != PAYABLE_GRADE:
        return Route.INFORM
    if policy.benefit is Benefit.EQUITY:
        return Route.CONTRACT
    if policy.delivery is Delivery.CONFIRM:
        return Route.CONFIRM
    if policy.delivery is Delivery.LIST_THEN_COLLECT:
        return Route.LIST_THEN_COLLECT
    return Route.DIRECT


def event_of_silence(route: Route, silence: Silence) -> Event:
    """Return what happens when the firm does not answer in time.

    Silence accepts only on the confirm route: neither an account nor a signature comes from silence.
    """
    accepts = silence is Silence.ACCEPTED and route is Route.CONFIRM
    return Event.ACCEPT_SILENCE if accepts else Event.LAPSE
