"""Reads the sections of a policy file that say how its amount is paid: limits, prior aid, instalments, cost, process.

Guarantees whole fen, shares that add up to exactly 1, a retained-tax fact that is money of the firm, and that what
several policies have in common (a stacking group, a shared limit) means the same in each.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from policy_match.facts.catalogue import FIRM, FactCatalogue, FactType
from policy_match.policy.defects import (
    CommitmentUnasked,
    DuplicateName,
    InstalmentOrder,
    MissingKey,
    NeverPaid,
    NotMoneyFact,
    NotTheSame,
    PayeeWithoutDelivery,
    SharesNotOne,
    WrongType,
)
from policy_match.policy.model import (
    ApprovalStage,
    CostShare,
    Delivery,
    Instalment,
    LimitedStage,
    Limits,
    PayeeKind,
    Policy,
    PriorAid,
    Process,
    RetainedTax,
    SharedLimit,
    Silence,
    StageLimit,
    StillTest,
)
from policy_match.policy.table import Table, shortened
from policy_match.values import FEN_PER_YUAN, FactName

MAX_YUAN = 10**13
"""A limit of this many yuan or more is a mistake; in fen it is still an exact number in any JSON."""
MAX_MONTHS = 600
"""The latest instalment: fifty years."""
MOST_LIMIT_DAYS = 250
"""The longest limit of a stage in working days: a year."""
MOST_REMINDERS = 5
"""How often one window reminds at most."""
DELIVERY_OF: dict[PayeeKind, Delivery] = {PayeeKind.BANK: Delivery.BANK, PayeeKind.UTILITY: Delivery.BILL_OFFSET}
ASKING = frozenset({Delivery.CONFIRM, Delivery.LIST_THEN_COLLECT})
"""Deliveries in which the firm answers, and so can sign."""
ONE = Decimal(1)


def read_process(table: Table, delivery: Delivery) -> Process:
    """Return the steps between match and payment. A bank or a utility is paid only where it delivers the benefit."""
    item = table.table("process")
    if item is None:
        return Process()
    confirm_days = item.integer("confirm_days", 15)
    process = Process(
        confirm_days=confirm_days,
        silence=item.word("silence", Silence, Silence.WAIVED),
        publicity_days=item.integer("publicity_days", 0),
        approvals=_read_approvals(item),
        recheck_days=item.integer("recheck_days", 5),
        payee=item.word("payee", PayeeKind, PayeeKind.FIRM),
        # On the day of the notice itself there is nothing to remind of.
        remind_days=item.falling(
            "remind_days", Process().remind_days, least=1, most=confirm_days - 1, count=MOST_REMINDERS
        ),
        limits=_read_stage_limits(item),
        commitment=item.typed("commitment", bool) or False,
    )
    needed = DELIVERY_OF.get(process.payee, delivery)
    if needed is not delivery:
        item.report(PayeeWithoutDelivery(payee=process.payee, needed=needed, delivery=delivery), "payee")
    if process.commitment and (delivery not in ASKING or process.silence is Silence.ACCEPTED):
        item.report(CommitmentUnasked(delivery=delivery, silence=process.silence), "commitment")
    item.close()
    return process


def _read_stage_limits(table: Table) -> tuple[StageLimit, ...]:
    """Return the limits of stages that the policy sets itself, in working days."""
    item = table.table("limits")
    if item is None:
        return ()
    days = {stage: item.integer(stage, 1, least=1) for stage in LimitedStage}
    for stage, found in days.items():
        if found > MOST_LIMIT_DAYS:
            most = (f"at most {MOST_LIMIT_DAYS}", f"至多 {MOST_LIMIT_DAYS}")
            item.report(WrongType(stage, most, shortened(found)), stage)
    item.close()
    return tuple(StageLimit(stage=stage, days=found) for stage, found in days.items() if stage in item)


def _read_approvals(table: Table) -> tuple[ApprovalStage, ...]:
    """Return the stages in order; a plain word is a stage of one person for every amount."""
    stages: list[ApprovalStage] = []
    for item in table.words_and_tables("approvals"):
        if isinstance(item, str):
            stages.append(ApprovalStage(role=item))
            continue
        count, from_fen = item.integer("count", 1, least=1), _read_fen(item, "from", least=0) or 0
        stages.append(ApprovalStage(role=item.text("role"), count=count, from_fen=from_fen))
        item.close()
    if any(stage.role == "" for stage in stages):
        table.report(MissingKey("approvals", "a role is empty", "有空白的角色"), "approvals")
    return tuple(stages)


def read_limits(table: Table, catalogue: FactCatalogue) -> Limits:
    """Return the limits of one policy."""
    item = table.table("limits")
    if item is None:
        return Limits()
    limits = Limits(
        item_fen=_read_fen(item, "item"),
        year_fen=_read_fen(item, "year"),
        lifetime_fen=_read_fen(item, "lifetime"),
        minimum_payout_fen=_read_fen(item, "minimum_payout", least=0) or 0,
        shared=_read_shared(item),
        retained_tax=_read_retained_tax(item, catalogue),
    )
    for key, limit_fen in (("item", limits.item_fen), ("year", limits.year_fen), ("lifetime", limits.lifetime_fen)):
        if limit_fen is not None and limit_fen < limits.minimum_payout_fen:
            item.report(NeverPaid(limit=key), key)
    item.close()
    return limits


def _read_shared(table: Table) -> SharedLimit | None:
    item = table.table("shared")
    if item is None:
        return None
    name, year_fen = item.text("name"), _read_fen(item, "year")
    if "year" not in item:
        item.report(MissingKey("year"))
    item.close()
    return SharedLimit(name=name, year_fen=year_fen or 0)


def _read_retained_tax(table: Table, catalogue: FactCatalogue) -> RetainedTax | None:
    item = table.table("retained_tax")
    if item is None:
        return None
    name = FactName(item.text("fact"))
    money = sorted(
        fact for fact in catalogue if catalogue[fact].type is FactType.MONEY and catalogue[fact].grain == FIRM
    )
    if name and name not in money:
        item.report(NotMoneyFact(name, money), "fact")
    share = _read_share(item)
    item.close()
    return RetainedTax(fact=name, share=share)


def read_prior_aid(table: Table) -> PriorAid | None:
    """Return the matters whose aid is deducted."""
    item = table.table("prior_aid")
    if item is None:
        return None
    matters = item.texts("matters")
    if not matters or "" in matters:
        item.report(MissingKey("matters", "name at least one matter", "请至少写明一个事项"), "matters")
    for place, matter in enumerate(matters):
        if matter in matters[:place]:
            item.report(DuplicateName(matter, "this list", "本列表"), "matters")
    item.close()
    return PriorAid(matters=matters)


def read_instalments(table: Table) -> tuple[Instalment, ...]:
    """Return the instalments, the earliest first; none when everything is due at once."""
    plan: list[Instalment] = []
    places = list(table.tables("instalment"))
    for item in places:
        months = item.integer("months", 0)
        if months > MAX_MONTHS:
            item.report(
                WrongType("months", (f"at most {MAX_MONTHS}", f"至多 {MAX_MONTHS}"), shortened(months)), "months"
            )
        still = item.word("still", StillTest, StillTest.REGISTERED) if "still" in item else None
        plan.append(Instalment(share=_read_share(item), months=months, still=still))
        item.close(("still",))
    for (earlier, later), place in zip(pairwise(plan), places[1:], strict=True):
        if later.months <= earlier.months:
            place.report(InstalmentOrder(months=later.months), "months")
    _check_sum(table, "instalment", [instalment.share for instalment in plan])
    return tuple(plan)


def read_cost_shares(table: Table) -> tuple[CostShare, ...]:
    """Return who bears the cost; none when the budget's line bears all of it."""
    shares: list[CostShare] = []
    for item in table.tables("cost_share"):
        line = item.text("line")
        if line in [share.line for share in shares]:
            item.report(DuplicateName(line, "this policy", "本政策"), "line")
        shares.append(CostShare(line=line, share=_read_share(item)))
        item.close()
    _check_sum(table, "cost_share", [share.share for share in shares])
    return tuple(shares)


