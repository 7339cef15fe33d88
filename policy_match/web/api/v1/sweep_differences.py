"""What changed from one kept sweep to another: in numbers by policy, and row by row with the reasons."""

from typing import Annotated, Any

from pydantic import Field

from policy_match.services.compare_sweeps import NoSuchSweep, NotInBoth, changed_rows, compare_sweeps
from policy_match.services.decision_json import plain_value
from policy_match.services.kept_sweeps import NoSuchSweepName, show_sweep
from policy_match.sweep.difference import (
    DateMoved,
    FactChange,
    ParameterChange,
    PolicyDifference,
    Presence,
    Reason,
    RowDifference,
    RuleChange,
    Transition,
)
from policy_match.sweep.kept import RowKey, Standing
from policy_match.values import Outcome, PolicyId, Truth, Uscc
from policy_match.web.api.v1.sweeps import SweepName, SweepPath, SweepPolicyPath
from policy_match.web.call import Call
from policy_match.web.models import Fen, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.SWEEPS)
OPERATIONS = CHAPTER.operations

MOST_ROWS = 100


class BeforeQuery(Query):
    """The earlier sweep."""

    before: Annotated[SweepName, Field(description="the id of the earlier sweep")]


class RowsQuery(PageQuery, BeforeQuery):
    """The earlier sweep, and which page of the rows."""

    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="how many at most")] = 50


class PolicyDifferenceItem(Output):
    """How the decisions of one policy moved; a version is none where a sweep did not decide the policy."""

    policy_id: str
    before_version: str | None
    after_version: str | None
    newly_eligible: int
    lost: int
    amount_changed: int
    became_undetermined: int
    became_ineligible: int
    added_fen: Annotated[int, Field(description="in fen; of firms eligible in both, a sum over many")]


class DifferenceAnswer(Output):
    """Two kept sweeps and how each policy's decisions moved, by policy id."""

    before: str
    after: str
    policies: list[PolicyDifferenceItem]


class StandingItem(Output):
    """What a sweep says of one row."""

    outcome: Outcome
    amount_fen: Fen | None
    missing: list[str]


class ConditionChangeItem(Output):
    """A condition whose truth differs; none where the version does not have it."""

    part: str
    text: str
    before: Truth | None
    after: Truth | None


class ReasonItem(Output):
    """Why a decision changed: `kind` is fact, rule, parameter, as_of, or presence (new or gone)."""

    kind: str
    name: str
    before: Any
    after: Any


class ChangedRowItem(Output):
    """What changed for one firm or record, and why; a standing is none where the snapshot does not have it."""

    uscc: str
    record_id: str
    transition: Transition
    before: StandingItem | None
    after: StandingItem | None
    conditions: list[ConditionChangeItem]
    reasons: list[ReasonItem]


@CHAPTER.operation(Method.GET, "/sweeps/{sweep_id}/difference", raises=(NoSuchSweepName, NoSuchSweep))
def compare_kept_sweeps(call: Call, path: SweepPath, query: BeforeQuery) -> DifferenceAnswer:
    """Compare a sweep with an earlier one: who became eligible, who no more, whose amount changed."""
    before, after = show_sweep(call.database, query.before), show_sweep(call.database, path.sweep_id)
    found = compare_sweeps(call.database, call.desk.truth_files, before.sweep_id, after.sweep_id)
    within = call.policies
    return DifferenceAnswer(
        before=before.sweep_id,
        after=after.sweep_id,
        policies=[_policy(each) for each in found.policies if within is None or each.policy_id in within],
    )


@CHAPTER.operation(
    Method.GET,
    "/sweeps/{sweep_id}/policies/{policy_id}/difference",
    raises=(NoSuchSweepName, NoSuchSweep, NotInBoth),
)
def list_changed_rows(call: Call, path: SweepPolicyPath, query: RowsQuery) -> Page[ChangedRowItem]:
    """List the firms and records that changed for one policy, by code and record, each with the reasons."""
    call.check_policy(PolicyId(path.policy_id))
    place = call.cursors.place(str, str)
    catalogue = call.desk.rules.catalogue
    found = changed_rows(
        call.database,
        call.desk.truth_files,
        lambda snapshot: call.desk.open_snapshot(snapshot, catalogue),
        catalogue,
        show_sweep(call.database, query.before).sweep_id,
        show_sweep(call.database, path.sweep_id).sweep_id,
        PolicyId(path.policy_id),
        from_row=None if place is None else RowKey(uscc=Uscc(place[0]), record_id=place[1]),
        most=query.limit,
    )
    behind = found.next_row
    return Page[ChangedRowItem](
        items=[_row(each) for each in found.rows],
        next=None if behind is None else call.cursors.write(behind.uscc, behind.record_id),
    )


def _policy(policy: PolicyDifference) -> PolicyDifferenceItem:
    return PolicyDifferenceItem(
        policy_id=policy.policy_id,
        before_version=None if policy.before is None else policy.before.label,
        after_version=None if policy.after is None else policy.after.label,
        newly_eligible=policy.count(Transition.NEWLY_ELIGIBLE),
        lost=policy.count(Transition.LOST),
        amount_changed=policy.count(Transition.AMOUNT_CHANGED),
        became_undetermined=policy.count(Transition.BECAME_UNDETERMINED),
        became_ineligible=policy.count(Transition.BECAME_INELIGIBLE),
        added_fen=policy.added_fen,
    )


def _row(row: RowDifference) -> ChangedRowItem:
    return ChangedRowItem(
        uscc=row.key.uscc,
        record_id=row.key.record_id,
        transition=row.transition,
        before=_standing(row.before),
        after=_standing(row.after),
        conditions=[ConditionChangeItem.model_validate(each) for each in row.conditions],
        reasons=[_reason(each) for each in row.reasons],
    )


def _standing(standing: Standing | None) -> StandingItem | None:
    return None if standing is None else StandingItem.model_validate(standing)


def _reason(reason: Reason) -> ReasonItem:
    match reason:
        case FactChange():
            return ReasonItem(
                kind="fact", name=reason.fact, before=plain_value(reason.before), after=plain_value(reason.after)
            )
        case RuleChange():
            return ReasonItem(kind="rule", name=reason.part, before=reason.before, after=reason.after)
        case ParameterChange():
            return ReasonItem(kind="parameter", name=reason.name, before=reason.before, after=reason.after)
        case DateMoved():
            return ReasonItem(
                kind="as_of", name="as_of", before=reason.before.isoformat(), after=reason.after.isoformat()
            )
        case Presence():
            return ReasonItem(kind="presence", name=reason.value, before=None, after=None)
