"""The words for notices, deliveries and channels in Chinese and English, for messages, screens and the manual.

Guarantees a word in both languages for each of them; what they mean is `model` and `transitions`. What a notice says is
its template.
"""

from collections.abc import Mapping

from policy_match.cases.model import NoticeKind
from policy_match.cases.words import Words
from policy_match.notices.channel_choice import NoWay
from policy_match.notices.model import Channel, DeliveryEvent, DeliveryStatus, NoticeEvent, NoticeStatus
from policy_match.notices.receipts import ReceiptVerdict

KIND_WORDS: Mapping[NoticeKind, Words] = {
    NoticeKind.INFORMATION: Words("政策告知", "what the firm may use, or must renew"),
    NoticeKind.CONFIRMATION_ASKED: Words("请确认", "asks whether the firm wants it"),
    NoticeKind.ACCOUNT_ASKED: Words("请提供账户", "asks for the account"),
    NoticeKind.CONSENT_ASKED: Words("请同意签约", "asks for consent to a contract"),
    NoticeKind.SILENCE_ACCEPTED: Words("逾期视为接受", "no answer in time counts as yes"),
    NoticeKind.WAIVED: Words("逾期视为放弃", "no answer in time counts as no"),
    NoticeKind.REJECTED: Words("未通过审批", "not approved"),
    NoticeKind.OBJECTION: Words("收到异议", "somebody objected"),
    NoticeKind.OBJECTION_DISMISSED: Words("异议不成立", "the objection was dismissed"),
    NoticeKind.AMENDED: Words("金额调整", "another amount"),
    NoticeKind.WITHDRAWN: Words("已撤回", "withdrawn"),
    NoticeKind.PAID: Words("已付款", "paid"),
    NoticeKind.CLAIMED_BACK: Words("要求退还", "money is claimed back"),
    NoticeKind.ACCOUNT_CORRECTION_ASKED: Words("付款被退回", "the payment came back"),
    NoticeKind.WINDOW_EXTENDED: Words("期限延长", "more time to answer"),
    NoticeKind.REMINDER: Words("答复提醒", "reminds of the answer"),
    NoticeKind.ESCALATION: Words("逾期上报", "a stage is over its limit"),
    NoticeKind.ORDER_TO_ACT: Words("督办", "an order to act"),
    NoticeKind.POLICY_DATE: Words("政策日期", "a policy ends or is to be reviewed"),
    NoticeKind.BUDGET_CUT_OFF: Words("预算截止", "the budget year closes"),
    NoticeKind.CORRECTION_ANSWERED: Words("数据更正答复", "the answer to a request to correct a fact"),
    NoticeKind.RATING_ANSWERED: Words("评价答复", "the answer to a rating"),
    NoticeKind.SUGGESTION_DECIDED: Words("建议处理结果", "what became of a suggestion"),
    NoticeKind.CORRECTION_ASKED: Words("收到数据更正申请", "a firm asks to have a fact corrected"),
    NoticeKind.BAD_RATING: Words("收到差评", "a firm gave a bad grade"),
}

CHANNEL_WORDS: Mapping[Channel, Words] = {
    Channel.INBOX: Words("站内信", "inbox of the portal"),
    Channel.EMAIL: Words("电子邮件", "e-mail"),
    Channel.SMS: Words("短信", "text message"),
    Channel.WECHAT_WORK: Words("企业微信", "WeChat Work"),
    Channel.DINGTALK: Words("钉钉", "DingTalk"),
    Channel.LETTER: Words("信函", "letter"),
}

STATUS_WORDS: Mapping[NoticeStatus, Words] = {
    NoticeStatus.DUE: Words("待拟写", "is to be written"),
    NoticeStatus.HELD: Words("暂缓", "cannot be written; the reason is kept"),
    NoticeStatus.OPEN: Words("待送达", "written, in the inbox, on its way"),
    NoticeStatus.REACHED: Words("已送达", "handed over, or read"),
    NoticeStatus.UNREACHED: Words("未送达", "no way is left; a person must act"),
    NoticeStatus.OVERTAKEN: Words("已失效", "no longer so, and not sent"),
}

