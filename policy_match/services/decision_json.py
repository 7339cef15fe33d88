"""The decision record as JSON data. Numbers are text, so that no reader rounds them."""

from datetime import date
from fractions import Fraction
from typing import Any

from policy_match.expressions.arithmetic import shown
from policy_match.expressions.semantics import FactualValue
from policy_match.sweep.change import Change, CombinedChange
from policy_match.sweep.record import ConditionRecord, DecisionRecord, FactUsed


def plain_value(value: FactualValue | None) -> Any:
    """Return a value as JSON data; a number that does not end is a fraction `n/d`."""
    match value:
        case Fraction():
            text = shown(value).replace(",", "")
            return f"{value.numerator}/{value.denominator}" if text.endswith("…") else text
        case tuple():
            return list(value)
        case date():
            return value.isoformat()
        case _:
            return value


def record_json(record: DecisionRecord) -> dict[str, Any]:
    """Return the whole record."""
    return {
        "policy_id": record.policy.id,
        "title": record.policy.title,
        "title_en": record.policy.title_en,
        "version": record.version.label,
        "version_fingerprint": record.version.fingerprint,
        "rules_fingerprint": record.rules_fingerprint,
        "facts_digest": record.facts_digest,
        "as_of": record.as_of.isoformat(),
        "uscc": record.uscc,
        "record": record.record_id,
        "outcome": record.outcome.value,
        "amount": None if record.amount is None else str(record.amount.steps.paid.yuan),
        "basis": [{"document": b.document, "number": b.number, "url": b.url} for b in record.basis],
        "conditions": [_condition_json(item) for item in record.conditions],
        "arithmetic": None
        if record.amount is None
        else {
            "formula": record.amount.formula,
            "written_out": record.amount.written_out,
            "exact": plain_value(record.amount.steps.exact),
            "rounded": str(record.amount.steps.rounded.yuan),
            "minimum": str(record.version.minimum.yuan),
            "cap": None if record.amount.steps.cap is None else str(record.amount.steps.cap.yuan),
        },
        "missing": list(record.missing),
        "facts": [_fact_json(used) for used in record.facts],
        "values": [
            {"name": v.name, "label": v.label, "reference": v.reference, "value": plain_value(v.value)}
            for v in record.values
        ],
    }


def _condition_json(item: ConditionRecord) -> dict[str, Any]:
    return {
        "id": item.condition.id,
        "text": item.condition.text,
        "text_en": item.condition.text_en,
        "article": item.condition.article,
        "when": item.condition.when.text,
        "truth": item.truth.value,
        "facts": list(item.facts),
        "missing": list(item.missing),
        "to_change": None if item.changes is None else _change_json(item.changes),
    }


def _change_json(change: Change) -> dict[str, Any]:
    if isinstance(change, CombinedChange):
        return {change.combination.value: [_change_json(part) for part in change.parts]}
    return {
        "facts": list(change.facts),
        "current": plain_value(change.current),
        "need": change.need.value,
        "target": [plain_value(target) for target in change.target],
        "gap": plain_value(change.gap),
    }


def _fact_json(used: FactUsed) -> dict[str, Any]:
    return {
        "name": used.fact.name,
        "label": used.fact.label,
        "unit": used.fact.unit,
        "source": used.reading.source or used.fact.source,
        "observed": None if used.reading.observed is None else used.reading.observed.isoformat(),
        "state": used.reading.state.value,
        "value": plain_value(used.reading.value),
    }
