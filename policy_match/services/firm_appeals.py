"""A firm's appeals against decisions on itself, and what their replays showed.

Guarantees that a firm appeals for itself only, against the sweep that opened its case or the newest released one. The
replay, and what follows from it, is for staff (`appeals`).
"""

from collections.abc import Mapping, Sequence

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.ports import Clock, Database
from policy_match.ports.cases import Appeal, AppealReplay
from policy_match.services.answer_cases import NoSuchCase
from policy_match.services.appeals import AppealIncomplete, NoSuchAppeal, NotDecided, written
from policy_match.services.replay_decision import Correction
from policy_match.sweep.kept import RowKey
from policy_match.values import FactName, PolicyId, Uscc

MOST_LISTED = 1_000
"""The largest page."""


def appeal_for_firm(
    database: Database,
    uscc: Uscc,
    policy_id: PolicyId,
    *,
    record_id: str = "",
    case_id: int | None = None,
    ground: str,
    corrections: Mapping[FactName, Correction],
    clock: Clock,
) -> int:
    """Keep a firm's appeal and return its number: against the decision of a case, or of the newest released sweep.

    Raises `AppealIncomplete`, `NoSuchCase` for a case that is not the firm's or of another policy, `NotDecided`.
    """
    if not ground.strip():
        raise AppealIncomplete
    with database.unit_of_work() as work:
        if case_id is None:
            sweep = work.firm.newest_sweep()
        else:
            cases = work.firm.cases(uscc, status=None, after=case_id - 1, most=1)
            if not cases or (cases[0].case_id, cases[0].policy_id) != (case_id, policy_id):
                raise NoSuchCase(case_id=case_id)
            record_id, sweep = cases[0].record_id, work.firm.decided_by(uscc, case_id)
        if sweep is None or work.cases.appeals.texts(sweep.sweep_id, policy_id) is None:
            raise NotDecided(sweep="-" if sweep is None else sweep.sweep_id, policy=policy_id)
        number = work.cases.appeals.lodge(
            Appeal(
                appeal_id=0,
                sweep_id=sweep.sweep_id,
                policy_id=policy_id,
                row=RowKey(uscc=uscc, record_id=record_id),
                lodged_by=f"{FIRM_PREFIX}{uscc}",
                ground=ground,
                corrected={name: written(correction) for name, correction in corrections.items()},
                at=clock.now(),
            )
        )
        work.commit()
    return number


def list_firm_appeals(database: Database, uscc: Uscc, *, after: int = 0, most: int = 100) -> Sequence[Appeal]:
    """Return a page of a firm's appeals, by number."""
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} appeals"
    with database.unit_of_work() as work:
        return work.firm.appeals(uscc, after=after, most=most)


def show_firm_appeal(database: Database, uscc: Uscc, appeal_id: int) -> tuple[Appeal, AppealReplay | None]:
    """Return one appeal of a firm, and its replay if there is one. Raises `NoSuchAppeal`."""
    with database.unit_of_work() as work:
        found = work.firm.appeal(uscc, appeal_id)
    if found is None:
        raise NoSuchAppeal(appeal_id=appeal_id)
    return found