def _read_share(table: Table) -> Decimal:
    share = table.number("share")
    if share is None:
        if "share" not in table:
            table.report(MissingKey("share"))
        return ONE
    if not 0 < share <= 1:
        table.report(WrongType("share", ("above 0 and at most 1", "大于 0 且不超过 1 的数"), shortened(share)), "share")
    return share


def _check_sum(table: Table, key: str, shares: Sequence[Decimal]) -> None:
    total = sum(Fraction(share) for share in shares)
    if shares and total != 1:
        table.report(SharesNotOne(key=key, total=format(float(total), ".12g")), key)


def _read_fen(table: Table, key: str, least: int = 1) -> int | None:
    """Return an amount of yuan as fen, at least `least` fen; `None` when absent or wrong."""
    yuan = table.number(key)
    if yuan is None:
        return None
    fen = Fraction(yuan) * FEN_PER_YUAN
    if fen.denominator == 1 and least <= fen and yuan < MAX_YUAN:
        return fen.numerator
    bound, bound_zh = ("not below 0", "不低于 0") if least == 0 else ("above 0", "大于 0")
    expected = (
        f"yuan with at most two decimals, {bound} and below {MAX_YUAN}",
        f"{bound_zh}、小于 {MAX_YUAN}、最多两位小数的元数",
    )
    table.report(WrongType(key=key, expected=expected, found=shortened(yuan)), key)
    return None


class CommonTerms:
    """What several policies have in common, as the first of them states it."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[object, str]] = {}

    def check(self, table: Table, policy: Policy) -> None:
        """Report where `policy`, read from `table`, says otherwise than an earlier policy."""
        if policy.stacking is not None:
            group, rule = policy.stacking.group, policy.stacking.rule
            self._compare(table.table("stacking"), "rule", group, rule, policy)
        if policy.limits.shared is not None:
            limits = table.table("limits")
            assert limits is not None
            shared = policy.limits.shared
            self._compare(limits.table("shared"), "year", shared.name, Decimal(shared.year_fen).scaleb(-2), policy)

    def _compare(self, table: Table | None, key: str, name: str, here: object, policy: Policy) -> None:
        assert table is not None
        there, other = self._first.setdefault((key, name), (here, policy.id))
        if here != there:
            table.report(NotTheSame(key=key, name=name, here=here, there=there, other=other), key)
