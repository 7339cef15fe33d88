"""Kept sweeps: what came out, why firms do not get a benefit, and the decisions on one firm."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.services import condition_coverage as coverage
from policy_match.services import confirm_match as confirmations
from policy_match.services.condition_coverage import NotDecided
from policy_match.services.decision_json import record_json
from policy_match.services.explain import NoSuchFirm, NoSuchPolicy, PolicyNotInForce
from policy_match.services.explain_kept import explain_kept, firm_decisions, policy_decisions
from policy_match.services.kept_sweeps import NoSuchSweepName, openings_of_sweep, page_of_sweeps, show_sweep
from policy_match.services.replay_decision import NoSuchRow
from policy_match.sweep.kept import KeptSweep, RowKey
from policy_match.sweep.match import Match
from policy_match.values import Outcome, PolicyId, Uscc
from policy_match.web.api.v1.decisions import DecisionAnswer
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Fen, Input, Moment, Name, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.SWEEPS)
OPERATIONS = CHAPTER.operations

MOST_SWEEPS_LISTED = 100

SweepName = Annotated[str, StringConstraints(pattern=r"^(latest|[0-9a-f]{64})$")]
"""The whole id of a kept sweep, or `latest`."""


class SweepPath(Query):
    """Which sweep."""

    sweep_id: Annotated[SweepName, Field(description="the id, or `latest`")]


class SweepPolicyPath(SweepPath):
    """Which policy of which sweep."""

    policy_id: Name


class SweepListQuery(PageQuery):
    """Which page of the sweeps."""

    limit: Annotated[int, Field(ge=1, le=MOST_SWEEPS_LISTED, description="how many at most")] = 20


class FirmQuery(Query):
    """Which firm."""

    firm: Annotated[CreditCode, Field(description="统一社会信用代码")]


class RowQuery(Query):
    """Which decision of a sweep."""

    firm: Annotated[CreditCode, Field(description="统一社会信用代码")]
    policy: Annotated[Name, Field(description="the id of a policy")]
    record: Annotated[Text, Field(description="the record, where the policy decides per record")] = ""


class ConfirmedMatch(Input):
    """A policy that rightly matches all, or none, of a registry."""

    policy_id: Name
    as_of: Annotated[date, Field(description="the version in force on this day is meant")]
    matches: Match


class SweepItem(Output):
    """One kept sweep and its totals, over all policies within reach."""

    sweep_id: str
    snapshot_id: str
    rules_fingerprint: str
    as_of: date
    engine: str
    kept_at: Moment
    policies: int
    eligible: int
    undetermined: int
    amount_fen: Annotated[int, Field(description="in fen; a sum over many firms")]


class SweptPolicy(Output):
    """What came out of one policy."""

    policy_id: str
    version: str
    version_fingerprint: str
    grain: Annotated[str, Field(description="`firm`, or the kind of record that is decided")]
    total: int
    eligible: int
    ineligible: int
    undetermined: int
    amount_fen: Annotated[int, Field(description="in fen; a sum over many firms")]
    matches: Annotated[Match | None, Field(description="when it matched all or none, which a person confirmed")]


class SweepOpeningItem(Output):
    """One run that opened cases of the sweep: by it the sweep was released."""

    number: int
    at: Moment
    by: str


class SweepAnswer(Output):
    """One kept sweep, policy by policy; `openings` are the runs that opened its cases, the latest first."""

    sweep: SweepItem
    policies: list[SweptPolicy]
    openings: list[SweepOpeningItem]


class ConditionCount(Output):
    """One condition over all rows; `only_…` count the rows that this condition alone keeps out."""

    part: str
    text: str
    true: int
    false: int
    unknown: int
    only_false: int
    only_unknown: int


class CoverageAnswer(Output):
    """How each condition of a policy came out."""

    policy: SweptPolicy
    conditions: list[ConditionCount]


class KeptDecision(Output):
    """A decision as the sweep kept it; what is not kept was ineligible."""

    policy_id: str
    version: str
    uscc: str
    record_id: str | None
    outcome: Outcome
    amount_fen: Fen | None
    missing: list[str]


class FirmDecisions(Output):
    """The kept decisions on one firm and its records."""

    items: list[KeptDecision]


class Confirmation(Output):
    """The word holds for this version, as it is written now."""

    policy_id: str
    version: str
    version_fingerprint: str
    matches: Match
    by: str


@CHAPTER.operation(Method.GET, "/sweeps")
def list_sweeps(call: Call, query: SweepListQuery) -> Page[SweepItem]:
    """List kept sweeps, the latest first."""
    found = page_of_sweeps(call.database, before=call.cursors.number() or None, most=query.limit + 1)
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].number) if len(found) > query.limit else None
    return Page[SweepItem](items=[_item(call, each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/sweeps/{sweep_id}", raises=(NoSuchSweepName,))
def show_kept_sweep(call: Call, path: SweepPath) -> SweepAnswer:
    """Show one kept sweep, policy by policy."""
    sweep = show_sweep(call.database, path.sweep_id)
    return SweepAnswer(
        sweep=_item(call, sweep),
        policies=_policies(call, sweep),
        openings=[SweepOpeningItem.model_validate(each) for each in openings_of_sweep(call.database, sweep)],
    )


@CHAPTER.operation(Method.GET, "/sweeps/{sweep_id}/policies/{policy_id}/coverage", raises=(NoSuchSweepName, NotDecided))
def show_coverage(call: Call, path: SweepPolicyPath) -> CoverageAnswer:
    """Show how each condition of a policy came out over all firms, and near misses."""
    call.check_policy(PolicyId(path.policy_id))
    sweep = show_sweep(call.database, path.sweep_id)
    found = coverage.condition_coverage(call.database, call.desk.truth_files, sweep, PolicyId(path.policy_id))
    (policy,) = [each for each in _policies(call, sweep) if each.policy_id == path.policy_id]
    return CoverageAnswer(policy=policy, conditions=[ConditionCount.model_validate(each) for each in found.conditions])


@CHAPTER.operation(
    Method.GET, "/sweeps/{sweep_id}/policies/{policy_id}/decisions", raises=(NoSuchSweepName, NotDecided)
)
def list_policy_decisions(call: Call, path: SweepPolicyPath, query: PageQuery) -> Page[KeptDecision]:
    """List a policy's kept decisions by code and record: the eligible and the undetermined."""
    call.check_policy(PolicyId(path.policy_id))
    place = call.cursors.place(str, str)
    after = None if place is None else RowKey(uscc=Uscc(place[0]), record_id=place[1])
    found = policy_decisions(
        call.database,
        show_sweep(call.database, path.sweep_id),
        PolicyId(path.policy_id),
        after=after,
        most=query.limit + 1,
    )
    kept = found[: query.limit]
    more = call.cursors.write(kept[-1].uscc, kept[-1].record_id or "") if len(found) > query.limit else None
    return Page[KeptDecision](items=[KeptDecision.model_validate(each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/sweeps/{sweep_id}/decisions", raises=(NoSuchSweepName,))
def list_firm_decisions(call: Call, path: SweepPath, query: FirmQuery) -> FirmDecisions:
    """List the kept decisions on one firm and its records, by policy."""
    found = firm_decisions(call.database, show_sweep(call.database, path.sweep_id), Uscc(query.firm))
    within = call.policies
    return FirmDecisions(
        items=[KeptDecision.model_validate(each) for each in found if within is None or each.policy_id in within]
    )


@CHAPTER.operation(
    Method.GET,
    "/sweeps/{sweep_id}/explanation",
    raises=(NoSuchSweepName, NotDecided, NoSuchFirm, NoSuchRow),
)
def explain_decision(call: Call, path: SweepPath, query: RowQuery) -> DecisionAnswer:
    """Explain one decision: every condition with its article, the facts and their sources, the arithmetic.

    It is made again from the snapshot and the rules of that sweep, whatever the rules are now.
    """
    call.check_policy(PolicyId(query.policy))
    record = explain_kept(
        call.database,
        call.desk.open_snapshot,
        show_sweep(call.database, path.sweep_id),
        PolicyId(query.policy),
        RowKey(uscc=Uscc(query.firm), record_id=query.record),
    )
    return DecisionAnswer.model_validate(record_json(record))


@CHAPTER.operation(Method.POST, "/match-confirmations", raises=(NoSuchPolicy, PolicyNotInForce))
def confirm_match(call: Call, body: ConfirmedMatch) -> Confirmation:
    """Say that a policy rightly matches all, or none, of a registry; a sweep that stopped may then be asked for again.

    The word holds for the version in force on that day, as it is written now.
    """
    call.check_policy(PolicyId(body.policy_id))
    version = confirmations.confirm_match(
        call.desk.rules,
        call.database,
        policy_id=PolicyId(body.policy_id),
        as_of=body.as_of,
        match=body.matches,
        confirmed_by=call.by,
    )
    return Confirmation(
        policy_id=body.policy_id,
        version=version.label,
        version_fingerprint=version.fingerprint,
        matches=body.matches,
        by=call.by,
    )


def _item(call: Call, sweep: KeptSweep) -> SweepItem:
    policies = _policies(call, sweep)
    return SweepItem(
        sweep_id=sweep.sweep_id,
        snapshot_id=sweep.identity.snapshot_id,
        rules_fingerprint=sweep.identity.rules,
        as_of=sweep.identity.as_of,
        engine=sweep.engine,
        kept_at=sweep.kept_at,
        policies=len(policies),
        eligible=sum(each.eligible for each in policies),
        undetermined=sum(each.undetermined for each in policies),
        amount_fen=sum(each.amount_fen for each in policies),
    )


def _policies(call: Call, sweep: KeptSweep) -> list[SweptPolicy]:
    within = call.policies
    return [
        SweptPolicy(
            policy_id=each.policy_id,
            version=each.label,
            version_fingerprint=each.version,
            grain=each.grain,
            total=each.total,
            eligible=each.eligible,
            ineligible=each.ineligible,
            undetermined=each.undetermined,
            amount_fen=each.amount_fen,
            matches=each.matches,
        )
        for each in sweep.policies
        if within is None or each.policy_id in within
    ]
