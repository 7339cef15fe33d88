"""What the standing jobs do for other systems: number events and send them to webhooks, forget what is old.

Guarantees, like `standing_jobs`, that each may be begun again wherever a process died in it, and that it counts what
it did.
"""

from policy_match.ports.jobs import Figures
from policy_match.services.actions import forget_answers
from policy_match.services.job_desk import RunningJob
from policy_match.services.jobs import forget_idle_runs
from policy_match.services.send_webhooks import send_webhooks


def send_events(run: RunningJob) -> Figures:
    """Give numbers to what changed, and send to webhooks what is due."""
    sent = send_webhooks(run.database, run.desk.webhook_office, run.clock, stopping=run.stopping)
    return {"events": sent.published, **{step.value: count for step, count in sorted(sent.steps.items())}}


def forget_what_is_old(run: RunningJob) -> Figures:
    """Forget what was answered so long ago that nobody repeats the request, and old runs of jobs that did nothing."""
    return {
        "answers": forget_answers(run.database, run.clock),
        "runs": forget_idle_runs(run.database, run.clock),
    }
