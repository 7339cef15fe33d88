"""What a step costs the database: the same however many others stand at the same status.

The tables have no statistics yet, as on the morning of a first sending, so the planner can only guess.
"""

import pytest

from tests.support.delivery_flow import open_notices
from tests.support.payment_flow import app_connection

STANDING, MOVED = 2_000, 100
"""So many stand at one status, and so many of them take a step."""

MOST_READ = 20
"""Entries of indexes per step: the row, its lock and its new version, in a handful of indexes."""

STEPS = {
    "delivery_state": """
        INSERT INTO delivery_event (delivery_id, seq, event, before, after, at)
        SELECT delivery_id, seq + 1, 'deliver', 'handed_over', 'delivered', since
          FROM delivery_state ORDER BY delivery_id LIMIT %s""",
    "notice_state": """
        INSERT INTO notice_event (notice_id, seq, event, before, after, at, by)
        SELECT notice_id, seq + 1, 'reach', 'open', 'reached', since, 'system'
          FROM notice_state ORDER BY notice_id LIMIT %s""",
}

READ = """
    SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid))::integer AS entries
      FROM pg_index WHERE indrelid = %s::regclass"""


@pytest.mark.parametrize("table", STEPS)
def test_a_step_reads_no_more_rows_when_many_stand_at_the_same_status(database_url: str, table: str) -> None:
    open_notices(database_url, STANDING)
    with app_connection(database_url) as connection:
        connection.execute(STEPS[table], [MOVED])
        row = connection.execute(READ, [table]).fetchone()
    assert row is not None
    assert row["entries"] < MOVED * MOST_READ
