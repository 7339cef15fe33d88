"""The rules: policies with their versions, conditions and articles; dates of policies; the catalogue of facts.

Guarantees that they are those by which this process works; they change with a new version of the service.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints

from policy_match.cases.working_days import china_day
from policy_match.facts.catalogue import Fact, FactType
from policy_match.policy.model import (
    Allocation,
    Benefit,
    Delivery,
    LimitedStage,
    PayeeKind,
    Policy,
    PolicyVersion,
    Rhythm,
    Silence,
    StackingRule,
    StillTest,
)
from policy_match.policy.standing import PolicyState, state_on
from policy_match.services.check_dates import DateKind, policy_dates
from policy_match.services.explain import NoSuchPolicy
from policy_match.values import PolicyId
from policy_match.web.call import Call
from policy_match.web.models import Fen, Name, Output, Page, PageQuery, Query, Text
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.RULES)
OPERATIONS = CHAPTER.operations

Thing = TypeVar("Thing", Policy, Fact)

Jurisdiction = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]
"""The beginning of a code of GB/T 2260, such as 37 or 3702."""


class PolicyPath(Query):
    """Which policy."""

    policy_id: Name


class PolicyQuery(PageQuery):
    """Which policies."""

    department: Annotated[Text | None, Field(description="the whole name of the department")] = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="the beginning of its code")] = None
    in_force_on: Annotated[date | None, Field(description="with a version in force on this day")] = None
    state: Annotated[PolicyState | None, Field(description="how it stands today")] = None
    text: Annotated[Text | None, Field(description="with these words in its id, title, documents or conditions")] = None


class BasisLine(Output):
    """A legal document on which a policy stands."""

    document: str
    number: str
    url: str


class PolicyItem(Output):
    """One policy in a list."""

    id: str
    title: str
    title_en: str
    department: str
    jurisdiction: str
    benefit: Benefit
    delivery: Delivery
    rhythm: Rhythm
    grain: Annotated[str, Field(description="`firm`, or the kind of record that is decided")]
    encoding_grade: Annotated[str, Field(description="how well the source text was seen; below A never pays")]
    review_on: Annotated[date | None, Field(description="when the department looks at it again")]


class PolicyConditionItem(Output):
    """One test that a firm must pass, with the article that asks for it."""

    id: str
    text: str
    text_en: str
    article: str
    when: Annotated[str, Field(description="the expression as the policy file has it")]


class PolicyVersionItem(Output):
    """The rule in force during one period; all conditions must hold."""

    label: str
    fingerprint: str
    effective_from: date
    effective_to: date | None
    amount: Annotated[str, Field(description="the expression of the amount in yuan")]
    cap: str | None
    minimum_fen: Fen
    conditions: list[PolicyConditionItem]


class StackingItem(Output):
    """The group within which benefits combine, and how."""

    group: str
    rule: StackingRule


class BudgetItem(Output):
    """The fund that pays, and how it is shared when it is short."""

    fund: str
    allocation: Allocation


class ApprovalStageItem(Output):
    """So many people with a role approve; `from_fen` is the amount from which the stage is asked for."""

    role: str
    count: int
    from_fen: Fen


class StageLimitItem(Output):
    """The limit of one stage in working days."""

    stage: LimitedStage
    days: int


class ProcessItem(Output):
    """Steps between match and payment; days are working days."""

    confirm_days: int
    silence: Silence
    publicity_days: int
    approvals: list[ApprovalStageItem]
    recheck_days: int
    payee: PayeeKind
    remind_days: list[int]
    limits: list[StageLimitItem]
    commitment: Annotated[bool, Field(description="whether the firm signs a letter that declares the conditions")]


class SharedLimitItem(Output):
    """One limit per firm and year for all policies that name it."""

    name: str
    year_fen: Fen


class RetainedTaxItem(Output):
    """Not more than a share of a fact about taxes."""

    fact: str
    share: Decimal


class LimitsItem(Output):
    """Limits per firm; none is no limit."""

    item_fen: Fen | None
    year_fen: Fen | None
    lifetime_fen: Fen | None
    minimum_payout_fen: Fen
    shared: SharedLimitItem | None
    retained_tax: RetainedTaxItem | None


class InstalmentItem(Output):
    """A share of the amount, due so many months after the as-of date."""

    share: Decimal
    months: int
    still: StillTest | None


class CostShareItem(Output):
    """The share of the cost that one budget line bears."""

    line: str
    share: Decimal


class PolicyAnswer(Output):
    """One policy with everything that is written in its file."""

    policy: PolicyItem
    basis: list[BasisLine]
    versions: list[PolicyVersionItem]
    stacking: StackingItem | None
    budget: BudgetItem | None
    process: ProcessItem
    limits: LimitsItem
    prior_aid_matters: Annotated[list[str], Field(description="aid for these matters is deducted")]
    instalments: list[InstalmentItem]
    cost_shares: list[CostShareItem]


class PolicyDateItem(Output):
    """A day on which something happens to a policy; `people` are told."""

    policy_id: str
    title: str
    title_en: str
    department: str
    what: DateKind
    on: date
    people: list[str]


class PolicyDates(Output):
    """The dates, the earliest first."""

    items: list[PolicyDateItem]


class CatalogueFact(Output):
    """One fact that rules may read."""

    name: str
    label: str
    label_en: str
    type: FactType
    unit: str
    source: str
    grain: str
    fresh_days: Annotated[int | None, Field(description="older than so many days is unknown")]
    sensitivity: Annotated[str, Field(description="P I S, as in the data dictionary")]
    values: Annotated[list[str], Field(description="the only allowed texts, if they are limited")]


@CHAPTER.operation(Method.GET, "/policies")
def list_policies(call: Call, query: PolicyQuery) -> Page[PolicyItem]:
    """List policies by id."""
    found = [
        policy
        for policy in call.desk.rules.policies.values()
        if query.department in (None, policy.department)
        and (query.jurisdiction is None or policy.jurisdiction.startswith(query.jurisdiction))
        and (query.in_force_on is None or policy.version_at(query.in_force_on) is not None)
        and (query.state is None or state_on(policy, china_day(call.now)) is query.state)
        and (query.text is None or _has(policy, query.text))
    ]
    kept, more = _page(call, {str(policy.id): policy for policy in found}, query.limit)
    return Page[PolicyItem](items=[PolicyItem.model_validate(each) for each in kept], next=more)


@CHAPTER.operation(Method.GET, "/policies/{policy_id}", raises=(NoSuchPolicy,))
def show_policy(call: Call, path: PolicyPath) -> PolicyAnswer:
    """Show one policy: versions, conditions with their articles, limits, budget and process."""
    policies = call.desk.rules.policies
    policy = policies.get(PolicyId(path.policy_id))
    if policy is None:
        raise NoSuchPolicy(path.policy_id, sorted(policies))
    return _policy(policy)


@CHAPTER.operation(Method.GET, "/policy-dates")
def list_policy_dates(call: Call) -> PolicyDates:
    """List the end and the review day of every policy that has one, past ones too, the earliest first."""
    found = policy_dates(call.database, call.desk.rules)
    return PolicyDates(items=[PolicyDateItem.model_validate(each) for each in found])


@CHAPTER.operation(Method.GET, "/facts")
def list_facts(call: Call, query: PageQuery) -> Page[CatalogueFact]:
    """List the facts that rules may read, by name."""
    kept, more = _page(call, {str(fact.name): fact for fact in call.desk.rules.catalogue.values()}, query.limit)
    return Page[CatalogueFact](items=[CatalogueFact.model_validate(each) for each in kept], next=more)


def _has(policy: Policy, words: str) -> bool:
    """Return whether every word stands somewhere in what people read of a policy."""
    read = [policy.id, policy.title, policy.title_en]
    read += [f"{each.document} {each.number}" for each in policy.basis]
    read += [f"{each.text} {each.text_en}" for version in policy.versions for each in version.conditions]
    text = " ".join(read).casefold()
    return all(word in text for word in words.casefold().split())


def _page(call: Call, found: Mapping[str, Thing], limit: int) -> tuple[list[Thing], str | None]:
    """Return a page of things by name, and the cursor of the next."""
    place = call.cursors.place(str)
    names = sorted(name for name in found if place is None or name > place[0])
    kept = names[:limit]
    more = call.cursors.write(kept[-1]) if len(names) > limit else None
    return [found[name] for name in kept], more


def _policy(policy: Policy) -> PolicyAnswer:
    return PolicyAnswer(
        policy=PolicyItem.model_validate(policy),
        basis=[BasisLine.model_validate(each) for each in policy.basis],
        versions=[_version(each) for each in policy.versions],
        stacking=None if policy.stacking is None else StackingItem.model_validate(policy.stacking),
        budget=None if policy.budget is None else BudgetItem.model_validate(policy.budget),
        process=ProcessItem.model_validate(policy.process),
        limits=LimitsItem.model_validate(policy.limits),
        prior_aid_matters=[] if policy.prior_aid is None else list(policy.prior_aid.matters),
        instalments=[InstalmentItem.model_validate(each) for each in policy.instalments],
        cost_shares=[CostShareItem.model_validate(each) for each in policy.cost_shares],
    )


def _version(version: PolicyVersion) -> PolicyVersionItem:
    return PolicyVersionItem(
        label=version.label,
        fingerprint=version.fingerprint,
        effective_from=version.in_force.first,
        effective_to=version.in_force.last,
        amount=version.amount.text,
        cap=None if version.cap is None else version.cap.text,
        minimum_fen=version.minimum.fen,
        conditions=[
            PolicyConditionItem(
                id=each.id, text=each.text, text_en=each.text_en, article=each.article, when=each.when.text
            )
            for each in version.conditions
        ],
    )
