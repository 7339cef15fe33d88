"""From the published list to the bank's word: accounts, orders, batches, files from the bank, returns, reconciliation.

Guarantees that one reply of the bank is lost on purpose, and that what comes back goes out again into an account that
the invented firm corrected when it heard of it, a bounded number of times.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Status
from policy_match.payments.reconciliation import DifferenceStands
from policy_match.payments.records import Verdict
from policy_match.payments.returns import FollowUp
from policy_match.policy.model import PayeeKind
from policy_match.services.order_payments import Blocked, OrdersMade, order_payments
from policy_match.services.payee_accounts import AccountsTaken, StatedAccount, take_accounts
from policy_match.services.reconcile_payments import Reconciled, reconcile_payments
from policy_match.services.rehearsal.asking import lines_of
from policy_match.services.rehearsal.deciding import recheck_for_payment
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told
from policy_match.services.rehearsal.telling import tell, visit
from policy_match.services.returned_payments import Returned, pay_again, returned_payments
from policy_match.services.sample_region.accounts import corrected_account, first_accounts
from policy_match.services.send_batches import PATIENCE, lose_replies, make_batches, send_batches
from policy_match.services.take_bank_file import take_bank_file
from policy_match.values import Money, Uscc

BATCH_SIZE = 2_000
CUT_OFF_MONTH_DAY = (12, 25)
MAX_RETURNS = 10_000
MAX_TRIES = 4
"""How often returned payments go out again; who is still unpaid then stays returned, visibly."""

MAX_BANK_DAYS = 6
"""Working days that are waited for the bank's files after a batch."""


def order(stage: Stage) -> Iterator[Told]:
    """Take the accounts on file, order what is due, and have the firms correct accounts that cannot be paid into."""
    yield stage.tell(Said.CHAPTER_ORDERS)
    yield from stage.told_or_done(_orders(stage))


def _orders(stage: Stage) -> Iterator[Told]:
    names = _names(stage)
    yield from _first_accounts(stage, names)
    made = _order(stage)
    yield from _told_of_orders(stage, made)
    blocked = [case.uscc for case in made.waiting if case.reason is Blocked.ACCOUNT]
    if blocked:
        stage.working_days_later(1)
        yield _correct(stage, [(uscc, names[uscc], 2) for uscc in blocked])
        yield from _told_of_orders(stage, _order(stage))


def _names(stage: Stage) -> Mapping[Uscc, str]:
    """Return the registered names of the firms that are to be paid."""
    return {
        line.uscc: line.name
        for policy in stage.funded
        for status in (Status.APPROVED, Status.PUBLISHED, Status.CONFIRMED)
        for line in lines_of(stage.database, CaseFilter(policy_id=policy.id, status=status))
    }


def _first_accounts(stage: Stage, names: Mapping[Uscc, str]) -> Iterator[Told]:
    with stage.database.unit_of_work() as work:
        known = work.payments.accounts(names.keys(), PayeeKind.FIRM)
    new = [(uscc, name) for uscc, name in names.items() if uscc not in known]
    if new:
        taken = _take(stage, list(first_accounts(new)), Staff.CASHIER)
        yield stage.tell(Said.ACCOUNTS_TAKEN, accounts=taken.kept, refused=taken.refused)


def _take(stage: Stage, accounts: Sequence[StatedAccount], by: str) -> AccountsTaken:
    return take_accounts(accounts, stage.database, stage.sealer, stage.clock, by=by)


def _correct(stage: Stage, firms: Sequence[tuple[Uscc, str, int]]) -> Told:
    """Let firms state accounts of their own; the number is which account of the firm it is."""
    accounts = [corrected_account(row, uscc, name, number) for row, (uscc, name, number) in enumerate(firms, 1)]
    taken = _take(stage, accounts, Staff.CASHIER)
    return stage.tell(Said.ACCOUNTS_CORRECTED, accounts=taken.kept)


def _order(stage: Stage) -> OrdersMade:
    return order_payments(stage.database, stage.clock, by=Staff.CASHIER, cut_off=_cut_off(stage))


def _cut_off(stage: Stage) -> date:
    return date(stage.clock.day.year, *CUT_OFF_MONTH_DAY)


def _told_of_orders(stage: Stage, made: OrdersMade) -> Iterator[Told]:
    if made.orders:
        yield stage.tell(Said.ORDERED, orders=made.orders, money=Money(made.total_fen))
    for reason, cases in made.blocked.items():
        yield stage.tell(Said.BLOCKED, reason=reason, cases=cases)


def send(stage: Stage) -> Iterator[Told]:
    """Put orders into batches, send them, and take what the bank says; one reply is lost and settled all the same."""
    yield stage.tell(Said.CHAPTER_BANK)
    yield from stage.told_or_done(_send_and_hear(stage))


