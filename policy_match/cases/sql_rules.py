"""The table of transitions as SQL, for the rows of `case_transition` that the database checks every event against.

Guarantees the same text for the same table, one row per line in order, so that a test can compare it with the
migration. The table `case_transition` itself and its trigger are `storage`.
"""

from collections.abc import Iterable

from policy_match.cases.transitions import TRANSITIONS, Transition

COLUMNS = ("route", "before", "event", "after")


def insert_transitions(transitions: Iterable[Transition] = TRANSITIONS) -> str:
    """Return one INSERT statement with every transition, sorted, one row per line."""
    rows = [f"    ('{step.route}', '{step.before}', '{step.event}', '{step.after}')" for step in sorted(transitions)]
    return f"INSERT INTO case_transition ({', '.join(COLUMNS)}) VALUES\n" + ",\n".join(rows) + ";\n"
