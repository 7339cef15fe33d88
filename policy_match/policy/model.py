"""A policy as the rules repository states it, after loading: every expression parsed, every condition with its article.

Guarantees that a `RuleBook` holds only rules whose names, types and dates were checked. Reading files is `loader`;
deciding is an engine's work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from policy_match.expressions.nodes import Node, Scalar
from policy_match.facts.catalogue import FIRM, FactCatalogue
from policy_match.values import Digest, FactName, Money, Period, PolicyId


class Benefit(StrEnum):
    """What the firm gets."""

    GRANT = "grant"
    INTEREST_SUBSIDY = "interest_subsidy"
    TAX_RELIEF = "tax_relief"
    FEE_WAIVER = "fee_waiver"
    DEFERRAL = "deferral"
    IN_KIND = "in_kind"
    EQUITY = "equity"
    TITLE = "title"
    REMINDER = "reminder"


class Delivery(StrEnum):
    """How the benefit reaches the firm."""

    DIRECT = "direct"
    CONFIRM = "confirm"
    LIST_THEN_COLLECT = "list_then_collect"
    SELF_DECLARE = "self_declare"
    BANK = "bank"
    BILL_OFFSET = "bill_offset"
    APPLY = "apply"
    NONE = "none"


class Rhythm(StrEnum):
    """How often the benefit is due: once, per calendar period, or per event."""

    ONCE = "once"
    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    EVENT = "event"


class StackingRule(StrEnum):
    """What happens when several benefits of one group are due."""

    HIGHEST = "highest"
    TOP_UP = "top_up"
    EXCLUSIVE = "exclusive"
    ADDITIVE = "additive"


class Allocation(StrEnum):
    """How a budget that is too small is shared."""

    FIRST_COME = "first_come"
    PRO_RATA = "pro_rata"
    RANK = "rank"


class Silence(StrEnum):
    """What no reply within the confirmation window means."""

    WAIVED = "waived"
    ACCEPTED = "accepted"


class PayeeKind(StrEnum):
    """Who gets the money: the firm, the bank that lowers its interest, or the utility that lowers its bill."""

    FIRM = "firm"
    BANK = "bank"
    UTILITY = "utility"


class StillTest(StrEnum):
    """What must still be so when an instalment falls due."""

    REGISTERED = "registered"


class LimitedStage(StrEnum):
    """The stages of a case for which a policy may set its own limit; `supervision.stages` says what each waits for.

    The firm's answer, the publicity and an objection are not among them: their days are the policy's other keys.
    """

    NOTIFY = "notify"
    WINDOW_END = "window_end"
    REVIEW = "review"
    BUDGET = "budget"
    APPROVAL = "approval"
    PUBLISH = "publish"
    ORDER = "order"
    SEND = "send"
    BANK = "bank"
    CORRECTION = "correction"
    CLOSING = "closing"
    CONTRACT = "contract"
    PERFORMANCE = "performance"
    RECOVERY = "recovery"


@dataclass(frozen=True, kw_only=True, slots=True)
class StageLimit:
    """So many working days are the limit of one stage."""

    stage: LimitedStage
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """A legal document on which the policy stands."""

    document: str
    number: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stacking:
    """The group within which benefits combine, and how."""

    group: str
    rule: StackingRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The fund that pays and how it is shared when short."""

    fund: str
    allocation: Allocation


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalStage:
    """`count` people with `role` approve a case of at least `from_fen`; a list, if one of its cases is that large."""

    role: str
    count: int = 1
    from_fen: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """Steps between match and payment; days are working days. Objections are answered within `recheck_days`.

    Who has not answered is reminded when so many working days as each of `remind_days` are left, largest first.
    `limits` are those of stages that have another than the usual one, in the order of `LimitedStage`. With `commitment`
    the firm takes the benefit by signing a letter that declares that it fulfils the conditions.
    """

    confirm_days: int = 15
    silence: Silence = Silence.WAIVED
    publicity_days: int = 0
    approvals: tuple[ApprovalStage, ...] = ()
    recheck_days: int = 5
    payee: PayeeKind = PayeeKind.FIRM
    remind_days: tuple[int, ...] = (5, 1)
    limits: tuple[StageLimit, ...] = ()
    commitment: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedLimit:
    """One limit per firm and calendar year for all policies that name it."""

    name: str
    year_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RetainedTax:
    """Not more than `share` of the money fact `fact`, for all cases of the policy in one period of it."""

    fact: FactName
    share: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits per firm; `None` is no limit. Below `minimum_payout_fen`, after everything else, nothing is paid.

    `item_fen` limits one case (a record or a firm), `year_fen` the policy in the calendar year of the as-of date,
    `lifetime_fen` the policy for ever.
    """

    item_fen: int | None = None
    year_fen: int | None = None
    lifetime_fen: int | None = None
    minimum_payout_fen: int = 0
    shared: SharedLimit | None = None
    retained_tax: RetainedTax | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorAid:
    """Aid that was already paid for one of these matters is deducted."""

    matters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Instalment:
    """A share of the amount, due `months` after the as-of date if what `still` asks for holds then."""

    share: Decimal
    months: int = 0
    still: StillTest | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CostShare:
    """The share of the cost that one budget line bears."""

    line: str
    share: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """An expression as written and what it means."""

    text: str
    node: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One test that a firm must pass, with the article that asks for it."""

    id: str
    text: str
    article: str
    when: Expression
    text_en: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyVersion:
    """The rule in force during one period. All conditions must hold.

    The amount is in yuan, exact; it is rounded once, half up, to the fen; below `minimum` it is nothing; then
    `cap` limits it. `fingerprint` covers everything that can change a decision or its explanation.
    """

    label: str
    in_force: Period
    conditions: tuple[Condition, ...]
    amount: Expression
    cap: Expression | None
    minimum: Money
    fingerprint: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """One payable item. `encoding_grade` says how well its source was seen; below A it only notifies.

    `review_on` is the day on which the department reviews the policy; it is no part of what is decided.
    """

    id: PolicyId
    title: str
    title_en: str
    department: str
    jurisdiction: str
    benefit: Benefit
    delivery: Delivery
    rhythm: Rhythm
    grain: str
    encoding_grade: str
    basis: tuple[Basis, ...]
    stacking: Stacking | None
    budget: Budget | None
    process: Process
    versions: tuple[PolicyVersion, ...]
    path: str
    limits: Limits = Limits()
    prior_aid: PriorAid | None = None
    instalments: tuple[Instalment, ...] = ()
    cost_shares: tuple[CostShare, ...] = ()
    review_on: date | None = None

    @property
    def per_firm(self) -> bool:
        """Whether one decision is made per firm rather than per record."""
        return self.grain == FIRM

    def version_at(self, day: date) -> PolicyVersion | None:
        """Return the version in force on `day`, if any; versions never overlap."""
        return next((version for version in self.versions if day in version.in_force), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedScalar:
    """One value of a parameter from a date on."""

    effective_from: date
    value: Scalar


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterSource:
    """Where a parameter or definition comes from, for the explanation."""

    name: str
    label: str
    reference: str
    label_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleBook:
    """The whole rules repository. `fingerprint` covers every policy, parameter, definition and fact."""

    catalogue: FactCatalogue
    policies: Mapping[PolicyId, Policy]
    sources: Mapping[str, ParameterSource]
    fingerprint: Digest

    def in_force(self, day: date) -> Iterator[tuple[Policy, PolicyVersion]]:
        """Yield every policy that has a version on `day`, with that version, by policy id."""
        for policy_id in sorted(self.policies):
            policy = self.policies[policy_id]
            version = policy.version_at(day)
            if version is not None:
                yield policy, version
