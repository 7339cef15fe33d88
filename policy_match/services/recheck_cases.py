"""Reads eligibility and exclusions again before approval and before payment, and does what follows.

Guarantees that the newest kept sweep of the case's version and as-of date decides, that nobody passes on what is
unknown, and that a firm no longer eligible is withdrawn with the reason. A killed run is simply run again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from policy_match.cases.model import Event, Status
from policy_match.cases.rechecking import (
    RecheckCandidate,
    Rechecked,
    RecheckOutcome,
    RecheckPurpose,
    RegisterSays,
    recheck,
)
from policy_match.cases.working_days import china_day
from policy_match.facts.catalogue import FIRM, KEY
from policy_match.policy.decoding import decode_version
from policy_match.policy.model import Policy
from policy_match.ports import Clock, Database, TruthFiles, UnitOfWork
from policy_match.ports.cases import RecheckGroup
from policy_match.services.large_steps import after_step
from policy_match.values import PolicyId, SweepId, Uscc

MOST_CASES = 50_000
"""How many cases are rechecked in one transaction."""

MOST_PASSES = 2
"""An amount that becomes lower is looked at once more, because its case is then before the review again."""

ENDS = (RecheckOutcome.INELIGIBLE, RecheckOutcome.EXCLUDED, RecheckOutcome.NOT_REGISTERED)
FOLLOWS: Mapping[RecheckPurpose, Sequence[tuple[Event, Sequence[RecheckOutcome]]]] = {
    RecheckPurpose.APPROVAL: (
        (Event.REVIEW, (RecheckOutcome.ELIGIBLE, RecheckOutcome.AMOUNT_LOWER)),
        (Event.AMEND, (RecheckOutcome.AMOUNT_LOWER,)),
        (Event.WITHDRAW, ENDS),
    ),
    # What was approved for more cannot be paid for less: the next opening of the newer sweep opens it with that amount.
    RecheckPurpose.PAYMENT: ((Event.WITHDRAW, (*ENDS, RecheckOutcome.AMOUNT_LOWER)),),
}
"""Which steps follow from which outcomes, in order. A lower amount is reviewed and amended, then reviewed again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rechecks:
    """What a run found and did: looks at cases by outcome, and steps by event.

    A case whose amount became lower before its approval is looked at twice.
    """

    outcomes: Mapping[RecheckOutcome, int]
    steps: Mapping[Event, int]


def recheck_cases(
    database: Database,
    truth_files: TruthFiles,
    *,
    purpose: RecheckPurpose,
    clock: Clock,
    by: str,
    policy: PolicyId | None = None,
) -> Rechecks:
    """Recheck every case that waits for its approval, or for its payment; of one policy or of all.

    Before approval eligible cases are reviewed, and those reviewed before are looked at again until they are approved.
    Before payment they get a recheck that an order may rest on. What a former run found in the same standing is not
    written again. Undetermined cases wait; their recheck says so.
    Raises a `StorageError`; the pages that were committed stay.
    """
    with database.unit_of_work() as work:
        groups = work.cases.rechecks.groups(policy)
        newest = work.cases.rechecks.newest_sweep()
    run = _Run(truth_files, newest, purpose, clock, by)
    for group in groups:
        terms, _ = decode_version(group.version_text.encode())
        for number in range(MOST_PASSES):
            if not _recheck_group(database, run, group, terms, again=number > 0):
                break
    after_step(database, sum(run.outcomes.values()))
    return Rechecks(outcomes=run.outcomes, steps=run.steps)


