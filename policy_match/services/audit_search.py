"""One box for auditors: what a text names, and the cases that it stands for.

Guarantees that what is found is there, and that a text that names nothing else is looked for in the names of firms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policy_match.audit.evidence import Hit, HitKind
from policy_match.audit.question import read_question
from policy_match.ports import Database
from policy_match.ports.audit import AuditFilter
from policy_match.values import PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a text names, and the cases that fit it; `None` when it names one thing that no list of cases is of."""

    hits: Sequence[Hit]
    cases: AuditFilter | None


def search_audit(database: Database, text: str, wanted: AuditFilter) -> Found:
    """Return what a text names within reach, and `wanted` narrowed to the cases that it stands for."""
    question = read_question(text)
    with database.unit_of_work() as work:
        hits = work.audit.hits(question, wanted.policies)
    if question.first is not None:
        return Found(hits=hits, cases=replace(wanted, first=question.first, last=question.last))
    for hit in hits:
        match hit.kind:
            case HitKind.FIRM:
                return Found(hits=hits, cases=replace(wanted, uscc=Uscc(hit.name)))
            case HitKind.POLICY:
                return Found(hits=hits, cases=replace(wanted, policy_id=PolicyId(hit.name)))
            case HitKind.FUND:
                return Found(hits=hits, cases=replace(wanted, fund=hit.name))
            case HitKind.PERSON:
                return Found(hits=hits, cases=replace(wanted, person=hit.name))
            case _:
                continue
    if question.is_word:
        return Found(hits=hits, cases=replace(wanted, name=question.text))
    return Found(hits=hits, cases=None)
