"""Lets the database know of a large step at once, so that what follows is planned for the rows that are there.

Guarantees nothing but speed: a step is kept before. autovacuum looks once a minute; the next step may come sooner.
"""

from policy_match.ports import Database

LARGE_STEP = 20_000
"""So many cases or notices in one go change which plan is the right one; counting them anew takes a second."""


def after_step(database: Database, rows: int) -> None:
    """Refresh the statistics of the tables of cases and notices, if the step that was kept was a large one."""
    if rows < LARGE_STEP:
        return
    with database.unit_of_work() as work:
        work.cases.refresh_statistics()
        work.commit()
