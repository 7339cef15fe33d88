"""What auditors read of searches and of people's steps, in Chinese and English."""

from collections.abc import Mapping

from policy_match.audit.chronicle import TrailPart
from policy_match.audit.evidence import HitKind, StepKind
from policy_match.cases.words import EVENT_WORDS, Words
from policy_match.ledger.words import TRANSFER_WORDS
from policy_match.notices.words import CHANNEL_WORDS

HIT_WORDS: Mapping[HitKind, Words] = {
    HitKind.CASE: Words("事项", "case"),
    HitKind.PAYMENT: Words("支付", "payment"),
    HitKind.FIRM: Words("企业", "firm"),
    HitKind.POLICY: Words("政策", "policy"),
    HitKind.FUND: Words("资金", "fund"),
    HitKind.LINE: Words("预算科目", "budget line"),
    HitKind.LIST: Words("审批名单", "approval list"),
    HitKind.PERSON: Words("经办人员", "person"),
}

STEP_KIND_WORDS: Mapping[StepKind, Words] = {
    StepKind.CASES: Words("办理事项", "took a step of cases"),
    StepKind.LIST_MADE: Words("生成审批名单", "made an approval list"),
    StepKind.SIGNATURE: Words("签署审批", "signed an approval list"),
    StepKind.LIST_ENDED: Words("结束审批名单", "ended an approval list"),
    StepKind.OBJECTION_ANSWER: Words("答复异议", "answered an objection"),
    StepKind.APPEAL_REPLAY: Words("复算申诉", "decided an appeal again"),
    StepKind.ALLOCATION: Words("分配预算", "shared a budget"),
    StepKind.BUDGET_LINE: Words("建立预算科目", "added a budget line"),
    StepKind.APPROPRIATION: Words("下达或缴回预算", "booked budget money"),
    StepKind.ORDERS: Words("下达支付令", "ordered payments"),
    StepKind.BATCH: Words("生成支付批次", "made a batch for the bank"),
    StepKind.BANK_FILE: Words("接收银行文件", "took a file of the bank"),
    StepKind.LINE_EXPLAINED: Words("说明银行明细", "explained a line of the bank"),
    StepKind.RECONCILIATION: Words("对账", "reconciled"),
    StepKind.RECOVERY: Words("决定追回", "asked money back"),
    StepKind.RECOVERY_RECEIPT: Words("登记追回到账", "assigned money that came back"),
    StepKind.EXCLUSION: Words("列入排除名单", "excluded a firm"),
    StepKind.EXCLUSION_LIFTED: Words("解除排除", "lifted an exclusion"),
    StepKind.ROLE: Words("授予或撤销角色", "gave or took a role"),
    StepKind.OPENING: Words("启动事项", "opened cases"),
    StepKind.RECHECK: Words("复核名单", "rechecked cases"),
    StepKind.MATCH_CONFIRMED: Words("确认全部匹配或全不匹配", "confirmed that a policy matches all or none"),
    StepKind.ORDER_TO_ACT: Words("督办", "issued or answered an order to act"),
    StepKind.CORRECTION_ANSWER: Words("答复数据更正", "answered a correction of a fact"),
    StepKind.RATING_ANSWER: Words("答复差评", "answered a rating"),
    StepKind.SUGGESTION: Words("处理政策建议", "handled a suggestion"),
    StepKind.REVIEW: Words("政策复评", "reviewed a policy"),
    StepKind.DUTY: Words("指定责任人", "gave or took a duty"),
    StepKind.ACCOUNT: Words("管理账号", "managed an account"),
    StepKind.CONTACT: Words("登记联系方式", "kept an address"),
    StepKind.SUPPRESSION: Words("停发或恢复通知", "stopped or resumed messages"),
    StepKind.MACHINE_TOKEN: Words("发放或收回系统令牌", "gave or ended a token of another system"),
    StepKind.ACTION: Words("网上操作", "sent something over the web"),
}

WHAT_WORDS: Mapping[str, Words] = {
    **{event.value: words for event, words in EVENT_WORDS.items()},
    **{kind.value: words for kind, words in TRANSFER_WORDS.items()},
    **{channel.value: words for channel, words in CHANNEL_WORDS.items()},
    "first_come": Words("先到先得", "first come first served"),
    "pro_rata": Words("按比例", "in proportion"),
    "rank": Words("按排序", "by rank"),
    "complete": Words("全部通过", "complete"),
    "rejected": Words("未通过", "rejected"),
    "void": Words("作废", "void"),
    "dismiss": Words("异议不成立", "dismissed"),
    "uphold": Words("异议成立", "upheld"),
    "granted": Words("授予", "granted"),
    "withdrawn": Words("撤回", "withdrawn"),
    "status": Words("回单", "status report"),
    "statement": Words("对账单", "statement"),
    "closed": Words("关账", "books closed"),
    "compared": Words("未关账", "books left open"),
    "approval": Words("审批前", "before approval"),
    "payment": Words("支付前", "before payment"),
    "fraud": Words("骗取", "fraud"),
    "overpayment": Words("多付", "overpayment"),
    "all": Words("全部匹配", "matches all"),
    "none": Words("全不匹配", "matches none"),
    "issue": Words("签发", "issued"),
    "accepted": Words("采纳", "accepted"),
    "refused": Words("未采纳", "refused"),
    "suppressed": Words("停发", "suppressed"),
    "lifted": Words("恢复", "lifted"),
    "token_given": Words("发放", "given"),
    "token_ended": Words("收回", "ended"),
}
"""The words of steps that need one beside their kind; any other word stands as it is kept."""

TRAIL_PART_WORDS: Mapping[TrailPart, Words] = {
    TrailPart.OPENING: Words("启动", "opening"),
    TrailPart.STEP: Words("事项", "case"),
    TrailPart.RECHECK: Words("复核", "recheck"),
    TrailPart.NOTICE: Words("通知", "notice"),
    TrailPart.OBJECTION: Words("异议", "objection"),
    TrailPart.APPEAL: Words("申诉", "appeal"),
    TrailPart.CORRECTION: Words("更正", "correction"),
    TrailPart.BUDGET: Words("预算", "budget"),
    TrailPart.LIST: Words("审批", "approval"),
    TrailPart.ORDER: Words("支付令", "order"),
    TrailPart.ATTEMPT: Words("支付", "payment"),
    TrailPart.BATCH: Words("批次", "batch"),
    TrailPart.BANK: Words("银行", "bank"),
    TrailPart.LEDGER: Words("总账", "ledger"),
    TrailPart.RECOVERY: Words("追回", "recovery"),
    TrailPart.ORDER_TO_ACT: Words("督办", "order to act"),
}
