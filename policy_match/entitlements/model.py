"""Claims, what was paid before, and what a firm is entitled to, with each step that changed an amount.

Guarantees that every amount is in whole fen and that an unknown one is `None`, never 0. The order of the steps is in
`entitle`; the texts that people read are here.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from policy_match.errors import Language
from policy_match.policy.model import Limits, Policy, Stacking
from policy_match.values import PolicyId, Uscc

NO_LIMITS = Limits()
ClaimKey = int | str
"""The caller's own name of a claim; unique within one call."""


class Standing(StrEnum):
    """What became of a claim: money is owed, nothing is owed, or it cannot be said (and nothing is paid)."""

    OWED = "owed"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


class StepCode(StrEnum):
    """What changed an amount, in the order in which it is looked at."""

    ITEM_LIMIT = "item_limit"
    PRIOR_AID = "prior_aid"
    RETAINED_TAX = "retained_tax"
    YEAR_LIMIT = "year_limit"
    LIFETIME_LIMIT = "lifetime_limit"
    GROUP_PAID = "group_paid"
    NOT_HIGHEST = "not_highest"
    NOT_CHOSEN = "not_chosen"
    SAME_MATTER = "same_matter"
    TOP_UP = "top_up"
    RECORDS_LIMIT = "records_limit"
    SHARED_LIMIT = "shared_limit"
    MINIMUM_PAYOUT = "minimum_payout"
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"


STEP_TEXTS: dict[StepCode, tuple[str, str]] = {
    StepCode.ITEM_LIMIT: ("limit of one case", "单项上限"),
    StepCode.PRIOR_AID: ("aid already paid for {detail} is deducted", "扣除已享受的同一事项资助：{detail}"),
    StepCode.RETAINED_TAX: ("share of the retained tax {detail}", "地方留成税收比例上限：{detail}"),
    StepCode.YEAR_LIMIT: ("limit of the policy in the calendar year", "本政策年度上限"),
    StepCode.LIFETIME_LIMIT: ("limit of the policy for ever", "本政策累计上限"),
    StepCode.GROUP_PAID: ("its group was already paid, by {detail}", "同组政策已兑现：{detail}"),
    StepCode.NOT_HIGHEST: ("only the highest of the group is paid: {detail}", "就高不重复，按较高项兑现：{detail}"),
    StepCode.NOT_CHOSEN: ("one of the group may be taken; the best is {detail}", "同组择一享受，选优：{detail}"),
    StepCode.SAME_MATTER: ("the same matter is aided by {detail}", "同一事项由其他政策资助：{detail}"),
    StepCode.TOP_UP: ("what the group already paid is deducted: {detail}", "补差：扣除同组已兑现金额：{detail}"),
    StepCode.RECORDS_LIMIT: ("limit of the policy, shared by its records", "本政策上限由各笔记录共用"),
    StepCode.SHARED_LIMIT: ("limit shared by several policies: {detail}", "多项政策共用上限：{detail}"),
    StepCode.MINIMUM_PAYOUT: ("below the minimum payout", "低于最低兑现金额"),
    StepCode.UNKNOWN: ("cannot be said without {detail}", "缺少 {detail}，无法确定"),
    StepCode.TOO_MANY: (
        "more combinations than can be compared; give the stacking groups fewer choices",
        "组合过多，无法逐一比较；请减少同组选项",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One eligible decision. `record_id` is empty per firm; `period` is that of its case (`2025`, `once`…).

    `retained_tax_fen` is the firm's value of the fact that the policy's retained-tax limit names; `None` is unknown.
    Claims that already have a live case stay out: their case is in the history.
    """

    key: ClaimKey
    policy_id: PolicyId
    uscc: Uscc
    record_id: str
    period: str
    amount_fen: int
    retained_tax_fen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What our own policy paid before or promised in a live case (all instalments); `year` is of its as-of date."""

    policy_id: PolicyId
    record_id: str
    period: str
    year: int
    fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Aid:
    """Imported aid for a matter, for one record if it says so (of the table on which the claim's policy decides)."""

    matter: str
    fen: int | None
    record_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Everything about one firm that counts for its limits."""

    earlier: tuple[Earlier, ...] = ()
    aid: tuple[Aid, ...] = ()


NO_HISTORY = History()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a policy says about combining and limiting its amount. `plain` is true when it says nothing."""

    policy_id: PolicyId
    grain: str
    limits: Limits = NO_LIMITS
    matters: frozenset[str] = frozenset()
    stacking: Stacking | None = None
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        plain = self.limits == NO_LIMITS and not self.matters and self.stacking is None
        object.__setattr__(self, "plain", plain)


def terms_of(policy: Policy) -> Terms:
    """Return the terms of a policy; they are those of all its versions."""
    return Terms(
        policy_id=policy.id,
        grain=policy.grain,
        limits=policy.limits,
        matters=frozenset() if policy.prior_aid is None else frozenset(policy.prior_aid.matters),
        stacking=policy.stacking,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One change of an amount; `detail` names the policy, matter, fact or limit."""

    code: StepCode
    fen_before: int
    fen_after: int
    detail: str = ""

    def text(self, language: Language) -> str:
        """Return the reason for a person, without the amounts."""
        return STEP_TEXTS[self.code][language == "zh"].format(detail=self.detail)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entitlement:
    """What a claim gives. `entitled_fen` is above 0 exactly when owed; `missing` is there only when unknown."""

    claim: Claim
    entitled_fen: int
    standing: Standing
    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination:
    """A lawful choice of claims, in the order given, with what each would get."""

    entitled: tuple[tuple[ClaimKey, int], ...]
    total_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmEntitlements:
    """One per claim, in the order given; and the lawful combinations that were not chosen, best first."""

    entitlements: tuple[Entitlement, ...]
    alternatives: tuple[Combination, ...] = ()

    @property
    def total_fen(self) -> int:
        """What the firm gets altogether."""
        return sum(entitlement.entitled_fen for entitlement in self.entitlements)
