"""When a job occurs: cron fields in China time, read by APScheduler's `CronTrigger`.

Guarantees that the same question has the same answer, whatever the clock or the zone of the machine, and that China
time has no daylight saving. What is done with an occurrence is left to `services.jobs`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache

from apscheduler.triggers.cron import CronTrigger

from policy_match.cases.working_days import CHINA
from policy_match.services.job_desk import Cron

INSTANT = timedelta(microseconds=1)


class CronTimetable:
    """Reads cron fields with APScheduler."""

    def due(self, cron: Cron, *, after: datetime, up_to: datetime, most: int) -> Sequence[datetime]:
        """Return the occurrences after one moment up to another, the earliest first, at most so many."""
        found: list[datetime] = []
        for _ in range(most):
            occurrence = self.next_one(cron, after)
            if occurrence is None or occurrence > up_to:
                break
            found.append(occurrence)
            after = occurrence
        return found

    def next_one(self, cron: Cron, after: datetime) -> datetime | None:
        """Return the first occurrence after a moment, in UTC; `None` when there is none until the year 9999.

        Raises `ValueError` for fields that cannot be read.
        """
        found: datetime | None = _trigger(cron).get_next_fire_time(None, (after + INSTANT).astimezone(CHINA))
        return None if found is None else found.astimezone(UTC)


@cache
def _trigger(cron: Cron) -> CronTrigger:
    return CronTrigger(**asdict(cron), second=0, timezone=CHINA)
