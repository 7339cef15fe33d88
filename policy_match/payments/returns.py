"""Money that the bank gave back: why, what must follow, how long it has waited, and whether this year can still pay.

Guarantees that every reason leads somewhere: a code that we do not know is looked into by a person. What happens to
the quota is `ledger.balances.after_return`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from policy_match.ledger.accounts import LineId, year_of


class FollowUp(StrEnum):
    """What must happen before a new attempt: a new account, nothing but time and means, or a person's look."""

    FIRM_CORRECTS_ACCOUNT = "firm_corrects_account"
    BANK_RETRIES = "bank_retries"
    INVESTIGATE = "investigate"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnReason:
    """A reason for a return or rejection. `code` is of ISO 20022 (external codes), or the bank's own."""

    code: str
    chinese: str
    english: str
    follow_up: FollowUp


def _reasons(follow_up: FollowUp, *texts: tuple[str, str, str]) -> dict[str, ReturnReason]:
    return {
        code: ReturnReason(code=code, chinese=chinese, english=english, follow_up=follow_up)
        for code, chinese, english in texts
    }


REASONS: Mapping[str, ReturnReason] = MappingProxyType(
    {
        **_reasons(
            FollowUp.FIRM_CORRECTS_ACCOUNT,
            ("AC01", "账号有误", "the account number is wrong"),
            ("AC03", "收款账号无效", "the payee's account number is not valid"),
            ("AC04", "账户已销户", "the account is closed"),
            ("AC06", "账户被冻结", "the account is blocked"),
            ("AC07", "收款账户已销户", "the payee's account is closed"),
            ("AG01", "该账户不允许此类交易", "the account does not allow this kind of payment"),
            ("BE01", "户名与账号不符", "the name is not that of the account's holder"),
            ("BE04", "缺少收款人地址", "the payee's address is missing"),
            ("BE06", "收款人不存在", "the bank does not know the payee"),
            ("RC01", "联行号有误", "the bank code is wrong"),
            ("RC04", "收款行行号有误", "the code of the payee's bank is wrong"),
            ("RR03", "缺少收款人名称或地址", "the payee's name or address is missing"),
        ),
        **_reasons(
            FollowUp.BANK_RETRIES,
            ("AB05", "收款行处理超时", "the payee's bank did not answer in time"),
            ("AB08", "收款行系统离线", "the payee's bank is not online"),
            ("AM04", "付款账户余额不足", "the paying account lacks the money"),
            ("ED05", "清算失败", "settlement between the banks failed"),
            ("TM01", "超过截止时间", "it came after the bank's cut-off time"),
        ),
        **_reasons(
            FollowUp.INVESTIGATE,
            ("AM05", "疑似重复支付", "the bank takes it for a duplicate"),
            ("AM09", "金额不符", "the amount is not what was expected"),
            ("CUST", "收款人要求退回", "the payee asked for the return"),
            ("DUPL", "重复支付", "it is a duplicate of another payment"),
            ("FOCR", "应撤销请求退回", "it was returned after a request to cancel"),
            ("FR01", "涉嫌欺诈", "it is suspected to be fraud"),
            ("FRAD", "涉嫌欺诈", "it is suspected to be fraud"),
            ("MD07", "收款人已故", "the payee is dead"),
            ("MS02", "收款人未说明原因", "the payee gave no reason"),
            ("MS03", "银行未说明原因", "the bank gave no reason"),
            ("NARR", "原因见附言", "the reason is in the bank's text"),
            ("RR04", "监管原因", "a rule of supervision forbids it"),
        ),
    }
)
"""ISO 20022 external code sets (ExternalReturnReason1Code, ExternalStatusReason1Code), as far as credit transfers
meet them. Who must act is our own choice: what another account would cure goes to the firm, what time would cure to
the bank, all else to a person."""


def reason_of(code: str) -> ReturnReason:
    """Return the reason of a code; one that is not listed, or is empty, is looked into."""
    known = REASONS.get(code.strip().upper())
    if known is not None:
        return known
    shown = code.strip() or "-"
    return ReturnReason(
        code=shown,
        chinese=f"银行代码 {shown} 未列入目录",
        english=f"the bank's code {shown} is not in our list",
        follow_up=FollowUp.INVESTIGATE,
    )


AGE_LIMITS = (5, 10, 30, 90)
"""The last day of each age but the oldest, in days since the return was booked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedPayment:
    """Money that came back and has not gone out again, nor been given up. Amount in fen."""

    attempt_id: str
    line: LineId
    amount_fen: int
    booked_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeBucket:
    """Returned payments that have waited `first_day` to `last_day` days; `last_day` is `None` for the oldest."""

    first_day: int
    last_day: int | None
    count: int
    total_fen: int


def ages(returned: Iterable[ReturnedPayment], day: date, limits: tuple[int, ...] = AGE_LIMITS) -> tuple[AgeBucket, ...]:
    """Return how long returned payments have waited on `day`, youngest first; each is in one bucket.

    `limits` rise. One booked after `day` counts as of that day.
    """
    counts, totals = [0] * (len(limits) + 1), [0] * (len(limits) + 1)
    for each in returned:
        place = sum((day - each.booked_on).days > limit for limit in limits)
        counts[place] += 1
        totals[place] += each.amount_fen
    firsts = (0, *(limit + 1 for limit in limits))
    return tuple(
        AgeBucket(first_day=first, last_day=last, count=count, total_fen=total)
        for first, last, count, total in zip(firsts, (*limits, None), counts, totals, strict=True)
    )


def may_pay_in_year(order_day: date, cut_off_day: date) -> bool:
    """Return whether an order of `order_day` still pays within the budget year that `cut_off_day` closes.

    The cut-off day itself still pays; an order of another year belongs to another budget.
    """
    return order_day.year == cut_off_day.year and order_day <= cut_off_day


class WayBack(StrEnum):
    """How a returned payment goes out again; the words are those of the case's events."""

    CORRECT = "correct"
    REQUEUE = "requeue"


def way_back(line: LineId, day: date, cut_off_day: date) -> WayBack:
    """Return how money of `line` that came back may be paid again on `day`.

    Within its budget year and before the cut-off a corrected account is enough. Later the quota is gone: the case
    waits for a new budget and a new approval (platforms note 58). Raises `WrongLine`.
    """
    in_time = day.year == year_of(line) and may_pay_in_year(day, cut_off_day)
    return WayBack.CORRECT if in_time else WayBack.REQUEUE
