"""What background work and standing jobs did, in words: each count that they keep by name.

Guarantees that a count whose name has no words is shown by its name: nothing that was counted is left out.
"""

from collections.abc import Mapping, Sequence

from policy_match.cases.rechecking import RECHECK_WORDS
from policy_match.cases.words import EVENT_WORDS, Words
from policy_match.services.repair_notices import FINDING_WORDS
from policy_match.supervision.colours import COLOUR_WORDS
from policy_match.web.call import Call
from policy_match.web.portal.saying import Saying

REPAIRED = "_repaired"

FIGURE_WORDS: Mapping[str, Words] = {
    **{event.value: words for event, words in EVENT_WORDS.items()},
    **{outcome.value: Words(zh, en) for outcome, (en, zh) in RECHECK_WORDS.items()},
    **{kind.value: Words(zh, en) for kind, (zh, en) in FINDING_WORDS.items()},
    **{colour.value: Words(f"转为{words.zh}榜", f"became {words.en}") for colour, words in COLOUR_WORDS.items()},
    "sweeps": Words("完成判定", "sweeps"),
    "snapshots": Words("快照", "snapshots"),
    "new_snapshots": Words("新快照", "new snapshots"),
    "cases": Words("事项", "cases"),
    "notified": Words("已通知企业", "firms notified"),
    "lapsed": Words("逾期未答复，视为放弃", "given up by silence"),
    "accepted": Words("逾期未答复，视为同意", "accepted by silence"),
    "closed": Words("已办结", "closed"),
    "extended": Words("已顺延", "given more time"),
    "not_reached": Words("未通知到，期限不计", "not reached, not given up"),
    "published": Words("已上网公示", "on public display"),
    "policies": Words("政策", "policies"),
    "granted": Words("分到预算", "got a share of the budget"),
    "waiting": Words("仍在等待", "still waiting"),
    "without_line": Words("政策未指定预算科目", "policies that name no budget line"),
    "without_budget": Words("尚未分到预算，未列入", "left out: no share of the budget"),
    "not_eligible": Words("复核未通过，未列入", "left out: the recheck did not pass"),
    "lists": Words("审批名单", "approval lists"),
    "voided": Words("作废的旧名单", "older lists that are void now"),
    "orders": Words("支付令", "orders"),
    "no_budget": Words("没有分到预算，未下达", "not ordered: no share of the budget"),
    "budget_year_over": Words("预算年度已结束，未下达", "not ordered: the budget was of another year"),
    "not_rechecked": Words("支付前尚未复核，未下达", "not ordered: not rechecked yet"),
    "not_eligible_now": Words("支付前复核未通过，未下达", "not ordered: the recheck before payment did not pass"),
    "account": Words("收款账户有误，未下达", "not ordered: the account"),
    "attempts": Words("重新支付", "paid again"),
    "requeued": Words("转入新年度", "moved to the new budget year"),
    "batches": Words("送交银行的批次", "batches sent"),
    "payments": Words("支付笔数", "payments"),
    "without_reply": Words("银行未回应", "without the bank's reply"),
    "working_day": Words("工作日（0 为否，当天不办）", "working day (0: no, nothing done)"),
    "year_open": Words("本年度可支付（0 为否）", "year open for payment (0: no)"),
    "unknown": Words("结果未知", "became unknown"),
    "taken": Words("已办理", "taken"),
    "repeated": Words("以前处理过", "taken before"),
    "refused": Words("未能办理", "refused"),
    "files": Words("文件", "files"),
    "hidden": Words("隐去的数字", "figures hidden"),
    "news": Words("告知办理情况", "told what became of a request"),
    "nobody_to_tell": Words("无人可告知", "nobody to tell"),
    "written": Words("已撰写通知", "notices written"),
    "overtaken": Words("已无须通知", "notices no longer needed"),
    "planned": Words("已选定渠道", "ways chosen"),
    "contents": Words("取回的回执", "receipts fetched"),
    "windows": Words("提醒答复期限", "reminded of windows"),
    "accounts": Words("提醒收款账户", "reminded of accounts"),
    "cut_offs": Words("年度截止提醒", "reminders of the cut-off"),
    "untold": Words("无负责人可提醒", "nobody in charge to remind"),
    "told": Words("已通知负责人", "told to those in charge"),
    "events": Words("已编号事件", "events numbered"),
    "bounce": Words("退回", "came back"),
    "send": Words("开始发送", "sendings begun"),
    "hand_over": Words("已交通道", "handed over"),
    "retry": Words("稍后再发", "to be sent again later"),
    "repeat": Words("结果不明，再次发送", "in doubt, sent again"),
    "release": Words("未发送，放回", "not sent after all"),
    "give_up": Words("不再发送", "given up"),
    "fail": Words("发送失败", "failed"),
    "expire": Words("逾期无回执", "no receipt in time"),
    "cancel": Words("已取消", "cancelled"),
    "deliver": Words("已送达", "delivered"),
    "read": Words("已读", "read"),
    "pass": Words("订阅方不需要", "not wanted by the receiver"),
    "ping": Words("试通", "pings"),
    "answers": Words("清除的接口应答", "answers forgotten"),
    "runs": Words("清除的空转记录", "idle runs forgotten"),
    "done": Words("已办理的请求", "requests done"),
    "failed": Words("未能办理的请求", "requests failed"),
    "again": Words("稍后再试的请求", "requests to be tried again"),
}
"""What each count is called."""


def figure_words(name: str) -> Words:
    """Return what a count is called; its name where it has no words."""
    if name.endswith(REPAIRED) and (found := FIGURE_WORDS.get(name.removesuffix(REPAIRED))):
        return Words(f"{found.zh}（已修复）", f"{found.en} (repaired)")
    return FIGURE_WORDS.get(name, Words(name, name))


def figures_in_words(call: Call, found: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Return each count in the language of the page, with its words.

    Of a group, what was counted 0 times is left out; a list counts by its length.
    """
    say = Saying(call.language)
    told: list[tuple[str, str]] = []
    for name, value in found.items():
        words = figure_words(name)
        match value:
            case dict():
                told += figures_in_words(call, {each: count for each, count in value.items() if count})
            case list():
                told.append((say(words.zh, words.en), say.count(len(value))))
            case int():
                told.append((say(words.zh, words.en), say.count(value)))
    return told
