"""Why the firm got what it got, what it does not get yet, what combines with what, and its appeals.

Guarantees that decisions are made again from what was kept, field by field the record that an auditor sees.
"""

import json
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.defects import TooLate, WrongStep
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.services import benefit_groups, firm_appeals, firm_decisions
from policy_match.services import not_yet as not_yet_service
from policy_match.services.answer_cases import MovedMeanwhile, NoSuchCase
from policy_match.services.appeals import NoSuchAppeal, NotDecided
from policy_match.services.benefit_groups import Member
from policy_match.services.decision_json import record_json
from policy_match.services.explain import NoSuchFirm
from policy_match.services.firm_decisions import NoCommitment, OtherLetter
from policy_match.services.not_yet import NotYet, Unlock
from policy_match.services.replay_decision import Correction, NoSuchRow, TextsDisagree
from policy_match.values import Digest, FactName, Outcome, PolicyId
from policy_match.web.api.v1.appeals import MOST_CORRECTIONS, AppealId
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.decisions import BasisItem, ConditionItem, DecisionAnswer, FactItem
from policy_match.web.api.v1.firm_case_answers import FirmCaseAnswer
from policy_match.web.api.v1.firm_cases import firm_of, show_firm_case
from policy_match.web.api.v1.objections import Reason
from policy_match.web.call import Call
from policy_match.web.cursors import WrongCursor
from policy_match.web.models import BLANK, Fen, Input, Moment, Name, Number, Output, Page, PageQuery, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.FIRM)
OPERATIONS = CHAPTER.operations


class FirmReasons(Output):
    """The decision that opened the case, made once more."""

    same_as_kept: Annotated[bool, Field(description="whether outcome, amount and missing facts are those kept")]
    decision: DecisionAnswer


class CommitmentItem(Output):
    """One thing that the firm declares."""

    id: str
    text: str
    text_en: str
    article: str


class CommitmentAnswer(Output):
    """The letter in which the firm declares that it fulfils what a policy asks for."""

    case_id: int
    title: str
    title_en: str
    version: Annotated[str, Field(description="the fingerprint of the policy's version")]
    basis: list[BasisItem]
    text: Annotated[str, Field(description="the letter, in the language asked for")]
    digest: Annotated[str, Field(description="SHA-256 of this text, to be given when it is signed")]
    conditions: list[CommitmentItem]


