"""What each kind of requested work does: a thin function over the services that a person would call.

Guarantees that each may be begun again wherever a process died in it; its docstring says why. What a repetition gives
counts what it did itself, so after a kill it may be less than the whole. Who begins it is `requested_work`.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from policy_match.cases.rechecking import RecheckPurpose
from policy_match.cases.working_days import china_day
from policy_match.errors import InputError, PolicyMatchError
from policy_match.facts.defects import SourceUnreadable
from policy_match.policy.loader import load_catalogue, load_rules
from policy_match.ports import Database, Progress
from policy_match.ports.requested_work import Parameters, WorkKind, WorkRow
from policy_match.services import standing_jobs
from policy_match.services.approval_lists import make_lists
from policy_match.services.ask_for_work import show_upload
from policy_match.services.import_prior_aid import import_prior_aid
from policy_match.services.import_registry import MappedSource, import_registry
from policy_match.services.job_desk import RunningJob
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.kept_sweeps import show_sweep
from policy_match.services.notify_cases import notify_cases, publish_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.order_payments import order_payments
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.staff_steps import StepsTaken, extend_cases, withdraw_cases

ENGINE = "arrow"

MOST_LINES_TOLD = 100
"""So many refused lines of a file are named in its result."""

MOST_CASES_TOLD = 100
"""So many cases that did not take a step are named in its result."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """One request that is being done, for whom it is done, and who is told how far it is."""

    run: RunningJob
    asked: WorkRow
    progress: Progress


def import_sources(errand: Errand) -> Parameters:
    """Import uploaded files into a snapshot.

    Safe to repeat: files lie under the digest of their content, and the same files give the same snapshot, which
    becomes visible whole or not at all. What is wrong with a file is said under the name that it was sent under.
    """
    run, asked = errand.run, errand.asked.parameters
    catalogue = load_catalogue(run.rules_folder)
    wanted = [(each["mapping"], each["upload"]) for each in asked["sources"]]
    sources = run.desk.uploaded_sources(wanted, catalogue)
    try:
        made = import_registry(
            sources,
            catalogue,
            run.desk.snapshot_draft(),
            as_of=date.fromisoformat(asked["as_of"]),
            progress=errand.progress,
        )
    except InputError as error:
        raise _by_name(error, _names(run.database, sources, [digest for _, digest in wanted])) from None
    return {
        "snapshot_id": made.snapshot.id,
        "was_there": made.snapshot.was_there,
        "rows": dict(made.quality.rows),
        "rows_refused": sum(sum(each.rows_refused.values()) for each in made.quality.sources),
    }


def _names(database: Database, sources: Sequence[MappedSource], digests: Sequence[str]) -> Mapping[str, str]:
    """Return what each file was called, or its digest, by where it lies."""
    return {
        each.source.name: show_upload(database, digest).name or digest
        for each, digest in zip(sources, digests, strict=True)
        if digest in each.source.name
    }


def _by_name(error: InputError, names: Mapping[str, str]) -> InputError:
    """Return the same error with the files called by their names."""

    def called(value: object) -> object:
        if not isinstance(value, str | PurePath):
            return value
        text = str(value)
        for place, name in names.items():
            text = text.replace(place, name)
        return text

    again = copy(error)
    PolicyMatchError.__init__(again, **{field: called(value) for field, value in error.fields.items()})
    return again


def take_prior_aid(errand: Errand) -> Parameters:
    """Take in aid that others paid, from an uploaded file.

    Safe to repeat: a line that is kept already is counted as known, and changes nothing.
    """
    run, digest = errand.run, errand.asked.parameters["upload"]
    with run.desk.uploads.lines(digest) as lines:
        try:
            found = import_prior_aid(run.database, digest, lines, clock=run.clock, by=run.by)
        except csv.Error as error:
            raise SourceUnreadable(file=digest, detail=f"{error}; is a quote missing?") from None
    return {
        "added": found.added,
        "known": found.known,
        "refused": len(found.refused),
        "refused_lines": [
            {"line": each.line, "because": each.because.value} for each in found.refused[:MOST_LINES_TOLD]
        ],
    }


def sweep_snapshot(errand: Errand) -> Parameters:
    """Sweep a snapshot as of a day and keep the result.

    Safe to repeat: the same facts, rules and day are kept once, in one transaction.
    """
    run, asked = errand.run, errand.asked.parameters
    rules = load_rules(run.rules_folder)
    kept = keep_sweep(
        rules,
        run.desk.open_snapshot(asked["snapshot_id"], rules.catalogue),
        run.desk.engine(ENGINE),
        run.database,
        run.desk.truth_files,
        as_of=date.fromisoformat(asked["as_of"]),
        progress=errand.progress,
    )
    return {
        "sweep_id": kept.sweep.sweep_id,
        "repeated": kept.repeated,
        "eligible": sum(each.eligible for each in kept.sweep.policies),
        "undetermined": sum(each.undetermined for each in kept.sweep.policies),
        "amount_fen": sum(each.amount_fen for each in kept.sweep.policies),
    }


def open_cases_of_sweep(errand: Errand) -> Parameters:
    """Open the cases of a kept sweep.

    Safe to repeat: one transaction opens them all, and what is open already is not opened again.
    """
    run = errand.run
    opening = open_cases(
        run.database,
        run.desk.open_snapshot,
        show_sweep(run.database, errand.asked.parameters["sweep_id"]),
        clock=run.clock,
        by=run.by,
        progress=errand.progress,
    )
    return {"opening": opening.number, "cases": opening.cases, "entitled_fen": opening.entitled_fen}


def notify(errand: Errand) -> Parameters:
    """Notify the firms whose turn it is. Safe to repeat: whose case was notified has no turn any more."""
    run = errand.run
    return {
        "notified": notify_cases(
            run.database, run.desk.working_days, clock=run.clock, by=run.by, policy=errand.asked.policy_id
        )
    }


def publish(errand: Errand) -> Parameters:
    """Put approved cases on public display. Safe to repeat: a case on display is not approved any more."""
    run = errand.run
    return {
        "published": publish_cases(
            run.database, run.desk.working_days, clock=run.clock, by=run.by, policy=errand.asked.policy_id
        )
    }


def close_windows(errand: Errand) -> Parameters:
    """Let silence do what each policy says. Safe to repeat: a window that was closed is not open any more."""
    return dict(standing_jobs.end_windows(errand.run))


def recheck(errand: Errand) -> Parameters:
    """Read eligibility and exclusions again.

    Safe to repeat: page by page, and what a former run found in the same standing is not written again.
    """
    run = errand.run
    found = recheck_cases(
        run.database,
        run.desk.truth_files,
        purpose=RecheckPurpose(errand.asked.parameters["purpose"]),
        clock=run.clock,
        by=run.by,
        policy=errand.asked.policy_id,
    )
    return {
        "outcomes": {outcome.value: count for outcome, count in found.outcomes.items()},
        "steps": {event.value: count for event, count in found.steps.items()},
    }


def list_for_approval(errand: Errand) -> Parameters:
    """List the reviewed cases of a policy for approval. Safe to repeat: what is on an open list is not listed again."""
    run, policy = errand.run, errand.asked.policy_id
    assert policy is not None, "lists are asked for by policy"
    made = make_lists(run.database, run.clock, policy_id=policy, by=run.by)
    return {
        "lists": [each.kept.list_id for each in made.made],
        "voided": len(made.voided),
        "without_budget": made.without_budget,
        "not_eligible": made.not_eligible,
    }


def order(errand: Errand) -> Parameters:
    """Order what is due. Safe to repeat: a case that was ordered is not due any more."""
    run = errand.run
    made = order_payments(
        run.database,
        run.clock,
        by=run.by,
        cut_off=run.desk.payment_cut_off(china_day(run.clock.now()).year),
        policy_id=errand.asked.policy_id,
        progress=errand.progress,
    )
    return {"orders": made.orders, "blocked": {reason.value: count for reason, count in made.blocked.items() if count}}


def order_again(errand: Errand) -> Parameters:
    """Order again what came back. Safe to repeat: a new attempt exists only after the old one is settled."""
    return dict(standing_jobs.order_again(errand.run))


def send(errand: Errand) -> Parameters:
    """Make batches and give them to the bank, on working days.

    Safe to repeat: that a batch is sent is kept before the bank is asked, and it is given to the bank once.
    """
    return dict(standing_jobs.send(errand.run))


def extend(errand: Errand) -> Parameters:
    """Give the firms of chosen cases more time. Safe to repeat: a window that ends on that day is refused it again."""
    run, asked = errand.run, errand.asked.parameters
    return _told(
        extend_cases(
            run.database,
            run.desk.working_days,
            asked["case_ids"],
            until=date.fromisoformat(asked["until"]),
            reason=asked["reason"],
            by=run.by,
            clock=run.clock,
        )
    )


def withdraw(errand: Errand) -> Parameters:
    """Take chosen cases back. Safe to repeat: a case that was taken back is refused."""
    run, asked = errand.run, errand.asked.parameters
    return _told(withdraw_cases(run.database, asked["case_ids"], reason=asked["reason"], by=run.by, clock=run.clock))


def _told(found: StepsTaken) -> Parameters:
    return {
        "taken": found.taken,
        "refused": len(found.refused),
        "refused_cases": [
            {
                "case_id": each.case_id,
                "code": each.error.code,
                "detail": each.error.message("en"),
                "detail_zh": each.error.message("zh"),
            }
            for each in found.refused[:MOST_CASES_TOLD]
        ],
    }


KINDS: Mapping[WorkKind, Callable[[Errand], Parameters]] = {
    WorkKind.IMPORT: import_sources,
    WorkKind.PRIOR_AID: take_prior_aid,
    WorkKind.SWEEP: sweep_snapshot,
    WorkKind.OPEN_CASES: open_cases_of_sweep,
    WorkKind.NOTIFY: notify,
    WorkKind.CLOSE_WINDOWS: close_windows,
    WorkKind.RECHECK: recheck,
    WorkKind.PUBLISH: publish,
    WorkKind.MAKE_LISTS: list_for_approval,
    WorkKind.ORDER_PAYMENTS: order,
    WorkKind.ORDER_AGAIN: order_again,
    WorkKind.SEND_PAYMENTS: send,
    WorkKind.EXTEND_CASES: extend,
    WorkKind.WITHDRAW_CASES: withdraw,
}
"""What does each kind of work."""

assert set(KINDS) == set(WorkKind)


def do_errand(run: RunningJob, asked: WorkRow, progress: Progress) -> Parameters:
    """Do what was asked for, in the name of who asked, and return what it gave, as JSON data."""
    return KINDS[asked.kind](Errand(run=replace(run, by=asked.by), asked=asked, progress=progress))
