"""The tables of supervision as the rows that the database reads.

Guarantees that the database knows exactly the stages of `stages` and the steps of `orders`; a test compares the
migration with these texts. Which of a status's two stages a case is in is SQL of its own (`case_stages`).
"""

from policy_match.supervision.orders import ORDER_AFTER
from policy_match.supervision.stages import ENDS_WITHOUT_MONEY, STAGES_OF


def insert_stage_rules() -> str:
    """Return the one INSERT statement that says what cases wait for, sorted, one row per line."""
    rows = ",\n".join(
        f"    ('{route}', '{status}', '{first}', '{then}', {str((route, status) in ENDS_WITHOUT_MONEY).lower()})"
        for (route, status), (first, then) in sorted(STAGES_OF.items())
    )
    return f"INSERT INTO stage_rule (route, status, waits_for, then_for, ends_without_money) VALUES\n{rows};\n"


def insert_order_transitions() -> str:
    """Return the one INSERT statement with every step of orders to act, in the order of the table."""
    rows = ",\n".join(f"    ('{before}', '{step}', '{after}')" for (before, step), after in ORDER_AFTER.items())
    return f"INSERT INTO order_to_act_transition (before, event, after) VALUES\n{rows};\n"