class _Run:
    """What stays the same for one run, and what it counts. Registers are read once per sweep."""

    def __init__(
        self, truth_files: TruthFiles, newest: SweepId | None, purpose: RecheckPurpose, clock: Clock, by: str
    ) -> None:
        self.purpose = purpose
        self.clock = clock
        self.by = by
        self.outcomes = dict.fromkeys(RecheckOutcome, 0)
        self.steps = dict.fromkeys((event for event, _ in FOLLOWS[purpose]), 0)
        self.newest = newest
        self._truth_files = truth_files
        self._register: tuple[SweepId, date, pa.Array | None] | None = None

    def says(self, work: UnitOfWork, sweep_id: SweepId, usccs: Sequence[Uscc]) -> tuple[date, Sequence[RegisterSays]]:
        """Return the as-of date of a sweep, and whether it knows each firm; a sweep of records alone has no word."""
        if self._register is None or self._register[0] != sweep_id:
            sweep = work.sweeps.find(sweep_id)
            assert sweep is not None, "it was found in the database"
            truth = self._truth_files.open(sweep.sweep_id, sweep.truth)
            firms = truth.columns(FIRM, [KEY])[KEY].combine_chunks() if truth.rows(FIRM) else None
            self._register = (sweep_id, sweep.identity.as_of, firms)
        _, as_of, firms = self._register
        if firms is None:
            return as_of, [RegisterSays.NO_WORD] * len(usccs)
        known = pc.is_in(pa.array(usccs, pa.string()), value_set=firms).to_pylist()
        return as_of, [RegisterSays.PRESENT if each else RegisterSays.ABSENT for each in known]


def _recheck_group(database: Database, run: _Run, group: RecheckGroup, policy: Policy, *, again: bool) -> bool:
    """Recheck one group page by page; return whether amounts became lower, so that another pass is needed."""
    after, lower = 0, False
    while True:  # `after` rises with each page, and a group has so many cases
        with database.unit_of_work() as work:
            work.cases.steps.claim()
            at = run.clock.now()
            today = china_day(at)
            cases = work.cases.rechecks.candidates(group, run.purpose, today=today, after=after, most=MOST_CASES)
            if not cases:
                return lower
            after = cases[-1].case_id
            found = _recheck_page(work, run, group, policy, cases)
            news = [each for each, case in zip(found, cases, strict=True) if _is_news(run.purpose, each, case)]
            if news:
                number = work.cases.rechecks.add(group, run.purpose, news, at=at, by=run.by)
                for event, outcomes in FOLLOWS[run.purpose]:
                    run.steps[event] += work.cases.rechecks.take_steps(number, event, outcomes, today=today)
                run.steps[Event.WITHDRAW] += work.cases.rechecks.withdraw_later_instalments(number)
                work.commit()
        for each in news if again else found:
            run.outcomes[each.outcome] += 1
        lower = lower or any(each.outcome is RecheckOutcome.AMOUNT_LOWER for each in news)


def _is_news(purpose: RecheckPurpose, found: Rechecked, case: RecheckCandidate) -> bool:
    """Return whether the finding is to be written: not when the case stays as it is and the same was found before."""
    stays = (
        purpose is RecheckPurpose.PAYMENT
        or found.outcome is RecheckOutcome.UNDETERMINED
        or (found.outcome is RecheckOutcome.ELIGIBLE and case.status is Status.REVIEWED)
    )
    return not stays or case.last != (found.outcome, found.amount_fen)


def _recheck_page(
    work: UnitOfWork, run: _Run, group: RecheckGroup, policy: Policy, cases: Sequence[RecheckCandidate]
) -> list[Rechecked]:
    usccs = [case.uscc for case in cases]
    when_due: Sequence[RegisterSays] = [RegisterSays.NO_WORD] * len(cases)
    if run.newest is not None and any(case.must_still for case in cases):
        day, known = run.says(work, run.newest, usccs)
        # A register from before the instalment fell due says nothing about that day.
        when_due = [
            says if day >= case.due_from else RegisterSays.NO_WORD for says, case in zip(known, cases, strict=True)
        ]
    in_sweep: Sequence[RegisterSays] = [RegisterSays.NO_WORD] * len(cases)
    if any(case.now is None for case in cases):
        _, in_sweep = run.says(work, group.sweep, usccs)
    return [
        recheck(case, policy, group.as_of, in_sweep=here, when_due=there)
        for case, here, there in zip(cases, in_sweep, when_due, strict=True)
    ]
