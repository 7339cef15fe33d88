"""One box for auditors: what a text names, and the cases that it stands for.

Guarantees that what is found is there, and that a text that names nothing else is looked for in the names of firms and
in the titles of policies, which the rules know and the database does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policy_match.audit.evidence import Hit, HitKind
from policy_match.audit.question import read_question
from policy_match.policy.model import Policy
from policy_match.ports import Database
from policy_match.ports.audit import AuditFilter
from policy_match.services.audit_cases import search_cases
from policy_match.values import PolicyId, Uscc


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a text names, and the cases that fit it; `None` when it names one thing that no list of cases is of."""

    hits: Sequence[Hit]
    cases: AuditFilter | None


def search_audit(database: Database, text: str, wanted: AuditFilter, policies: Iterable[Policy]) -> Found:
    """Return what a text names within reach, and `wanted` narrowed to the cases that it stands for.

    `policies` are those whose titles are looked through. Words of a title that no firm's name has stand for the cases
    of the policy, if it is one alone.
    """
    question = read_question(text)
    with database.unit_of_work() as work:
        hits = list(work.audit.hits(question, wanted.policies))
    titled = _titled(question.text, policies, wanted.policies) if question.is_word else ()
    named = {hit.name for hit in hits if hit.kind is HitKind.POLICY}
    found = [*hits, *(Hit(kind=HitKind.POLICY, name=each) for each in titled if each not in named)]
    if question.first is not None:
        return Found(hits=found, cases=replace(wanted, first=question.first, last=question.last))
    for hit in hits:
        match hit.kind:
            case HitKind.FIRM:
                return Found(hits=found, cases=replace(wanted, uscc=Uscc(hit.name)))
            case HitKind.POLICY:
                return Found(hits=found, cases=replace(wanted, policy_id=PolicyId(hit.name)))
            case HitKind.FUND:
                return Found(hits=found, cases=replace(wanted, fund=hit.name))
            case HitKind.PERSON:
                return Found(hits=found, cases=replace(wanted, person=hit.name))
            case _:
                continue
    if not question.is_word:
        return Found(hits=found, cases=None)
    of_firms = replace(wanted, name=question.text)
    if not titled or search_cases(database, of_firms, most=1):
        return Found(hits=found, cases=of_firms)
    return Found(hits=found, cases=replace(wanted, policy_id=titled[0]) if len(titled) == 1 else None)


def _titled(text: str, policies: Iterable[Policy], within: frozenset[PolicyId] | None) -> Sequence[PolicyId]:
    """Return the policies within reach that a text calls by their title, or else those with the text in a title."""
    word = text.casefold()
    titles = {
        each.id: (each.title.casefold(), each.title_en.casefold())
        for each in policies
        if within is None or each.id in within
    }
    whole = [policy_id for policy_id, each in titles.items() if word in each]
    return whole or [policy_id for policy_id, each in titles.items() if any(word in title for title in each)]
