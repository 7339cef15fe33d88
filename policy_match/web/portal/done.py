"""What a page says after something was done, by the code in its address; nothing else from an address is shown."""

from collections.abc import Mapping

from policy_match.cases.words import Words

DONE: Mapping[str, Words] = {
    "line-added": Words("预算科目已建立；同名同年的科目只有一个。", "The budget line is there."),
    "appropriated": Words("预算已下达到该科目。", "The money was booked onto the line."),
    "budget-shared": Words(
        "已按政策规定的办法分配预算；仍在排队的见下表。", "The budget was shared; who still waits is listed below."
    ),
    "work-asked": Words(
        "已交后台办理，几秒内开始，通常几分钟内完成；完成后请刷新本页。",
        "It is begun in the background within seconds and usually done within minutes; load this page again then.",
    ),
    "account-kept": Words("新账户已登记。请点击“重新支付”完成重付。", "The new account was kept. Now pay again."),
    "paid-again": Words(
        "账户已更正且复核通过的退票已重新生成支付，将随下一批送交银行；其余仍列在下面。",
        "Payments with a corrected account go out again with the next batch; the others are still listed.",
    ),
    "given-up": Words("该事项已注明理由办结，不再支付。", "The case was closed unpaid, with your reason."),
    "replies-lost": Words(
        "等候已久的支付已标为“结果未知”；以银行回执或对账单为准，不会重复支付。",
        "Payments that waited too long are unknown now; the bank's word settles them, and none is paid twice.",
    ),
    "accounts-taken": Words(
        "账户表已登记；未登记的行及原因见下表。",
        "The table was taken; rows that could not be taken are below, each with its reason.",
    ),
    "bank-file-taken": Words("银行文件已处理，结果见下表。", "The bank's file was taken; see what it did below."),
    "bank-file-repeated": Words("此文件以前处理过，没有重复记账。", "The file was taken before and did nothing now."),
    "books-closed": Words("对账一致，已按截止日办结已付讫的事项。", "All agrees; paid cases up to then were closed."),
    "books-compared": Words("对账已完成并存档，结果如下。", "The comparison was made and kept; see below."),
    "books-open": Words(
        "对账不为零，未办结任何事项。请逐条查明下列差异后重新对账。",
        "Nothing was closed: clear up each difference below, then reconcile again.",
    ),
    "line-explained": Words("说明已记录，该明细不再影响关账。", "The explanation was kept; the books may close."),
    "recovery-decided": Words("追回决定已记录。", "The decision to ask the money back was kept."),
    "receipt-assigned": Words("到账款项已对应到该追回决定。", "The money that came in was assigned."),
    "order-issued": Words("督办单已签发，承办部门已收到通知。", "The order was issued; the department was told."),
    "order-answered": Words("答复已提交，等待签发人认定。", "The answer waits for the issuer."),
    "order-accepted": Words("答复已认定，督办单办结。", "The answer was accepted; the order is done."),
    "order-sent-back": Words("已退回，承办部门须重新答复。", "It was sent back; another answer is due."),
    "duty-changed": Words("职责已更新。", "The duty was changed."),
    "steps-taken": Words("所选事项均已办理。", "The step was taken with every chosen case."),
    "work-cancelled": Words("后台办理已取消。", "The request was cancelled."),
    "list-signed": Words("已签署，签署已与名单内容一并存档。", "Signed; your signature was kept with the list."),
    "list-approved": Words(
        "已签署。各环节均已完成，名单中的事项已批准。", "Signed. That was the last stage: all its cases are approved."
    ),
    "list-rejected": Words("已驳回，理由已记录。", "Rejected; your reason was kept."),
    "list-voided": Words(
        "名单已作废，事项仍为已审核，可重新生成名单。",
        "The list is void; its cases stay reviewed and can be listed again.",
    ),
    "lists-made": Words("审批名单已生成。", "The approval lists were made."),
    "lists-none": Words(
        "没有可列入名单的事项：已审核事项须先复核合格并分到预算。",
        "Nothing could be listed: reviewed cases need a good recheck and a share of the budget first.",
    ),
    "contract-signed": Words("合同已登记。", "The contract was recorded."),
    "contract-closed": Words("合同事项已办结。", "The contract's case was closed."),
    "objection-kept": Words(
        "异议已登记，事项暂停办理直至答复。", "The objection was kept; the case waits for its answer."
    ),
    "objection-answered": Words(
        "异议已答复，该事项的其他未答复异议一并办结。", "Answered, with every other open objection to the case."
    ),
    "appeal-kept": Words("申诉已登记。", "The appeal was kept."),
    "appeal-replayed": Words("已重新核算，结果见下。", "Decided again; the result is below."),
    "firm-excluded": Words(
        "已列入排除名单；在办事项在下次复核时撤回。", "Excluded; open cases are taken back at the next recheck."
    ),
    "exclusion-lifted": Words("排除已解除。", "The exclusion was lifted."),
    "review-opened": Words("评估已发起。", "The review was opened."),
    "review-answered": Words("评估意见已提交。", "What you found was kept."),
    "review-decided": Words("评估结论已记录。", "The decision was kept."),
    "correction-asked": Words(
        "更正申请已提交，由数据来源部门在规定期限内答复。",
        "Your request is with the department that the fact comes from.",
    ),
    "correction-withdrawn": Words("更正申请已撤回。", "Your request is taken back."),
    "correction-answered": Words("答复已发给企业。", "The firm sees your answer."),
    "rated": Words("感谢您的评价，评价已保存。", "Thank you, your rating is kept."),
    "rating-answered": Words("答复已发给企业。", "The firm sees your answer."),
    "suggested": Words(
        "建议已收到，处理结果会显示在下方。", "Your suggestion is here; what becomes of it is shown below."
    ),
    "suggestion-decided": Words("处理结果已保存，企业可以看到。", "What becomes of it is kept, and the firm sees it."),
    "messages-read": Words("已标为已读。", "Marked as read."),
    "wish-kept": Words("通知设置已保存。", "Your wish is kept."),
    "user-added": Words("授权已生效。", "The user may act for the firm now."),
    "user-ended": Words("授权已取消。", "The user acts for the firm no longer."),
    "work-begun": Words(
        "已交后台办理，本页会自动更新进度，也可以先做别的。", "It is done in the background; this page follows it."
    ),
    "file-kept": Words("文件已保存。请在下方为它选择映射，然后导入。", "The file is kept. Choose its mapping below."),
    "match-confirmed": Words("已确认。请重新开始判定。", "Your word is kept. Start the sweep again."),
    "job-paused": Words("任务已暂停，恢复前不再执行。", "The job is paused until it is resumed."),
    "job-resumed": Words("任务已恢复，错过的将补做一次。", "The job runs again; what was missed is caught up once."),
    "job-run-asked": Words(
        "已交调度进程执行，几秒内开始；结果见下方执行记录，请稍后刷新。",
        "The scheduler begins within seconds; see the runs below, and load this page again.",
    ),
    "job-replanned": Words("任务已重新计划。", "The job was planned anew."),
    "signed-out": Words("您已安全退出。", "You have signed out."),
    "benefit-confirmed": Words(
        "已确认享受，我们会继续办理。进度见下方。", "You confirmed it. We go on from here; see below."
    ),
    "benefit-signed": Words("承诺书已签署，已确认享受。", "The letter is signed and the benefit confirmed."),
    "benefit-declined": Words(
        "已放弃。期满前可以撤回。", "You declined it. Until the last day you can take that back."
    ),
    "benefit-reconsidered": Words("已撤回放弃，请重新确认。", "Your refusal is taken back. Please answer again."),
    "account-stated": Words("收款账户已保存。", "The account is kept."),
    "objection-lodged": Words("异议已收到，我们会按期答复。", "Your objection is here; it is answered in time."),
    "appeal-lodged": Words("申诉已收到，主管部门将重新核算。", "Your appeal is here; the department decides it again."),
}
"""The sentence of each code."""
