"""What the standing jobs do about notices: write them, remind, send, hear what came of it, repair, tell staff.

Guarantees, like `standing_jobs`, that each may be begun again wherever a process died in it, and that it counts what
it did. Between two rounds of sending a process may end.
"""

from collections import Counter
from datetime import date

from policy_match.cases.working_days import china_day
from policy_match.notices.model import DeliveryEvent
from policy_match.policy.loader import load_rules
from policy_match.ports.jobs import Figures
from policy_match.services.check_dates import check_dates
from policy_match.services.job_desk import RunningJob
from policy_match.services.plan_deliveries import Planner, plan_deliveries
from policy_match.services.prepare_notices import prepare_notices
from policy_match.services.remind_firms import remind_firms
from policy_match.services.repair_notices import repair_notices
from policy_match.services.send_notices import RunEnd, send_notices
from policy_match.services.supervise_cases import supervise
from policy_match.services.take_receipts import fetch_receipts
from policy_match.services.tell_news import tell_news

MESSAGES_AT_ONCE = 500
"""So many messages a provider is given between two looks whether the process shall end."""

MOST_ROUNDS = 100
"""Then the other jobs of the lane have their turn; what is left is sent by the next run, which is due by then."""


def prepare(run: RunningJob) -> Figures:
    """Tell of what is no step of a case, and write every notice that is due, and its message in the inbox."""
    told = tell_news(run.database, lambda: load_rules(run.rules_folder), clock=run.clock)
    found = prepare_notices(run.database, run.desk.wording, clock=run.clock, by=run.by)
    news = {"news": told.notices, "nobody_to_tell": told.waiting}
    return {
        "written": found.written,
        "held": found.held,
        "overtaken": found.overtaken,
        **{name: count for name, count in news.items() if count},
    }


def send(run: RunningJob) -> Figures:
    """Choose ways, and hand over what is due, round by round."""
    desk = run.desk
    channels, rules = desk.notification_channels, desk.delivery_rules
    planned = plan_deliveries(run.database, Planner(channels, rules), run.clock)
    events = Counter[DeliveryEvent]()
    for _ in range(MOST_ROUNDS):
        runs = send_notices(run.database, channels, desk.address_opener, rules, run.clock, most=MESSAGES_AT_ONCE)
        for each in runs:
            events.update(each.events)
        if run.stopping() or all(each.end is not RunEnd.LIMIT for each in runs):
            break
    return {
        "planned": sum(planned.ways.values()),
        "without_way": sum(planned.none_left.values()),
        **{event.value: count for event, count in sorted(events.items())},
    }


def hear(run: RunningJob) -> Figures:
    """Fetch the receipts that providers keep for us. When one does not answer, the others are heard first."""
    fetched = fetch_receipts(run.database, run.desk.notification_channels, run.desk.account_sealer, run.clock)
    for each in fetched:
        if each.problem is not None:
            raise each.problem
    return {"contents": sum(len(each.taken) for each in fetched)}


def repair(run: RunningJob) -> Figures:
    """Look for every known way to lose a message."""
    done = repair_notices(run.database, run.desk.notification_channels, run.desk.delivery_rules, run.clock)
    found, repaired = Counter[str](), Counter[str]()
    for each in done.findings:
        found[each.kind.value] += each.found
        repaired[each.kind.value] += each.repaired
    return {
        **{kind: count for kind, count in found.items() if count},
        **{f"{kind}_repaired": count for kind, count in repaired.items() if count},
    }


def remind(run: RunningJob) -> Figures:
    """Remind firms of windows and accounts for which a point has come."""
    reminded = remind_firms(run.database, run.desk.working_days, clock=run.clock, cut_off=_cut_off(run))
    return {"windows": reminded.windows, "accounts": reminded.accounts}


def tell_dates(run: RunningJob) -> Figures:
    """Tell staff of dates of policies and budgets that come near."""
    checked = check_dates(
        run.database, run.desk.working_days, load_rules(run.rules_folder), clock=run.clock, cut_off=_cut_off(run)
    )
    return {"policies": checked.policies, "cut_offs": checked.cut_offs, "untold": len(checked.untold)}


def supervise_stages(run: RunningJob) -> Figures:
    """Mark what turned yellow or red, and tell those who answer for it."""
    done = supervise(run.database, run.desk.working_days, run.clock)
    return {**{colour.value: count for colour, count in done.marked.items()}, "told": len(done.told)}


def _cut_off(run: RunningJob) -> date | None:
    """Return the last day of this year on which orders are made; `None` when it is not set how money is paid."""
    desk = run.desk
    return desk.payment_cut_off(china_day(run.clock.now()).year) if desk.has_payments else None
