"""Appeals against a decision: the old facts and rules are decided once more, then the corrected facts, and both kept.

Guarantees that an appeal is answered by what was kept then, not by today's rules, and that its first replay stays.
What follows is for people: corrected facts come in through a source, a sweep and an opening like all others.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from policy_match.errors import InputError
from policy_match.policy.fingerprint import canonical, digest
from policy_match.ports import Clock, Database
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.services.replay_decision import Correction, KeptTexts, OpenSnapshot, replay_decision
from policy_match.sweep.kept import KeptSweep, RowKey
from policy_match.sweep.record import DecisionRecord
from policy_match.values import FactName, PolicyId

RecordWriter = Callable[[DecisionRecord], object]
"""Gives a decision record as JSON data."""

MOST_LISTED = 10_000
"""The largest page of appeals."""


class AppealIncomplete(InputError):
    """An appeal without a name or a ground."""

    code = "appeal.incomplete"
    english = "an appeal needs the name of who lodges it and a ground; give both"
    chinese = "申诉须写明申诉人和理由，请补充"


class NotDecided(InputError):
    """The sweep did not decide the policy."""

    code = "appeal.not-decided"
    http_status = 404
    english = "sweep {sweep} did not decide policy `{policy}`; see `policy-match sweeps list`"
    chinese = "批次 {sweep} 未判定政策“{policy}”；请见 policy-match sweeps list"


class NoSuchAppeal(InputError):
    """There is no appeal of that number."""

    code = "appeal.unknown"
    http_status = 404
    english = "there is no appeal {appeal_id}; see `policy-match cases appeals`"
    chinese = "没有申诉 {appeal_id}；请见 policy-match cases appeals"


def lodge_appeal(
    database: Database,
    sweep: KeptSweep,
    policy_id: PolicyId,
    row: RowKey,
    *,
    by: str,
    ground: str,
    corrections: Mapping[FactName, Correction],
    clock: Clock,
) -> int:
    """Keep an appeal against the decision of a kept sweep on one row, and return its number.

    `corrections` are what the appellant says that facts were; they are checked when the appeal is replayed. Raises
    `AppealIncomplete` or `NotDecided`.
    """
    if not by.strip() or not ground.strip():
        raise AppealIncomplete()
    with database.unit_of_work() as work:
        if work.cases.appeals.texts(sweep.sweep_id, policy_id) is None:
            raise NotDecided(sweep=sweep.sweep_id, policy=policy_id)
        appeal = Appeal(
            appeal_id=0,
            sweep_id=sweep.sweep_id,
            policy_id=policy_id,
            row=row,
            lodged_by=by,
            ground=ground,
            corrected={name: written(correction) for name, correction in corrections.items()},
            at=clock.now(),
        )
        number = work.cases.appeals.lodge(appeal)
        work.commit()
    return number


def replay_appeal(
    database: Database,
    open_snapshot: OpenSnapshot,
    as_json: RecordWriter,
    appeal_id: int,
    *,
    by: str,
    clock: Clock,
) -> AppealReplay:
    """Decide the appealed row once more, and with the corrected facts; keep both and return them.

    A replay that is kept already is returned as it is. The snapshot is read between two transactions. Raises
    `NoSuchAppeal`, or what `replay_decision` raises; then nothing was kept.
    """
    with database.unit_of_work() as work:
        kept = work.cases.appeals.replay(appeal_id)
        if kept is not None:
            return kept
        appeal = work.cases.appeals.appeal(appeal_id)
        if appeal is None:
            raise NoSuchAppeal(appeal_id=appeal_id)
        texts = work.cases.appeals.texts(appeal.sweep_id, appeal.policy_id)
        sweep = work.sweeps.find(appeal.sweep_id)
        standing = work.cases.appeals.standing(appeal.sweep_id, appeal.policy_id, appeal.row)
    assert texts is not None and sweep is not None, "the appeal was checked when it was lodged"
    replay = replay_decision(
        KeptTexts(rules=texts.rules, catalogue=texts.catalogue, version=texts.version),
        sweep.identity,
        open_snapshot,
        row=appeal.row,
        kept=standing,
        corrections={FactName(name): _read(data) for name, data in appeal.corrected.items()},
    )
    old = _text(as_json(replay.old))
    corrected = None if replay.corrected is None else _text(as_json(replay.corrected))
    found = AppealReplay(
        appeal_id=appeal_id,
        old=old,
        corrected=corrected,
        same_as_kept=replay.same_as_kept,
        digest=digest(canonical([old, corrected])),
        at=clock.now(),
        by=by,
    )
    with database.unit_of_work() as work:
        if not work.cases.appeals.keep_replay(found):
            first = work.cases.appeals.replay(appeal_id)
            assert first is not None, "another run kept it"
            return first
        work.commit()
    return found


def list_appeals(
    database: Database,
    *,
    unanswered: bool = False,
    policies: Collection[PolicyId] | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[Appeal]:
    """Return a page of appeals by number, of all or of those that were not replayed; of all policies or of these."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} appeals"
    with database.unit_of_work() as work:
        return work.cases.appeals.appeals(unanswered=unanswered, policies=policies, after=after, most=most)


def show_appeal(database: Database, appeal_id: int) -> tuple[Appeal, AppealReplay | None]:
    """Return one appeal, and its replay if there is one. Raises `NoSuchAppeal`."""
    with database.unit_of_work() as work:
        appeal = work.cases.appeals.appeal(appeal_id)
        if appeal is None:
            raise NoSuchAppeal(appeal_id=appeal_id)
        return appeal, work.cases.appeals.replay(appeal_id)


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def written(correction: Correction) -> dict[str, str | None]:
    """Return a correction as an appeal keeps it."""
    observed = None if correction.observed is None else correction.observed.isoformat()
    return {"value": correction.value, "source": correction.source, "observed": observed}


def _read(data: Mapping[str, str | None]) -> Correction:
    observed = data.get("observed")
    return Correction(
        value=data.get("value") or "",
        source=data.get("source") or "",
        observed=None if observed is None else date.fromisoformat(observed),
    )
