"""A firm's case as the API tells it: where it stands, what comes next, how the amount came about, what was paid.

Guarantees that account numbers are shown by their last digits alone and that no person of the bureau is named.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.apply import open_to_firm
from policy_match.cases.firm_view import FirmAttempt, FirmCase, FirmFile
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.routes import event_of_silence
from policy_match.cases.words import EVENT_WORDS, STATUS_WORDS, Words
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.recovery import RecoveryKind
from policy_match.policy.model import PayeeKind
from policy_match.supervision.next_step import next_step
from policy_match.supervision.stages import Party, Stage
from policy_match.supervision.stages_ahead import stages_ahead
from policy_match.values import PolicyId
from policy_match.web.api.v1.cases import AlternativeAnswer, AmountStep, ChosenBenefit, EntitlementAnswer
from policy_match.web.call import Call
from policy_match.web.models import Fen, Moment, Output

SENT = (AttemptStatus.SENT, AttemptStatus.ACCEPTED, AttemptStatus.SETTLED, AttemptStatus.UNKNOWN)
"""Where a payment is with the bank."""

INFORMED = Words("已告知", "told, yours to claim")
TOLD = (Status.NOTIFIED, Status.CLOSED)
"""Where a case that only informs says that its firm was told: the program closes it, the firm's part remains."""


class FirmHome(Output):
    """What the firm is owed, what waits for it, and what was paid to it; money in fen."""

    owed: Annotated[int, Field(description="cases on their way to money or a contract")]
    owed_fen: Fen
    to_answer: Annotated[int, Field(description="of them, those that wait for the firm's answer")]
    to_answer_fen: Fen
    answer_by: Annotated[date | None, Field(description="the first last day of an answer")]
    missed: Annotated[
        int, Field(description="of those owed, cases whose last day for an answer is past, not yet closed")
    ]
    to_correct: Annotated[int, Field(description="of them, those that wait for another account")]
    to_correct_fen: Fen
    paid: Annotated[int, Field(description="cases that the bank paid")]
    paid_fen: Fen
    recovered_fen: Annotated[Fen, Field(description="what was paid back of it")]
    informed: Annotated[int, Field(description="cases that were only told of, such as reliefs to declare")]
    unread: Annotated[int, Field(description="messages not read")]


class NextStepAnswer(Output):
    """What happens next."""

    stage: Stage
    party: Annotated[Party, Field(description="who acts")]
    text: Annotated[str, Field(description="in the language asked for")]
    by: Annotated[date | None, Field(description="the last day for it")]
    is_usual: Annotated[bool, Field(description="the day is what is usual and binds nobody to the firm")]
    is_late: Annotated[bool, Field(description="the usual day is past")]


class FirmCaseItem(Output):
    """One case of the firm."""

    case_id: int
    policy_id: str
    title: str
    title_en: str
    record_id: Annotated[str, Field(description="the record, such as a loan; empty when the firm itself is meant")]
    period: str
    instalment: int
    instalments: int
    route: Route
    status: Status
    status_text: Annotated[str, Field(description="in the language asked for")]
    amount_fen: Fen
    deadline: date | None
    due_from: date
    since: Moment
    can: Annotated[list[Event], Field(description="what the firm can do with it now; nothing after a last day")]
    silence_accepts: Annotated[bool, Field(description="whether no answer by the last day counts as a yes")]


class FirmStepItem(Output):
    """One step of the case; who of the staff took it is not said."""

    seq: int
    event: Event
    text: Annotated[str, Field(description="in the language asked for")]
    before: Status
    after: Status
    amount_fen: Fen | None
    deadline: date | None
    at: Moment
    reason: str
    digest: Annotated[str, Field(description="SHA-256 of what was decided")]


class FirmObjectionItem(Output):
    """An objection to the firm's case; who lodged it is not said."""

    objection_id: int
    case_id: int
    ground: str
    due: Annotated[date, Field(description="the last day for the answer")]
    at: Moment
    outcome: str | None
    amount_fen: Fen | None
    answer: str | None
    answered_at: Moment | None


class PaymentStep(Output):
    """One step of a payment; `reason_code` is the bank's."""

    event: AttemptEvent
    after: AttemptStatus
    reason_code: str
    at: Moment


class PaymentItem(Output):
    """One try to pay."""

    attempt_id: Annotated[str, Field(description="the end-to-end reference of the payment")]
    number: int
    amount_fen: Fen
    status: AttemptStatus
    at: Moment
    account: Annotated[str, Field(description="masked")]
    booked_on: date | None
    steps: list[PaymentStep]


class RecoveryItem(Output):
    """What is asked back of the case."""

    recovery_id: int
    kind: RecoveryKind
    amount_fen: Fen
    ground: str
    received_fen: Fen
    at: Moment


class FirmCaseAnswer(Output):
    """The whole file of one of the firm's cases."""

    case: FirmCaseItem
    next_step: NextStepAnswer | None
    ahead: Annotated[list[Stage], Field(description="the stages still to come when all goes well, in order")]
    wants_letter: Annotated[bool, Field(description="whether a letter is to be signed to take the benefit")]
    opened_at: Moment
    entitlement: EntitlementAnswer
    alternatives: Annotated[list[AlternativeAnswer], Field(description="combinations that were not chosen, best first")]
    steps: list[FirmStepItem]
    objections: list[FirmObjectionItem]
    payments: list[PaymentItem]
    recoveries: list[RecoveryItem]


