"""`policy-match cases`: from a kept sweep to cases, and the steps that time and rechecks take with them."""

from collections.abc import Sequence
from typing import Any

import click

from policy_match.cases.opening import EntitlementOutcome
from policy_match.cases.rechecking import RECHECK_WORDS, RecheckPurpose
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS
from policy_match.cli.appeals import appeal, appeals_command
from policy_match.cli.case_answers import confirm, decline, reconsider
from policy_match.cli.case_file import show
from policy_match.cli.case_list import list_command
from policy_match.cli.case_staff import extend, remind, withdraw
from policy_match.cli.cells import SHORT, headings, listed, money, yuan
from policy_match.cli.contracts import close_contract_command, contract
from policy_match.cli.exclusions import exclude, exclusions, lift_exclusion_command
from policy_match.cli.options import policy_option, screen_options, unattended_by_option
from policy_match.cli.prior_aid import import_prior_aid_command
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.services.kept_sweeps import find_sweep
from policy_match.services.notify_cases import close_windows as close_all_windows
from policy_match.services.notify_cases import notify_cases, publish_cases
from policy_match.services.open_cases import Opening, open_cases
from policy_match.services.recheck_cases import recheck_cases
from policy_match.values import PolicyId


@click.group()
def cases() -> None:
    """事项：发起、通知、答复、复核、公示 / cases: opening, notices, answers, rechecks, publicity.

    \b
    A working day / 每个工作日：
      policy-match cases open                   what the newest sweep finds
      policy-match cases notify                 firms are asked, or told
      policy-match cases remind                 who has not answered is reminded
      policy-match cases close-windows          silence does what each policy says
      policy-match cases recheck approval       eligibility is read again; who passes is reviewed
    then `budget allocate`, `approvals make`, `approvals approve`, `cases publish`, and
    `cases recheck payment`, `payments order`.
    """


@cases.command("open")
@click.option("--sweep", "sweep_name", default="latest", show_default=True, help="批次编号 / id of a kept sweep")
@unattended_by_option
@screen_options
def open_command(sweep_name: str, by: str, screen: Screen) -> None:
    """从一个批次的符合判定发起事项 / open cases for the eligible decisions of a kept sweep.

    \b
    Limits, stacking and prior aid come first. A sweep that is opened again opens nothing twice. What cannot be said
    for want of a fact opens nothing, and the missing fact is kept.

    \b
      policy-match cases open
      policy-match cases open --sweep 1f0c2ab3d4e5 --by wang.fang
    """
    application = current_session().application
    sweep = find_sweep(application.database, sweep_name)
    with screen.progress("发起事项", "opening cases") as progress:
        opening = open_cases(
            application.database, application.open_snapshot, sweep, clock=application.clock, by=by, progress=progress
        )
    if screen.json:
        screen.result(_opening_json(opening))
        return
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("路线", "route", "left"),
        ("期间", "period", "left"),
        ("应得", "owed", "right"),
        ("无应得", "nothing", "right"),
        ("无法确定", "unknown", "right"),
        ("已有事项", "open already", "right"),
        ("新事项", "new cases", "right"),
        ("金额（元）", "amount (yuan)", "right"),
    )
    rows = [
        [
            screen.say(count.opened.policy.title, count.opened.policy.title_en or count.opened.policy.id),
            screen.say(ROUTE_WORDS[count.opened.route].zh, count.opened.route),
            count.opened.period,
            *(f"{count.outcomes[outcome]:,}" for outcome in EntitlementOutcome),
            f"{count.cases:,}",
            money(count.entitled_fen),
        ]
        for count in opening.counts
    ]
    listed(screen, ("发起", "Opening"), columns, rows)
    short = opening.sweep.sweep_id[:SHORT]
    if opening.number is None:
        screen.print(f"批次 {short} 没有新的内容，未写入", f"sweep {short} says nothing new; nothing was written")
    else:
        screen.print(
            f"第 {opening.number} 次发起（批次 {short}）：{opening.cases:,} 项，共 {money(opening.entitled_fen)} 元",
            f"opening {opening.number} of sweep {short}: {opening.cases:,} cases of {money(opening.entitled_fen)} yuan",
        )


def _opening_json(opening: Opening) -> dict[str, Any]:
    return {
        "opening": opening.number,
        "sweep": opening.sweep.sweep_id,
        "cases": opening.cases,
        "amount": yuan(opening.entitled_fen),
        "policies": [
            {
                "policy_id": count.opened.policy.id,
                "route": count.opened.route.value,
                "period": count.opened.period,
                "outcomes": {outcome.value: count.outcomes[outcome] for outcome in EntitlementOutcome},
                "cases": count.cases,
                "amount": yuan(count.entitled_fen),
            }
            for count in opening.counts
        ],
    }


