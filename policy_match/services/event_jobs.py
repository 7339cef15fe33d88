"""What the standing jobs do for other systems: number events and send them to webhooks, forget old answers.

Guarantees, like `standing_jobs`, that each may be begun again wherever a process died in it, and that it counts what
it did.
"""

from policy_match.ports.jobs import Figures
from policy_match.services.actions import forget_answers
from policy_match.services.job_desk import RunningJob
from policy_match.services.send_webhooks import send_webhooks


def send_events(run: RunningJob) -> Figures:
    """Give numbers to what changed, and send to webhooks what is due."""
    sent = send_webhooks(run.database, run.desk.webhook_office, run.clock, stopping=run.stopping)
    return {"events": sent.published, **{step.value: count for step, count in sorted(sent.steps.items())}}


def forget_old_answers(run: RunningJob) -> Figures:
    """Forget what was answered to requests of the web so long ago that nobody repeats them."""
    return {"answers": forget_answers(run.database, run.clock)}
