"""From the answers to the approved and published list: recheck, budget, approval by different people, objections.

Guarantees that the invented budget is a little too small wherever more than one case asks for it, so that a queue is
seen, and that each attempt which the services must refuse is made and shown.
"""

from collections.abc import Iterator, Sequence

from policy_match.cases.history import CaseFilter, CaseLine
from policy_match.cases.model import Event, Status
from policy_match.cases.objection import ObjectionOutcome
from policy_match.cases.rechecking import RecheckOutcome, RecheckPurpose
from policy_match.entitlements.cost_share import shares_of, split_cost
from policy_match.errors import PolicyMatchError
from policy_match.ledger.accounts import LineAccount, LineId
from policy_match.policy.model import Policy
from policy_match.ports.approvals import KeptList
from policy_match.services.allocate_budget import allocate_budget, budget_queue
from policy_match.services.approval_lists import lists, make_lists, show_list
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.case_history import list_cases
from policy_match.services.decide_lists import approve_list
from policy_match.services.exclusions import exclude_firm, list_exclusions
from policy_match.services.notify_cases import publish_cases
from policy_match.services.objections import answer_objection, lodge_objection, open_objections
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.rehearsal.asking import lines_of
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told, signer, stage_days
from policy_match.services.rehearsal.telling import tell
from policy_match.services.roles import grant_role
from policy_match.values import Money, add_months

LABEL = "虚构预算（演练）/ invented budget (rehearsal)"
BUDGET_PERCENT = 96
"""So much of what is asked for is appropriated, in whole thousands of yuan."""

THOUSAND_YUAN_FEN = 100_000
QUEUE_SHOWN = 3
MAX_SIGNATURES = 20
EXCLUDED_MONTHS = 36
DAYS_TO_ANSWER_OBJECTION = 2

DISMISSED, UPHELD = (
    "名称相近，系误认（演练）/ a mix-up of names (rehearsal)",
    "社保由他人代缴（演练）/ paid by others (rehearsal)",
)
"""The grounds of the two objections: the first is dismissed, the second upheld."""


def recheck_for_approval(stage: Stage) -> Iterator[Told]:
    """Read eligibility again, in what the newest sweep of the same day says."""
    yield stage.tell(Said.CHAPTER_RECHECK)
    found = recheck_cases(
        stage.database, stage.truth_files, purpose=RecheckPurpose.APPROVAL, clock=stage.clock, by=Staff.CLERK
    )
    if any(found.outcomes.values()) and any(found.steps.values()):
        yield stage.tell(
            Said.RECHECKED,
            reviewed=found.steps[Event.REVIEW],
            withdrawn=found.steps[Event.WITHDRAW],
            ineligible=found.outcomes[RecheckOutcome.INELIGIBLE],
            gone=found.outcomes[RecheckOutcome.NOT_REGISTERED],
            unknown=found.outcomes[RecheckOutcome.UNDETERMINED],
        )
    else:
        yield stage.tell(Said.DONE_BEFORE)


def make_budget(stage: Stage) -> Iterator[Told]:
    """Add the budget lines of the policies' funds and appropriate a little less than the reviewed cases ask for."""
    yield stage.tell(Said.CHAPTER_BUDGET)
    year, asked = stage.clock.day.year, _asked_by_line(stage)
    new = False
    for fund in sorted({share.line for policy in stage.funded for share in shares_of(policy)}):
        line = add_line(stage.database, stage.clock, fund=fund, year=year, label=LABEL, by=Staff.BUDGET).line
        fen = asked.get(line.line, 0) * BUDGET_PERCENT // 100 // THOUSAND_YUAN_FEN * THOUSAND_YUAN_FEN
        if line.balances[LineAccount.APPROPRIATION] == 0 and fen:
            about = f"演练〔{year}〕1 号"
            appropriate(stage.database, stage.clock, line=line.line, amount_fen=fen, by=Staff.BUDGET, about=about)
            yield stage.tell(Said.APPROPRIATED, line=line.line, asked=Money(asked[line.line]), appropriated=Money(fen))
            new = True
    yield from _without_fund(stage)
    if not new:
        yield stage.tell(Said.DONE_BEFORE)


