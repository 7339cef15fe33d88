"""The table of transfers as the rows that the database's triggers read.

Guarantees that the database knows exactly the kinds of `accounts.DIRECTIONS`; a test compares the migration with this
text. The triggers themselves are written in the migration.
"""

from policy_match.ledger.accounts import DIRECTIONS


def insert_transfer_kinds() -> str:
    """Return the one INSERT statement that fills `ledger_transfer_kind`, in the order of the table."""
    rows = ",\n".join(
        f"    ('{kind}', '{direction.debit}', '{direction.credit}')" for kind, direction in DIRECTIONS.items()
    )
    return f"INSERT INTO ledger_transfer_kind (kind, debit, credit) VALUES\n{rows};\n"
