"""Statuses, events and routes in Chinese and English, for messages, screens and the manual.

Guarantees a word in both languages for each of them; what they mean is `model` and `transitions`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from policy_match.cases.model import Event, Route, Status


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


STATUS_WORDS: Mapping[Status, Words] = {
    Status.MATCHED: Words("已匹配", "matched: a benefit is due"),
    Status.NOTIFIED: Words("已通知", "the firm was asked, or told"),
    Status.CONFIRMED: Words("已确认", "the firm wants it"),
    Status.REVIEWED: Words("已审核", "reviewed, waits for approval"),
    Status.APPROVED: Words("已批准", "all stages of approval are done"),
    Status.PUBLISHED: Words("公示中", "on public display"),
    Status.ORDERED: Words("已下达支付令", "payment ordered, budget reserved"),
    Status.PAID: Words("已支付", "the bank says that it is paid"),
    Status.CLOSED: Words("已办结", "nothing more is to be done"),
    Status.DECLINED: Words("自愿放弃", "the firm does not want it"),
    Status.WAIVED: Words("视同放弃", "no answer in time"),
    Status.WITHDRAWN: Words("已撤回", "no longer eligible, or an objection was right"),
    Status.REJECTED: Words("未通过审批", "not approved"),
    Status.OBJECTED: Words("异议复核中", "an objection is being decided"),
    Status.RETURNED: Words("已退票", "the payment came back"),
    Status.RECOVERING: Words("追回中", "the money is claimed back"),
    Status.RECOVERED: Words("已追回", "the money is back"),
    Status.CONTRACTED: Words("已签约", "a contract is signed"),
}

EVENT_WORDS: Mapping[Event, Words] = {
    Event.NOTIFY: Words("通知", "notify the firm"),
    Event.CONFIRM: Words("确认", "the firm confirms"),
    Event.DECLINE: Words("放弃", "the firm declines"),
    Event.RECONSIDER: Words("撤回放弃", "the firm takes back its refusal"),
    Event.LAPSE: Words("逾期未答复", "no answer in time: given up"),
    Event.ACCEPT_SILENCE: Words("默示同意", "no answer in time: accepted"),
    Event.REVIEW: Words("审核", "review"),
    Event.APPROVE: Words("批准", "approve, the last stage"),
    Event.REJECT: Words("不予批准", "reject"),
    Event.PUBLISH: Words("公示", "put on public display"),
    Event.OBJECT: Words("提出异议", "somebody objects"),
    Event.DISMISS: Words("异议不成立", "the objection is dismissed"),
    Event.UPHOLD: Words("异议成立", "the objection is upheld"),
    Event.AMEND: Words("调整金额", "another amount"),
    Event.ORDER: Words("下达支付令", "order the payment"),
    Event.SETTLE: Words("银行付讫", "the bank has paid"),
    Event.BOUNCE: Words("退票", "the bank could not pay, or the money came back"),
    Event.CORRECT: Words("更正账户", "another account, same budget year"),
    Event.REQUEUE: Words("转入新年度", "new budget year: once more from the review on"),
    Event.CLOSE: Words("办结", "close"),
    Event.WITHDRAW: Words("撤回", "withdraw, no longer eligible"),
    Event.CONTRACT: Words("签约", "sign the contract"),
    Event.CLAIM_BACK: Words("要求退还", "claim the money back"),
    Event.RECOVER: Words("追回到账", "the money is back"),
    Event.EXTEND: Words("延长期限", "more time to answer"),
}

ROUTE_WORDS: Mapping[Route, Words] = {
    Route.DIRECT: Words("直接兑付", "Paid without asking"),
    Route.CONFIRM: Words("确认后兑付", "Paid after the firm confirmed"),
    Route.LIST_THEN_COLLECT: Words("先公示名单，后收集账户", "List first, then collect the accounts"),
    Route.INFORM: Words("仅告知", "Informed only"),
    Route.CONTRACT: Words("同意并签约", "Consent and a contract"),
}