def _send_and_hear(stage: Stage) -> Iterator[Told]:
    make_batches(
        stage.database,
        stage.channel,
        stage.sealer,
        stage.clock,
        by=Staff.CASHIER,
        execute_on=stage.clock.day,
        batch_size=BATCH_SIZE,
    )
    for sent in send_batches(stage.database, stage.channel, stage.bank, stage.sealer, stage.clock, by=Staff.CASHIER):
        said = Said.SENT if sent.receipt else Said.REPLY_LOST
        yield stage.tell(
            said,
            batch=sent.batch_id,
            payments=sent.count,
            money=Money(sent.total_fen),
            receipt=sent.receipt or sent.problem,
        )
    stage.clock.wait(PATIENCE + timedelta(minutes=1))
    lost = lose_replies(stage.database, stage.clock, by=Staff.CASHIER)
    if lost:
        yield stage.tell(Said.UNKNOWN, payments=lost)
    for _ in range(MAX_BANK_DAYS):
        yield from hear(stage)
        stage.working_days_later(1)


def hear(stage: Stage) -> Iterator[Told]:
    """Take the files that the bank has for us by now."""
    for name, content in stage.bank.answers(stage.clock.now()):
        taken = take_bank_file(
            stage.database,
            stage.channel,
            stage.sealer,
            stage.clock,
            name=name,
            content=content,
            by=Staff.CASHIER,
        )
        if taken.repeated:
            continue
        lines = sum(taken.verdicts.values())
        applied, known = (taken.verdicts.get(verdict, 0) for verdict in (Verdict.APPLIED, Verdict.KNOWN))
        yield stage.tell(
            Said.FILE_TAKEN, file=name, lines=lines, applied=applied, known=known, rest=lines - applied - known
        )


def pay_returned(stage: Stage) -> Iterator[Told]:
    """Tell the firms what came back; those that heard correct their accounts, and are paid again."""
    yield stage.tell(Said.CHAPTER_RETURNS)
    yield from stage.told_or_done(_returns(stage))


def _returns(stage: Stage) -> Iterator[Told]:
    for _ in range(MAX_TRIES):
        yield from tell(stage)
        yield from visit(stage)
        returned = returned_payments(stage.database, stage.clock, cut_off=_cut_off(stage), most=MAX_RETURNS)
        found = [each for each in returned if _may_go_on(stage, each)]
        if not found:
            break
        yield from _pay_again(stage, found)


def _may_go_on(stage: Stage, returned: Returned) -> bool:
    """Return whether nobody need do anything, or the firm heard that it came back and states another account."""
    if returned.follow_up is FollowUp.BANK_RETRIES or returned.case.newer_accounts:
        return True
    return stage.firms.times_heard(returned.case, since=returned.case.booked_on) > 0


def _pay_again(stage: Stage, found: Sequence[Returned]) -> Iterator[Told]:
    reasons = sorted({each.case.reason_code for each in found})
    for code in reasons:
        those = [each for each in found if each.case.reason_code == code]
        yield stage.tell(
            Said.CAME_BACK,
            reason=code,
            reason_zh=those[0].reason_zh,
            reason_en=those[0].reason_en,
            payments=len(those),
            money=Money(sum(each.case.amount_fen for each in those)),
        )
    stage.working_days_later(1)
    firms = [
        (each.case.uscc, each.case.registered_name or "", each.case.number + 1)
        for each in found
        if each.follow_up is not FollowUp.BANK_RETRIES and not each.case.newer_accounts
    ]
    if firms:
        yield _correct(stage, firms)
    yield from recheck_for_payment(stage)
    again = pay_again(stage.database, stage.clock, by=Staff.CASHIER, cut_off=_cut_off(stage))
    yield stage.tell(Said.PAID_AGAIN, attempts=again.attempts, waiting=again.waiting)
    yield from _send_and_hear(stage)


def close(stage: Stage) -> Iterator[Told]:
    """Compare orders, ledger and statements, and close what agrees; a difference is shown and closes nothing."""
    yield stage.tell(Said.CHAPTER_CLOSING)
    yield from reconcile(stage)


def reconcile(stage: Stage) -> Iterator[Told]:
    """Compare, and close what agrees."""
    try:
        found = reconcile_payments(stage.database, stage.clock, up_to=stage.clock.day, by=Staff.AUDIT, close=True)
    except DifferenceStands as difference:
        yield stage.tell(Said.REFUSED, error=difference)
    else:
        yield reconciled(stage, found)


def reconciled(stage: Stage, found: Reconciled) -> Told:
    """Return what a comparison found."""
    return stage.tell(
        Said.RECONCILED,
        number=found.number,
        differences=len(found.result.differences),
        unmatched=len(found.result.unmatched),
        closed=found.closed,
        bank=Money(found.net_out_fen),
    )
