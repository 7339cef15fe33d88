"""The second half of `policy-match demo`: from the sweep to the bank and to where every fen is, printed as a story.

Guarantees only the wording and the tables; what happens is `services.rehearsal`, with the services of real work.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Event, Route, Status
from policy_match.cases.objection import ObjectionOutcome
from policy_match.cases.words import EVENT_WORDS, ROUTE_WORDS, STATUS_WORDS
from policy_match.cli.cells import headings, money
from policy_match.cli.demo_boards import print_boards
from policy_match.cli.demo_texts import BECAME, CHAPTERS, TEXTS
from policy_match.cli.payments import BLOCKED_WORDS
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.supervision_words import stage_word
from policy_match.errors import PolicyMatchError
from policy_match.ledger.accounts import LineAccount
from policy_match.notices.channel_choice import NoWay
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.words import NO_WAY_WORDS
from policy_match.policy.model import Policy, RuleBook
from policy_match.ports.approvals import BudgetLine
from policy_match.services.case_history import list_cases
from policy_match.services.order_payments import Blocked
from policy_match.services.rehearsal.figures import Became, Figures, PolicyFigures, Sum, figures, standing
from policy_match.services.rehearsal.firms import Firms
from policy_match.services.rehearsal.play import BEGINNING, Step, look_around, play_rest
from policy_match.services.rehearsal.stage import Fact, SimulatedClock, Stage, Told
from policy_match.services.sample_region.writing import SAMPLE_DAYS
from policy_match.supervision.stages import Stage as SupervisedStage
from policy_match.sweep.kept import KeptSweep

PAYMENT_DAY = SAMPLE_DAYS[1]
"""The sample day with most policies that pay by themselves; what it decides is paid in the year after."""

ACCOUNTS: tuple[tuple[LineAccount, str, str], ...] = (
    (LineAccount.AVAILABLE, "可用", "available"),
    (LineAccount.RESERVED, "预留", "reserved"),
    (LineAccount.PAID, "已支付", "paid"),
    (LineAccount.RETURNED, "退回", "returned"),
    (LineAccount.RECOVERED, "追回", "recovered"),
)


def pay_sample(
    screen: Screen, rules: RuleBook, rules_folder: Path, sweep: KeptSweep, look_again: Callable[[], None]
) -> Sequence[str]:
    """Play what follows the sweep, and return the commands with which to look further.

    `look_again` imports and sweeps the second, later snapshot of the same day.
    """
    application = current_session().application
    found = look_around(application.database)
    if not found.only_invented:
        screen.print(
            "数据库中有并非虚构的企业的事项：不演练支付。",
            "the database holds cases of firms that are not invented: no payments are rehearsed.",
        )
        return ()
    stage = _stage(rules, sweep, found.last_day)
    screen.print(
        f"\n══ 从判定到银行：模拟日历，{stage.clock.day} 起；人员、地址、账户、银行均为虚构 ══",
        f"\n══ from the sweep to the bank: a simulated calendar from {stage.clock.day}; "
        "people, addresses, accounts and bank are invented ══",
    )
    if found.last_day is not None:
        screen.print(
            "此前已演练过：日历从当时停止处继续，已办理的不再重复。",
            "rehearsed before: the calendar goes on where it stopped, and what was done is found done.",
        )
    _print_policies(screen, stage)
    story = _Story(screen, stage)
    for step in BEGINNING:
        story.play(step)
    look_again()
    for step in play_rest(stage):
        story.play(step)
    print_figures(screen, figures(stage))
    print_boards(screen, rules, rules_folder, stage)
    return _commands(stage)


def _stage(rules: RuleBook, sweep: KeptSweep, last_day: date | None) -> Stage:
    """Return the stage, with the clock on the first working day after the sweep's, or where the last run stopped."""
    application = current_session().application
    calendar = application.working_days
    first_day = calendar.add_working_days(sweep.identity.as_of, 1)
    clock = SimulatedClock(first_day if last_day is None else max(first_day, last_day))
    policies = [rules.policies[kept.policy_id] for kept in sweep.policies]
    post = application.rehearsal_post(clock)
    return Stage(
        database=application.database,
        clock=clock,
        calendar=calendar,
        wording=application.wording,
        delivery_rules=DeliveryRules(),
        address_opener=application.address_opener,
        post=post,
        firms=Firms(post.arrived, policies),
        truth_files=application.truth_files,
        open_snapshot=application.open_snapshot,
        channel=application.rehearsal_channel,
        bank=application.rehearsal_bank,
        sealer=application.account_sealer,
        sweep=sweep,
        policies=policies,
    )


