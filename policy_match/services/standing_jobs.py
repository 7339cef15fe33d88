"""What the standing jobs do: each is a thin function over the services that a person would call.

Guarantees that each may be begun again wherever a process died in it, and that it counts what it did. When a job runs,
and whether it is wanted, is `scheduler.timetable`.
"""

from datetime import date

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.cases.working_days import china_day
from policy_match.entitlements.errors import NoBudgetLine
from policy_match.errors import InputError, QuestionError
from policy_match.payments.returns import may_pay_in_year
from policy_match.policy.loader import load_rules
from policy_match.ports.jobs import Figures
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.job_desk import RunningJob
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.kept_sweeps import recent_sweeps
from policy_match.services.notify_cases import close_windows, notify_cases, publish_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.order_payments import order_payments
from policy_match.services.publish_report import publish_report, titles_of, year_span
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.reconcile_payments import reconcile_payments
from policy_match.services.report import make_report
from policy_match.services.returned_payments import pay_again
from policy_match.services.send_batches import lose_replies, make_batches, send_batches
from policy_match.services.take_bank_inbox import take_bank_inbox

ENGINE = "arrow"


def sweep_newest_snapshot(run: RunningJob) -> Figures:
    """Sweep the newest snapshot as of the day of the run, if nobody swept it, and open the cases of that sweep.

    A run that was broken off between the two finds its own sweep, which has its day, and opens the cases.
    """
    newest = next(iter(run.desk.kept_snapshots()), None)
    if newest is None:
        return {"snapshots": 0}
    as_of = china_day(run.due_at)
    days = {sweep.identity.as_of for sweep in recent_sweeps(run.database) if sweep.identity.snapshot_id == newest.name}
    if days and as_of not in days:
        return {"new_snapshots": 0}
    rules = load_rules(run.rules_folder)
    snapshot = run.desk.open_snapshot(newest.name, rules.catalogue)
    kept = keep_sweep(rules, snapshot, run.desk.engine(ENGINE), run.database, run.desk.truth_files, as_of=as_of)
    opening = open_cases(run.database, run.desk.open_snapshot, kept.sweep, clock=run.clock, by=run.by)
    return {"sweeps": 0 if kept.repeated else 1, "cases": opening.cases if opening.number is not None else 0}


def notify(run: RunningJob) -> Figures:
    """Notify the firms whose turn it is."""
    return {"notified": notify_cases(run.database, run.desk.working_days, clock=run.clock, by=run.by)}


def end_windows(run: RunningJob) -> Figures:
    """Let silence do what each policy says where the last day is over."""
    closed = close_windows(run.database, run.desk.working_days, clock=run.clock, by=run.by)
    return {
        "lapsed": closed.lapsed,
        "accepted": closed.accepted,
        "closed": closed.closed,
        "extended": closed.extended,
        "not_reached": closed.not_reached,
    }


def publish(run: RunningJob) -> Figures:
    """Put approved cases on public display."""
    return {"published": publish_cases(run.database, run.desk.working_days, clock=run.clock, by=run.by)}


def recheck_before_approval(run: RunningJob) -> Figures:
    """Read eligibility again before the review."""
    return _recheck(run, RecheckPurpose.APPROVAL)


def recheck_before_payment(run: RunningJob) -> Figures:
    """Read eligibility again before the orders."""
    return _recheck(run, RecheckPurpose.PAYMENT)


def _recheck(run: RunningJob, purpose: RecheckPurpose) -> Figures:
    found = recheck_cases(run.database, run.desk.truth_files, purpose=purpose, clock=run.clock, by=run.by)
    return {
        **{outcome.value: count for outcome, count in found.outcomes.items() if count},
        **{event.value: count for event, count in found.steps.items() if count},
    }