EVENT_WORDS: Mapping[NoticeEvent, Words] = {
    NoticeEvent.PREPARE: Words("拟写", "write the text, lay it into the inbox"),
    NoticeEvent.HOLD: Words("暂缓", "say why it cannot be written"),
    NoticeEvent.OVERTAKE: Words("失效", "what it would say is no longer so"),
    NoticeEvent.REACH: Words("送达", "handed over outside the portal, read in it, or given by hand"),
    NoticeEvent.FAIL: Words("无法送达", "no channel is left"),
    NoticeEvent.RELAPSE: Words("被退回", "what was handed over came back"),
    NoticeEvent.REOPEN: Words("重新送达", "there is a new way to the recipient"),
}

DELIVERY_STATUS_WORDS: Mapping[DeliveryStatus, Words] = {
    DeliveryStatus.WAITING: Words("待发送", "to be sent at its time"),
    DeliveryStatus.SENDING: Words("发送中", "claimed by a worker"),
    DeliveryStatus.HANDED_OVER: Words("已交出", "the provider has it"),
    DeliveryStatus.DELIVERED: Words("已到达", "the provider says that it arrived"),
    DeliveryStatus.READ: Words("已阅", "the recipient read it"),
    DeliveryStatus.FAILED: Words("失败", "it will never be sent"),
    DeliveryStatus.BOUNCED: Words("被退回", "it came back"),
    DeliveryStatus.UNKNOWN: Words("结果未知", "nobody knows, and it is not sent again"),
    DeliveryStatus.UNCONFIRMED: Words("未获回执", "no receipt in time"),
    DeliveryStatus.CANCELLED: Words("已取消", "not needed any more"),
}

DELIVERY_EVENT_WORDS: Mapping[DeliveryEvent, Words] = {
    DeliveryEvent.SEND: Words("发送", "a worker takes it"),
    DeliveryEvent.HAND_OVER: Words("交出", "the provider took it"),
    DeliveryEvent.RETRY: Words("稍后重试", "refused for now"),
    DeliveryEvent.REPEAT: Words("重发", "nobody knows whether it was sent; send it again"),
    DeliveryEvent.RELEASE: Words("放回", "taken, and not sent after all"),
    DeliveryEvent.GIVE_UP: Words("放弃追查", "nobody knows, and it is not sent again"),
    DeliveryEvent.FAIL: Words("失败", "refused for good, too many tries, or a person found that it did not arrive"),
    DeliveryEvent.EXPIRE: Words("回执超时", "no receipt in time"),
    DeliveryEvent.CANCEL: Words("取消", "the notice needs it no more"),
    DeliveryEvent.DELIVER: Words("到达回执", "a receipt says that it arrived"),
    DeliveryEvent.READ: Words("已阅", "a receipt or the portal says that it was read"),
    DeliveryEvent.BOUNCE: Words("退回", "a receipt says that it came back"),
}

NO_WAY_WORDS: Mapping[NoWay, Words] = {
    NoWay.UNCERTAIN: Words("可能已送达，不再另发", "may have arrived; nobody knows"),
    NoWay.ALL_FAILED: Words("各渠道均失败", "every way failed"),
    NoWay.SUPPRESSED: Words("已停发", "suppressed"),
    NoWay.NO_PROVIDER: Words("渠道无服务商", "no provider serves the channel"),
    NoWay.NOT_WANTED: Words("仅要站内信", "wants the inbox only, or other channels"),
    NoWay.NO_CONTACT: Words("无联系方式", "no address is known"),
}

VERDICT_WORDS: Mapping[ReceiptVerdict, Words] = {
    ReceiptVerdict.APPLIED: Words("已采用", "applied"),
    ReceiptVerdict.KNOWN: Words("已知", "known already"),
    ReceiptVerdict.CONTRADICTION: Words("与记录矛盾", "contradicts what is known"),
    ReceiptVerdict.NO_SUCH_MESSAGE: Words("无此消息", "no such message"),
    ReceiptVerdict.OTHER_PROVIDER: Words("属其他服务商", "another provider's message"),
    ReceiptVerdict.FORGED: Words("疑似伪造", "forged"),
    ReceiptVerdict.NOT_UNDERSTOOD: Words("无法识别", "not understood"),
}
