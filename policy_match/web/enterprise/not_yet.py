"""What a firm does not get yet: what is missing, how far it is, and what each missing fact would unlock."""

from typing import Annotated

from pydantic import Field

from policy_match.expressions.nodes import facts_read
from policy_match.policy.model import RuleBook
from policy_match.values import FactName, Outcome, PolicyId
from policy_match.web.api.v1 import firm_decisions
from policy_match.web.api.v1.decisions import ConditionItem
from policy_match.web.api.v1.firm_corrections import fact_words
from policy_match.web.api.v1.firm_decisions import NotYetItem
from policy_match.web.call import Call
from policy_match.web.enterprise.changes import changes_of, compared_facts
from policy_match.web.enterprise.telling import title_teller
from policy_match.web.models import PageQuery
from policy_match.web.portal.page import Door, Pages, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 20


class NotYetQuery(PageQuery):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


@PAGES.shows("/enterprise/not-yet", "还差一点的政策", "Not yet", like="list_not_yet", nav=True)
def show_not_yet(call: Call, query: NotYetQuery) -> View:
    """Show policies that do not find the firm yet, the largest amounts first."""
    found = firm_decisions.list_not_yet(call, query)
    rules, say = call.desk.rules, Saying(call.language)
    changes = {
        (place, condition.id): changes_of(condition.to_change, rules.catalogue, _compared(rules, each, condition), say)
        for place, each in enumerate(found.items)
        for condition in each.failing
    }
    return View(
        "enterprise/not_yet.html",
        {
            "found": found,
            "changes": changes,
            "title": title_teller(call),
            "label": lambda name: fact_words(call, name)[0],
            "UNDETERMINED": Outcome.UNDETERMINED,
        },
    )


def _compared(rules: RuleBook, item: NotYetItem, condition: ConditionItem) -> frozenset[FactName]:
    """Return the facts that a condition compares as they are; none where the rules in use say it otherwise by now."""
    policy = rules.policies.get(PolicyId(item.policy_id))
    for version in () if policy is None else policy.versions:
        for each in version.conditions if version.label == item.version else ():
            node = each.when.node
            if each.when.text == condition.when and facts_read(node) == set(condition.facts):
                return compared_facts(node)
    return frozenset()
