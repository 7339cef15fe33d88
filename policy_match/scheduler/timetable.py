"""The standing jobs: when each runs, in China time, in which lane, and when it counts as late.

Guarantees that adding a job is one entry here. The order within a lane is that in which jobs run that are due at once,
so what rests on another stands behind it. A settings file may change times and limits (`schedule_file`).
"""

from collections.abc import Sequence
from datetime import timedelta

from policy_match.ports.jobs import JobName
from policy_match.services import event_jobs as events
from policy_match.services import message_jobs as messages
from policy_match.services import standing_jobs as jobs
from policy_match.services.job_desk import Cron, Job, JobDesk, Lane
from policy_match.services.requested_work import REQUESTED_WORK, do_requested_work, somebody_asked

DAY = timedelta(hours=26)
"""For what runs every day: two hours are left for the run itself and for a takeover."""

HOUR = timedelta(hours=1)


def pays(desk: JobDesk) -> bool:
    """Say whether it is set how money is paid."""
    return desk.has_payments


def sends(desk: JobDesk) -> bool:
    """Say whether it is set how notices reach people."""
    return desk.has_channels


def takes_bank_files(desk: JobDesk) -> bool:
    """Say whether the payment settings name an inbox."""
    return desk.has_payments and desk.bank_inbox is not None


JOBS: Sequence[Job] = (
    # Colours turn at midnight, and a stage may end on the day on which it turns: before anything else.
    Job(
        name=JobName("supervise"),
        chinese="蓝黄红榜与督办升级",
        english="late stages are marked, those who answer for them are told",
        cron=Cron(hour="0", minute="2"),
        late_after=DAY,
        lane=Lane.CASES,
        work=messages.supervise_stages,
    ),
    Job(
        name=JobName("close-windows"),
        chinese="办理到期的答复期限",
        english="silence does what each policy says",
        cron=Cron(hour="0", minute="10"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.end_windows,
    ),
    Job(
        name=JobName("sweep"),
        chinese="判定最新快照并发起事项",
        english="the newest snapshot is swept, its cases are opened",
        cron=Cron(hour="5", minute="30"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.sweep_newest_snapshot,
    ),
    Job(
        name=JobName("recheck-approval"),
        chinese="审批前复核",
        english="eligibility is read again before approval",
        cron=Cron(hour="6", minute="30"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.recheck_before_approval,
    ),
    Job(
        name=JobName("share-budgets"),
        chinese="分配预算",
        english="budgets are shared among reviewed cases",
        cron=Cron(hour="7"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.share_budgets,
    ),
    Job(
        name=JobName("notify"),
        chinese="通知轮到的企业",
        english="firms are asked, or told",
        cron=Cron(hour="8"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.notify,
    ),
    Job(
        name=JobName("remind"),
        chinese="提醒企业期限与账户",
        english="firms are reminded of windows and accounts",
        cron=Cron(hour="8", minute="10"),
        late_after=DAY,
        lane=Lane.CASES,
        work=messages.remind,
    ),
    Job(
        name=JobName("check-dates"),
        chinese="提醒经办人员政策与预算的日期",
        english="staff are told of dates of policies and budgets",
        cron=Cron(hour="8", minute="15"),
        late_after=DAY,
        lane=Lane.CASES,
        work=messages.tell_dates,
    ),
    Job(
        name=JobName("publish"),
        chinese="公示已批准的事项",
        english="approved cases go on public display",
        cron=Cron(hour="8-18", minute="20"),
        late_after=16 * HOUR,
        lane=Lane.CASES,
        work=jobs.publish,
    ),
    Job(
        name=JobName("recheck-payment"),
        chinese="支付前复核",
        english="eligibility is read again before payment",
        cron=Cron(hour="8", minute="30"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.recheck_before_payment,
    ),
    Job(
        name=JobName("order-payments"),
        chinese="生成支付令",
        english="orders are made on working days",
        cron=Cron(hour="9"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.order,
        wanted=pays,
    ),
    Job(
        name=JobName("order-again"),
        chinese="退回款项再次支付",
        english="what came back is ordered again",
        cron=Cron(hour="9", minute="10"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.order_again,
        wanted=pays,
    ),
    Job(
        name=JobName("send-payments"),
        chinese="编制并发送批次",
        english="batches go to the bank on working days",
        cron=Cron(hour="9", minute="30"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.send,
        wanted=pays,
    ),
    Job(
        name=JobName("lose-replies"),
        chinese="迟迟未回应的款项记为结果未知",
        english="attempts without a reply become unknown",
        cron=Cron(minute="*/15"),
        late_after=HOUR,
        lane=Lane.CASES,
        work=jobs.lose,
        wanted=pays,
    ),
    Job(
        name=JobName("take-bank-files"),
        chinese="读入银行文件",
        english="the bank's files are taken",
        cron=Cron(minute="5-55/10"),
        late_after=HOUR,
        lane=Lane.CASES,
        work=jobs.take_bank_files,
        wanted=takes_bank_files,
    ),
    Job(
        name=JobName("reconcile"),
        chinese="对账并办结",
        english="orders, ledger and statements are compared",
        cron=Cron(hour="18"),
        late_after=DAY,
        lane=Lane.CASES,
        work=jobs.reconcile,
        wanted=pays,
    ),
    Job(
        name=JobName("prepare-notices"),
        chinese="撰写通知",
        english="notices are written",
        cron=Cron(minute="*/5"),
        late_after=HOUR,
        lane=Lane.MESSAGES,
        work=messages.prepare,
    ),
    Job(
        name=JobName("fetch-receipts"),
        chinese="取回送达回执",
        english="receipts are fetched from providers",
        cron=Cron(minute="4-59/5"),
        late_after=HOUR,
        lane=Lane.MESSAGES,
        work=messages.hear,
        wanted=sends,
    ),
    Job(
        name=JobName("repair-notices"),
        chinese="查补遗漏的通知",
        english="every known way to lose a message is looked for",
        cron=Cron(minute="8-59/15"),
        late_after=HOUR,
        lane=Lane.MESSAGES,
        work=messages.repair,
        wanted=sends,
    ),
    Job(
        name=JobName("send-notices"),
        chinese="发送通知",
        english="notices are sent",
        cron=Cron(minute="1-59/5"),
        late_after=2 * HOUR,
        lane=Lane.MESSAGES,
        work=messages.send,
        wanted=sends,
    ),
    Job(
        name=JobName("report"),
        chinese="发布服务成效",
        english="the figures of the service are published",
        cron=Cron(hour="7", minute="30"),
        late_after=DAY,
        lane=Lane.REPORTS,
        work=jobs.publish_figures,
    ),
    Job(
        name=REQUESTED_WORK,
        chinese="办理后台工作请求",
        english="work that was asked for is done",
        cron=Cron(minute="*"),
        late_after=2 * HOUR,
        lane=Lane.REQUESTS,
        work=do_requested_work,
        waited_for=somebody_asked,
    ),
    Job(
        name=JobName("send-webhooks"),
        chinese="编号并推送事件",
        english="events get their numbers and go to webhooks",
        cron=Cron(minute="*"),
        late_after=HOUR,
        lane=Lane.EVENTS,
        work=events.send_events,
    ),
    Job(
        name=JobName("forget-answers"),
        chinese="清除过期的接口应答与空转记录",
        english="old answers of the web are forgotten, and old runs of jobs that did nothing",
        cron=Cron(hour="3", minute="30"),
        late_after=DAY,
        lane=Lane.EVENTS,
        work=events.forget_what_is_old,
    ),
)
"""All standing jobs."""

assert len({job.name for job in JOBS}) == len(JOBS)
