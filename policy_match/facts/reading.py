"""One fact of one firm as a snapshot gives it: the value, when it was observed, by whom, and whether it still counts.

Guarantees that a stale value is shown but not used: `usable` is what a rule sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.facts.catalogue import Fact
from policy_match.facts.column_values import ColumnValue, RuleValue, rule_value
from policy_match.values import FactName


class FactState(StrEnum):
    """Whether a fact can be used."""

    KNOWN = "known"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A fact's value as read. `value` is what a rule would see of it; stale values are kept for the reader."""

    state: FactState
    value: RuleValue | None
    observed: date | None
    source: str

    @property
    def usable(self) -> RuleValue | None:
        """What a rule sees: nothing unless the value is known and fresh."""
        return self.value if self.state is FactState.KNOWN else None


Readings = Mapping[FactName, Reading]
"""The readings of one firm or record."""


def read_fact(fact: Fact, column_value: ColumnValue | None, observed: date | None, source: str, as_of: date) -> Reading:
    """Return the reading of one cell as of a date; older than the fact's `fresh_days` is stale."""
    value = rule_value(fact, column_value)
    if value is None:
        state = FactState.MISSING
    elif fact.fresh_days is not None and observed is not None and (as_of - observed).days > fact.fresh_days:
        state = FactState.STALE
    else:
        state = FactState.KNOWN
    return Reading(state=state, value=value, observed=observed, source=source)
