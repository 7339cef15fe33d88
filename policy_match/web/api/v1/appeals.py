"""Appeals against decisions: decided again on the old facts by the old rules, and on corrected facts."""

import json
from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.services import appeals
from policy_match.services.appeals import NoSuchAppeal, NotDecided
from policy_match.services.decision_json import record_json
from policy_match.services.explain import NoSuchFirm
from policy_match.services.kept_sweeps import NoSuchSweepName, show_sweep
from policy_match.services.replay_decision import Correction, NoSuchRow
from policy_match.sweep.kept import RowKey
from policy_match.values import FactName, PolicyId, Uscc
from policy_match.web.api.v1.decisions import DecisionAnswer
from policy_match.web.api.v1.objections import Objector, Reason
from policy_match.web.api.v1.sweeps import SweepName
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, Input, Moment, Name, Number, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.APPEALS)
OPERATIONS = CHAPTER.operations

MOST_CORRECTIONS = 100


class AppealId(Query):
    """Which appeal."""

    appeal_id: Number


class AppealQuery(PageQuery):
    """Which appeals."""

    unanswered: Annotated[bool, Field(description="only those that were not decided again yet")] = False


class CorrectedFact(Input):
    """What a fact rightly was, who says so, and since when."""

    fact: Name
    value: Annotated[Text, Field(description="written as in a facts file; empty is unknown")]
    source: Annotated[Text, Field(description="the document or office that says so")] = ""
    observed: Annotated[date | None, Field(description="the day from which the value is")] = None


class NewAppeal(Input):
    """The decision, what is wrong with it, and the facts as they rightly were."""

    sweep_id: SweepName
    policy_id: Name
    uscc: CreditCode
    record_id: Annotated[Text, Field(description="the record, where the policy decides per record")] = ""
    lodged_by: Annotated[Objector, Field(description="who appeals, by name")]
    ground: Reason
    corrections: Annotated[tuple[CorrectedFact, ...], Field(max_length=MOST_CORRECTIONS)] = ()


class CorrectionItem(Output):
    """What the appellant says that a fact was."""

    fact: str
    value: str | None
    source: str | None
    observed: date | None


class AppealItem(Output):
    """One appeal."""

    appeal_id: int
    sweep_id: str
    policy_id: str
    uscc: str
    record_id: str
    lodged_by: str
    ground: str
    corrections: list[CorrectionItem]
    at: Moment


class ReplayAnswer(Output):
    """The decision made again; `corrected` is there when the appeal corrects facts."""

    same_as_kept: Annotated[bool, Field(description="whether the old facts and rules give what was kept")]
    old: DecisionAnswer
    corrected: DecisionAnswer | None
    digest: Annotated[str, Field(description="SHA-256 of both records as they are kept")]
    at: Moment
    by: str


class AppealAnswer(Output):
    """An appeal, and what deciding again showed, once that was done."""

    appeal: AppealItem
    replay: ReplayAnswer | None


@CHAPTER.operation(Method.GET, "/appeals")
def list_appeals(call: Call, query: AppealQuery) -> Page[AppealItem]:
    """List appeals by number."""
    found = appeals.list_appeals(
        call.database,
        unanswered=query.unanswered,
        policies=call.policies,
        after=call.cursors.number(),
        most=query.limit + 1,
    )
    return call.page(Page[AppealItem], [_item(each) for each in found], query.limit, "appeal_id")


@CHAPTER.operation(Method.GET, "/appeals/{appeal_id}", raises=(NoSuchAppeal,))
def show_appeal(call: Call, path: AppealId) -> AppealAnswer:
    """Show one appeal with both decisions side by side."""
    return _answer(call, path.appeal_id)


@CHAPTER.operation(Method.POST, "/appeals", raises=(NoSuchSweepName, NotDecided))
def lodge_appeal(call: Call, body: NewAppeal) -> Made[AppealAnswer]:
    """Take an appeal against a decision of a kept sweep.

    Corrected facts are not believed by this: they come in through a source, a sweep and an opening, like all others.
    """
    call.check_policy(PolicyId(body.policy_id))
    number = appeals.lodge_appeal(
        call.database,
        show_sweep(call.database, body.sweep_id),
        PolicyId(body.policy_id),
        RowKey(uscc=Uscc(body.uscc), record_id=body.record_id),
        by=body.lodged_by,
        ground=body.ground,
        corrections={
            FactName(each.fact): Correction(value=each.value, source=each.source, observed=each.observed)
            for each in body.corrections
        },
        clock=call.clock,
    )
    return Made(_answer(call, number), f"/appeals/{number}")


@CHAPTER.operation(Method.POST, "/appeals/{appeal_id}/replay", raises=(NoSuchAppeal, NoSuchFirm, NoSuchRow))
def replay_appeal(call: Call, path: AppealId) -> AppealAnswer:
    """Decide once more, on the old facts by the old rules, and on the corrected facts; the first replay stays."""
    _answer(call, path.appeal_id)
    appeals.replay_appeal(
        call.database, call.desk.open_snapshot, record_json, path.appeal_id, by=call.by, clock=call.clock
    )
    return _answer(call, path.appeal_id)


def _answer(call: Call, appeal_id: int) -> AppealAnswer:
    appeal, replay = appeals.show_appeal(call.database, appeal_id)
    call.check_policy(appeal.policy_id)
    return AppealAnswer(appeal=_item(appeal), replay=None if replay is None else _replay(replay))


def _item(appeal: Appeal) -> AppealItem:
    return AppealItem(
        appeal_id=appeal.appeal_id,
        sweep_id=appeal.sweep_id,
        policy_id=appeal.policy_id,
        uscc=appeal.row.uscc,
        record_id=appeal.row.record_id,
        lodged_by=appeal.lodged_by,
        ground=appeal.ground,
        corrections=[
            CorrectionItem.model_validate({"fact": name, **given}) for name, given in appeal.corrected.items()
        ],
        at=appeal.at,
    )


def _replay(replay: AppealReplay) -> ReplayAnswer:
    return ReplayAnswer(
        same_as_kept=replay.same_as_kept,
        old=DecisionAnswer.model_validate(json.loads(replay.old)),
        corrected=None if replay.corrected is None else DecisionAnswer.model_validate(json.loads(replay.corrected)),
        digest=replay.digest,
        at=replay.at,
        by=replay.by,
    )
