"""How a policy stands on a day: in force, not yet, or no more.

Guarantees the same word everywhere for the same day. Which version is in force is `model.Policy.version_at`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from policy_match.cases.words import Words
from policy_match.policy.model import Policy


class PolicyState(StrEnum):
    """How a policy stands; one between two versions is still to come."""

    IN_FORCE = "in_force"
    TO_COME = "to_come"
    ENDED = "ended"


STATE_WORDS: Mapping[PolicyState, Words] = {
    PolicyState.IN_FORCE: Words("施行中", "in force"),
    PolicyState.TO_COME: Words("尚未施行", "not yet in force"),
    PolicyState.ENDED: Words("已到期", "ended"),
}


def state_on(policy: Policy, day: date) -> PolicyState:
    """Return how the policy stands on `day`."""
    if policy.version_at(day) is not None:
        return PolicyState.IN_FORCE
    to_come = any(version.in_force.first > day for version in policy.versions)
    return PolicyState.TO_COME if to_come else PolicyState.ENDED
