"""The figures that operators watch: late jobs, schedulers, waiting notices, payments in doubt.

Guarantees figures without a name or a code of anybody. Telling them to a Prometheus is `web.metrics`.
"""

from collections.abc import Mapping, Sequence

from policy_match.services.job_desk import Job, JobDesk, Timetable
from policy_match.services.job_reports import live_runners, report_jobs

MOST_COUNTED = 100_000
"""What waits is counted up to here; more says nothing new."""


def watched_figures(desk: JobDesk, timetable: Timetable, jobs: Sequence[Job]) -> Mapping[str, float]:
    """Return the figures as they are now, by the names that `web.metrics.WATCHED` explains. Raises a `StorageError`."""
    reports = [each for each in report_jobs(desk.database, desk, timetable, jobs) if each.wanted]
    with desk.database.unit_of_work() as work:
        counts = work.watch.counts(desk.clock.now(), MOST_COUNTED)
    return {
        "policy_match_jobs_late": sum(each.late for each in reports),
        "policy_match_jobs_failed": sum(each.failed for each in reports),
        "policy_match_runners": len(live_runners(desk.database)),
        "policy_match_notices_waiting": counts.notices_waiting,
        "policy_match_payments_in_doubt": counts.payments_in_doubt,
    }