def share_budgets(run: RunningJob) -> Figures:
    """Share the budgets of this year among the reviewed cases of every policy.

    A policy that names no budget waits for a person and is counted. Any other refusal is raised when the rest is done.
    """
    with run.database.unit_of_work() as work:
        policies = work.budget.policies_in_queue()
    granted = waiting = without = 0
    refusals: list[InputError | QuestionError] = []
    for policy in policies:
        try:
            shared = allocate_budget(run.database, run.clock, policy_id=policy, by=run.by)
        except NoBudgetLine:
            without += 1
        except (InputError, QuestionError) as refusal:
            refusals.append(refusal)
        else:
            granted, waiting = granted + shared.granted, waiting + shared.waiting
    if refusals:
        raise refusals[0]
    return {"policies": len(policies), "granted": granted, "waiting": waiting, "without_line": without}


def order(run: RunningJob) -> Figures:
    """Order what is due, on working days until the year's cut-off."""
    today = china_day(run.clock.now())
    cut_off = run.desk.payment_cut_off(today.year)
    if closed := _no_orders(run, today, cut_off):
        return closed
    made = order_payments(run.database, run.clock, by=run.by, cut_off=cut_off)
    return {"orders": made.orders, **{reason.value: count for reason, count in made.blocked.items() if count}}


def order_again(run: RunningJob) -> Figures:
    """Order again what came back, where the account was corrected since."""
    today = china_day(run.clock.now())
    cut_off = run.desk.payment_cut_off(today.year)
    if closed := _no_orders(run, today, cut_off):
        return closed
    again = pay_again(run.database, run.clock, by=run.by, cut_off=cut_off)
    return {"attempts": again.attempts, "requeued": again.requeued, "waiting": again.waiting}


def send(run: RunningJob) -> Figures:
    """Put attempts into batches and give each to the bank, once, on working days."""
    today = china_day(run.clock.now())
    if not run.desk.working_days.is_workday(today):
        return {"working_day": 0}
    channel, sealer, clock = run.desk.payment_channel, run.desk.account_sealer, run.clock
    make_batches(run.database, channel, sealer, clock, by=run.by, execute_on=today)
    sent = send_batches(run.database, channel, run.desk.bank, sealer, clock, by=run.by)
    return {
        "batches": len(sent),
        "payments": sum(batch.count for batch in sent),
        "without_reply": sum(batch.receipt is None for batch in sent),
    }


def _no_orders(run: RunningJob, today: date, cut_off: date) -> Figures | None:
    if not run.desk.working_days.is_workday(today):
        return {"working_day": 0}
    return None if may_pay_in_year(today, cut_off) else {"year_open": 0}


def lose(run: RunningJob) -> Figures:
    """Make sent attempts unknown whose reply does not come."""
    return {"unknown": lose_replies(run.database, run.clock, by=run.by)}


def take_bank_files(run: RunningJob) -> Figures:
    """Take what the bank's client laid into the inbox."""
    inbox = run.desk.bank_inbox
    assert inbox is not None, "the job is wanted only with an inbox"
    found = take_bank_inbox(
        run.database, run.desk.payment_channel, run.desk.account_sealer, inbox, run.clock, by=run.by
    )
    return {"taken": found.taken, "repeated": found.repeated, "refused": found.refused}


def reconcile(run: RunningJob) -> Figures:
    """Compare orders, ledger and statements, and close what agrees. Raises `DifferenceStands` for a person."""
    today = china_day(run.clock.now())
    return {"closed": reconcile_payments(run.database, run.clock, up_to=today, by=run.by, close=True).closed}


def publish_figures(run: RunningJob) -> Figures:
    """Publish how well the service does this year, with every figure of too few firms hidden."""
    desk = run.desk
    titles = titles_of(load_rules(run.rules_folder))
    found = make_report(
        run.database,
        run.clock,
        span=year_span(None, run.clock),
        facts=desk.firm_facts(run.rules_folder),
        promising=desk.promising_providers,
    )
    files = publish_report(
        found, titles, plots=desk.report_plots, page=desk.report_page, write=desk.write_file, out=desk.report_folder
    )
    return {"files": len(files), "hidden": found.hidden}