class SignedLetter(Input):
    """The letter that was read, and who signs it for the firm."""

    letter: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="`digest` of the letter as it was shown")]
    signatory: Annotated[str, StringConstraints(max_length=100, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


class NotYetItem(Output):
    """One policy that does not find the firm, or cannot say."""

    policy_id: str
    title: str
    title_en: str
    department: str
    version: str
    record_id: str
    outcome: Outcome
    possible_fen: Annotated[Fen | None, Field(description="what the rule would give; none where it is not known")]
    basis: list[BasisItem]
    conditions: Annotated[int, Field(description="how many conditions the policy has; those not named below hold")]
    failing: Annotated[list[ConditionItem], Field(description="conditions that are false, and how far")]
    unknown: Annotated[list[ConditionItem], Field(description="conditions of which nobody knows")]
    missing: Annotated[list[FactItem], Field(description="the facts that nobody knows, and who would")]


class UnlockItem(Output):
    """A fact that nobody knows, and what is open for want of it."""

    name: str
    label: str
    unit: str
    source: str
    decisions: Annotated[int, Field(description="how many decisions it keeps open")]
    possible_fen: Annotated[Fen, Field(description="what they could give, as far as that is known")]


class NotYetAnswer(Output):
    """A page of the policies that the firm does not get yet, the largest possible amounts first."""

    sweep_id: Annotated[str | None, Field(description="the newest released sweep; none before the first release")]
    as_of: date | None
    is_known: Annotated[bool, Field(description="whether that sweep knew the firm")]
    items: list[NotYetItem]
    unlocks: list[UnlockItem]
    next: str | None


class GroupPolicy(Output):
    """One policy of a group, and what the firm has of it."""

    policy_id: str
    title: str
    title_en: str
    case_ids: Annotated[list[int], Field(description="the firm's live cases")]


class GroupItem(Output):
    """Policies that combine, or exclude each other."""

    group: str
    rule: Annotated[str, Field(description="highest, top_up, exclusive or additive")]
    text: Annotated[str, Field(description="in the language asked for")]
    policies: list[GroupPolicy]


class Groups(Output):
    """The groups of policies."""

    items: list[GroupItem]
    free: Annotated[list[GroupPolicy], Field(description="what the firm has that combines with every other")]


class FirmCorrection(Input):
    """What a fact was, as the firm says."""

    fact: Name
    value: Annotated[Text, Field(description="as in a facts file, money in yuan; empty is unknown")]
    source: Annotated[Reason, Field(description="the document or office that says so")]
    observed: date | None = None


class NewFirmAppeal(Input):
    """An appeal against the decision of a case, or of the newest released sweep."""

    policy_id: Name
    case_id: Number | None = None
    record_id: Annotated[Text, Field(description="the record, such as a loan; empty when the firm is meant")] = ""
    ground: Reason
    corrections: Annotated[list[FirmCorrection], Field(max_length=MOST_CORRECTIONS, default_factory=list)]


class FirmAppealItem(Output):
    """One appeal of the firm."""

    appeal_id: int
    policy_id: str
    record_id: str
    ground: str
    at: Moment
    corrected: Annotated[list[str], Field(description="the facts that it corrects")]


class FirmAppealAnswer(Output):
    """An appeal, and what deciding again showed."""

    appeal: FirmAppealItem
    replayed_at: Moment | None
    same_as_kept: bool | None
    old: DecisionAnswer | None
    corrected: DecisionAnswer | None


@CHAPTER.operation(
    Method.GET, "/firm/cases/{case_id}/reasons", raises=(NoSuchCase, NoSuchFirm, NoSuchRow, TextsDisagree)
)
def show_firm_reasons(call: Call, path: CaseId) -> FirmReasons:
    """Show why the firm qualifies: conditions with values, sources, dates and articles, and the amount's arithmetic."""
    found = firm_decisions.explain_case(call.database, call.desk.open_snapshot, firm_of(call), path.case_id)
    return FirmReasons(same_as_kept=found.same_as_kept, decision=DecisionAnswer.model_validate(record_json(found.old)))


@CHAPTER.operation(Method.GET, "/firm/cases/{case_id}/commitment", raises=(NoSuchCase, NoCommitment))
def show_firm_commitment(call: Call, path: CaseId) -> CommitmentAnswer:
    """Show the letter in which the firm declares that it fulfils what the policy asks for.

    It is there for benefits that a firm declares by itself, and for those whose policy wants it with the answer.
    """
    found = firm_decisions.commitment(call.database, firm_of(call), path.case_id)
    return CommitmentAnswer(
        case_id=path.case_id,
        title=found.policy.title,
        title_en=found.policy.title_en,
        version=found.version.fingerprint,
        basis=[BasisItem.model_validate(each) for each in found.policy.basis],
        text=found.letter(call.language),
        digest=found.digest(call.language),
        conditions=[CommitmentItem.model_validate(each) for each in found.version.conditions],
    )


@CHAPTER.operation(
    Method.POST,
    "/firm/cases/{case_id}/commitment",
    raises=(NoSuchCase, NoCommitment, OtherLetter, WrongStep, TooLate, MovedMeanwhile),
)
def sign_firm_commitment(call: Call, path: CaseId, body: SignedLetter) -> FirmCaseAnswer:
    """Sign the letter and take the benefit with it."""
    firm_decisions.sign_commitment(
        call.database,
        call.desk.working_days,
        firm_of(call),
        path.case_id,
        letter=Digest(body.letter),
        signatory=body.signatory.strip(),
        clock=call.clock,
    )
    answer: FirmCaseAnswer = show_firm_case(call, path)
    return answer


@CHAPTER.operation(Method.GET, "/firm/not-yet")
def list_not_yet(call: Call, query: PageQuery) -> NotYetAnswer:
    """List what the firm does not get yet: what is missing and how far it is, the largest possible amounts first."""
    found = not_yet_service.not_yet(call.database, call.desk.open_snapshot, firm_of(call), call.desk.rules)
    skip = _place_in(call, found.sweep_id)
    page = found.found[skip : skip + query.limit]
    more = len(found.found) > skip + query.limit
    return NotYetAnswer(
        sweep_id=found.sweep_id,
        as_of=found.as_of,
        is_known=found.is_known,
        items=[_not_yet(each) for each in page],
        unlocks=[_unlock(each) for each in found.unlocks],
        next=call.cursors.write(found.sweep_id or "", skip + query.limit) if more else None,
    )


def _place_in(call: Call, sweep_id: str | None) -> int:
    """Return how far the list of a sweep was read; that of another sweep is another list. Raises `WrongCursor`."""
    place = call.cursors.place(str, int)
    if place is None:
        return 0
    if place[0] != (sweep_id or "") or place[1] < 0:
        raise WrongCursor
    return int(place[1])


@CHAPTER.operation(Method.GET, "/firm/combinations")
def list_combinations(call: Call) -> Groups:
    """List which benefits combine or exclude each other, with what the firm has of each."""
    found = benefit_groups.combinations(call.database, firm_of(call), call.desk.rules)
    return Groups(
        items=[
            GroupItem(
                group=each.group,
                rule=each.rule,
                text=each.text(call.language),
                policies=[_member(member) for member in each.members],
            )
            for each in found.groups
        ],
        free=[_member(member) for member in found.free],
    )


@CHAPTER.operation(Method.GET, "/firm/appeals")
def list_firm_appeals(call: Call, query: PageQuery) -> Page[FirmAppealItem]:
    """List the firm's appeals by number."""
    found = firm_appeals.list_firm_appeals(
        call.database, firm_of(call), after=call.cursors.number(), most=query.limit + 1
    )
    return call.page(Page[FirmAppealItem], [_appeal(each) for each in found], query.limit, "appeal_id")


@CHAPTER.operation(Method.GET, "/firm/appeals/{appeal_id}", raises=(NoSuchAppeal,))
def show_firm_appeal(call: Call, path: AppealId) -> FirmAppealAnswer:
    """Show one appeal of the firm, and what deciding again showed."""
    return _appeal_answer(*firm_appeals.show_firm_appeal(call.database, firm_of(call), path.appeal_id))


@CHAPTER.operation(Method.POST, "/firm/appeals", raises=(NoSuchCase, NotDecided))
def lodge_firm_appeal(call: Call, body: NewFirmAppeal) -> Made[FirmAppealAnswer]:
    """Appeal against a decision on the firm, and say what facts were; staff decide it again."""
    number = firm_appeals.appeal_for_firm(
        call.database,
        firm_of(call),
        PolicyId(body.policy_id),
        record_id=body.record_id,
        case_id=body.case_id,
        ground=body.ground,
        corrections={
            FactName(each.fact): Correction(value=each.value, source=each.source, observed=each.observed)
            for each in body.corrections
        },
        clock=call.clock,
    )
    made = firm_appeals.show_firm_appeal(call.database, firm_of(call), number)
    return Made(_appeal_answer(*made), f"/firm/appeals/{number}")


def _member(member: Member) -> GroupPolicy:
    policy, case_ids = member
    return GroupPolicy(policy_id=policy.id, title=policy.title, title_en=policy.title_en, case_ids=list(case_ids))


def _not_yet(each: NotYet) -> NotYetItem:
    record = each.record
    written = DecisionAnswer.model_validate(record_json(record))
    unknown = {name for condition in written.conditions for name in condition.missing} | set(record.missing)
    return NotYetItem(
        policy_id=record.policy.id,
        title=record.policy.title,
        title_en=record.policy.title_en,
        department=record.policy.department,
        version=record.version.label,
        record_id=record.record_id or "",
        outcome=record.outcome,
        possible_fen=each.possible_fen,
        basis=written.basis,
        conditions=len(written.conditions),
        failing=[condition for condition in written.conditions if condition.truth == "false"],
        unknown=[condition for condition in written.conditions if condition.truth == "unknown"],
        missing=[fact for fact in written.facts if fact.name in unknown],
    )


def _unlock(each: Unlock) -> UnlockItem:
    fact = each.fact.fact
    return UnlockItem(
        name=fact.name,
        label=fact.label,
        unit=fact.unit,
        source=fact.source,
        decisions=each.decisions,
        possible_fen=each.possible_fen,
    )


def _appeal(appeal: Appeal) -> FirmAppealItem:
    return FirmAppealItem(
        appeal_id=appeal.appeal_id,
        policy_id=appeal.policy_id,
        record_id=appeal.row.record_id,
        ground=appeal.ground,
        at=appeal.at,
        corrected=sorted(appeal.corrected),
    )


def _appeal_answer(appeal: Appeal, replay: AppealReplay | None) -> FirmAppealAnswer:
    return FirmAppealAnswer(
        appeal=_appeal(appeal),
        replayed_at=None if replay is None else replay.at,
        same_as_kept=None if replay is None else replay.same_as_kept,
        old=None if replay is None else DecisionAnswer.model_validate(json.loads(replay.old)),
        corrected=None
        if replay is None or replay.corrected is None
        else DecisionAnswer.model_validate(json.loads(replay.corrected)),
    )
