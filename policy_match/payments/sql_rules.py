"""The table of attempt steps as the rows that the database's triggers read.

Guarantees that the database knows exactly the steps of `attempts.TRANSITIONS`; a test compares the migration with
this text. The triggers themselves are written in the migration.
"""

from policy_match.payments.attempts import TRANSITIONS


def insert_attempt_transitions() -> str:
    """Return the one INSERT statement that fills `attempt_transition`, in the order of the table."""
    rows = ",\n".join(f"    ('{step.before}', '{step.event}', '{step.after}')" for step in TRANSITIONS)
    return f"INSERT INTO attempt_transition (before, event, after) VALUES\n{rows};\n"