class ReceiptAnswer(Output):
    """What was paid, to whom, by which payment, and on which day the bank booked it."""

    case_id: int
    policy_id: str
    title: str
    title_en: str
    period: str
    instalment: int
    instalments: int
    uscc: str
    payee: PayeeKind
    holder: str
    account: Annotated[str, Field(description="masked")]
    bank_code: Annotated[str, Field(description="联行号")]
    amount_fen: Fen
    attempt_id: Annotated[str, Field(description="the end-to-end reference of the payment")]
    settled_at: Moment
    booked_on: Annotated[date | None, Field(description="on the bank's statement; none until it came")]


def titles_of(call: Call, policy_id: str) -> tuple[str, str]:
    """Return the titles of a policy, Chinese and English; its id when the rules in use have it no more."""
    policy = call.desk.rules.policies.get(PolicyId(policy_id))
    return (policy_id, policy_id) if policy is None else (policy.title, policy.title_en)


def masked(tail: str) -> str:
    """Return what is shown of an account number."""
    return f"**** {tail}"


def item_of(call: Call, case: FirmCase) -> FirmCaseItem:
    """Return a case as one of a list."""
    title, title_en = titles_of(call, case.policy_id)
    return FirmCaseItem(
        case_id=case.case_id,
        policy_id=case.policy_id,
        title=title,
        title_en=title_en,
        record_id=case.record_id,
        period=case.period,
        instalment=case.instalment,
        instalments=case.instalments,
        route=case.route,
        status=case.status,
        status_text=getattr(_status_words(case), call.language),
        amount_fen=case.amount_fen,
        deadline=case.deadline,
        due_from=case.due_from,
        since=case.since,
        can=list(open_to_firm(case.route, case.status, case.deadline, call.now)),
        silence_accepts=event_of_silence(case.route, case.silence) is Event.ACCEPT_SILENCE,
    )


def answer_of(call: Call, file: FirmFile) -> FirmCaseAnswer:
    """Return a case with everything that the firm may know of it."""
    return FirmCaseAnswer(
        case=item_of(call, file.case),
        next_step=_next(call, file),
        ahead=_ahead(file.case),
        wants_letter=file.wants_letter,
        opened_at=file.opened_at,
        entitlement=EntitlementAnswer(
            decided_fen=file.entitlement.decided_fen,
            entitled_fen=file.entitlement.entitled_fen,
            outcome=file.entitlement.outcome,
            steps=[
                AmountStep(
                    code=step.code,
                    before_fen=step.fen_before,
                    after_fen=step.fen_after,
                    detail=step.detail,
                    text=step.text(call.language),
                )
                for step in file.entitlement.steps
            ],
        ),
        alternatives=[
            AlternativeAnswer(
                total_fen=each.total_fen,
                chosen=[
                    ChosenBenefit(policy_id=policy, record_id=record, amount_fen=fen)
                    for policy, record, fen in each.chosen
                ],
            )
            for each in file.alternatives
        ],
        steps=[
            FirmStepItem(
                seq=step.seq,
                event=step.event,
                text=getattr(EVENT_WORDS[step.event], call.language),
                before=step.before,
                after=step.after,
                amount_fen=step.amount_fen,
                deadline=step.deadline,
                at=step.at,
                reason=step.reason,
                digest=step.digest,
            )
            for step in file.steps
        ],
        objections=[FirmObjectionItem.model_validate(each) for each in file.objections],
        payments=[_payment(each) for each in file.attempts],
        recoveries=[RecoveryItem.model_validate(each) for each in file.recoveries],
    )


def _status_words(case: FirmCase) -> Words:
    if case.route is Route.INFORM and case.status in TOLD:
        return INFORMED
    return STATUS_WORDS[case.status]


def _next(call: Call, file: FirmFile) -> NextStepAnswer | None:
    found = next_step(
        file.case.route,
        file.case.status,
        amount_fen=file.case.amount_fen,
        deadline=file.case.deadline,
        since=file.case.since,
        is_sent=any(each.status in SENT for each in file.attempts),
        now=call.now,
        calendar=call.desk.working_days,
    )
    if found is None:
        return None
    text = getattr(found.words, call.language)
    return NextStepAnswer(
        stage=found.stage,
        party=found.party,
        text=text,
        by=found.by,
        is_usual=found.is_usual,
        is_late=found.is_late,
    )


def _ahead(case: FirmCase) -> list[Stage]:
    found = stages_ahead(case.route, case.status, amount_fen=case.amount_fen, publicity_days=case.publicity_days)
    return list(found)


def _payment(attempt: FirmAttempt) -> PaymentItem:
    return PaymentItem(
        attempt_id=attempt.attempt_id,
        number=attempt.number,
        amount_fen=attempt.amount_fen,
        status=attempt.status,
        at=attempt.at,
        account=masked(attempt.tail),
        booked_on=attempt.booked_on,
        steps=[PaymentStep.model_validate(each) for each in attempt.steps],
    )
