"""The tables of notices as the rows that the database's triggers read.

Guarantees that the database knows exactly the steps of `transitions` and the notices of `rules`; a test compares the
migration with these texts. The triggers themselves are written in the migration.
"""

from policy_match.notices.overtaking import OVERTAKEN_BY
from policy_match.notices.rules import told_steps
from policy_match.notices.transitions import DELIVERY_TRANSITIONS, NOTICE_TRANSITIONS


def insert_notice_rules() -> str:
    """Return the two INSERT statements that say which steps of cases are told, and which overtake what was told."""
    told = ",\n".join(f"    ('{route}', '{event}', '{kind}')" for route, event, kind in told_steps())
    later = ",\n".join(
        f"    ('{kind}', '{event}')" for kind, events in OVERTAKEN_BY.items() for event in sorted(events)
    )
    return (
        f"INSERT INTO notice_rule (route, event, kind) VALUES\n{told};\n"
        f"INSERT INTO notice_overtaking (kind, event) VALUES\n{later};\n"
    )


def insert_notice_transitions() -> str:
    """Return the two INSERT statements with every step of notices and deliveries, in the order of the tables."""
    notices = ",\n".join(f"    ('{step.before}', '{step.event}', '{step.after}')" for step in NOTICE_TRANSITIONS)
    deliveries = ",\n".join(f"    ('{step.before}', '{step.event}', '{step.after}')" for step in DELIVERY_TRANSITIONS)
    return (
        f"INSERT INTO notice_transition (before, event, after) VALUES\n{notices};\n"
        f"INSERT INTO delivery_transition (before, event, after) VALUES\n{deliveries};\n"
    )
