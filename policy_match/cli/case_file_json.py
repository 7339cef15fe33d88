"""The whole story of one case as JSON data; accounts show their last digits only."""

from typing import Any

from policy_match.cases.history import CaseFile, ObjectionLine
from policy_match.cli.cells import iso, yuan
from policy_match.cli.payments_returns import recovery_json
from policy_match.payments.trail import AttemptLine, ListLine, PaymentTrail


def file_json(file: CaseFile) -> dict[str, Any]:
    """Return decision, events, rechecks and objections of a case for a program."""
    case = file.case
    found = file.entitlement
    return {
        "case": case.case_id,
        "policy_id": case.policy_id,
        "version": file.version,
        "uscc": case.uscc,
        "name": case.name,
        "record": case.record_id,
        "period": case.period,
        "instalment": case.instalment,
        "instalments": case.instalments,
        "route": case.route.value,
        "status": case.status.value,
        "amount": yuan(case.amount_fen),
        "deadline": iso(case.deadline),
        "due_from": case.due_from.isoformat(),
        "sweep": file.sweep_id,
        "opening": {"number": file.opening, "at": file.opened_at.isoformat(), "by": file.opened_by},
        "entitlement": None
        if found is None
        else {
            "decided": yuan(found.decided_fen),
            "entitled": yuan(found.entitled_fen),
            "steps": [
                {
                    "code": step.code.value,
                    "before": yuan(step.fen_before),
                    "after": yuan(step.fen_after),
                    "detail": step.detail,
                    "text": step.text("en"),
                    "text_zh": step.text("zh"),
                }
                for step in found.steps
            ],
        },
        "alternatives": [
            {
                "total": yuan(each.total_fen),
                "chosen": [
                    {"policy_id": policy, "record": record, "amount": yuan(fen)} for policy, record, fen in each.chosen
                ],
            }
            for each in file.alternatives
        ],
        "events": [
            {
                "seq": event.seq,
                "event": event.event.value,
                "before": event.before.value,
                "after": event.after.value,
                "amount": yuan(event.amount_fen),
                "deadline": iso(event.deadline),
                "at": event.at.isoformat(),
                "by": event.by,
                "reason": event.reason,
                "about": event.about,
                "digest": event.digest,
            }
            for event in file.events
        ],
        "rechecks": [
            {
                "recheck": each.number,
                "purpose": each.purpose.value,
                "sweep": each.sweep_id,
                "outcome": each.outcome.value,
                "amount": yuan(each.amount_fen),
                "at": each.at.isoformat(),
                "by": each.by,
            }
            for each in file.rechecks
        ],
        "objections": [objection_json(each) for each in file.objections],
    }


def objection_json(each: ObjectionLine) -> dict[str, Any]:
    """Return an objection with its answer for a program."""
    return {
        "objection": each.objection_id,
        "case": each.case_id,
        "policy_id": each.policy_id,
        "uscc": each.uscc,
        "lodged_by": each.lodged_by,
        "ground": each.ground,
        "due": each.due.isoformat(),
        "at": each.at.isoformat(),
        "outcome": each.outcome,
        "answered_by": each.answered_by,
        "answered_at": iso(each.answered_at),
        "answer": each.answer,
    }


def trail_json(trail: PaymentTrail) -> dict[str, Any]:
    """Return budget, lists, orders, attempts and recoveries of a case for a program."""
    return {
        "budget": [
            {
                "allocation": each.allocation,
                "year": each.year,
                "how": each.how,
                "place": each.place,
                "asked": yuan(each.asked_fen),
                "granted": yuan(each.granted_fen),
                "lines": {line: yuan(fen) for line, fen in each.shares},
                "at": each.at.isoformat(),
                "by": each.by,
            }
            for each in trail.grants
        ],
        "lists": [_list_json(each) for each in trail.lists],
        "orders": [
            {
                "order": each.order_id,
                "list": each.list_id,
                "recheck": each.recheck,
                "amount": yuan(each.amount_fen),
                "at": each.at.isoformat(),
                "by": each.by,
            }
            for each in trail.orders
        ],
        "attempts": [_attempt_json(each) for each in trail.attempts],
        "recoveries": [recovery_json(each) for each in trail.recoveries],
    }


def _list_json(each: ListLine) -> dict[str, Any]:
    return {
        "list": each.list_id,
        "amount": yuan(each.amount_fen),
        "digest": each.digest,
        "at": each.at.isoformat(),
        "by": each.by,
        "outcome": each.outcome,
        "reason": each.reason,
        "ended_at": iso(each.ended_at),
        "ended_by": each.ended_by,
        "signatures": [
            {"person": s.person, "stage": s.stage, "role": s.role, "at": s.at.isoformat()} for s in each.signatures
        ],
    }


def _attempt_json(each: AttemptLine) -> dict[str, Any]:
    return {
        "attempt_id": each.attempt_id,
        "number": each.number,
        "amount": yuan(each.amount_fen),
        "account": f"****{each.tail}",
        "account_source": each.source,
        "status": each.status.value,
        "batch": each.batch_id,
        "at": each.at.isoformat(),
        "by": each.by,
        "steps": [
            {
                "event": s.event.value,
                "after": s.after.value,
                "reason_code": s.reason_code,
                "about": s.about,
                "at": s.at.isoformat(),
                "by": s.by,
            }
            for s in each.steps
        ],
    }
