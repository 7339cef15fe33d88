"""The full trail of one case on one page, by part and in the order of time; and the list that approved it.

Guarantees that what was signed and every step is checked again each time the page is shown.
"""

from dataclasses import dataclass

from policy_match.audit.chronicle import chronicle
from policy_match.cases.corrections import OUTCOME_WORDS as CORRECTED
from policy_match.errors import PolicyMatchError
from policy_match.services.audit_cases import is_as_signed
from policy_match.services.decision_json import record_json
from policy_match.services.exclusions import list_exclusions
from policy_match.sweep.record import DecisionRecord
from policy_match.values import FactName, Uscc
from policy_match.web.api.v1 import approvals
from policy_match.web.api.v1 import audit as api
from policy_match.web.api.v1.cases import CaseId, case_answer
from policy_match.web.api.v1.decisions import DecisionAnswer, FactItem
from policy_match.web.auditor.search import titles
from policy_match.web.call import Call
from policy_match.web.models import PageQuery
from policy_match.web.portal.page import Door, Pages, View
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import money_in_words, named_in_words, value_in_words

PAGES = Pages(Door.AUDITOR)

MOST_EXCLUSIONS = 100


@dataclass(frozen=True, slots=True)
class FactUse:
    """A fact of the decision with its value in words, and the conditions that read it."""

    fact: FactItem
    value: str
    conditions: tuple[str, ...]


@PAGES.shows("/auditor/cases/{case_id}", "事项全程", "The trail of a case", like="show_case_trail")
def case(call: Call, path: CaseId) -> View:
    """Show everything about one case."""
    trail = api.trail_of(call, path.case_id)
    uscc = Uscc(trail.file.case.uscc)
    replay = trail.decision
    record = None if isinstance(replay, PolicyMatchError) else replay.old
    decision = None if record is None else DecisionAnswer.model_validate(record_json(record))
    say = Saying(call.language)
    return View(
        "auditor/case.html",
        {
            "file": case_answer(trail.file, call.language),
            "decision": decision,
            "facts": [] if record is None or decision is None else _uses(decision, record, say),
            "named": {} if record is None else _named(record, say),
            "sum_of": lambda yuan: money_in_words(yuan, say),
            "same_as_kept": not isinstance(replay, PolicyMatchError) and replay.same_as_kept,
            "refusal": replay.message(call.language) if isinstance(replay, PolicyMatchError) else "",
            "money": trail.money,
            "evidence": trail.evidence,
            "notices": trail.notices,
            "exclusions": list_exclusions(
                call.database, uscc=uscc, policies=call.policies, after=0, most=MOST_EXCLUSIONS
            ),
            "happenings": chronicle(trail.file, trail.money, trail.evidence, trail.notices),
            "corrected": {each.value: CORRECTED[each][0 if call.language == "zh" else 1] for each in CORRECTED},
            "titles": titles(call),
        },
    )


@PAGES.shows("/auditor/lists/{list_id}", "审批名单", "An approval list", like="search_cases")
def approval_list(call: Call, path: approvals.ListId, query: PageQuery) -> View:
    """Show what was signed: the list, its digest made again, who signed, and its cases."""
    return View(
        "auditor/list.html",
        {
            "list": approvals.show_approval_list(call, path),
            "cases": approvals.list_listed_cases(call, path, query),
            "is_as_signed": is_as_signed(call.database, path.list_id),
            "titles": titles(call),
        },
    )


def _uses(decision: DecisionAnswer, record: DecisionRecord, say: Saying) -> list[FactUse]:
    facts = {used.fact.name: used.fact for used in record.facts}
    return [
        FactUse(
            fact=fact,
            value=value_in_words(fact.value, facts[FactName(fact.name)], say),
            conditions=tuple(each.id for each in decision.conditions if fact.name in each.facts),
        )
        for fact in decision.facts
    ]


def _named(record: DecisionRecord, say: Saying) -> dict[str, str]:
    """Return the parameters and definitions of a decision with their values in words."""
    return {each.name: named_in_words(each.name, each.value, say) for each in record.values}
