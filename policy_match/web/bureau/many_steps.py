"""What can be done with many cases at once: the words of each step, and what it asks for beside the cases."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from policy_match.cases.model import Status
from policy_match.cases.words import Words
from policy_match.ports.requested_work import WorkKind
from policy_match.web.call import Call


class Step(StrEnum):
    """A step of every chosen case."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    RECONSIDER = "reconsider"
    EXTEND = "extend"
    WITHDRAW = "withdraw"


class WholePolicy(StrEnum):
    """Work in the background on all cases of a policy whose turn it is."""

    NOTIFY = "notify"
    RECHECK_APPROVAL = "recheck_approval"
    LISTS = "lists"
    PUBLISH = "publish"
    RECHECK_PAYMENT = "recheck_payment"


OPERATIONS: Mapping[Step | WholePolicy, str] = {
    Step.CONFIRM: "answer_cases",
    Step.DECLINE: "answer_cases",
    Step.RECONSIDER: "answer_cases",
    Step.EXTEND: "extend_cases",
    Step.WITHDRAW: "withdraw_cases",
    WholePolicy.NOTIFY: "request_notification",
    WholePolicy.RECHECK_APPROVAL: "request_recheck",
    WholePolicy.LISTS: "request_approval_lists",
    WholePolicy.PUBLISH: "request_publication",
    WholePolicy.RECHECK_PAYMENT: "request_recheck",
}
"""The operation of the API behind each."""

WORDS: Mapping[StrEnum, Words] = {
    Step.CONFIRM: Words("代企业确认", "Confirm for the firm"),
    Step.DECLINE: Words("代企业放弃", "Decline for the firm"),
    Step.RECONSIDER: Words("撤回放弃", "Take back a refusal"),
    Step.EXTEND: Words("延长答复期限", "Give more time"),
    Step.WITHDRAW: Words("撤回事项", "Take back"),
    WholePolicy.NOTIFY: Words("通知企业", "Notify the firms"),
    WholePolicy.RECHECK_APPROVAL: Words("审批前复核", "Recheck before approval"),
    WholePolicy.LISTS: Words("生成审批名单", "Make approval lists"),
    WholePolicy.PUBLISH: Words("上网公示", "Put on public display"),
    WholePolicy.RECHECK_PAYMENT: Words("支付前复核", "Recheck before payment"),
}

WAITING: Mapping[WholePolicy, frozenset[Status]] = {
    WholePolicy.NOTIFY: frozenset({Status.MATCHED, Status.PUBLISHED}),
    WholePolicy.RECHECK_APPROVAL: frozenset({Status.MATCHED, Status.CONFIRMED, Status.REVIEWED}),
    WholePolicy.LISTS: frozenset({Status.REVIEWED}),
    WholePolicy.PUBLISH: frozenset({Status.APPROVED}),
    WholePolicy.RECHECK_PAYMENT: frozenset({Status.APPROVED, Status.PUBLISHED, Status.RETURNED}),
}
"""Among which cases it looks for those whose turn it is."""

KINDS: Mapping[WorkKind, Words] = {
    WorkKind.IMPORT: Words("导入数据", "Import data"),
    WorkKind.PRIOR_AID: Words("导入已享补助", "Take in prior aid"),
    WorkKind.SWEEP: Words("判定", "Sweep"),
    WorkKind.OPEN_CASES: Words("开立事项", "Open cases"),
    WorkKind.NOTIFY: Words("通知企业", "Notify the firms"),
    WorkKind.CLOSE_WINDOWS: Words("答复期满处理", "End windows that are over"),
    WorkKind.RECHECK: Words("复核", "Recheck"),
    WorkKind.PUBLISH: Words("上网公示", "Put on public display"),
    WorkKind.MAKE_LISTS: Words("生成审批名单", "Make approval lists"),
    WorkKind.ORDER_PAYMENTS: Words("下达支付令", "Order payments"),
    WorkKind.ORDER_AGAIN: Words("退票重新支付", "Order again what came back"),
    WorkKind.SEND_PAYMENTS: Words("送交银行", "Send to the bank"),
    WorkKind.EXTEND_CASES: Words("延长答复期限", "Give more time"),
    WorkKind.WITHDRAW_CASES: Words("撤回事项", "Take cases back"),
}
"""What each kind of background work is called."""

One = TypeVar("One", bound=StrEnum)


def words_of(call: Call, one: StrEnum) -> str:
    """Return the words of a step in the language of the page."""
    words = WORDS[one]
    return words.zh if call.language == "zh" else words.en


def chosen_words(call: Call, every: Iterable[One]) -> list[tuple[str, str]]:
    """Return the value and the words of each, for a list to choose from."""
    return [(each.value, words_of(call, each)) for each in every]
