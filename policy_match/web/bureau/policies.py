"""The catalogue of policies: what each says in words, its versions and what they differ in, its worked examples.

Guarantees that what is shown is the API's; a rule is shown as its words, its article, and the expression behind them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from policy_match.cases.working_days import china_day
from policy_match.expressions.nodes import facts_read
from policy_match.facts.catalogue import Fact
from policy_match.policy.model import Policy
from policy_match.policy.standing import STATE_WORDS, PolicyState, state_on
from policy_match.supervision.stages import STAGES
from policy_match.values import PolicyId
from policy_match.web.api.v1 import policy_versions as versions_api
from policy_match.web.api.v1 import rules as api
from policy_match.web.api.v1 import sweeps as sweeps_api
from policy_match.web.api.v1.registry import Sha256
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import PageQuery, Query, Text
from policy_match.web.portal.page import Door, Pages, Table, View

PAGES = Pages(Door.BUREAU)

LISTED = 100


class CatalogueQuery(PageQuery):
    """Which policies."""

    department: Text | None = None
    state: PolicyState | None = None
    text: Text | None = None
    limit: Annotated[int, Field(ge=1, le=LISTED)] = 50


class TwoVersionsQuery(Query):
    """Two versions of one policy."""

    before: Sha256
    after: Sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class CataloguedPolicy:
    """One line of the catalogue."""

    item: api.PolicyItem
    state: PolicyState
    first: date
    last: date | None
    conditions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StageDays:
    """The limit of one stage in working days, and whether the policy itself sets it."""

    words: str
    days: int
    own: bool


@PAGES.shows(
    "/bureau/policies",
    "政策",
    "Policies",
    like="list_policies",
    nav=True,
    tables=(Table("policies", api.list_policies),),
)
def policies(call: Call, query: CatalogueQuery) -> View:
    """List the policies by department, standing and words."""
    wanted = api.PolicyQuery(department=query.department, state=query.state, text=query.text, limit=query.limit)
    found = api.list_policies(call, wanted)
    known = call.desk.rules.policies
    return View(
        "bureau/policies.html",
        {
            "query": query,
            "items": [_catalogued(call, each) for each in found.items],
            "next": found.next,
            "total": len(known),
            "department_words": [(each, each) for each in sorted({each.department for each in known.values()})],
            "states_words": [(each.value, STATE_WORDS[each][call.language != "zh"]) for each in PolicyState],
        },
    )


@PAGES.shows("/bureau/policies/{policy_id}", "政策详情", "A policy", like="show_policy")
def policy(call: Call, path: api.PolicyPath) -> View:
    """Show one policy: conditions with articles, amounts, limits, stages, money, versions."""
    found = api.show_policy(call, path)
    today = china_day(call.now)
    kept = call.desk.rules.policies[PolicyId(path.policy_id)]
    in_force = kept.version_at(today)
    return View(
        "bureau/policy.html",
        {
            "found": found,
            "state": state_on(kept, today),
            "in_force": None if in_force is None else in_force.fingerprint,
            "listed": versions_api.list_policy_versions(call, path).items,
            "stages": _stages(call, found),
            "swept": _swept(call, path.policy_id),
            "may_see_funds": may(call, "list_budget_lines"),
            "may_see_cases": may(call, "list_cases"),
            "labels": labels_of(call),
            "facts": _facts(call, kept),
        },
    )


@PAGES.shows(
    "/bureau/policies/{policy_id}/examples",
    "政策算例",
    "Worked examples",
    like="list_policy_examples",
    tables=(Table("examples", versions_api.list_policy_examples),),
)
def policy_examples(call: Call, path: api.PolicyPath) -> View:
    """Show the worked examples of a policy with what the rules give now."""
    found = versions_api.list_policy_examples(call, path)
    return View("bureau/policy_examples.html", {"path": path, "found": found.items, "named": Named(call)})


@PAGES.shows("/bureau/policies/{policy_id}/difference", "版本差异", "Versions compared", like="compare_policy_versions")
def policy_difference(call: Call, path: api.PolicyPath, query: TwoVersionsQuery) -> View:
    """Say what one version says otherwise than another."""
    pair = versions_api.VersionPairQuery(before=query.before, after=query.after)
    found = versions_api.compare_policy_versions(call, path, pair)
    listed = versions_api.list_policy_versions(call, path).items
    return View("bureau/policy_difference.html", {"found": found, "listed": listed, "named": Named(call)})


def labels_of(call: Call) -> dict[str, str]:
    """Return what the facts are called, by name."""
    zh = call.language == "zh"
    return {name: each.label if zh else each.label_en or each.label for name, each in call.desk.rules.catalogue.items()}


def _catalogued(call: Call, item: api.PolicyItem) -> CataloguedPolicy:
    kept, today = call.desk.rules.policies[PolicyId(item.id)], china_day(call.now)
    version = kept.version_at(today) or max(kept.versions, key=lambda each: each.in_force.first)
    return CataloguedPolicy(
        item=item,
        state=state_on(kept, today),
        first=version.in_force.first,
        last=version.in_force.last,
        conditions=len(version.conditions),
    )


def _facts(call: Call, policy: Policy) -> list[Fact]:
    """Return the facts that a policy reads, in the order of the catalogue."""
    written = [
        each
        for version in policy.versions
        for each in (*(condition.when for condition in version.conditions), version.amount, version.cap)
        if each is not None
    ]
    read = {name for each in written for name in facts_read(each.node)}
    return [fact for name, fact in call.desk.rules.catalogue.items() if name in read]


def _stages(call: Call, found: api.PolicyAnswer) -> list[StageDays]:
    """Return the limits of all stages in the order of the way to the money."""
    own = {limit.stage.value: limit.days for limit in found.process.limits}
    of_policy = {
        "answer": found.process.confirm_days,
        "publicity": found.process.publicity_days,
        "objection": found.process.recheck_days,
    }
    listed = []
    for stage, terms in STAGES.items():
        days = own.get(stage.value, of_policy.get(stage.value, terms.days))
        if days:
            words = terms.words.zh if call.language == "zh" else terms.words.en
            listed.append(StageDays(words=words, days=days, own=stage.value in own or stage.value in of_policy))
    return listed


def _swept(call: Call, policy_id: str) -> tuple[sweeps_api.SweepItem, sweeps_api.SweptPolicy] | None:
    """Return what the latest sweep found of a policy, where who asks may see that."""
    if not may(call, "list_sweeps"):
        return None
    within = reaching(call, "list_sweeps")
    if not sweeps_api.list_sweeps(within, sweeps_api.SweepListQuery(limit=1)).items:
        return None
    found = sweeps_api.show_kept_sweep(within, sweeps_api.SweepPath(sweep_id="latest"))
    return next(((found.sweep, each) for each in found.policies if each.policy_id == policy_id), None)
