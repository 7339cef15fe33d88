"""Between a column of a fact table and the value that a rule sees.

Guarantees that both directions are exact. A column holds a number as the integer value * 10**scale (money in fen);
a rule sees the number itself (money in yuan).
"""

from datetime import date
from fractions import Fraction

from policy_match.facts.catalogue import NUMERIC, Fact

ColumnValue = int | str | bool | date | list[str]
RuleValue = Fraction | str | bool | date | tuple[str, ...]


def rule_value(fact: Fact, column_value: ColumnValue | None) -> RuleValue | None:
    """Return what a rule sees of one cell; `None` is unknown."""
    if column_value is None:
        return None
    if isinstance(column_value, list):
        return tuple(column_value)
    if isinstance(column_value, int) and not isinstance(column_value, bool):
        assert fact.type in NUMERIC, f"{fact.name} is not a number"
        return Fraction(column_value, 10**fact.scale)
    return column_value