def _commands(stage: Stage) -> Sequence[str]:
    """Return commands, each with a case or policy of this rehearsal."""
    cases = [
        line.case_id
        for status in (Status.RECOVERED, Status.WITHDRAWN)
        for line in list_cases(stage.database, CaseFilter(status=status), most=1)
    ]
    return [
        *(f"cases show {case_id}" for case_id in cases),
        *(f"notices list --case {case_id}" for case_id in cases[:1]),
        "notices list --status unreached",
        "cases list --counts",
        *(f"budget queue {policy.id}" for policy in stage.funded),
        "payments status",
        "ledger show",
        f"report show --by industry --from {stage.clock.now():%Y}-01-01",
    ]


def _print_policies(screen: Screen, stage: Stage) -> None:
    asking, funded = stage.asking, stage.funded
    for policy in stage.policies:
        name = _name(screen, policy)
        if policy in funded:
            screen.print(f"  {name}：逐项确认后支付", f"  {name}: paid after the firm's confirmation")
        elif policy in asking:
            screen.print(
                f"  {name}：未写明资金来源，批不到预算", f"  {name}: names no fund, so nobody is granted money"
            )
        else:
            grade = policy.encoding_grade
            screen.print(
                f"  {name}：仅告知（编码等级 {grade}）", f"  {name}: the firm is only told (encoding grade {grade})"
            )


class _Story:
    """Prints chapter after chapter, and the cases by status after each that changed them."""

    def __init__(self, screen: Screen, stage: Stage) -> None:
        self._screen = screen
        self._stage = stage
        self._standing: Mapping[Status, Sum] = {}

    def play(self, step: Step) -> None:
        """Play one step and print it as it happens."""
        for told in step(self._stage):
            self._print(told)
        now = standing(self._stage)
        if now != self._standing and now:
            self._standing = now
            _print_standing(self._screen, now)

    def _print(self, told: Told) -> None:
        texts = TEXTS[told.said]
        facts = {name: _fact(self._screen, fact) for name, fact in told.facts.items()}
        said = self._screen.say(*texts).format(**facts)
        line = f"\n── {told.day} {said} ──" if told.said in CHAPTERS else f"{told.day}  {said}"
        self._screen.print(line, line)


def _fact(screen: Screen, fact: Fact) -> str:
    match fact:
        case PolicyMatchError():
            return fact.message(screen.language)
        case Route():
            return screen.say(*ROUTE_WORDS[fact])
        case NoWay():
            return screen.say(*NO_WAY_WORDS[fact])
        case SupervisedStage():
            return stage_word(screen, fact)
        case ObjectionOutcome():
            return screen.say(*EVENT_WORDS[Event(fact)])
        case Blocked():
            return screen.say(*BLOCKED_WORDS[fact])
        case int():
            return f"{fact:,}"
        case _:
            return str(fact)


def _print_standing(screen: Screen, found: Mapping[Status, Sum]) -> None:
    columns = headings(screen, ("状态", "status", "left"), ("事项", "cases", "right"), ("金额（元）", "yuan", "right"))
    rows = [
        [screen.say(STATUS_WORDS[status].zh, status), f"{each.cases:,}", money(each.fen)]
        for status, each in found.items()
    ]
    rows.append(_sum_row(screen, found.values()))
    screen.table("", columns, rows)


def _sum_row(screen: Screen, sums: Iterable[Sum]) -> list[str]:
    total = sum(sums, Sum())
    return [screen.say("合计", "in all"), f"{total.cases:,}", money(total.fen)]


