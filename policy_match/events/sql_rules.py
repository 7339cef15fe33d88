"""The table of a webhook's steps as the rows that the database checks; a test compares the migration with them."""

from policy_match.events.webhooks import TRANSITIONS


def insert_webhook_transitions() -> str:
    """Return the INSERT statement with every step, in the order of the table."""
    rows = ",\n".join(f"    ('{step.before}', '{step.event}', '{step.after}')" for step in TRANSITIONS)
    return f"INSERT INTO webhook_transition (before, event, after) VALUES\n{rows};\n"
