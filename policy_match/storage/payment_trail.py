"""What became of the money of one case, read for people.

Guarantees that nothing is written and that no account number is read, sealed or not. How it is shown is left to the
entry points.
"""

from collections.abc import Collection, Sequence

from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.records import OrderRecord, RecoveryRecord
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.trail import (
    AttemptLine,
    AttemptStep,
    GrantLine,
    ListLine,
    OrderLine,
    PaymentTrail,
    SignatureLine,
)
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId, Uscc


def read_trail(session: Session, case_id: int) -> PaymentTrail:
    """Return the trail of a case; of one that is not there, an empty one."""
    signatures: dict[int, list[SignatureLine]] = {}
    for row in session.all("signatures_of_case", case_id=case_id):
        signature = SignatureLine(person=row["person"], stage=row["stage"], role=row["role"], at=row["at"])
        signatures.setdefault(row["list_id"], []).append(signature)
    steps: dict[str, list[AttemptStep]] = {}
    for row in session.all("attempt_steps_of_case", case_id=case_id):
        steps.setdefault(row["attempt_id"], []).append(_step(row))
    return PaymentTrail(
        grants=tuple(_grant(row) for row in session.all("grants_of_case", case_id=case_id)),
        lists=tuple(
            _list(row, signatures.get(row["list_id"], [])) for row in session.all("lists_of_case", case_id=case_id)
        ),
        orders=tuple(OrderLine(**row) for row in session.all("orders_of_case", case_id=case_id)),
        attempts=tuple(
            _attempt(row, steps.get(row["attempt_id"], [])) for row in session.all("attempts_of_case", case_id=case_id)
        ),
        recoveries=tuple(_recovery(row) for row in session.all("recoveries_of_case", case_id=case_id)),
    )


def _recovery(row: Row) -> RecoveryRecord:
    return RecoveryRecord(**{**row, "kind": RecoveryKind(row["kind"])})


def _grant(row: Row) -> GrantLine:
    return GrantLine(
        allocation=row["allocation"],
        year=row["year"],
        how=row["how"],
        place=row["place"],
        asked_fen=row["asked_fen"],
        granted_fen=row["granted_fen"],
        shares=tuple(sorted(row["shares"].items())),
        at=row["at"],
        by=row["by"],
    )


def _list(row: Row, signatures: list[SignatureLine]) -> ListLine:
    return ListLine(
        list_id=row["list_id"],
        amount_fen=row["amount_fen"],
        digest=row["digest"],
        at=row["at"],
        by=row["by"],
        outcome=row["outcome"],
        reason=row["reason"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        signatures=tuple(signatures),
    )


def _attempt(row: Row, steps: list[AttemptStep]) -> AttemptLine:
    return AttemptLine(
        attempt_id=row["attempt_id"],
        number=row["number"],
        amount_fen=row["amount_fen"],
        tail=row["tail"],
        source=row["source"],
        status=AttemptStatus(row["status"]),
        batch_id=row["batch_id"],
        at=row["at"],
        by=row["by"],
        steps=tuple(steps),
    )


def _step(row: Row) -> AttemptStep:
    return AttemptStep(
        event=AttemptEvent(row["event"]),
        after=AttemptStatus(row["after"]),
        reason_code=row["reason_code"],
        about=row["about"],
        at=row["at"],
        by=row["by"],
    )


def read_orders(
    session: Session,
    *,
    policy_id: PolicyId | None,
    policies: Collection[PolicyId] | None,
    case_id: int | None,
    status: AttemptStatus | None,
    after: int,
    most: int,
) -> Sequence[OrderRecord]:
    """Return a page of payment orders by number, after a given one."""
    rows = session.all(
        "payment_orders",
        policy_id=policy_id,
        policies=None if policies is None else list(policies),
        case_id=case_id,
        status=status,
        after=after,
        most=most,
    )
    return [
        OrderRecord(
            order_id=row["order_id"],
            case_id=row["case_id"],
            policy_id=PolicyId(row["policy_id"]),
            uscc=Uscc(row["uscc"]),
            list_id=row["list_id"],
            amount_fen=row["amount_fen"],
            at=row["at"],
            by=row["by"],
            attempt_id=row["attempt_id"],
            attempts=row["attempts"],
            status=None if row["status"] is None else AttemptStatus(row["status"]),
            since=row["since"],
            batch_id=row["batch_id"],
        )
        for row in rows
    ]