def print_figures(screen: Screen, found: Figures) -> None:
    """Print where every fen is: per policy, per budget line, and the three sums that must agree."""
    screen.print("\n══ 每一分钱在哪里 ══", "\n══ where every fen is ══")
    informed = [policy for policy in found.policies if Became.INFORMED in policy.became]
    for policy in found.policies:
        if policy not in informed:
            _print_policy(screen, policy)
    _print_informed(screen, informed)
    _print_lines(screen, found.lines)
    ledger = found.paid_ledger_fen + found.recovered_ledger_fen
    screen.print(
        f"事项：已支付 {money(found.paid_cases_fen)} 元 = 账簿：已支付 {money(found.paid_ledger_fen)} 元 + "
        f"追回 {money(found.recovered_ledger_fen)} 元；差额 {money(found.paid_cases_fen - ledger)} 元",
        f"cases: {money(found.paid_cases_fen)} yuan paid = ledger: {money(found.paid_ledger_fen)} paid + "
        f"{money(found.recovered_ledger_fen)} recovered; difference {money(found.paid_cases_fen - ledger)} yuan",
    )
    difference = found.paid_ledger_fen - found.bank_out_fen
    screen.print(
        f"账簿：已支付 {money(found.paid_ledger_fen)} 元 = 银行：净支出 {money(found.bank_out_fen)} 元；"
        f"差额 {money(difference)} 元",
        f"ledger: {money(found.paid_ledger_fen)} yuan paid = bank: {money(found.bank_out_fen)} left in all; "
        f"difference {money(difference)} yuan",
    )
    if found.agree:
        screen.print("三方一致，账簿各项平衡。", "all three agree, and every law of the ledger holds.")
    else:
        screen.print(
            f"不一致：账簿有 {found.broken} 处不平衡；请查看 policy-match ledger show",
            f"they do not agree: {found.broken} laws of the ledger are broken; see policy-match ledger show",
        )


def _print_policy(screen: Screen, found: PolicyFigures) -> None:
    columns = headings(
        screen, ("去向", "what became of it", "left"), ("事项", "cases", "right"), ("金额（元）", "yuan", "right")
    )
    rows = [[screen.say(*BECAME[what]), f"{each.cases:,}", money(each.fen)] for what, each in found.became.items()]
    if found.unopened != Sum():
        label = screen.say("未开立：零金额、限额、此前资助", "in no case: nothing to pay, limits, earlier aid")
        rows.append([label, f"{found.unopened.cases:,}", money(found.unopened.fen)])
    rows.append([screen.say("判定应得", "decided by the sweep"), f"{found.decided.cases:,}", money(found.decided.fen)])
    screen.table(_name(screen, found.policy), columns, rows)


def _print_informed(screen: Screen, found: Sequence[PolicyFigures]) -> None:
    columns = headings(
        screen, ("仅告知的政策", "policy", "left"), ("事项", "cases", "right"), ("企业自行享受（元）", "yuan", "right")
    )
    rows = [
        [_name(screen, each.policy), f"{each.became[Became.INFORMED].cases:,}", money(each.became[Became.INFORMED].fen)]
        for each in found
    ]
    screen.table(screen.say("仅告知，不由本系统支付", "Firms were only told; nothing is paid here"), columns, rows)


def _print_lines(screen: Screen, lines: Sequence[BudgetLine]) -> None:
    columns = headings(
        screen,
        ("预算科目", "budget line", "left"),
        ("预算", "appropriated", "right"),
        *((chinese, english, "right") for _, chinese, english in ACCOUNTS),
        ("未落实的差额", "difference", "right"),
    )
    rows = []
    for line in lines:
        appropriated = -line.balances[LineAccount.APPROPRIATION]
        parts = [line.balances[account] for account, _, _ in ACCOUNTS]
        rows.append([line.line, *map(money, (appropriated, *parts, appropriated - sum(parts)))])
    screen.table(screen.say("预算科目（元）", "Budget lines (yuan)"), columns, rows)


def _name(screen: Screen, policy: Policy) -> str:
    return screen.say(policy.title, policy.title_en or policy.id)