def _without_fund(stage: Stage) -> Iterator[Told]:
    """Show what becomes of policies that name no fund: their cases stay reviewed until a person says who pays."""
    for policy in stage.asking:
        if policy not in stage.funded:
            try:
                allocate_budget(stage.database, stage.clock, policy_id=policy.id, by=Staff.BUDGET)
            except PolicyMatchError as error:
                yield stage.tell(Said.REFUSED, error=error)


def _asked_by_line(stage: Stage) -> dict[LineId, int]:
    asked: dict[LineId, int] = {}
    for policy in stage.funded:
        for case in lines_of(stage.database, CaseFilter(policy_id=policy.id, status=Status.REVIEWED)):
            for part in split_cost(case.amount_fen, shares_of(policy), stage.clock.day.year):
                asked[LineId(part.line)] = asked.get(LineId(part.line), 0) + part.fen
    return asked


def approve(stage: Stage) -> Iterator[Told]:
    """Share the budget, make the lists and have them signed; one person tries to sign twice."""
    yield stage.tell(Said.CHAPTER_APPROVAL)
    yield from stage.told_or_done(each for policy in stage.funded for each in _approve_policy(stage, policy))


def _approve_policy(stage: Stage, policy: Policy) -> Iterator[Told]:
    shared = allocate_budget(stage.database, stage.clock, policy_id=policy.id, by=Staff.BUDGET)
    if shared.number is not None:
        yield stage.tell(
            Said.GRANTED,
            policy=policy.id,
            cases=shared.granted,
            money=Money(shared.granted_fen),
            waiting=shared.waiting,
            waiting_money=Money(shared.asked_fen - shared.granted_fen),
        )
        queue = budget_queue(stage.database, stage.clock, policy_id=policy.id, most=QUEUE_SHOWN)
        for entry in queue.entries:
            yield stage.tell(
                Said.QUEUED,
                place=entry.place,
                case=str(entry.case_id),
                money=Money(entry.asked_fen),
                line=entry.line or "-",
                short=Money(entry.short_fen),
            )
    make_lists(stage.database, stage.clock, policy_id=policy.id, by=Staff.CLERK)
    for kept in lists(stage.database, policy_id=policy.id, only_open=True):
        yield stage.tell(
            Said.LISTED,
            list=kept.list_id,
            cases=kept.header.count,
            money=Money(kept.header.total_fen),
            digest=kept.digest[:12],
        )
        yield from _sign(stage, kept)


def _sign(stage: Stage, kept: KeptList) -> Iterator[Told]:
    """Have every stage of a list signed; who signed first tries the second stage too."""
    first: str | None = None
    for _ in range(MAX_SIGNATURES):
        due = next(iter(show_list(stage.database, kept.list_id, most=1).due), None)
        if due is None:
            return
        if first is not None:
            _give_role(stage, first, due.role)
            yield from _refuse_second_stage(stage, kept, first)
            first = None
        person = signer(due.role, due.missing)
        _give_role(stage, person, due.role)
        signed = approve_list(stage.database, stage.clock, list_id=kept.list_id, by=person)
        yield stage.tell(
            Said.SIGNED, list=kept.list_id, stage=signed.stage, person=person, complete=str(signed.complete).lower()
        )
        if signed.stage == 1 and not signed.complete:
            first = person


def _refuse_second_stage(stage: Stage, kept: KeptList, person: str) -> Iterator[Told]:
    try:
        approve_list(stage.database, stage.clock, list_id=kept.list_id, by=person)
    except PolicyMatchError as error:
        yield stage.tell(Said.REFUSED, error=error)
    else:
        raise AssertionError("one person took two stages of one case")


def _give_role(stage: Stage, person: str, role: str) -> None:
    grant_role(stage.database, stage.clock, person=person, role=role, by=Staff.PERSONNEL)