@cases.command()
@policy_option
@unattended_by_option
@screen_options
def notify(policy: PolicyId | None, by: str, screen: Screen) -> None:
    """通知轮到的企业，并起算答复期限 / notify the firms whose turn it is; their time to answer begins.

    \b
      policy-match cases notify --policy unemp-stable-post-refund
    """
    application = current_session().application
    with screen.progress("通知", "notifying"):
        count = notify_cases(
            application.database, application.working_days, clock=application.clock, by=by, policy=policy
        )
    _say_count(screen, "notified", count, f"已通知 {count:,} 项", f"{count:,} cases were notified")


@cases.command()
@policy_option
@unattended_by_option
@screen_options
def publish(policy: PolicyId | None, by: str, screen: Screen) -> None:
    """公示已批准的事项（政策要求公示的）/ put approved cases on public display, where the policy asks for it.

    \b
      policy-match cases publish --by wang.fang
    """
    application = current_session().application
    with screen.progress("公示", "publishing"):
        count = publish_cases(
            application.database, application.working_days, clock=application.clock, by=by, policy=policy
        )
    _say_count(screen, "published", count, f"已公示 {count:,} 项", f"{count:,} cases are on public display")


def _say_count(screen: Screen, word: str, count: int, chinese: str, english: str) -> None:
    if screen.json:
        screen.result({word: count})
    else:
        screen.print(chinese, english)


@cases.command("close-windows")
@unattended_by_option
@screen_options
def close_windows(by: str, screen: Screen) -> None:
    """办理已到期的答复期限：视同放弃或默示同意 / let silence do what each policy says where the time is over.

    \b
    Who was told late gets the full time first. Who was not told gives nothing up: such cases wait for a person.

    \b
      policy-match cases close-windows
    """
    application = current_session().application
    with screen.progress("办理到期", "closing windows"):
        closed = close_all_windows(application.database, application.working_days, clock=application.clock, by=by)
    if screen.json:
        screen.result(
            {
                "lapsed": closed.lapsed,
                "accepted": closed.accepted,
                "closed": closed.closed,
                "extended": closed.extended,
                "not_reached": closed.not_reached,
                "not_reached_amount": yuan(closed.not_reached_fen),
            }
        )
        return
    screen.print(
        f"视同放弃 {closed.lapsed:,} 项，默示同意 {closed.accepted:,} 项，仅告知办结 {closed.closed:,} 项，"
        f"因送达较晚而延期 {closed.extended:,} 项",
        f"{closed.lapsed:,} lapsed, {closed.accepted:,} accepted by silence, {closed.closed:,} informed and closed, "
        f"{closed.extended:,} extended as the firm was told late",
    )
    if closed.not_reached:
        amount = money(closed.not_reached_fen)
        screen.print(
            f"期满但通知未送达 {closed.not_reached:,} 项，共 {amount} 元，不视同放弃；"
            "请查看 policy-match deadlines list not-reached",
            f"{closed.not_reached:,} over, of {amount} yuan, gave nothing up, as the firm was not told; "
            "see `policy-match deadlines list not-reached`",
        )


@cases.command()
@click.argument("purpose", type=click.Choice([purpose.value for purpose in RecheckPurpose]))
@policy_option
@unattended_by_option
@screen_options
def recheck(purpose: str, policy: PolicyId | None, by: str, screen: Screen) -> None:
    """审批前或支付前复核：再读一次资格与排除名单 / read eligibility and exclusions again, before approval or payment.

    \b
    The newest kept sweep of the same rules and day decides. Who is still eligible is reviewed (before approval) or may
    be ordered (before payment); who is not is withdrawn, with the reason; what is unknown waits.

    \b
      policy-match cases recheck approval
      policy-match cases recheck payment --policy unemp-stable-post-refund
    """
    application = current_session().application
    with screen.progress("复核", "rechecking"):
        found = recheck_cases(
            application.database,
            application.truth_files,
            purpose=RecheckPurpose(purpose),
            clock=application.clock,
            by=by,
            policy=policy,
        )
    if screen.json:
        screen.result(
            {
                "purpose": purpose,
                "outcomes": {outcome.value: count for outcome, count in found.outcomes.items()},
                "steps": {event.value: count for event, count in found.steps.items()},
            }
        )
        return
    columns = headings(screen, ("复核结果", "outcome", "left"), ("事项", "cases", "right"))
    rows = []
    for outcome, count in found.outcomes.items():
        english, chinese = RECHECK_WORDS[outcome]
        if count:
            rows.append([screen.say(chinese, english), f"{count:,}"])
    listed(screen, ("复核", "Recheck"), columns, rows)
    for event, count in found.steps.items():
        if count:
            screen.print(f"{EVENT_WORDS[event].zh} {count:,} 项", f"{EVENT_WORDS[event].en}: {count:,} cases")


COMMANDS: Sequence[click.Command] = (
    import_prior_aid_command,
    confirm,
    decline,
    reconsider,
    extend,
    withdraw,
    remind,
    contract,
    close_contract_command,
    list_command,
    show,
    exclude,
    exclusions,
    lift_exclusion_command,
    appeal,
    appeals_command,
)
for _command in COMMANDS:
    cases.add_command(_command)
