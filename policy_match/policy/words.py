"""The words of a policy file in Chinese and English, for pages and messages.

Guarantees a word in both languages for each member; what they mean is `model`.
"""

from collections.abc import Mapping

from policy_match.cases.words import Words
from policy_match.policy.model import (
    Allocation,
    Delivery,
    LimitedStage,
    PayeeKind,
    Rhythm,
    Silence,
    StackingRule,
    StillTest,
)

DELIVERY_WORDS: Mapping[Delivery, Words] = {
    Delivery.DIRECT: Words("直接享受", "given without an answer"),
    Delivery.CONFIRM: Words("企业确认后享受", "given once the firm confirms"),
    Delivery.LIST_THEN_COLLECT: Words("公布名单后领取", "collected after a list is published"),
    Delivery.SELF_DECLARE: Words("自行申报享受", "claimed in the firm's own declaration"),
    Delivery.BANK: Words("经贷款银行抵减", "through the bank of the loan"),
    Delivery.BILL_OFFSET: Words("从账单中抵减", "taken off a bill"),
    Delivery.APPLY: Words("仍须申请", "has to be applied for"),
    Delivery.NONE: Words("只作告知", "for information only"),
}

RHYTHM_WORDS: Mapping[Rhythm, Words] = {
    Rhythm.ONCE: Words("一次性", "once"),
    Rhythm.YEAR: Words("每年", "every year"),
    Rhythm.HALF_YEAR: Words("每半年", "every half year"),
    Rhythm.QUARTER: Words("每季度", "every quarter"),
    Rhythm.MONTH: Words("每月", "every month"),
    Rhythm.EVENT: Words("按事项", "per event"),
}

STACKING_WORDS: Mapping[StackingRule, Words] = {
    StackingRule.HIGHEST: Words("同组就高", "only the highest of the group"),
    StackingRule.TOP_UP: Words("同组就高补差", "the highest, less what was had"),
    StackingRule.EXCLUSIVE: Words("同组只享一项", "only one of the group"),
    StackingRule.ADDITIVE: Words("同组叠加", "those of the group add up"),
}

ALLOCATION_WORDS: Mapping[Allocation, Words] = {
    Allocation.FIRST_COME: Words("先到先得", "first come, first served"),
    Allocation.PRO_RATA: Words("按比例分配", "shared in proportion"),
    Allocation.RANK: Words("按排名分配", "by rank"),
}

SILENCE_WORDS: Mapping[Silence, Words] = {
    Silence.WAIVED: Words("逾期未答视同放弃", "no answer is no"),
    Silence.ACCEPTED: Words("逾期未答视同接受", "no answer is yes"),
}

PAYEE_WORDS: Mapping[PayeeKind, Words] = {
    PayeeKind.FIRM: Words("企业", "the firm"),
    PayeeKind.BANK: Words("贷款银行", "the bank of the loan"),
    PayeeKind.UTILITY: Words("公用事业单位", "the utility"),
}

STILL_WORDS: Mapping[StillTest, Words] = {StillTest.REGISTERED: Words("届时仍在登记", "still registered then")}

LIMITED_STAGE_WORDS: Mapping[LimitedStage, Words] = {
    LimitedStage.NOTIFY: Words("通知企业", "telling the firm"),
    LimitedStage.WINDOW_END: Words("答复期满处理", "the end of the window"),
    LimitedStage.REVIEW: Words("审核", "review"),
    LimitedStage.BUDGET: Words("预算安排", "a share of the budget"),
    LimitedStage.APPROVAL: Words("审批", "approval"),
    LimitedStage.PUBLISH: Words("上网公示", "putting on display"),
    LimitedStage.ORDER: Words("下达支付令", "the payment order"),
    LimitedStage.SEND: Words("送交银行", "sending to the bank"),
    LimitedStage.BANK: Words("银行付款", "the bank's payment"),
    LimitedStage.CORRECTION: Words("退票后更正账户", "another account after a return"),
    LimitedStage.CLOSING: Words("对账办结", "reconciling and closing"),
    LimitedStage.CONTRACT: Words("签约", "the contract"),
    LimitedStage.PERFORMANCE: Words("履约", "carrying it out"),
    LimitedStage.RECOVERY: Words("追回", "recovery"),
}