def publish(stage: Stage) -> Iterator[Told]:
    """Publish what was approved; two people object, another firm is excluded; then read eligibility once more."""
    yield stage.tell(Said.CHAPTER_PUBLICITY)
    yield from stage.told_or_done(_publicity(stage))


def _publicity(stage: Stage) -> Iterator[Told]:
    published = publish_cases(stage.database, stage.calendar, clock=stage.clock, by=Staff.CLERK)
    shown = _shown(stage)
    if published:
        last = max((line.deadline for line in shown if line.deadline is not None), default=stage.clock.day)
        yield stage.tell(Said.PUBLISHED, cases=published, last=last)
    if published and not _has_exclusions(stage):
        stage.working_days_later(1)
        yield from _object(stage, shown)
        yield from _exclude(stage, shown)
        yield from tell(stage)
    stage.working_days_later(DAYS_TO_ANSWER_OBJECTION)
    yield from _answer_objections(stage)
    _, days = stage_days(stage.funded)
    stage.working_days_later(days + 1)
    yield from recheck_for_payment(stage)


def _shown(stage: Stage) -> Sequence[CaseLine]:
    """Return a few published cases of each policy."""
    return [
        line
        for policy in stage.funded
        for line in list_cases(
            stage.database, CaseFilter(policy_id=policy.id, status=Status.PUBLISHED), after=0, most=9
        )
    ]


def _has_exclusions(stage: Stage) -> bool:
    return bool(list_exclusions(stage.database, most=1))


def _object(stage: Stage, shown: Sequence[CaseLine]) -> Iterator[Told]:
    pairs = zip(shown[1:3], ((Staff.COMPETITOR, DISMISSED), (Staff.NEIGHBOUR, UPHELD)), strict=False)
    for line, (person, ground) in pairs:
        number = lodge_objection(
            stage.database, stage.calendar, line.case_id, by=person, ground=ground, clock=stage.clock
        )
        yield stage.tell(Said.OBJECTED, objection=number, case=str(line.case_id), person=person, ground=ground)


def _exclude(stage: Stage, shown: Sequence[CaseLine]) -> Iterator[Told]:
    for line in shown[3:4]:
        until = add_months(stage.clock.day, EXCLUDED_MONTHS)
        assert until is not None, "the calendar reaches so far"
        number = exclude_firm(
            stage.database,
            line.uscc,
            since=stage.clock.day,
            until=until,
            reason="另案骗取资金（演练）/ fraud in another matter (rehearsal)",
            by=Staff.AUDIT,
            clock=stage.clock,
        )
        yield stage.tell(Said.EXCLUDED, exclusion=number, firm=line.uscc, until=until)


def _answer_objections(stage: Stage) -> Iterator[Told]:
    for objection in open_objections(stage.database, clock=stage.clock):
        outcome = ObjectionOutcome.UPHOLD if objection.ground == UPHELD else ObjectionOutcome.DISMISS
        answer_objection(
            stage.database,
            objection.objection_id,
            outcome,
            by=Staff.OBJECTIONS,
            reason="已核查（演练）/ looked into (rehearsal)",
            clock=stage.clock,
        )
        yield stage.tell(
            Said.OBJECTION_ANSWERED, objection=objection.objection_id, case=str(objection.case_id), outcome=outcome
        )


def recheck_for_payment(stage: Stage) -> Iterator[Told]:
    """Read eligibility and exclusions of what is to be paid next."""
    found = recheck_cases(
        stage.database, stage.truth_files, purpose=RecheckPurpose.PAYMENT, clock=stage.clock, by=Staff.CLERK
    )
    # Cases looked at before are found again in the same standing while they wait for their account.
    if any(found.outcomes.values()):
        yield stage.tell(
            Said.PAYMENT_RECHECKED,
            eligible=found.outcomes[RecheckOutcome.ELIGIBLE],
            withdrawn=found.steps[Event.WITHDRAW],
        )
