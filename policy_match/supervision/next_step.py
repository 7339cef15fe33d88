"""What happens next with a case, who does it and until when: for the firm that asks.

Guarantees the same stages and limits by which staff are held to account. What the database knows better, such as
whether a share of the budget was granted, is not looked at: a case in review of its money is said to wait for both.
"""

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.cases.model import Route, Status
from policy_match.cases.words import Words
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.supervision.stages import ENDS_WITHOUT_MONEY, STAGES, STAGES_OF, Party, Stage

PASSED = {Status.NOTIFIED, Status.PUBLISHED}
"""Where the first stage is over after the last day of the case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """What a case waits for. `by` is the last day for it: a date that binds, or (`is_usual`) what is usual.

    `is_late` is whether the usual day is past.
    """

    stage: Stage
    party: Party
    words: Words
    by: date | None
    is_usual: bool
    is_late: bool


def next_step(
    route: Route,
    status: Status,
    *,
    amount_fen: int,
    deadline: date | None,
    since: datetime,
    is_sent: bool,
    now: datetime,
    calendar: WorkingDays,
) -> NextStep | None:
    """Return what a case waits for, `None` when nothing more is to be done. `is_sent`: the bank has the payment.

    Raises `WorkingDaysUnknown` where the calendar does not reach that far.
    """
    pair = STAGES_OF.get((route, status))
    if pair is None:
        return None
    today = china_day(now)
    over = (status in PASSED and deadline is not None and deadline < today) or (status is Status.ORDERED and is_sent)
    if over and amount_fen == 0 and (route, status) in ENDS_WITHOUT_MONEY:
        return None
    stage = pair[1] if over else pair[0]
    terms = STAGES[stage]
    binding = deadline if status in PASSED and not over else None
    usual = None
    if binding is None and terms.days is not None:
        begun = deadline if over and status in PASSED and deadline is not None else china_day(since)
        usual = calendar.add_working_days(begun, terms.days)
    return NextStep(
        stage=stage,
        party=terms.party,
        words=terms.words,
        by=binding or usual,
        is_usual=binding is None,
        is_late=usual is not None and usual < today,
    )
