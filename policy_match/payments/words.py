"""What payments are called in Chinese and English: statuses, steps, lines of the bank, ways back, comparisons.

Guarantees a word in both languages for each; what they mean is said where each is defined.
"""

from collections.abc import Mapping

from policy_match.cases.words import Words
from policy_match.payments.accounts import AccountSource
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.payments.reconciliation import Comparison
from policy_match.payments.records import FileKind, Verdict
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.returns import FollowUp, WayBack

ATTEMPT_WORDS: Mapping[AttemptStatus, Words] = {
    AttemptStatus.STORED: Words("待发送", "stored"),
    AttemptStatus.SENT: Words("已发送", "sent"),
    AttemptStatus.ACCEPTED: Words("银行已受理", "accepted"),
    AttemptStatus.SETTLED: Words("已付讫", "settled"),
    AttemptStatus.REJECTED: Words("银行拒绝", "rejected"),
    AttemptStatus.RETURNED: Words("已退回", "returned"),
    AttemptStatus.UNKNOWN: Words("结果未知", "unknown"),
}

STEP_WORDS: Mapping[AttemptEvent, Words] = {
    AttemptEvent.SEND: Words("发送", "send"),
    AttemptEvent.ACCEPT: Words("银行受理", "accept"),
    AttemptEvent.LOSE: Words("未得到回应", "lose the reply"),
    AttemptEvent.SETTLE: Words("付讫", "settle"),
    AttemptEvent.REJECT: Words("银行拒绝", "reject"),
    AttemptEvent.RETURN: Words("退回", "return"),
}

VERDICT_WORDS: Mapping[Verdict, Words] = {
    Verdict.APPLIED: Words("已入账", "applied"),
    Verdict.KNOWN: Words("已知", "known"),
    Verdict.REPEATED: Words("重复", "repeated"),
    Verdict.CONTRADICTION: Words("与已知矛盾", "contradicts what is known"),
    Verdict.NO_ATTEMPT: Words("未注明支付编号", "names no attempt"),
    Verdict.NO_SUCH_ATTEMPT: Words("无此支付编号", "no such attempt"),
    Verdict.AMOUNT_DIFFERS: Words("金额不符", "the amount differs"),
    Verdict.NOT_UNDERSTOOD: Words("无法识别", "not understood"),
}

FILE_KIND_WORDS: Mapping[FileKind, Words] = {
    FileKind.STATUS: Words("支付状态回执", "status report"),
    FileKind.STATEMENT: Words("对账单", "statement"),
    FileKind.REFUSED: Words("拒收", "refused"),
}

FOLLOW_UP_WORDS: Mapping[FollowUp, Words] = {
    FollowUp.FIRM_CORRECTS_ACCOUNT: Words("企业更正账户", "the firm corrects its account"),
    FollowUp.BANK_RETRIES: Words("可原账户重付", "pay again, same account"),
    FollowUp.INVESTIGATE: Words("人工核查", "a person looks into it"),
}

WAY_WORDS: Mapping[WayBack, Words] = {
    WayBack.CORRECT: Words("本年度内重付", "again this year"),
    WayBack.REQUEUE: Words("转入新年度，重新审批", "new year: budget and approval again"),
}

RECOVERY_WORDS: Mapping[RecoveryKind, Words] = {
    RecoveryKind.FRAUD: Words("骗取", "fraud"),
    RecoveryKind.OVERPAYMENT: Words("多付", "overpayment"),
}

COMPARISON_WORDS: Mapping[Comparison, Words] = {
    Comparison.ACCOUNT_IS_ITS_TRANSFERS: Words("账户余额应等于其分录之和", "an account is the sum of its transfers"),
    Comparison.RESERVED_IS_OPEN_ORDERS: Words("已预留应等于未完结的支付", "what is reserved is what is on its way"),
    Comparison.POSTED_IS_BOOKED_ATTEMPTS: Words("已记支付应等于银行付讫", "what is posted is what the bank paid"),
    Comparison.RETURNS_ARE_RETURNED_ATTEMPTS: Words("已记退回应等于退回的支付", "returns booked are payments returned"),
    Comparison.STATEMENT_BOOKINGS_ARE_POSTED: Words("对账单支出应等于已记支付", "what the statements paid is posted"),
    Comparison.STATEMENT_RETURNS_ARE_RETURNS: Words("对账单退回应等于已记退回", "what statements gave back is booked"),
}

SOURCE_WORDS: Mapping[AccountSource, Words] = {
    AccountSource.FIRM: Words("企业填写", "stated by the firm"),
    AccountSource.DEPARTMENT: Words("主管部门", "the department"),
    AccountSource.SOCIAL_INSURANCE: Words("社保缴费账户", "social insurance"),
    AccountSource.TAX: Words("税务登记账户", "the tax office"),
}
