"""The words of the rehearsal: one line in Chinese and in English for everything that it tells.

Guarantees a text for each `Said` and each `Became`; a test compares. The figures in them are filled in by
`demo_payments`.
"""

from collections.abc import Mapping

from policy_match.services.rehearsal.figures import Became
from policy_match.services.rehearsal.stage import Said

TEXTS: Mapping[Said, tuple[str, str]] = {
    Said.CHAPTER_OPENING: ("开立事项并通知企业", "cases are opened and the firms notified"),
    Said.CHAPTER_ANSWERS: ("企业答复", "the firms answer"),
    Said.CHAPTER_WINDOWS: ("提醒、延期与答复期届满", "reminders, more time, and the end of the time to answer"),
    Said.CHAPTER_RECHECK: ("审批前复核", "eligibility is read again before the approval"),
    Said.CHAPTER_BUDGET: ("预算", "the budget"),
    Said.CHAPTER_APPROVAL: ("分配预算、审批名单", "the budget is shared and the lists are approved"),
    Said.CHAPTER_PUBLICITY: ("公示与异议", "publicity and objections"),
    Said.CHAPTER_ORDERS: ("收款账户与支付令", "accounts and payment orders"),
    Said.CHAPTER_BANK: ("批次与银行回执", "batches, and what the bank says"),
    Said.CHAPTER_RETURNS: ("退回的支付", "payments that came back"),
    Said.CHAPTER_CLOSING: ("对账与关账", "reconciliation and closing"),
    Said.CHAPTER_RECOVERY: ("误发资金的追回", "an honest overpayment is recovered"),
    Said.CHAPTER_SUPERVISION: ("蓝黄红榜与通报", "what is late, and who is told"),
    Said.DONE_BEFORE: ("没有需要办理的内容，或此前已办理", "nothing to do, or done before"),
    Said.REFUSED: ("被拒绝：{error}", "refused: {error}"),
    Said.OPENED: ("{policy}：{cases} 项，{money} 元（{route}）", "{policy}: {cases} cases, {money} yuan ({route})"),
    Said.CONTACTS: (
        "登记机关提供 {firms} 家企业的联系方式 {addresses} 个；{none} 家没有任何联系方式",
        "the registry gave {addresses} addresses of {firms} firms; {none} of them have none",
    ),
    Said.NOTIFIED: ("应通知 {cases} 项；最迟 {last} 答复", "{cases} cases notified; answers until {last}"),
    Said.MESSAGES: (
        "已发出短信 {texts} 条、邮件 {mails} 封、信函 {letters} 封",
        "sent: {texts} text messages, {mails} mails, {letters} letters",
    ),
    Said.WENT_ON: (
        "{messages} 条未送达，已改由下一渠道发送",
        "{messages} of them did not arrive and went on by the next channel",
    ),
    Said.NO_WAY: ("{notices} 项通知无法送达，须由人处理：{reason}", "{notices} notices wait for a person: {reason}"),
    Said.VISITED: ("{notices} 项由送达员上门送达", "{notices} handed over at the door by the messenger"),
    Said.READ: ("{notices} 项由企业自行在平台阅读", "{notices} read in the portal by the firms themselves"),
    Said.ANSWERED: ("确认 {confirmed} 项，放弃 {declined} 项", "{confirmed} confirmed, {declined} declined"),
    Said.RECONSIDERED: ("{cases} 家撤回放弃并确认", "{cases} thought again and confirmed"),
    Said.EXTENDED: (
        "{cases} 项较晚送达，答复期自送达之日起重新计算",
        "{cases} were told late: their time to answer runs anew from that day",
    ),
    Said.REMINDED: ("提醒 {cases} 项尚未答复的", "{cases} that have not answered are reminded"),
    Said.NOT_REACHED: (
        "{department}：{cases} 项（{money} 元）期满而企业从未获知，不视同放弃，由 {people} 处理",
        "{department}: the time is over for {cases} ({money} yuan) of which the firm was never told; nothing is given "
        "up, and {people} must act",
    ),
    Said.WINDOWS_CLOSED: (
        "未答复视为放弃 {lapsed} 项，视为同意 {accepted} 项；仅告知的 {informed} 项已办结",
        "silent: {lapsed} waived, {accepted} accepted; {informed} that were only informed are closed",
    ),
    Said.RECHECKED: (
        "通过复核 {reviewed} 项；撤回 {withdrawn} 项（{ineligible} 项不再符合，{gone} 项已不在名录）；"
        "{unknown} 项无法确定，等待数据",
        "{reviewed} reviewed; {withdrawn} withdrawn ({ineligible} no longer eligible, {gone} not in the register any "
        "more); {unknown} cannot be said and wait for facts",
    ),
    Said.APPROPRIATED: (
        "{line}：应支 {asked} 元，预算 {appropriated} 元（有意略少，以便看到排队）",
        "{line}: {asked} yuan asked for, {appropriated} appropriated (a little too small on purpose: see the queue)",
    ),
    Said.GRANTED: (
        "{policy}：{cases} 项获得预算 {money} 元；{waiting} 项排队等待，{waiting_money} 元",
        "{policy}: {cases} cases granted {money} yuan; {waiting} wait in the queue for {waiting_money} yuan",
    ),
    Said.QUEUED: (
        "  队列第 {place} 位：事项 {case}，{money} 元；{line} 尚缺 {short} 元",
        "  queue place {place}: case {case}, {money} yuan; {line} is short by {short} yuan",
    ),
    Said.LISTED: (
        "名单 {list}：{cases} 项，{money} 元，摘要 {digest}",
        "list {list}: {cases} cases, {money} yuan, digest {digest}",
    ),
    Said.SIGNED: ("名单 {list} 第 {stage} 环节由 {person} 签署", "list {list}: stage {stage} signed by {person}"),
    Said.PUBLISHED: ("公示 {cases} 项，至 {last}", "{cases} cases on public display until {last}"),
    Said.OBJECTED: (
        "异议 {objection}：{person} 对事项 {case}：{ground}",
        "objection {objection}: {person} against case {case}: {ground}",
    ),
    Said.OBJECTION_ANSWERED: (
        "异议 {objection}（事项 {case}）答复：{outcome}",
        "objection {objection} (case {case}) answered: {outcome}",
    ),
    Said.EXCLUDED: ("企业 {firm} 列入排除名单至 {until}", "firm {firm} is excluded until {until}"),
    Said.PAYMENT_RECHECKED: (
        "支付前复核：{eligible} 项仍符合，撤回 {withdrawn} 项",
        "read again before payment: {eligible} still eligible, {withdrawn} withdrawn",
    ),
    Said.ACCOUNTS_TAKEN: (
        "从税务、社保复用收款账户 {accounts} 个（拒收 {refused} 个）",
        "{accounts} accounts reused from tax and social insurance ({refused} refused)",
    ),
    Said.ORDERED: ("支付令 {orders} 笔，预留 {money} 元", "{orders} payment orders; {money} yuan reserved"),
    Said.BLOCKED: ("{cases} 项暂不能支付：{reason}", "{cases} cannot be paid yet: {reason}"),
    Said.ACCOUNTS_CORRECTED: ("{accounts} 家企业更正了账户", "{accounts} firms corrected their account"),
    Said.SENT: (
        "批次 {batch}：{payments} 笔，{money} 元，银行回执 {receipt}",
        "batch {batch}: {payments} payments, {money} yuan, the bank's receipt {receipt}",
    ),
    Said.REPLY_LOST: (
        "批次 {batch}：{payments} 笔，{money} 元，未收到银行回复（{receipt}）",
        "batch {batch}: {payments} payments, {money} yuan, no reply from the bank ({receipt})",
    ),
    Said.UNKNOWN: (
        "{payments} 笔结果未知：不重发，以银行回执或对账单为准",
        "{payments} payments are unknown: not sent again; the bank's report or statement decides",
    ),
    Said.FILE_TAKEN: (
        "银行文件 {file}：{lines} 行，生效 {applied}，已知 {known}，其他 {rest}",
        "bank file {file}: {lines} lines, {applied} applied, {known} known, {rest} other",
    ),
    Said.CAME_BACK: (
        "退回或拒付 {payments} 笔，{money} 元：{reason} {reason_zh}",
        "{payments} payments rejected or returned, {money} yuan: {reason} {reason_en}",
    ),
    Said.PAID_AGAIN: (
        "重新支付 {attempts} 笔（新的支付编号），{waiting} 笔等待",
        "{attempts} paid again under new ids, {waiting} wait",
    ),
    Said.RECONCILED: (
        "对账 {number}：差异 {differences} 处，未匹配 {unmatched} 条；关账 {closed} 项；银行净支出 {bank} 元",
        "reconciliation {number}: {differences} differences, {unmatched} unmatched lines; {closed} cases closed; "
        "{bank} yuan left the bank in all",
    ),
    Said.CLAIMED_BACK: (
        "追回 {recovery}：事项 {case} 已付 {paid} 元，多付 {asked} 元",
        "recovery {recovery}: case {case} was paid {paid} yuan, {asked} too much",
    ),
    Said.MONEY_IN: ("入账 {money} 元，流水 {line_ref}", "{money} yuan came in, movement {line_ref}"),
    Said.RECOVERED: ("追回 {recovery} 已到账 {money} 元", "recovery {recovery}: {money} yuan received"),
    Said.TURNED: ("转黄 {yellow} 项，转红 {red} 项", "{yellow} stages turned yellow, {red} turned red"),
    Said.ESCALATED: (
        "{unit}，{stage}：{cases} 项超过时限，通报第 {level} 级 {people}",
        "{unit}, {stage}: {cases} are over the limit; level {level} is told: {people}",
    ),
}

BECAME: Mapping[Became, tuple[str, str]] = {
    Became.PAID: ("已支付", "paid"),
    Became.PARTLY_BACK: ("已支付，多付部分追回", "paid, the part too much asked back"),
    Became.ON_THE_WAY: ("支付途中", "on the way"),
    Became.RETURNED: ("退回待更正", "came back, waits for an account"),
    Became.QUEUED: ("等待预算", "waits for budget"),
    Became.OPEN: ("办理中", "under way"),
    Became.DECLINED: ("企业放弃", "declined"),
    Became.WAIVED: ("逾期未答复", "waived: no answer in time"),
    Became.WITHDRAWN: ("不再符合，撤回", "withdrawn: no longer eligible"),
    Became.REJECTED: ("审批驳回", "rejected"),
    Became.INFORMED: ("仅告知", "informed only"),
}

CHAPTERS = frozenset(said for said in Said if said.startswith("chapter_"))
"""What opens a chapter, and is its heading."""
